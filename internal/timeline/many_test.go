package timeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"almanac/internal/store"
	"almanac/internal/store/storetest"
)

func TestEachDoesAllAFewAtATime(t *testing.T) {
	for _, n := range []int{0, 1, 5, atATime, 500} {
		done := make([]int, n)
		var now, most atomic.Int64
		if err := each(n, func(i int) error {
			if here := now.Add(1); here > most.Load() {
				most.Store(here)
			}
			done[i]++
			now.Add(-1)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(done, func(times int) bool { return times != 1 }) || most.Load() > atATime {
			t.Errorf("of %d, %d at a time, each was done %v times", n, most.Load(), done)
		}
	}
}

func TestEachBeginsNothingAfterAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wrong := errors.New("wrong")
		var done atomic.Int64
		err := each(10_000, func(i int) error {
			done.Add(1)
			if i == 20 {
				return wrong
			}
			time.Sleep(time.Second)
			return nil
		})
		// 20 is one of the second sixteen, which the others of them have begun with.
		if !errors.Is(err, wrong) || done.Load() > 2*atATime {
			t.Errorf("%d were done, the error is %v", done.Load(), err)
		}
	})
}

func TestOfSomeScopesThoseThatAreThereAreRead(t *testing.T) {
	b := setUp(t, openBolt(t))
	for _, id := range []string{"a", "b", "c"} {
		if _, err := b.CreateScope(t.Context(), Scope{shop.Directory, id}, []byte(id), ann); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.DeleteScope(t.Context(), Scope{shop.Directory, "b"}, ann); err != nil {
		t.Fatal(err)
	}
	heads, err := b.HeadsOf(t.Context(), shop.Directory, []string{"c", "none", "b", "", strings.Repeat("x", 2000), "a"})
	if err != nil || len(heads) != 2 || heads[0].ID != "c" || heads[1].ID != "a" {
		t.Errorf("got %+v, %v", heads, err)
	}
}

func TestACommitThatReadsManyKeysAtOnceSeesWhatItWouldOneByOne(t *testing.T) {
	b := setUp(t, openBolt(t))
	b.commit(all(creation("a", "1"), creation("b", "1"), creation("c", "1")))
	b.commit(all(renaming("c", "d", "1"), deletion("b")))
	b.commit(func(tx *Tx) error {
		if err := update("a", "2")(tx); err != nil {
			return err
		}
		open, err := tx.Live("a", "b", "c", "d", "e", "", strings.Repeat("k", maxKey+1))
		if err != nil {
			return err
		}
		if len(open) != 2 || string(open["a"].Body) != "2" || string(open["d"].Body) != "1" {
			t.Errorf("got %v", open)
		}
		return all(creation("b", "3"), creation("e", "1"), update("d", "2"))(tx)
	})
	if _, list, err := b.List(t.Context(), shop); err != nil || show(list) != "a=2 b=3 d=2 e=1 " {
		t.Errorf("got %s, %v", show(list), err)
	}
	b.audit()
}

func TestACommitThatOnlyReadManyKeysReadThemAtOneMoment(t *testing.T) {
	b := setUp(t, openBolt(t))
	b.commit(all(creation("a", "0"), creation("b", "0")))
	torn, runs := false, 0
	if _, err := b.Commit(t.Context(), shop, ann, func(tx *Tx) error {
		if runs++; runs == 1 {
			if _, err := tx.Live("a"); err != nil {
				return err
			}
			b.commit(all(update("a", "1"), update("b", "1")))
		}
		open, err := tx.Live("a", "b")
		torn = string(open["a"].Body) != string(open["b"].Body)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if torn || runs != 2 {
		t.Errorf("after %d runs it read two moments: %v", runs, torn)
	}
}

func TestAReadOfManyKeysThatFailsEndsTheCommit(t *testing.T) {
	faulty := storetest.NewFaulty(openBolt(t))
	b := setUp(t, faulty)
	faulty.Reset()
	faulty.FailCall(20, storetest.Fault{Kind: store.Throttled})
	var keys []string
	for i := range 30 {
		keys = append(keys, fmt.Sprint("k", i))
	}
	_, err := b.Commit(context.WithoutCancel(t.Context()), shop, ann, func(tx *Tx) error {
		_, err := tx.Live(keys...)
		return err
	})
	if store.KindOf(err) != store.Throttled {
		t.Errorf("the error is %v", err)
	}
}
