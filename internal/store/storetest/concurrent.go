package storetest

import (
	"fmt"
	"sync"
	"testing"

	"almanac/internal/store"
)

func increments(t *testing.T, s store.Store) {
	const writers, each = 8, 10
	counter := key("p", "counter")
	put(t, s, store.Item{Key: counter, Version: 0})
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for n := 0; n < each; {
				now, err := s.Get(t.Context(), counter)
				if err != nil {
					t.Error(err)
					return
				}
				err = s.Transact(t.Context(),
					store.Put(store.Item{Key: counter, Version: now.Version + 1}, store.VersionIs(now.Version)),
					store.Put(item(fmt.Sprint("log", w), fmt.Sprint(n)), store.Absent()),
				)
				switch store.KindOf(err) {
				case 0:
					if err != nil {
						t.Error(err)
						return
					}
					n++
				case store.ConditionFailed, store.Conflict:
				default:
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	wantItem(t, s, store.Item{Key: counter, Version: writers * each})
	for w := range writers {
		if got, err := s.Range(t.Context(), store.Query{Partition: fmt.Sprint("log", w)}); err != nil || len(got) != each {
			t.Errorf("writer %d left %d items, %v; want %d", w, len(got), err, each)
		}
	}
}

func readYourWrites(t *testing.T, s store.Store) {
	var wg sync.WaitGroup
	for w := range 4 {
		partition := fmt.Sprint("p", w)
		wg.Go(func() {
			for n := range 20 {
				want := store.Item{Key: key(partition, fmt.Sprintf("%02d", n)), Version: int64(n)}
				if err := s.Transact(t.Context(), store.Put(want, store.Absent())); err != nil {
					t.Error(err)
					return
				}
				got, err := s.Get(t.Context(), want.Key)
				if err != nil || !equal(got, want) {
					t.Errorf("got %v, %v; want %v", got, err, want)
				}
				all, err := s.Range(t.Context(), store.Query{Partition: partition})
				if err != nil || len(all) != n+1 {
					t.Errorf("%d items, %v; want %d", len(all), err, n+1)
				}
			}
		})
	}
	wg.Wait()
}
