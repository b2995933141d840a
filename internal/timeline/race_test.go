package timeline

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"almanac/internal/store"
)

func TestEachOfManyWritersOfOneDocumentIsAppliedOnce(t *testing.T) {
	onAll(t, func(t *testing.T, s store.Store) {
		b := setUp(t, s)
		b.commit(creation("a", ""))
		const writers = 64
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
		defer cancel()
		var wg sync.WaitGroup
		for i := range writers {
			wg.Go(func() {
				// Each as if in a process of its own: those of one wait for each other.
				_, err := New(s, b.now).Commit(ctx, shop, ann, func(tx *Tx) error {
					old, err := tx.Get("a")
					if err != nil {
						return err
					}
					return update("a", fmt.Sprintf("%s<%d>", old.Body, i))(tx)
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		last, err := b.Get(t.Context(), shop, "a")
		if err != nil {
			t.Fatal(err)
		}
		for i := range writers {
			if n := strings.Count(string(last.Body), fmt.Sprintf("<%d>", i)); n != 1 {
				t.Errorf("writer %d was applied %d times", i, n)
			}
		}
		if events := b.audit(); len(events) != writers+1 {
			t.Errorf("%d events", len(events))
		}
	})
}

func TestOfManyCreatorsOfOneKeyOneWins(t *testing.T) {
	s := openBolt(t)
	b := setUp(t, s)
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for range 16 {
		wg.Go(func() {
			_, err := New(s, b.now).Commit(t.Context(), shop, ann, creation("a", "1"))
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if !errors.Is(err, ErrKeyTaken) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if events := b.audit(); won != 1 || len(events) != 1 {
		t.Errorf("%d won, %d events", won, len(events))
	}
}

// Each commit moves two documents to other keys and writes its number into all
// of them, so a list is right only if it has all, with one number.
func TestAListUnderRenamesIsOfOneInstant(t *testing.T) {
	onAll(t, func(t *testing.T, s store.Store) {
		b := setUp(t, s)
		commits := 150
		b.commit(all(creation("a-0", "0"), creation("m", "0"), creation("z-0", "0")))
		first := b.commit(update("m", "0")).Updated.At
		done, stop := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			defer stop()
			for i := range commits {
				from, to, body := i%3, (i+1)%3, fmt.Sprint(i+1)
				b.commit(all(
					renaming(fmt.Sprint("a-", from), fmt.Sprint("a-", to), body),
					update("m", body),
					renaming(fmt.Sprint("z-", from), fmt.Sprint("z-", to), body),
				))
			}
		})
		read := func(list func() (Head, []Snapshot, error)) {
			for lists := 0; done.Err() == nil || lists == 0; lists++ {
				_, got, err := list()
				if err != nil || len(got) != 3 || string(got[0].Body) != string(got[1].Body) || string(got[0].Body) != string(got[2].Body) {
					t.Errorf("%s, %v", show(got), err)
					return
				}
			}
		}
		wg.Go(func() { read(func() (Head, []Snapshot, error) { return b.List(t.Context(), shop) }) })
		wg.Go(func() {
			at := first
			read(func() (Head, []Snapshot, error) {
				at++
				head, list, err := b.ListAt(t.Context(), shop, at)
				if at > head.Updated.At {
					at = first
				}
				return head, list, err
			})
		})
		wg.Go(func() {
			for done.Err() == nil {
				events, total, err := b.History(t.Context(), shop, 1, 5)
				if err != nil || events[0].Sequence != total-1 || len(events) < 3 {
					t.Errorf("a page of %d: %v, %v", total, events, err)
				}
			}
		})
		wg.Wait()
		b.audit()
	})
}
