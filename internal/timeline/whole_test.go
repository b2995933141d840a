package timeline

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"almanac/internal/store"
	"almanac/internal/store/storetest"
)

// Each commit moves a document to another key, changes one and writes its number
// into both. Whatever anybody reads meanwhile is of whole commits.
func TestNobodySeesAPartOfACommit(t *testing.T) {
	s := piecemeal(t)
	b := setUp(t, s)
	b.commit(all(creation("a-0", "0"), creation("m", "0")))
	first := b.commit(update("m", "0"))
	stale := first.Revision // the commit before the first of those that count
	done, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		defer stop()
		for i := range 150 {
			body := fmt.Sprint(i + 1)
			b.commit(all(renaming(fmt.Sprint("a-", i%3), fmt.Sprint("a-", (i+1)%3), body), update("m", body)))
		}
	})
	// read hands a process of its own the head, and what the last commit it
	// tells of wrote.
	read := func(what func(reader *Timeline, head Head, key, body string) error) {
		wg.Go(func() {
			for reads := 0; done.Err() == nil || reads == 0; reads++ {
				reader := New(s, b.now)
				head, err := reader.Head(t.Context(), shop)
				if err == nil {
					n := head.Revision - stale
					err = what(reader, head, fmt.Sprint("a-", n%3), fmt.Sprint(n))
				}
				if err != nil {
					t.Errorf("at revision %d: %v", head.Revision, err)
					return
				}
			}
		})
	}
	read(func(reader *Timeline, head Head, key, body string) error {
		for _, at := range []string{key, "m"} {
			got, err := reader.GetAt(t.Context(), shop, at, head.Updated.At)
			if err != nil || string(got.Body) != body {
				return fmt.Errorf("%s is %q, not %q: %w", at, got.Body, body, err)
			}
		}
		return nil
	})
	read(func(reader *Timeline, head Head, key, body string) error {
		at := head.Updated.At - 1
		_, got, err := reader.ListAt(t.Context(), shop, at)
		if err != nil || len(got) != 2 || string(got[0].Body) != string(got[1].Body) {
			return fmt.Errorf("the list before is %s: %w", show(got), err)
		}
		return nil
	})
	read(func(reader *Timeline, head Head, key, body string) error {
		events, err := reader.DocumentHistory(t.Context(), shop, "m", -1, maxInstant, 20)
		if err != nil || int64(len(events)) < min(20, head.Sequence/3) || events[0].At < head.Updated.At {
			return fmt.Errorf("the history has %d events: %w", len(events), err)
		}
		_, err = reader.DocumentHistory(t.Context(), shop, key, -1, maxInstant, 20)
		return err
	})
	read(func(reader *Timeline, head Head, key, body string) error {
		if body == "0" {
			return nil
		}
		events, _, err := reader.History(t.Context(), shop, 0, 1)
		if err != nil {
			return err
		}
		change, err := reader.Change(t.Context(), shop, events[0].SnapshotID)
		if err != nil || change.After.From != events[0].At || change.Before == nil || change.Before.From >= change.After.From {
			return fmt.Errorf("%+v is the change of %v: %w", change, events[0], err)
		}
		_, err = reader.FormerKeys(t.Context(), shop, *change.After, events[0].At)
		return err
	})
	read(func(reader *Timeline, head Head, key, body string) error {
		// What the change reads that counts; it writes nothing.
		var n, got string
		_, err := reader.Commit(t.Context(), shop, ann, func(tx *Tx) error {
			m, err := tx.Get("m")
			n, got = fmt.Sprint(max(tx.Head().Revision-stale, 0)), string(m.Body)
			return err
		})
		if err == nil && (len(got) < len(n) || len(got) == len(n) && got < n) {
			err = fmt.Errorf("a commit on %s reads %s", n, got)
		}
		return err
	})
	wg.Wait()
	b.audit()
}

// Many processes write two documents each, with all that is in the other.
func TestNoCommitIsMadeUponAPartOfAnother(t *testing.T) {
	s := piecemeal(t)
	b := setUp(t, s)
	b.commit(all(creation("a", ""), creation("b", "")))
	var wg sync.WaitGroup
	const writers = 32
	for i := range writers {
		wg.Go(func() {
			_, err := New(s, b.now).Commit(t.Context(), shop, ann, func(tx *Tx) error {
				one, err := tx.Get("a")
				if err != nil {
					return err
				}
				other, err := tx.Get("b")
				if err != nil {
					return err
				}
				if string(one.Body) != string(other.Body) && tx.Head().Revision > 0 {
					return nil // of two moments: it runs again
				}
				body := fmt.Sprintf("%s<%d>", one.Body, i)
				return all(update("a", body), update("b", body))(tx)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	last, err := b.Get(t.Context(), shop, "b")
	if err != nil || strings.Count(string(last.Body), "<") != writers {
		t.Errorf("%d of %d were applied: %s, %v", strings.Count(string(last.Body), "<"), writers, last.Body, err)
	}
	b.audit()
}

// Who meets a commit of a moment ago looks whether all of it is there, once.
func TestUnitsOfWhoReadsAfterAnothersCommit(t *testing.T) {
	faulty := storetest.NewFaulty(openBolt(t))
	b := setUp(t, faulty)
	b.commit(creation("a", "1"))
	b.commit(update("a", "2"))
	reader := New(faulty, b.now)
	for _, c := range []struct {
		what  string
		units float64
	}{
		{"the first time: the head; the document, its version before and the log", 4},
		{"then the head", 1},
	} {
		ctx, meter := store.WithMeter(t.Context())
		if _, err := reader.Head(ctx, shop); err != nil || meter.ReadUnits != c.units {
			t.Errorf("%s: %v units, %v", c.what, meter.ReadUnits, err)
		}
	}
	b.rest()
	ctx, meter := store.WithMeter(t.Context())
	if _, err := New(faulty, b.now).Head(ctx, shop); err != nil || meter.ReadUnits != 1 {
		t.Errorf("some time later: %v units, %v", meter.ReadUnits, err)
	}
}

// A store that lost a part of a young commit does not hold up its readers for ever.
func TestWhatIsLostOfACommitIsNotWaitedForForEver(t *testing.T) {
	disk := openBolt(t)
	b := setUp(t, disk)
	b.commit(creation("a", "1"))
	head := b.commit(update("a", "2"))
	if err := disk.Transact(t.Context(), store.Delete(shop.closedKey("a", head.Updated.At-1), store.Condition{})); err != nil {
		t.Fatal(err)
	}
	if got, err := New(disk, b.now).Get(t.Context(), shop, "a"); err != nil || string(got.Body) != "2" {
		t.Errorf("now: %v, %v", got, err)
	}
	if _, list, err := New(disk, b.now).List(t.Context(), shop); err != nil || len(list) != 1 {
		t.Errorf("all: %v, %v", list, err)
	}
}
