// Package storetest holds every implementation of store.Store to the semantics
// of its interface, and makes stores that fail for the tests of others.
package storetest

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"almanac/internal/store"
)

// Run runs the suite. Each call of open gives a new, empty store.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	for _, test := range []struct {
		name string
		f    func(*testing.T, store.Store)
	}{
		{"items come back whole", items},
		{"what is not there is not found", notFound},
		{"keys outside of the limits are invalid", keys},
		{"ranges select in order", ranges},
		{"sort keys order by their bytes", order},
		{"a partition does not bleed into another", partitions},
		{"a range crosses pages", pages},
		{"conditions hold or fail", conditions},
		{"a transaction is done whole or not at all", atomic},
		{"transactions have limits", limits},
		{"a finished context writes nothing", cancelled},
		{"concurrent increments lose nothing", increments},
		{"a write is seen by whatever begins after it", readYourWrites},
		{"calls are counted in capacity units", units},
		{"it behaves as a map does", model},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := open(t)
			test.f(t, s)
			if err := s.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
	}
}

func key(partition, sort string) store.Key { return store.Key{Partition: partition, Sort: sort} }

func item(partition, sort string) store.Item {
	return store.Item{Key: key(partition, sort), Version: 1, Body: []byte(sort)}
}

func put(t *testing.T, s store.Store, items ...store.Item) {
	t.Helper()
	ops := make([]store.Op, len(items))
	for i, item := range items {
		ops[i] = store.Put(item, store.Condition{})
	}
	if err := s.Transact(t.Context(), ops...); err != nil {
		t.Fatal(err)
	}
}

func wantKind(t *testing.T, err error, want store.ErrorKind) *store.Error {
	t.Helper()
	e, ok := err.(*store.Error)
	if !ok || e.Kind != want {
		t.Fatalf("error %v, want one that reads %q", err, (&store.Error{Kind: want, Op: -1}).Error())
	}
	return e
}

func wantItem(t *testing.T, s store.Store, want store.Item) {
	t.Helper()
	for _, get := range []func(context.Context, store.Key) (store.Item, error){s.Get, s.Settled} {
		got, err := get(t.Context(), want.Key)
		if err != nil {
			t.Fatal(err)
		}
		if !equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
}

func wantAbsent(t *testing.T, s store.Store, key store.Key) {
	t.Helper()
	_, err := s.Get(t.Context(), key)
	wantKind(t, err, store.NotFound)
}

func wantRange(t *testing.T, s store.Store, q store.Query, want ...string) {
	t.Helper()
	items, err := s.Range(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]string, len(items))
	for i, item := range items {
		got[i] = item.Sort
	}
	if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		t.Fatalf("range %+v: got %q, want %q", q, got, want)
	}
}

// equal holds a body of nil and one of no bytes for the same.
func equal(a, b store.Item) bool {
	return a.Key == b.Key && a.Version == b.Version && a.Expires == b.Expires && bytes.Equal(a.Body, b.Body)
}
