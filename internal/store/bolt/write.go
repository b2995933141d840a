package bolt

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"almanac/internal/store"

	"go.etcd.io/bbolt"
)

// write is a transaction on its way to the writer. Its answer comes on done.
type write struct {
	ops  []store.Op
	done chan answer
}

type answer struct {
	units float64
	err   error
}

// maxBatch bounds how long the first transaction of a batch waits for the last.
const maxBatch = 512

func (s *Store) Transact(ctx context.Context, ops ...store.Op) error {
	if err := store.Validate(ops...); err != nil {
		return err
	}
	if err := s.begin(ctx); err != nil {
		return err
	}
	defer s.calls.Done()
	if len(ops) == 0 {
		return nil
	}
	w := write{ops: ops, done: make(chan answer, 1)}
	select {
	case s.writes <- w:
	case <-ctx.Done():
		return unavailable(fmt.Errorf("nothing was written: %w", ctx.Err()))
	}
	a := <-w.done
	store.Count(ctx, 0, a.units)
	return a.err
}

// write commits what is queued, batch by batch, until s.writes is closed.
func (s *Store) write() {
	for {
		batch := s.take()
		if batch == nil {
			return
		}
		answers := make([]answer, len(batch))
		if s.broken == nil {
			s.commit(batch, answers)
		} else {
			fail(answers, s.broken)
		}
		for i, w := range batch {
			w.done <- answers[i]
		}
	}
}

// take waits for one write and adds all others that are ready. It yields to the
// callers that the last batch has just answered until no more of them come: a
// few microseconds that save a flush of the disk.
func (s *Store) take() []write {
	first, ok := <-s.writes
	if !ok {
		return nil
	}
	batch := []write{first}
	for idle := 0; idle < 8 && len(batch) < maxBatch; {
		select {
		case w, ok := <-s.writes:
			if !ok {
				return batch
			}
			batch = append(batch, w)
			idle = 0
		default:
			idle++
			runtime.Gosched()
		}
	}
	return batch
}

// errNothing ends a batch in which every condition failed without a flush.
var errNothing = errors.New("nothing to write")

// commit does a batch in one bbolt transaction. Each transaction sees what those
// before it left, and one that fails leaves nothing.
func (s *Store) commit(batch []write, answers []answer) {
	err := s.guard(func() error {
		return s.db.Update(func(tx *bbolt.Tx) error {
			b := tx.Bucket(itemsBucket)
			wrote := false
			for i, w := range batch {
				answers[i] = s.judge(b, w.ops)
				if answers[i].err != nil {
					continue
				}
				if err := apply(b, w.ops); err != nil {
					return err
				}
				wrote = true
			}
			if !wrote {
				return errNothing
			}
			return nil
		})
	})
	switch {
	case err == nil, errors.Is(err, errNothing):
	case store.KindOf(err) == store.Damaged:
		s.broken = err
		fail(answers, err)
	default:
		fail(answers, unavailable(fmt.Errorf("writing %s failed; free space on its disk or repair it, then try again: %w", s.path(), err)))
	}
}

func fail(answers []answer, err error) {
	for i := range answers {
		answers[i] = answer{err: err}
	}
}

// judge says what a transaction costs, or why it cannot be done.
func (s *Store) judge(b *bbolt.Bucket, ops []store.Op) (a answer) {
	for i, op := range ops {
		item, found, err := get(b, encodeKey(op.Item.Key))
		if err != nil {
			return answer{err: s.damaged(err)}
		}
		if !holds(op.If, item, found) {
			return answer{err: &store.Error{Kind: store.ConditionFailed, Op: i, Key: op.Item.Key}}
		}
		before, after := 0, 0
		if found {
			before = store.Size(item)
		}
		if op.Kind == store.OpPut {
			after = store.Size(op.Item)
		}
		a.units += store.WriteUnits(before, after)
	}
	if store.Plain(ops...) {
		a.units /= 2
	}
	return a
}

func apply(b *bbolt.Bucket, ops []store.Op) (err error) {
	for _, op := range ops {
		key := encodeKey(op.Item.Key)
		switch op.Kind {
		case store.OpPut:
			err = b.Put(key, encodeValue(key, op.Item))
		case store.OpDelete:
			err = b.Delete(key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func holds(c store.Condition, item store.Item, found bool) bool {
	switch c.Kind {
	case store.IsAbsent:
		return !found
	case store.IsVersion:
		return found && item.Version == c.Version
	}
	return true
}
