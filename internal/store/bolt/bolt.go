// Package bolt is the store of a laptop: one file in one directory, held by one
// server. A transaction is on the disk before it is answered.
package bolt

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime/debug"
	"sync"

	"almanac/internal/store"

	"go.etcd.io/bbolt"
)

// Store is a store.Store. Use Open.
type Store struct {
	dir    string
	db     *bbolt.DB
	writes chan write // unbuffered: a write is either with its caller or with the writer
	writer sync.WaitGroup
	broken error // of the writer: why no further write is tried

	mu     sync.RWMutex
	closed bool
	calls  sync.WaitGroup
}

var _ store.Store = (*Store)(nil)

// Close lets the calls that have begun finish; later ones are Unavailable.
func (s *Store) Close() error {
	s.mu.Lock()
	already := s.closed
	s.closed = true
	s.mu.Unlock()
	if already {
		return nil
	}
	s.calls.Wait()
	close(s.writes)
	s.writer.Wait()
	if s.broken != nil {
		// bbolt may still hold its locks, and closing would wait for them.
		return nil
	}
	return s.guard(s.db.Close)
}

// begin admits a call. When it returns no error the caller calls s.calls.Done.
func (s *Store) begin(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return unavailable(err)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return unavailable(fmt.Errorf("the store in %s is closed", s.dir))
	}
	s.calls.Add(1)
	return nil
}

func (s *Store) Get(ctx context.Context, key store.Key) (store.Item, error) {
	return s.read(ctx, key, 1)
}

// Settled is Get, since all of a transaction becomes visible at once.
func (s *Store) Settled(ctx context.Context, key store.Key) (store.Item, error) {
	return s.read(ctx, key, 2)
}

// read counts so many units for each that the size of the item is.
func (s *Store) read(ctx context.Context, key store.Key, each float64) (store.Item, error) {
	if err := store.ValidateKey(key); err != nil {
		return store.Item{}, err
	}
	if err := s.begin(ctx); err != nil {
		return store.Item{}, err
	}
	defer s.calls.Done()

	var item store.Item
	found := false
	err := s.view(func(b *bbolt.Bucket) (err error) {
		item, found, err = get(b, encodeKey(key))
		return err
	})
	if err != nil {
		return store.Item{}, err
	}
	if !found {
		store.Count(ctx, each*store.ReadUnits(0), 0)
		return store.Item{}, &store.Error{Kind: store.NotFound, Op: -1, Key: key}
	}
	store.Count(ctx, each*store.ReadUnits(store.Size(item)), 0)
	return item, nil
}

func (s *Store) Range(ctx context.Context, q store.Query) ([]store.Item, error) {
	if err := store.ValidateQuery(q); err != nil {
		return nil, err
	}
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	defer s.calls.Done()

	var items []store.Item
	size := 0
	err := s.view(func(b *bbolt.Bucket) error {
		for key, value := range walk(b.Cursor(), q) {
			if err := ctx.Err(); err != nil {
				return unavailable(err)
			}
			item, err := decodeItem(key, value)
			if err != nil {
				return err
			}
			items = append(items, item)
			size += store.Size(item)
			if len(items) == q.Limit {
				break
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	store.Count(ctx, store.ReadUnits(size), 0)
	return items, nil
}

func (s *Store) view(f func(*bbolt.Bucket) error) error {
	return s.guard(func() error {
		return s.db.View(func(tx *bbolt.Tx) error {
			if err := f(tx.Bucket(itemsBucket)); err != nil {
				if store.KindOf(err) != 0 {
					return err
				}
				return s.damaged(err)
			}
			return nil
		})
	})
}

// guard turns bbolt's panics over damaged pages into errors. A page number from
// such a page may also point outside of the mapped file, hence SetPanicOnFault.
func (s *Store) guard(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = s.damaged(fmt.Errorf("%v", p))
		}
	}()
	return f()
}

func (s *Store) path() string { return filepath.Join(s.dir, fileName) }

func (s *Store) damaged(err error) error {
	err = fmt.Errorf("data directory %s %w (%v)", s.dir, ErrDamaged, err)
	return &store.Error{Kind: store.Damaged, Op: -1, Err: err}
}

func unavailable(err error) error {
	return &store.Error{Kind: store.Unavailable, Op: -1, Err: err}
}
