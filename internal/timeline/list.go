package timeline

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
)

// List gives all open snapshots of one instant, that of the head, in the order
// of their keys. Errors: ErrNoSuchScope, the store's.
func (t *Timeline) List(ctx context.Context, scope Scope) (Head, []Snapshot, error) {
	return t.ListAt(ctx, scope, maxInstant)
}

// ListAt gives all snapshots that held at an instant, or at the last commit
// where that was earlier. It also gives the head as it is now. Errors are those
// of List.
//
// The order of its reads matters: first the head, then the live versions, then
// the vacated keys. A document that is renamed meanwhile is then seen in at
// least one of the two; the other way round it could be missed in both.
func (t *Timeline) ListAt(ctx context.Context, scope Scope, at Instant) (Head, []Snapshot, error) {
	head, err := t.Head(ctx, scope)
	if err != nil {
		return Head{}, nil, err
	}
	at = min(at, head.Updated.At)
	held, open, err := t.listLive(ctx, scope, at)
	if err != nil {
		return Head{}, nil, scope.failed("list", err)
	}
	// The documents of the head that no later commit has touched: if that is
	// all of them, they are the answer, and no later commit is in it.
	if at == head.Updated.At && len(held) == head.Live {
		return head, held, nil
	}
	keys, err := t.unsettled(ctx, scope, at, open)
	if err != nil {
		return Head{}, nil, scope.failed("list", err)
	}
	closed, err := t.closedAtAll(ctx, scope, keys, at)
	if err != nil {
		return Head{}, nil, scope.failed("list", err)
	}
	// A delete of the whole scope may have begun under these reads.
	if again, err := t.Head(ctx, scope); err != nil {
		return Head{}, nil, err
	} else if again.birth != head.birth {
		return t.ListAt(ctx, scope, at)
	}
	held = append(held, closed...)
	slices.SortFunc(held, func(a, b Snapshot) int { return cmp.Compare(a.Key, b.Key) })
	return head, held, nil
}

// listLive gives the live versions that held at an instant, and all of them by key.
func (t *Timeline) listLive(ctx context.Context, scope Scope, at Instant) ([]Snapshot, map[string]live, error) {
	items, err := t.store.Range(ctx, scope.allLive())
	if err != nil {
		return nil, nil, err
	}
	held := make([]Snapshot, 0, len(items))
	open := make(map[string]live, len(items))
	for _, item := range items {
		found, err := decodeLive(item)
		if err != nil {
			return nil, nil, err
		}
		open[found.Key] = found
		if found.From <= at {
			held = append(held, found.Snapshot)
		}
	}
	return held, open, nil
}

// unsettled gives the keys that may have held at an instant what is closed now.
func (t *Timeline) unsettled(ctx context.Context, scope Scope, at Instant, open map[string]live) ([]string, error) {
	var keys []string
	for key, l := range open {
		if l.since <= at && at < l.From {
			keys = append(keys, key)
		}
	}
	items, err := t.store.Range(ctx, scope.allVacated())
	if err != nil {
		return nil, err
	}
	for _, item := range items {
		key := strings.TrimPrefix(item.Sort, vacatedPrefix)
		if l, ok := open[key]; ok && l.since <= at {
			continue
		}
		vacated, err := decodeVacated(item)
		if err != nil {
			return nil, err
		}
		if Instant(vacated.First) <= at && at < Instant(vacated.Last) {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

// closedAtAll reads many keys, a few at a time.
func (t *Timeline) closedAtAll(ctx context.Context, scope Scope, keys []string, at Instant) ([]Snapshot, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		held  []Snapshot
		queue = make(chan string)
	)
	for range min(len(keys), 16) {
		wg.Go(func() {
			for key := range queue {
				snapshot, ok, err := t.closedAt(ctx, scope, key, at)
				if err != nil {
					cancel(err)
				}
				if ok {
					mu.Lock()
					held = append(held, snapshot)
					mu.Unlock()
				}
			}
		})
	}
	for _, key := range keys {
		if ctx.Err() != nil {
			break
		}
		queue <- key
	}
	close(queue)
	wg.Wait()
	return held, context.Cause(ctx)
}
