// Package maintainer does in the background of a server what no request waits
// for, see timeline.Maintain.
package maintainer

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"almanac/internal/store"
	"almanac/internal/timeline"
)

const (
	// window is how long commits are gathered, so that many to one scope are
	// one reason to look at it.
	window = time.Second
	// interval is how often hidden scopes are looked for, whose deletes failed
	// or whose writers died.
	interval = time.Minute
	// turn is how long one scope may keep the others waiting.
	turn = 5 * time.Second
	// mostWaiting bounds the memory. Of a scope that is left out the next
	// commit tells again, and a hidden one is found all the same.
	mostWaiting = 10_000
)

// Maintainer maintains the scopes of one store, one after the other.
type Maintainer struct {
	timeline *timeline.Timeline
	log      *slog.Logger
	wake     chan struct{} // holds one while any scope waits

	mu      sync.Mutex
	waiting map[timeline.Scope]bool
}

// New makes a Maintainer that works while Run does, and learns of commits from
// the stores that it watches.
func New(s store.Store, now func() time.Time, log *slog.Logger) *Maintainer {
	return &Maintainer{
		timeline: timeline.New(s, now), log: log,
		wake: make(chan struct{}, 1), waiting: map[timeline.Scope]bool{},
	}
}

// Watch gives a store that tells the Maintainer of every commit made by it. A
// writer does not wait for anything of it.
func (m *Maintainer) Watch(s store.Store) store.Store { return watched{s, m} }

type watched struct {
	store.Store
	m *Maintainer
}

func (w watched) Transact(ctx context.Context, ops ...store.Op) error {
	err := w.Store.Transact(ctx, ops...)
	if err == nil || store.KindOf(err) == store.Unavailable { // it may have been done
		for _, op := range ops {
			if scope, ok := timeline.LogOf(op.Item.Key); ok && op.Kind == store.OpPut {
				w.m.note(scope)
			}
		}
	}
	return err
}

func (m *Maintainer) note(scope timeline.Scope) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.waiting) == mostWaiting {
		return
	}
	m.waiting[scope] = true
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// Run maintains until ctx ends. It begins with what an earlier server left.
func (m *Maintainer) Run(ctx context.Context) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	m.report(ctx, m.Sweep(ctx))
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			m.report(ctx, m.Sweep(ctx))
		case <-m.wake:
			gathered := time.NewTimer(window)
			select {
			case <-ctx.Done():
				gathered.Stop()
				return
			case <-gathered.C:
			}
			m.mu.Lock()
			scopes := m.waiting
			m.waiting = map[timeline.Scope]bool{}
			m.mu.Unlock()
			for scope := range scopes {
				m.report(ctx, m.maintain(ctx, scope))
			}
		}
	}
}

// Sweep maintains all hidden scopes: it removes what was deleted and what came
// to nothing. One that takes longer than its turn goes on in Run.
func (m *Maintainer) Sweep(ctx context.Context) error {
	hidden, err := m.timeline.Pending(ctx)
	for _, h := range hidden {
		err = errors.Join(err, m.maintain(ctx, h.Scope))
	}
	return err
}

func (m *Maintainer) maintain(ctx context.Context, scope timeline.Scope) error {
	mine, cancel := context.WithTimeout(ctx, turn)
	defer cancel()
	err := m.timeline.Maintain(mine, scope)
	if err != nil && mine.Err() != nil && ctx.Err() == nil {
		m.note(scope)
		return nil
	}
	return err
}

// report logs an error. There is nobody to tell, and all of it is tried again.
func (m *Maintainer) report(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil {
		m.log.ErrorContext(ctx, "maintain", "error", err.Error())
	}
}
