package api

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"almanac/internal/store"
)

type onceKey struct{}

// holding keeps back the transaction of a request that has an Idempotency-Key
// until its answer is known, to write both at once. An operation that goes on
// with the store after its transaction has it written then, marked as applied;
// so it is at once where no answer is kept. Transactions that prepare it pass.
type holding struct{ store.Store }

func (s holding) Transact(ctx context.Context, ops ...store.Op) error {
	o, ok := ctx.Value(onceKey{}).(*onceRequest)
	if !ok || store.IsPreparing(ctx) {
		return s.Store.Transact(ctx, ops...)
	}
	if err := o.flush(ctx); err != nil {
		return err
	}
	if o.applied {
		return s.Store.Transact(ctx, ops...)
	}
	mark, err := o.put(o.mark())
	if err != nil {
		return err
	}
	marked := append(slices.Clip(ops), mark)
	if err := store.Validate(marked...); err != nil {
		return err
	}
	if !o.secret {
		o.held = ops
		return nil
	}
	err = s.Store.Transact(ctx, marked...)
	if e, ok := errors.AsType[*store.Error](err); ok && e.Kind == store.ConditionFailed && e.Key == o.key {
		return errLeaseEnded // and another request took the key over
	}
	if err == nil {
		o.applied = true
		o.version++
	}
	return err
}

func (s holding) Get(ctx context.Context, key store.Key) (store.Item, error) {
	if o, ok := ctx.Value(onceKey{}).(*onceRequest); ok {
		if err := o.flush(ctx); err != nil {
			return store.Item{}, err
		}
	}
	return s.Store.Get(ctx, key)
}

func (s holding) Settled(ctx context.Context, key store.Key) (store.Item, error) {
	if o, ok := ctx.Value(onceKey{}).(*onceRequest); ok {
		if err := o.flush(ctx); err != nil {
			return store.Item{}, err
		}
	}
	return s.Store.Settled(ctx, key)
}

func (s holding) Range(ctx context.Context, query store.Query) ([]store.Item, error) {
	if o, ok := ctx.Value(onceKey{}).(*onceRequest); ok {
		if err := o.flush(ctx); err != nil {
			return nil, err
		}
	}
	return s.Store.Range(ctx, query)
}

// flush writes what is held back, without an answer.
func (o *onceRequest) flush(ctx context.Context) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.held == nil {
		return nil
	}
	return o.apply(ctx, o.mark())
}

// apply writes what is held back and the record, or neither. Where a condition
// of it does not hold any more, the request is overtaken, and begins anew.
func (o *onceRequest) apply(ctx context.Context, record onceRecord) error {
	op, err := o.put(record)
	if err != nil {
		return err
	}
	ops := append(slices.Clip(o.held), op)
	var doubt error
	left := store.Doubts
	for try := 0; ; try++ {
		err := o.store.Transact(ctx, ops...)
		switch store.KindOf(err) {
		case 0:
			if err == nil {
				o.applied, o.held = true, nil
				o.version++
			}
			return err
		case store.ConditionFailed:
			now, version, cause := o.read(ctx)
			switch {
			case cause != nil:
				doubt = &store.Error{Kind: store.Unavailable, Op: -1, Err: cause}
			case version == o.version+1 && now.State == record.State:
				// An earlier try was done: nobody else writes this at that version.
				o.applied, o.held = true, nil
				o.version++
				return nil
			case version != o.version:
				return errLeaseEnded // and another request took the key over
			default:
				o.overtaken, o.held = true, nil
				return err
			}
		case store.Unavailable:
			doubt = err
		case store.Conflict:
		default:
			return err
		}
		if doubt != nil {
			if left--; left == 0 {
				return doubt
			}
		}
		if end := store.Pause(ctx, try); end != nil {
			return errors.Join(cmp.Or(doubt, err), end)
		}
	}
}
