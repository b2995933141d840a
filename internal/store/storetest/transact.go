package storetest

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"almanac/internal/store"
)

func conditions(t *testing.T, s store.Store) {
	there, absent := key("p", "there"), key("p", "absent")
	for _, test := range []struct {
		name  string
		key   store.Key
		cond  store.Condition
		holds bool
	}{
		{"anything, of an item", there, store.Condition{}, true},
		{"anything, of none", absent, store.Condition{}, true},
		{"absent, of an item", there, store.Absent(), false},
		{"absent, of none", absent, store.Absent(), true},
		{"its version", there, store.VersionIs(7), true},
		{"an older version", there, store.VersionIs(6), false},
		{"version zero, of none", absent, store.VersionIs(0), false},
	} {
		for name, op := range map[string]store.Op{
			"put":    store.Put(store.Item{Key: test.key, Version: 8}, test.cond),
			"delete": store.Delete(test.key, test.cond),
			"check":  store.Check(test.key, test.cond),
		} {
			if name == "check" && test.cond == (store.Condition{}) {
				continue
			}
			t.Run(name+" if "+test.name, func(t *testing.T) {
				before := store.Item{Key: there, Version: 7, Body: []byte("before")}
				put(t, s, before)
				if err := s.Transact(t.Context(), store.Delete(absent, store.Condition{})); err != nil {
					t.Fatal(err)
				}
				err := s.Transact(t.Context(), op)
				switch {
				case !test.holds:
					if e := wantKind(t, err, store.ConditionFailed); e.Op != 0 || e.Key != test.key {
						t.Errorf("op %d at %v failed", e.Op, e.Key)
					}
					wantItem(t, s, before)
					wantAbsent(t, s, absent)
				case err != nil:
					t.Fatal(err)
				case name == "put":
					wantItem(t, s, store.Item{Key: test.key, Version: 8})
				case name == "delete":
					wantAbsent(t, s, test.key)
				default:
					wantItem(t, s, before)
				}
			})
		}
	}
}

func atomic(t *testing.T, s store.Store) {
	put(t, s, item("p", "old"))
	for failing := range 4 {
		ops := []store.Op{
			store.Put(item("p", "new"), store.Absent()),
			store.Delete(key("p", "old"), store.VersionIs(1)),
			store.Check(key("q", "none"), store.Absent()),
			store.Put(item("q", "other"), store.Absent()),
		}
		ops[failing].If = store.VersionIs(9)
		e := wantKind(t, s.Transact(t.Context(), ops...), store.ConditionFailed)
		if e.Op != failing || e.Key != ops[failing].Item.Key {
			t.Errorf("op %d at %v failed, want %d", e.Op, e.Key, failing)
		}
		wantRange(t, s, store.Query{Partition: "p"}, "old")
		wantRange(t, s, store.Query{Partition: "q"})
	}
	e := wantKind(t, s.Transact(t.Context(),
		store.Put(item("p", "new"), store.Absent()),
		store.Check(key("p", "old"), store.Absent()),
		store.Check(key("q", "none"), store.VersionIs(1)),
	), store.ConditionFailed)
	if e.Op != 1 {
		t.Errorf("op %d failed, want the first of two", e.Op)
	}
	if err := s.Transact(t.Context(),
		store.Put(item("p", "new"), store.Absent()),
		store.Delete(key("p", "old"), store.VersionIs(1)),
		store.Check(key("q", "none"), store.Absent()),
		store.Put(item("q", "other"), store.Absent()),
	); err != nil {
		t.Fatal(err)
	}
	wantRange(t, s, store.Query{Partition: "p"}, "new")
	wantRange(t, s, store.Query{Partition: "q"}, "other")
	if err := s.Transact(t.Context()); err != nil {
		t.Errorf("a transaction of nothing: %v", err)
	}
}

func limits(t *testing.T, s store.Store) {
	many := func(n, size int) (ops []store.Op) {
		for i := range n {
			body := bytes.Repeat([]byte("x"), size)
			ops = append(ops, store.Put(store.Item{Key: key("p", fmt.Sprintf("%04d", i)), Version: 1, Body: body}, store.Condition{}))
		}
		return ops
	}
	body := func(n int) store.Item {
		i := store.Item{Key: key("p", "large"), Version: 1}
		i.Body = make([]byte, n-store.Size(i))
		return i
	}
	for _, test := range []struct {
		name string
		ops  []store.Op
		kind store.ErrorKind
		op   int
	}{
		{"more than 100 ops", many(101, 1), store.TooLarge, -1},
		{"an item of more than 400 KB", []store.Op{
			store.Put(item("p", "a"), store.Condition{}),
			store.Put(body(store.MaxItemBytes+1), store.Condition{}),
		}, store.TooLarge, 1},
		{"more than 4 MB", many(11, 390<<10), store.TooLarge, -1},
		{"a key twice", []store.Op{
			store.Put(item("p", "a"), store.Condition{}),
			store.Put(item("p", "b"), store.Condition{}),
			store.Check(key("p", "a"), store.Absent()),
		}, store.Invalid, 2},
		{"a check of nothing", []store.Op{store.Check(key("p", "a"), store.Condition{})}, store.Invalid, 0},
		{"an unknown op", []store.Op{{Kind: 9, Item: item("p", "a")}}, store.Invalid, 0},
		{"an unknown condition", []store.Op{store.Put(item("p", "a"), store.Condition{Kind: 9})}, store.Invalid, 0},
		{"an expiry before 1970", []store.Op{store.Put(store.Item{Key: key("p", "a"), Expires: -1}, store.Condition{})}, store.Invalid, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := wantKind(t, s.Transact(t.Context(), test.ops...), test.kind)
			if e.Op != test.op {
				t.Errorf("op %d, want %d", e.Op, test.op)
			}
			wantRange(t, s, store.Query{Partition: "p"})
		})
	}
	if err := s.Transact(t.Context(), many(100, 1)...); err != nil {
		t.Errorf("100 ops: %v", err)
	}
	if err := s.Transact(t.Context(), many(10, 400<<10-100)...); err != nil {
		t.Errorf("almost 4 MB: %v", err)
	}
	largest := body(store.MaxItemBytes)
	put(t, s, largest)
	wantItem(t, s, largest)
	if got, err := s.Range(t.Context(), store.Query{Partition: "p"}); err != nil || len(got) != 101 {
		t.Errorf("%d items, %v; want 101", len(got), err)
	}
}

func cancelled(t *testing.T, s store.Store) {
	done, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	for _, ctx := range []context.Context{done, late} {
		wantKind(t, s.Transact(ctx, store.Put(item("p", "a"), store.Condition{})), store.Unavailable)
		_, err := s.Get(ctx, key("p", "a"))
		wantKind(t, err, store.Unavailable)
		_, err = s.Settled(ctx, key("p", "a"))
		wantKind(t, err, store.Unavailable)
		_, err = s.Range(ctx, store.Query{Partition: "p"})
		e := wantKind(t, err, store.Unavailable)
		if !strings.Contains(e.Error(), ctx.Err().Error()) {
			t.Errorf("%q does not say %q", e, ctx.Err())
		}
	}
	wantAbsent(t, s, key("p", "a"))
}
