package storetest

import (
	"context"
	"errors"
	"sync"
	"time"

	"almanac/internal/store"
)

// Fault is what happens to one call.
type Fault struct {
	Kind        store.ErrorKind // the call fails with it; 0: it does not fail
	Op          int             // the op to name, of ConditionFailed
	AfterEffect bool            // it fails only after having been done
	Delay       time.Duration   // it takes that long, or until its context is done
	Hang        bool            // it never answers: Unavailable when its context is done
}

// Faulty is a store whose calls can be made to fail. Calls count from 1, of all
// methods together.
type Faulty struct {
	store.Store

	mu     sync.Mutex
	calls  int
	faults map[int]Fault
}

// NewFaulty returns a store without faults.
func NewFaulty(s store.Store) *Faulty {
	return &Faulty{Store: s, faults: map[int]Fault{}}
}

// FailCall gives the n-th call from now a fault: 1 is the next one.
func (f *Faulty) FailCall(n int, fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults[f.calls+n] = fault
}

// Reset forgets the faults to come and the calls that were.
func (f *Faulty) Reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = 0
	clear(f.faults)
}

// Calls is the number of calls since the last Reset.
func (f *Faulty) Calls() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls
}

func (f *Faulty) Get(ctx context.Context, key store.Key) (item store.Item, err error) {
	err = f.call(ctx, func() (err error) {
		item, err = f.Store.Get(ctx, key)
		return err
	})
	if err != nil {
		return store.Item{}, err
	}
	return item, nil
}

func (f *Faulty) Settled(ctx context.Context, key store.Key) (item store.Item, err error) {
	err = f.call(ctx, func() (err error) {
		item, err = f.Store.Settled(ctx, key)
		return err
	})
	if err != nil {
		return store.Item{}, err
	}
	return item, nil
}

func (f *Faulty) Range(ctx context.Context, q store.Query) (items []store.Item, err error) {
	err = f.call(ctx, func() (err error) {
		items, err = f.Store.Range(ctx, q)
		return err
	})
	if err != nil {
		return nil, err
	}
	return items, nil
}

func (f *Faulty) Transact(ctx context.Context, ops ...store.Op) error {
	return f.call(ctx, func() error { return f.Store.Transact(ctx, ops...) })
}

func (f *Faulty) call(ctx context.Context, do func() error) error {
	f.mu.Lock()
	f.calls++
	fault, faulty := f.faults[f.calls]
	delete(f.faults, f.calls)
	f.mu.Unlock()
	if !faulty {
		return do()
	}
	if fault.Delay > 0 {
		select {
		case <-time.After(fault.Delay):
		case <-ctx.Done():
			return &store.Error{Kind: store.Unavailable, Op: -1, Err: ctx.Err()}
		}
	}
	fails := fault.Kind != 0 || fault.Hang
	if !fails || fault.AfterEffect {
		if err := do(); err != nil || !fails {
			return err
		}
	}
	if fault.Hang {
		<-ctx.Done()
		return &store.Error{Kind: store.Unavailable, Op: -1, Err: ctx.Err()}
	}
	op := -1
	if fault.Kind == store.ConditionFailed {
		op = fault.Op
	}
	return &store.Error{Kind: fault.Kind, Op: op, Err: errors.New("injected")}
}
