package storetest

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"

	"almanac/internal/store"
)

// Piecemeal is a store whose transactions become visible item by item, in any
// order, before they are acknowledged, as DynamoDB's do for whoever does not
// read in a transaction. What is not visible yet cannot be written: a
// transaction that meets it waits, and ends in a Conflict where it does so often.
type Piecemeal struct {
	store.Store
	// Between is called before each item becomes visible, but for the first, and
	// while something waits for that.
	Between func()

	mu     sync.RWMutex
	unseen map[store.Key]*store.Item // what is still read instead; nil: nothing
}

// mostWaits is how often a transaction waits for another one.
const mostWaits = 1000

// NewPiecemeal makes one of a store that nobody else writes to.
func NewPiecemeal(s store.Store, between func()) *Piecemeal {
	return &Piecemeal{Store: s, Between: between, unseen: map[store.Key]*store.Item{}}
}

func (p *Piecemeal) Get(ctx context.Context, key store.Key) (store.Item, error) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if was, ok := p.unseen[key]; ok {
		if was == nil {
			return store.Item{}, &store.Error{Kind: store.NotFound, Op: -1, Key: key}
		}
		return *was, nil
	}
	return p.Store.Get(ctx, key)
}

// Settled waits for the transaction that writes the key.
func (p *Piecemeal) Settled(ctx context.Context, key store.Key) (store.Item, error) {
	for {
		p.mu.RLock()
		_, writes := p.unseen[key]
		if !writes {
			defer p.mu.RUnlock()
			return p.Store.Settled(ctx, key)
		}
		p.mu.RUnlock()
		p.Between()
	}
}

func (p *Piecemeal) Range(ctx context.Context, q store.Query) ([]store.Item, error) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	whole := q
	if len(p.unseen) > 0 {
		whole.Limit = 0
	}
	items, err := p.Store.Range(ctx, whole)
	if err != nil || len(p.unseen) == 0 {
		return items, err
	}
	items = slices.DeleteFunc(items, func(i store.Item) bool { _, ok := p.unseen[i.Key]; return ok })
	for key, was := range p.unseen {
		if was != nil && key.Partition == q.Partition && key.Sort >= q.From && (q.To == "" || key.Sort < q.To) {
			items = append(items, *was)
		}
	}
	slices.SortFunc(items, func(a, b store.Item) int {
		if q.Reverse {
			a, b = b, a
		}
		return strings.Compare(a.Sort, b.Sort)
	})
	if q.Limit > 0 {
		items = items[:min(len(items), q.Limit)]
	}
	return items, nil
}

func (p *Piecemeal) Transact(ctx context.Context, ops ...store.Op) error {
	written, err := p.write(ctx, ops)
	for waits := 0; store.KindOf(err) == store.Conflict && waits < mostWaits; waits++ {
		p.Between()
		written, err = p.write(ctx, ops)
	}
	if err != nil {
		return err
	}
	rand.Shuffle(len(written), func(i, j int) { written[i], written[j] = written[j], written[i] })
	for i, key := range written {
		if i > 0 {
			p.Between()
		}
		p.mu.Lock()
		delete(p.unseen, key)
		p.mu.Unlock()
	}
	return nil
}

// write does a transaction of which nothing is visible yet, and gives its keys.
func (p *Piecemeal) write(ctx context.Context, ops []store.Op) (keys []store.Key, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := store.Validate(ops...); err != nil {
		return nil, err
	}
	was := map[store.Key]*store.Item{}
	for i, op := range ops {
		key := op.Item.Key
		if _, ok := p.unseen[key]; ok {
			return nil, &store.Error{Kind: store.Conflict, Op: i, Key: key, Err: errors.New("another transaction writes it")}
		}
		if op.Kind == store.OpCheck {
			continue
		}
		item, err := p.Store.Get(context.Background(), key) // no read of the caller's
		switch store.KindOf(err) {
		case 0:
			was[key] = &item
		case store.NotFound:
			was[key] = nil
		default:
			return nil, err
		}
		keys = append(keys, key)
	}
	if err := p.Store.Transact(ctx, ops...); err != nil {
		return nil, err
	}
	for key, item := range was {
		p.unseen[key] = item
	}
	return keys, nil
}
