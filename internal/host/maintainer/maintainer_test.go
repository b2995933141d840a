package maintainer

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"almanac/internal/store"
	"almanac/internal/store/bolt"
	"almanac/internal/store/storetest"
	"almanac/internal/timeline"
)

var (
	ann  = timeline.Actor{ID: "m-1", Name: "Ann", Type: "MEMBER"}
	shop = timeline.Scope{Directory: "local", ID: "shop"}
)

// world is a server's store with a maintainer that may run, in a bubble of its
// own time.
type world struct {
	*testing.T
	*timeline.Timeline // whose commits the maintainer hears of
	m                  *Maintainer
	faulty             *storetest.Faulty
	ledger             *storetest.Ledger
	logged             *journal
	stop               func()
}

// journal is a log that can be read while it is written.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(b)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

func bubble(t *testing.T, test func(w *world)) {
	synctest.Test(t, func(t *testing.T) {
		disk, err := bolt.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		w := &world{T: t, ledger: storetest.NewLedger(disk), logged: &journal{}, stop: func() {}}
		w.faulty = storetest.NewFaulty(w.ledger)
		w.m = New(w.faulty, time.Now, slog.New(slog.NewTextHandler(w.logged, nil)))
		w.Timeline = timeline.New(w.m.Watch(w.ledger), time.Now)
		defer func() {
			w.stop()
			if err := disk.Close(); err != nil {
				t.Error(err)
			}
		}()
		test(w)
	})
}

func (w *world) run() {
	ctx, cancel := context.WithCancel(w.Context())
	var running sync.WaitGroup
	running.Go(func() { w.m.Run(ctx) })
	w.stop = func() { cancel(); running.Wait() }
}

// later is so much later, when all is done that was to be done by then.
func (w *world) later(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// furnish makes a scope with a document of so many versions.
func (w *world) furnish(scope timeline.Scope, versions int) {
	w.Helper()
	_, err := w.CreateScope(w.Context(), scope, nil, ann)
	w.must(err)
	for i := range versions {
		_, err := w.Commit(w.Context(), scope, ann, func(tx *timeline.Tx) (err error) {
			if i == 0 {
				_, err = tx.Create("a", "A", nil)
			} else {
				_, err = tx.Update("a", "A", fmt.Append(nil, i))
			}
			return err
		})
		w.must(err)
	}
}

func (w *world) left() int {
	w.Helper()
	items, err := w.ledger.Left(w.Context())
	w.must(err)
	return len(items)
}

func TestWhatIsLeftOfADeletedScopeGoesAMomentLater(t *testing.T) {
	bubble(t, func(w *world) {
		w.run()
		w.furnish(shop, 200)
		w.must(w.DeleteScope(w.Context(), shop, ann))
		w.later(window)
		if n := w.left(); n > 0 {
			t.Errorf("%d items are left; logged: %s", n, w.logged)
		}
	})
}

func TestAServerFinishesWhatTheOneBeforeItLeft(t *testing.T) {
	bubble(t, func(w *world) {
		before := timeline.New(w.ledger, time.Now)
		w.furnish(shop, 3)
		w.must(before.DeleteScope(w.Context(), shop, ann))
		w.m = New(w.faulty, time.Now, slog.New(slog.NewTextHandler(w.logged, nil)))
		w.run()
		synctest.Wait()
		if n := w.left(); n > 0 {
			t.Errorf("%d items are left; logged: %s", n, w.logged)
		}
	})
}

func TestADraftIsLeftToItsWriterUntilItsLeaseEnds(t *testing.T) {
	bubble(t, func(w *world) {
		w.run()
		_, err := w.Draft(w.Context(), shop, nil, ann, []timeline.Document{{Key: "a", Name: "A"}})
		w.must(err)
		w.later(interval)
		if w.left() == 0 {
			t.Error("it is removed under its writer")
		}
		w.later(3 * interval)
		if n := w.left(); n > 0 {
			t.Errorf("%d items are left; logged: %s", n, w.logged)
		}
	})
}

func TestCheckpointsAreWrittenWithoutAnyRequest(t *testing.T) {
	bubble(t, func(w *world) {
		w.run()
		w.furnish(shop, 100)
		before := w.left()
		w.later(window)
		if w.left() <= before {
			t.Errorf("nothing was written; logged: %s", w.logged)
		}
	})
}

func TestScopesOfEveryDirectoryAreMaintained(t *testing.T) {
	for _, kind := range []string{"PROJECTS", "NETWORKS", "INVENTORY"} {
		t.Run(kind, func(t *testing.T) {
			bubble(t, func(w *world) {
				w.run()
				scope := timeline.Scope{Directory: "WORKSPACE#acme#" + kind, ID: "7c9e6679-7425-40de-944b-e07fc1f90ae7"}
				w.furnish(scope, 100)
				before := w.left()
				w.later(window)
				if w.left() <= before {
					t.Errorf("no checkpoints; logged: %s", w.logged)
				}
				w.must(w.DeleteScope(w.Context(), scope, ann))
				draft := timeline.Scope{Directory: scope.Directory, ID: "draft"}
				_, err := w.Draft(w.Context(), draft, nil, ann, []timeline.Document{{Key: "a", Name: "A"}})
				w.must(err)
				w.later(4 * interval)
				if n := w.left(); n > 0 {
					t.Errorf("%d items are left; logged: %s", n, w.logged)
				}
			})
		})
	}
}

func TestAFailureIsLoggedAndTriedAgain(t *testing.T) {
	bubble(t, func(w *world) {
		w.furnish(shop, 3)
		w.must(w.DeleteScope(w.Context(), shop, ann))
		for n := range 5 {
			w.faulty.FailCall(n+1, storetest.Fault{Kind: store.Throttled})
		}
		w.run()
		w.later(window)
		if w.left() == 0 || !strings.Contains(w.logged.String(), "throttled") {
			t.Errorf("%d items are left; logged: %s", w.left(), w.logged)
		}
		w.later(10 * interval)
		if n := w.left(); n > 0 {
			t.Errorf("%d items are left; logged: %s", n, w.logged)
		}
	})
}

func TestAScopeThatTakesLongLetsOthersHaveTheirTurn(t *testing.T) {
	bubble(t, func(w *world) {
		other := timeline.Scope{Directory: "local", ID: "zoo"}
		w.furnish(shop, 3)
		w.furnish(other, 3)
		w.must(w.DeleteScope(w.Context(), shop, ann))
		w.must(w.DeleteScope(w.Context(), other, ann))
		// Of the first one removed, the first write hangs.
		w.faulty.FailCall(5, storetest.Fault{Hang: true})
		w.run()
		w.later(turn)
		hidden, err := w.Pending(w.Context())
		if err != nil || len(hidden) != 1 {
			t.Errorf("after the first turns %v are left, %v", hidden, err)
		}
		w.later(window)
		if n := w.left(); n > 0 || w.logged.String() != "" {
			t.Errorf("%d items are left; logged: %s", n, w.logged)
		}
	})
}

func TestAMaintainerStopsAtOnce(t *testing.T) {
	for name, fault := range map[string]storetest.Fault{"at work": {Hang: true}, "at rest": {}} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(w *world) {
				w.faulty.FailCall(1, fault)
				w.run()
				w.furnish(shop, 1)
				synctest.Wait()
				began := time.Now()
				w.stop()
				if took := time.Since(began); took > 0 || w.logged.String() != "" {
					t.Errorf("took %v; logged: %s", took, w.logged)
				}
			})
		})
	}
}

func TestOnlyWhatMayHaveBeenCommittedIsLookedAt(t *testing.T) {
	bubble(t, func(w *world) {
		log := store.Item{Key: store.Key{Partition: "S#local#shop#LOG", Sort: "000000000001"}}
		other := store.Item{Key: store.Key{Partition: "local", Sort: "shop"}}
		for _, c := range []struct {
			name   string
			item   store.Item
			ends   store.ErrorKind
			looked bool
		}{
			{"a commit", log, 0, true},
			{"a commit that may have been done", log, store.Unavailable, true},
			{"a commit that was not done", log, store.ConditionFailed, false},
			{"another write", other, 0, false},
		} {
			clear(w.m.waiting)
			w.faulty.FailCall(1, storetest.Fault{Kind: c.ends})
			err := w.m.Watch(w.faulty).Transact(w.Context(), store.Put(c.item, store.Condition{}))
			if store.KindOf(err) != c.ends || w.m.waiting[shop] != c.looked {
				t.Errorf("after %s, %v, there wait %v", c.name, err, w.m.waiting)
			}
		}
	})
}

func TestNoMoreScopesWaitThanThereIsMemoryFor(t *testing.T) {
	bubble(t, func(w *world) {
		for i := range 2 * mostWaiting {
			w.m.note(timeline.Scope{Directory: "local", ID: fmt.Sprint(i / 2)})
			w.m.note(timeline.Scope{Directory: "local", ID: fmt.Sprint(i)})
		}
		if n := len(w.m.waiting); n != mostWaiting {
			t.Errorf("%d wait", n)
		}
		w.run()
		w.later(window)
		if n := len(w.m.waiting); n > 0 {
			t.Errorf("%d wait still", n)
		}
	})
}
