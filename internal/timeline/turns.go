package timeline

import (
	"context"
	"sync"
)

// turns lets the commits of one Timeline to one scope go one after the other.
// Side by side all but one would find the head moved and begin again, the
// unlucky many times; who writes by another Timeline still can.
type turns struct {
	mu    sync.Mutex
	taken map[Scope]*turn
}

type turn struct {
	holder chan struct{} // full while someone has it
	wanted int           // by its holder and those who wait
}

// take waits until it is the caller's turn, in no order but Go's, which is that
// of arrival. Done ends it.
func (t *turns) take(ctx context.Context, scope Scope) (done func(), err error) {
	t.mu.Lock()
	if t.taken == nil {
		t.taken = map[Scope]*turn{}
	}
	mine := t.taken[scope]
	if mine == nil {
		mine = &turn{holder: make(chan struct{}, 1)}
		t.taken[scope] = mine
	}
	mine.wanted++
	t.mu.Unlock()

	leave := func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if mine.wanted--; mine.wanted == 0 {
			delete(t.taken, scope)
		}
	}
	select {
	case mine.holder <- struct{}{}:
		return func() { <-mine.holder; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}
