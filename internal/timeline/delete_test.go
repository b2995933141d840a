package timeline

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"almanac/internal/store"
	"almanac/internal/store/storetest"
)

// furnished is a scope with all sorts of items: live documents, renamed,
// reused and deleted keys, and more versions of one key than one transaction
// can remove.
func furnished(t *testing.T, s store.Store, documents int) bench {
	b := setUp(t, s)
	b.commit(all(creation("a", "1"), creation("b", "1")))
	b.commit(all(renaming("a", "c", "2"), deletion("b")))
	b.commit(creation("a", "3"))
	for i := range batch + 1 {
		b.commit(update("a", fmt.Sprint(i)))
	}
	if documents > 5 {
		b.maintain() // which writes checkpoints
	}
	for n := 2; n < documents; {
		b.commit(func(tx *Tx) (err error) {
			for range min(90, documents-n) {
				err = errors.Join(err, creation(fmt.Sprintf("k%03d", n), "1")(tx))
				n++
			}
			return err
		})
	}
	return b
}

// unseen fails unless every read says that there is no such scope.
func (b bench) unseen() {
	b.Helper()
	ctx := b.Context()
	for i, read := range []func() error{
		func() error { _, err := b.Head(ctx, shop); return err },
		func() error { _, err := b.Get(ctx, shop, "a"); return err },
		func() error { _, err := b.Get(ctx, shop, "k002"); return err },
		func() error { _, err := b.Get(ctx, shop, "k199"); return err },
		func() error { _, err := b.GetAt(ctx, shop, "b", 1001); return err },
		func() error { _, err := b.GetAt(ctx, shop, "a", 1500); return err },
		func() error { _, err := b.GetAt(ctx, shop, "k199", maxInstant); return err },
		func() error { _, _, err := b.List(ctx, shop); return err },
		func() error { _, _, err := b.ListAt(ctx, shop, 1002); return err },
		func() error { _, _, err := b.History(ctx, shop, 0, 10); return err },
		func() error { _, err := b.Commit(ctx, shop, ann, update("a", "9")); return err },
	} {
		if err := read(); !errors.Is(err, ErrNoSuchScope) {
			b.Fatalf("read %d of a deleted scope: %v", i, err)
		}
	}
	if heads, err := b.Heads(ctx, shop.Directory); err != nil || len(heads) > 0 {
		b.Fatalf("a deleted scope is listed: %v, %v", heads, err)
	}
}

// hides tells whether the scope is pending work, which must be so if and only if
// its head is there and hidden.
func (b bench) hides() bool {
	b.Helper()
	hidden, err := b.Pending(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	head, err := b.readHead(b.Context(), shop)
	if ignoreNotFound(err) != nil {
		b.Fatal(err)
	}
	if (err == nil && head.hidden()) != (len(hidden) == 1 && hidden[0].Scope == shop) {
		b.Fatalf("the head is %+v, %v; pending is %v", head, err, hidden)
	}
	return len(hidden) > 0
}

// empty fails if any item is left in the store.
func (b bench) empty(s *storetest.Ledger) {
	b.Helper()
	left, err := s.Left(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	if len(left) > 0 {
		b.Fatalf("%d items are left; the first is %v", len(left), left[0].Key)
	}
}

func TestOfADeletedScopeNothingIsSeenAndThenNothingIsLeft(t *testing.T) {
	onBoth(t, func(t *testing.T, s store.Store) {
		disk := storetest.NewLedger(s)
		b := furnished(t, disk, 2*batch+5)
		head, err := b.Head(t.Context(), shop)
		if err != nil {
			t.Fatal(err)
		}
		if derived, err := s.Range(t.Context(), shop.checkpoints(head.birth)); err != nil || len(derived) == 0 {
			t.Fatalf("there are %d items of checkpoints, %v", len(derived), err)
		}
		neighbour := Scope{shop.Directory, shop.ID + "#LOG"}
		if _, err := b.CreateScope(t.Context(), neighbour, nil, ann); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Commit(t.Context(), neighbour, ann, creation("a", "1")); err != nil {
			t.Fatal(err)
		}
		if err := b.DeleteScope(t.Context(), shop, ann); err != nil {
			t.Fatal(err)
		}
		if err := b.DeleteScope(t.Context(), shop, ann); !errors.Is(err, ErrNoSuchScope) {
			t.Errorf("deleted twice: %v", err)
		}
		if _, err := b.CreateScope(t.Context(), shop, nil, ann); !errors.Is(err, ErrScopeExists) {
			t.Errorf("created before all is removed: %v", err)
		}
		if _, list, err := b.List(t.Context(), neighbour); err != nil || show(list) != "a=1 " {
			t.Fatalf("the neighbour: %s, %v", show(list), err)
		}
		if err := b.DeleteScope(t.Context(), neighbour, ann); err != nil {
			t.Fatal(err)
		}
		b.unseen()
		for _, scope := range []Scope{shop, neighbour} {
			for range 2 {
				if err := b.Maintain(t.Context(), scope); err != nil {
					t.Fatal(err)
				}
			}
		}
		b.unseen()
		b.empty(disk)
		if _, err := b.CreateScope(t.Context(), shop, nil, ann); err != nil {
			t.Fatal(err)
		}
		b.commit(creation("a", "new"))
		b.maintain()
		if events := b.audit(); len(events) != 1 {
			t.Errorf("a new scope has %d events", len(events))
		}
	})
}

var interruptions = map[string]storetest.Fault{
	"interrupted":         {Kind: store.Damaged},
	"interrupted, done":   {Kind: store.Damaged, AfterEffect: true},
	"no answer, not done": {Kind: store.Unavailable},
	"no answer, but done": {Kind: store.Unavailable, AfterEffect: true},
	"conflict":            {Kind: store.Conflict},
	"throttled":           {Kind: store.Throttled},
}

// Whatever call of a delete fails: it is done or not at all, for who reads; it can
// be repeated; and Maintain finishes it even where nobody repeats it.
func TestEveryStoreCallOfADeleteScopeFails(t *testing.T) {
	for kind, fault := range interruptions {
		sizes := []int{5}
		if fault.Kind == store.Damaged {
			sizes = append(sizes, 2*batch+5)
		}
		for _, documents := range sizes {
			for _, repeated := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s, %d documents, repeated: %v", kind, documents, repeated), func(t *testing.T) {
					disk := storetest.NewLedger(openBolt(t))
					faulty := storetest.NewFaulty(disk)
					for n := 1; ; n++ {
						faulty.Reset()
						b := furnished(t, faulty, documents)
						faulty.Reset()
						faulty.FailCall(n, fault)
						err := b.DeleteScope(t.Context(), shop, ann)
						calls := faulty.Calls()
						faulty.Reset()
						marked := b.hides()
						if err == nil && !marked {
							t.Fatalf("call %d: deleted, and still there", n)
						}
						if !marked {
							b.audit()
						} else if documents == 5 || err == nil {
							b.unseen()
						}
						if err != nil && (repeated || !marked) {
							if err := b.DeleteScope(t.Context(), shop, ann); err != nil && !errors.Is(err, ErrNoSuchScope) {
								t.Fatalf("call %d: %v, then %v", n, kind, err)
							}
							b.unseen()
						}
						b.maintain()
						b.unseen()
						b.empty(disk)
						if n > calls {
							return
						}
					}
				})
			}
		}
	}
}

func TestEveryStoreCallOfAMaintainFails(t *testing.T) {
	for kind, fault := range interruptions {
		t.Run(kind, func(t *testing.T) {
			disk := storetest.NewLedger(openBolt(t))
			faulty := storetest.NewFaulty(disk)
			for n := 1; ; n++ {
				faulty.Reset()
				b := furnished(t, faulty, 5)
				if err := b.DeleteScope(t.Context(), shop, ann); err != nil {
					t.Fatal(err)
				}
				faulty.Reset()
				faulty.FailCall(n, fault)
				err := b.Maintain(t.Context(), shop)
				calls := faulty.Calls()
				faulty.Reset()
				if err == nil == b.hides() && !fault.AfterEffect {
					t.Fatalf("call %d: %v, and pending: %v", n, err, b.hides())
				}
				b.unseen()
				b.maintain()
				b.empty(disk)
				if n > calls {
					return
				}
			}
		})
	}
}

// watched is a store that is looked at after each transaction.
type watched struct {
	store.Store
	look func()
}

func (s watched) Transact(ctx context.Context, ops ...store.Op) error {
	err := s.Store.Transact(ctx, ops...)
	s.look()
	return err
}

func TestADeleteScopeIsSeenAsAWhole(t *testing.T) {
	s := storetest.NewLedger(openBolt(t))
	b := furnished(t, s, 90)
	looks := 0
	deleter := New(watched{s, func() { looks++; b.unseen(); b.hides() }}, b.clock.now)
	if err := deleter.DeleteScope(t.Context(), shop, ann); err != nil {
		t.Fatal(err)
	}
	if err := deleter.Maintain(t.Context(), shop); err != nil {
		t.Fatal(err)
	}
	b.empty(s)
	if looks < 4 {
		t.Errorf("looked %d times", looks)
	}
}

func TestManyMaintainAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, s store.Store) {
		disk := storetest.NewLedger(s)
		b := furnished(t, disk, 5)
		if err := b.DeleteScope(t.Context(), shop, ann); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if err := b.Maintain(t.Context(), shop); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		b.empty(disk)
	})
}

func TestMaintainGoesOnWhereItsTimeRanOut(t *testing.T) {
	disk := storetest.NewLedger(openBolt(t))
	b := furnished(t, disk, 5)
	if err := b.DeleteScope(t.Context(), shop, ann); err != nil {
		t.Fatal(err)
	}
	before := 1 << 20
	for turns := 1; ; turns++ {
		ctx, cancel := context.WithCancel(t.Context())
		left := 2
		short := New(watched{disk, func() {
			if left--; left == 0 {
				cancel()
			}
		}}, b.clock.now)
		err := short.Maintain(ctx, shop)
		cancel()
		items, cause := disk.Left(t.Context())
		if cause != nil || len(items) >= before {
			t.Fatalf("turn %d: %v; %d items of %d are left, %v", turns, err, len(items), before, cause)
		}
		if before = len(items); before == 0 {
			if turns < 3 {
				t.Errorf("took %d turns", turns)
			}
			return
		}
		if err == nil {
			t.Fatalf("turn %d says that it is done; %d items are left", turns, before)
		}
	}
}

// Another may end the removal and make a new scope of the same id while one is
// still at it.
func TestARemovalSparesTheNextScopeOfItsId(t *testing.T) {
	for name, do := range map[string]func(*Timeline) error{
		"delete":   func(tl *Timeline) error { return tl.DeleteScope(t.Context(), shop, ann) },
		"maintain": func(tl *Timeline) error { return tl.Maintain(t.Context(), shop) },
	} {
		t.Run(name, func(t *testing.T) {
			disk := openBolt(t)
			b := furnished(t, disk, 2*batch+5)
			if name == "maintain" {
				if err := b.DeleteScope(t.Context(), shop, ann); err != nil {
					t.Fatal(err)
				}
			}
			slow := &between{Store: disk, others: func() {
				b.maintain()
				if _, err := b.CreateScope(t.Context(), shop, nil, ann); err != nil {
					t.Fatal(err)
				}
				b.commit(creation("a", "new"))
				b.commit(update("a", "newer"))
			}}
			if err := do(New(slow, b.clock.now)); err != nil {
				t.Fatal(err)
			}
			if events := b.audit(); len(events) != 2 {
				t.Errorf("%d events", len(events))
			}
		})
	}
}
