package timeline

import (
	"context"
	"errors"
	"fmt"
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

// unseen fails unless every read says that there is no such scope. The
// documents of a scope of more than one transaction can still be got by their
// keys until the delete ends; not so "a" and "c", the first.
func (b bench) unseen() {
	b.Helper()
	ctx := b.Context()
	for i, read := range []func() error{
		func() error { _, err := b.Head(ctx, shop); return err },
		func() error { _, err := b.Get(ctx, shop, "a"); return err },
		func() error { _, err := b.GetAt(ctx, shop, "b", 1001); return err },
		func() error { _, err := b.GetAt(ctx, shop, "a", 1500); return err },
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

// empty fails if any item of the scope is left.
func (b bench) empty(s store.Store) {
	b.Helper()
	partitions := []string{shop.Directory, shop.partition(), shop.logPartition()}
	for _, key := range []string{"a", "b", "c", "k002"} {
		partitions = append(partitions, shop.closedPartition(key))
	}
	for _, p := range partitions {
		if items, err := s.Range(b.Context(), store.Query{Partition: p}); err != nil || len(items) > 0 {
			b.Fatalf("%d items are left in %q, %v", len(items), p, err)
		}
	}
}

func TestDeleteScopeLeavesNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, s store.Store) {
		b := furnished(t, s, 2*batch+5)
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
		if _, list, err := b.List(t.Context(), neighbour); err != nil || show(list) != "a=1 " {
			t.Fatalf("the neighbour: %s, %v", show(list), err)
		}
		if err := b.DeleteScope(t.Context(), neighbour, ann); err != nil {
			t.Fatal(err)
		}
		b.unseen()
		b.empty(s)
		if err := b.DeleteScope(t.Context(), shop, ann); !errors.Is(err, ErrNoSuchScope) {
			t.Errorf("deleted twice: %v", err)
		}
		if _, err := b.CreateScope(t.Context(), shop, nil, ann); err != nil {
			t.Fatal(err)
		}
		b.commit(creation("a", "new"))
		if events := b.audit(); len(events) != 1 {
			t.Errorf("a new scope has %d events", len(events))
		}
	})
}

func TestEveryStoreCallOfADeleteScopeFails(t *testing.T) {
	faulty := storetest.NewFaulty(openBolt(t))
	for kind, fault := range map[string]storetest.Fault{
		"interrupted":         {Kind: store.Damaged},
		"interrupted, done":   {Kind: store.Damaged, AfterEffect: true},
		"no answer, not done": {Kind: store.Unavailable},
		"no answer, but done": {Kind: store.Unavailable, AfterEffect: true},
		"conflict":            {Kind: store.Conflict},
		"throttled":           {Kind: store.Throttled},
	} {
		t.Run(kind, func(t *testing.T) {
			for n := 1; ; n++ {
				faulty.Reset()
				b := furnished(t, faulty, 5)
				faulty.Reset()
				faulty.FailCall(n, fault)
				err := b.DeleteScope(t.Context(), shop, ann)
				calls := faulty.Calls()
				faulty.Reset()
				if _, gone := b.Head(t.Context(), shop); gone != nil {
					b.unseen()
				} else if err == nil {
					t.Fatalf("call %d: deleted, and still there", n)
				} else {
					b.audit()
				}
				if err != nil {
					if err := b.DeleteScope(t.Context(), shop, ann); err != nil && !errors.Is(err, ErrNoSuchScope) {
						t.Fatalf("call %d: %v, then %v", n, kind, err)
					}
				}
				b.unseen()
				b.empty(faulty)
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
	s := openBolt(t)
	b := furnished(t, s, batch)
	looks := 0
	deleter := New(watched{s, func() { looks++; b.unseen() }}, b.clock.now)
	if err := deleter.DeleteScope(t.Context(), shop, ann); err != nil {
		t.Fatal(err)
	}
	b.empty(s)
	if looks < 4 {
		t.Errorf("looked %d times", looks)
	}
}

// Another may end the delete and make a new scope of the same id while one is
// still at it.
func TestADeleteScopeSparesTheNextScopeOfItsId(t *testing.T) {
	disk := openBolt(t)
	b := furnished(t, disk, 5)
	slow := &between{Store: disk, others: func() {
		if err := b.DeleteScope(t.Context(), shop, ann); err != nil {
			t.Fatal(err)
		}
		if _, err := b.CreateScope(t.Context(), shop, nil, ann); err != nil {
			t.Fatal(err)
		}
		b.commit(creation("a", "new"))
		b.commit(update("a", "newer"))
	}}
	if err := New(slow, b.clock.now).DeleteScope(t.Context(), shop, ann); err != nil {
		t.Fatal(err)
	}
	if events := b.audit(); len(events) != 2 {
		t.Errorf("%d events", len(events))
	}
}
