package storetest

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"

	"almanac/internal/store"
)

// Ledger is a store that knows every key that was ever put into it, so that a
// test can find what is left wherever it lies.
type Ledger struct {
	store.Store

	mu   sync.Mutex
	keys map[store.Key]bool
}

// NewLedger keeps the ledger of an empty store.
func NewLedger(s store.Store) *Ledger { return &Ledger{Store: s, keys: map[store.Key]bool{}} }

func (l *Ledger) Transact(ctx context.Context, ops ...store.Op) error {
	l.mu.Lock()
	for _, op := range ops {
		if op.Kind == store.OpPut {
			l.keys[op.Item.Key] = true
		}
	}
	l.mu.Unlock()
	return l.Store.Transact(ctx, ops...)
}

// Left gives the items that the store holds.
func (l *Ledger) Left(ctx context.Context) ([]store.Item, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	keys := slices.SortedFunc(maps.Keys(l.keys), func(a, b store.Key) int {
		return cmp.Or(cmp.Compare(a.Partition, b.Partition), cmp.Compare(a.Sort, b.Sort))
	})
	var left []store.Item
	for _, key := range keys {
		item, err := l.Store.Get(ctx, key)
		if store.KindOf(err) == store.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		left = append(left, item)
	}
	return left, nil
}
