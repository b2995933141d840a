package timeline

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"almanac/internal/store"
	"almanac/internal/store/storetest"
)

var faults = map[string]storetest.Fault{
	"no answer, not done": {Kind: store.Unavailable},
	"no answer, but done": {Kind: store.Unavailable, AfterEffect: true},
	"conflict":            {Kind: store.Conflict},
	"throttled":           {Kind: store.Throttled},
}

var faultyCommits = map[string]func(*Tx) error{
	"create": creation("c", "2"),
	"update": update("a", "2"),
	"rename": renaming("a", "c", "2"),
	"delete": deletion("a"),
	"body":   func(tx *Tx) error { tx.SetBody([]byte("2")); return nil },
	"many":   all(deletion("b"), renaming("a", "b", "2"), creation("c", "2"), creation("d", "2")),
}

// A commit whose calls fail is done once if it says so, not at all if it says
// so, and at most once if it says that it does not know. Its caller's retry
// after that is another commit.
func TestEveryStoreCallOfACommitFails(t *testing.T) {
	faulty := storetest.NewFaulty(openBolt(t))
	for name, change := range faultyCommits {
		for kind, fault := range faults {
			t.Run(name+", "+kind, func(t *testing.T) {
				for n := 1; ; n++ {
					if _, hit := commitUnder(t, faulty, change, map[int]storetest.Fault{n: fault}); !hit {
						return
					}
				}
			})
		}
	}
}

func TestEveryTwoStoreCallsOfACommitFail(t *testing.T) {
	faulty := storetest.NewFaulty(openBolt(t))
	lost, done := faults["no answer, not done"], faults["no answer, but done"]
	for _, name := range []string{"body", "many"} {
		for kind, pair := range map[string][2]storetest.Fault{
			"not done, not done": {lost, lost}, "not done, done": {lost, done},
			"done, not done": {done, lost}, "done, done": {done, done},
		} {
			t.Run(name+", "+kind, func(t *testing.T) {
				for n, hit := 1, true; hit; n++ {
					for m := n + 1; ; m++ {
						var both bool
						hit, both = commitUnder(t, faulty, faultyCommits[name], map[int]storetest.Fault{n: pair[0], m: pair[1]})
						if !both {
							break
						}
					}
				}
			})
		}
	}
}

// commitUnder tells whether the first and the last of the faults were reached.
func commitUnder(t *testing.T, faulty *storetest.Faulty, change func(*Tx) error, faults map[int]storetest.Fault) (some, every bool) {
	t.Helper()
	faulty.Reset()
	b := setUp(t, faulty)
	before := b.commit(all(creation("a", "1"), creation("b", "1")))
	faulty.Reset()
	for n, fault := range faults {
		faulty.FailCall(n, fault)
	}
	_, err := b.Commit(t.Context(), shop, robot, change)
	calls := faulty.Calls()
	faulty.Reset()

	after, headErr := b.Head(t.Context(), shop)
	if headErr != nil {
		t.Fatal(headErr)
	}
	done := after.version - before.version
	switch {
	case err == nil && done != 1:
		t.Fatalf("under %v: done %d times, acknowledged", faults, done)
	case done > 1:
		t.Fatalf("under %v: done %d times", faults, done)
	case err != nil && done != 0 && store.KindOf(err) != store.Unavailable:
		t.Fatalf("under %v: done, but the error says it was not: %v", faults, err)
	}
	b.audit()
	if done == 0 {
		b.commit(change)
		b.audit()
	}
	b.remove()
	every = true
	for n := range faults {
		some = some || n <= calls
		every = every && n <= calls
	}
	return some, every
}

// between is a store that lets others in after its first transaction.
type between struct {
	store.Store
	others func()
}

func (s *between) Transact(ctx context.Context, ops ...store.Op) error {
	err := s.Store.Transact(ctx, ops...)
	if others := s.others; others != nil {
		s.others = nil
		others()
	}
	return err
}

func TestAnotherWriterComesBeforeTheOutcomeIsKnown(t *testing.T) {
	event, body := faultyCommits["many"], faultyCommits["body"]
	for _, c := range []struct {
		name   string
		change func(*Tx) error
		fault  string
		others int
		want   store.ErrorKind // 0: acknowledged
		done   int
	}{
		{"events that were done", event, "no answer, but done", 1, 0, 1},
		{"events that were done, two others", event, "no answer, but done", 2, 0, 1},
		{"events that were not done", event, "no answer, not done", 1, 0, 1},
		{"events that were not done, two others", event, "no answer, not done", 2, 0, 1},
		{"a body that was done", body, "no answer, but done", 1, 0, 1},
		{"a body that was done, two others", body, "no answer, but done", 2, 0, 1},
		{"a body that was not done", body, "no answer, not done", 1, 0, 1},
		{"a body that was not done, two others", body, "no answer, not done", 2, 0, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			disk := openBolt(t)
			b := setUp(t, disk)
			before := b.commit(all(creation("a", "1"), creation("b", "1")))
			faulty := storetest.NewFaulty(disk)
			faulty.FailCall(1, faults[c.fault])
			s := &between{Store: onlyWrites{disk, faulty}, others: func() {
				for i := range c.others {
					b.commit(creation(fmt.Sprint("other ", i), "1"))
				}
			}}
			_, err := New(s, b.clock.now).Commit(t.Context(), shop, robot, c.change)
			if store.KindOf(err) != c.want || (err == nil) != (c.want == 0) {
				t.Fatalf("got %v", err)
			}
			after := b.commit(func(*Tx) error { return nil })
			if done := after.version - before.version - int64(c.others); done != int64(c.done) {
				t.Fatalf("done %d times", done)
			}
			b.audit()
		})
	}
}

// onlyWrites counts and fails none but the transactions.
type onlyWrites struct {
	store.Store
	faulty *storetest.Faulty
}

func (s onlyWrites) Transact(ctx context.Context, ops ...store.Op) error {
	return s.faulty.Transact(ctx, ops...)
}

func TestAStoreThatNeverAnswers(t *testing.T) {
	faulty := storetest.NewFaulty(openBolt(t))
	b := setUp(t, faulty)
	b.commit(creation("a", "1"))
	b.rest()
	for n := 1; n <= 3; n++ {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		faulty.Reset()
		faulty.FailCall(n, storetest.Fault{Hang: true, AfterEffect: true})
		_, err := b.Commit(ctx, shop, ann, update("a", "2"))
		if store.KindOf(err) != store.Unavailable || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("call %d hung: %v", n, err)
		}
	}
	if events := b.audit(); len(events) != 2 {
		t.Errorf("%d events", len(events))
	}
}

func TestEveryStoreCallOfACreateScopeFails(t *testing.T) {
	faulty := storetest.NewFaulty(openBolt(t))
	tl := New(faulty, (&clock{at: 1000}).now)
	for kind, fault := range faults {
		t.Run(kind, func(t *testing.T) {
			for n := 1; ; n++ {
				faulty.Reset()
				faulty.FailCall(n, fault)
				_, err := tl.CreateScope(t.Context(), shop, nil, ann)
				calls := faulty.Calls()
				faulty.Reset()
				if _, found := tl.Head(t.Context(), shop); (err == nil) != (found == nil) {
					t.Fatalf("call %d: %v, but %v", n, err, found)
				}
				if err == nil {
					bench{TB: t, Timeline: tl}.remove()
				}
				if n > calls {
					return
				}
			}
		})
	}
}
