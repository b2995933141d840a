package timeline

import (
	"context"
	"crypto/rand"
	"errors"

	"almanac/internal/store"
)

// EndScope ends a scope and keeps its past: from one instant on nobody sees
// anything of it or writes into it, and what was before reads as ever. That is
// one transaction, whatever the scope holds. Where it cannot make all live
// versions ask the head whether they are still seen, others do so before it,
// which changes nothing for anybody; after a failure the same call goes on
// there. Check is asked before each of them whether the scope is to end as its
// head is then. Errors: those of check as they are; ErrNoSuchScope; the store's.
func (t *Timeline) EndScope(ctx context.Context, scope Scope, by Actor, check func(Head) error) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	var asking string
	var refusal error
	allowed := func(head Head) bool {
		refusal = check(head)
		return refusal == nil
	}
	// Whoever is quicker wins, and who asks less is quicker.
	const most = batch - 1 // beside the head and the log
	limit := most
	for try := 0; ; {
		next, done, err := t.endStep(ctx, scope, by, allowed, asking, limit)
		switch _, moved := condition(err); {
		case done, refusal != nil:
			return refusal
		case errors.Is(err, ErrNoSuchScope):
			return err
		case err == nil:
			asking, try, limit = next, 0, min(2*limit, most)
		case !moved:
			return scope.failed("end", err)
		default:
			if end := store.Pause(ctx, try); end != nil {
				return scope.failed("end", errors.Join(err, end))
			}
			try++
			limit = max(limit/2, 1)
		}
	}
}

// endStep makes some live versions after a key ask the head, and gives the last
// of them; where there are no more, it ends the scope.
func (t *Timeline) endStep(ctx context.Context, scope Scope, by Actor, allowed func(Head) bool, after string, limit int) (last string, done bool, err error) {
	leave, err := t.turns.take(ctx, scope)
	if err != nil {
		return "", false, err
	}
	defer leave()
	head, err := t.Head(ctx, scope)
	if err != nil || !allowed(head) {
		return "", false, err
	}
	last, more, asks, err := t.asks(ctx, scope, after, limit)
	if err != nil {
		return "", false, err
	}
	if more {
		return last, false, t.prepareEnd(ctx, scope, head, asks)
	}
	err = t.end(ctx, scope, head, by, asks)
	return "", err == nil, err
}

// asks makes live versions after a key ask the head, so many of them or as many
// as one transaction carries, and gives the last of them and whether there are more.
func (t *Timeline) asks(ctx context.Context, scope Scope, after string, limit int) (last string, more bool, asks []store.Op, err error) {
	query := scope.allLive()
	query.Limit = limit
	if after != "" {
		query.From = livePrefix + after + "\x00"
	}
	items, err := t.store.Range(ctx, query)
	if err != nil {
		return "", false, nil, err
	}
	more = len(items) == query.Limit
	size := 0
	for _, item := range items {
		version, err := decodeLive(item)
		if err != nil {
			return "", false, nil, err
		}
		if !version.headTells {
			if size += store.Size(item); len(asks) > 0 && size > batchBytes {
				more = true
				break
			}
			version.headTells = true
			asks = append(asks, store.Put(version.item(scope), store.Condition{}))
		}
		last = version.Key
	}
	return last, more, asks, nil
}

// prepareEnd makes live versions ask the head, and commits make what they write
// do so from now on.
func (t *Timeline) prepareEnd(ctx context.Context, scope Scope, head Head, asks []store.Op) error {
	if head.ending && asks == nil {
		return nil
	}
	next := head
	next.ending = true
	next.version++
	guard := store.Put(next.item(scope), store.VersionIs(head.version))
	return t.apply(store.Preparing(ctx), append([]store.Op{guard}, asks...), func() (bool, error) { return false, nil })
}

func (t *Timeline) end(ctx context.Context, scope Scope, head Head, by Actor, asks []store.Op) error {
	next := head
	next.ended, next.commit = true, rand.Text()
	next.version++
	next.Revision++
	next.Updated = Stamp{t.instantAfter(head.Updated.At), by}
	next.wrote, next.logs = nil, []int{0}
	return t.apply(ctx, append([]store.Op{
		store.Put(next.item(scope), store.VersionIs(head.version)),
		store.Put(next.log(scope, Delete, nil), store.Condition{}),
	}, asks...), func() (bool, error) {
		found, err := t.readHead(ctx, scope)
		return err == nil && found.commit == next.commit, ignoreNotFound(err)
	})
}
