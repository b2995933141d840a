package storetest_test

import (
	"fmt"
	"testing"

	"almanac/internal/store"
	"almanac/internal/store/bolt"
	"almanac/internal/store/storetest"
)

func TestPiecemeal(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store {
		s, err := bolt.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		return storetest.NewPiecemeal(s, func() {})
	})
	t.Run("a transaction becomes visible item by item", func(t *testing.T) {
		s, err := bolt.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		item := func(sort string, version int64) store.Item {
			return store.Item{Key: store.Key{Partition: "p", Sort: sort}, Version: version}
		}
		seen := map[string]bool{}
		var p *storetest.Piecemeal
		waiting := false
		p = storetest.NewPiecemeal(s, func() {
			if waiting {
				return
			}
			waiting = true
			defer func() { waiting = false }()
			items, err := p.Range(t.Context(), store.Query{Partition: "p"})
			versions := ""
			for _, i := range items {
				versions += fmt.Sprint(i.Sort, i.Version, " ")
				if one, err := p.Get(t.Context(), i.Key); err != nil || one.Version != i.Version {
					t.Errorf("%v is read as %v, %v", i, one, err)
				}
			}
			seen[versions] = true
			if err != nil {
				t.Error(err)
			}
			again := p.Transact(t.Context(), store.Put(item("a", 3), store.Condition{}), store.Put(item("b", 3), store.Condition{}), store.Put(item("c", 3), store.Condition{}))
			if store.KindOf(again) != store.Conflict {
				t.Errorf("another one that writes the same: %v", again)
			}
		})
		for range 200 {
			if err := s.Transact(t.Context(), store.Put(item("a", 1), store.Condition{}), store.Put(item("b", 1), store.Condition{}), store.Delete(item("c", 1).Key, store.Condition{})); err != nil {
				t.Fatal(err)
			}
			if err := p.Transact(t.Context(), store.Put(item("a", 2), store.Condition{}), store.Delete(item("b", 1).Key, store.VersionIs(1)), store.Put(item("c", 2), store.Absent())); err != nil {
				t.Fatal(err)
			}
		}
		// Any two parts of the three, or any one.
		for _, part := range []string{"a2 b1 ", "a1 ", "a1 b1 c2 ", "a2 ", "a2 b1 c2 ", "a1 c2 "} {
			if !seen[part] {
				t.Errorf("%q was not seen of %v", part, seen)
			}
		}
		if len(seen) != 6 {
			t.Errorf("seen were %v", seen)
		}
	})
}
