package timeline

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"almanac/internal/store"
)

// batch is how many items one transaction removes beside its guard, and
// batchBytes how much of them.
const (
	batch      = 98
	batchBytes = 3 << 20
)

// retryDelete is after how long a delete that has not ended is overdue. A stream
// gives up then on bringing it to Maintain again.
const retryDelete = time.Hour

// errGone ends a removal that finds the scope removed by another.
var errGone = errors.New("gone")

// DeleteScope ends a scope: first, and together with the ops of also, it marks
// the head, which hides the scope, refuses commits and is its last commit; then
// it removes the documents. The history is left to Maintain, and the id is taken
// until that has ended. A call that failed can be repeated; after one that did
// not, the scope is no more. Errors: ErrNoSuchScope; the store's: for a
// condition of also that failed its Op is the index into also.
func (t *Timeline) DeleteScope(ctx context.Context, scope Scope, by Actor, also ...store.Op) error {
	version, err := t.mark(ctx, scope, by, also)
	if errors.Is(err, ErrNoSuchScope) {
		return err
	}
	if err == nil {
		err = t.purge(ctx, scope, version, scope.allLive())
	}
	if err == nil || err == errGone {
		return nil
	}
	return scope.failed("delete", err)
}

// mark hides the scope and, in the same transaction, removes its documents as
// far as one transaction goes. It gives the version of the marked head, also
// where it was marked before and documents are left.
func (t *Timeline) mark(ctx context.Context, scope Scope, by Actor, also []store.Op) (int64, error) {
	none := &Error{Kind: NoSuchScope, Scope: scope}
	if !scope.storable() {
		return 0, none
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	for try := 0; ; try++ {
		head, err := t.readHead(ctx, scope)
		if store.KindOf(err) == store.NotFound || err == nil && !head.deleting && !head.seen(maxInstant) {
			return 0, none
		}
		if err != nil {
			return 0, err
		}
		items, err := t.nextBatch(ctx, scope.allLive())
		if err != nil {
			return 0, err
		}
		if head.deleting {
			if len(items) == 0 {
				return 0, none
			}
			return head.version, nil
		}
		next := head
		next.deleting, next.commit = true, rand.Text()
		next.version++
		next.Revision++
		next.Updated = Stamp{t.instantAfter(head.Updated.At), by}
		ops := []store.Op{
			store.Put(next.item(scope), store.VersionIs(head.version)),
			store.Put(next.log(scope, Delete, nil), store.Condition{}),
			store.Put(scope.pendingItem(t.overdue()), store.Condition{}),
		}
		ours := len(ops)
		ops = append(ops, also...)
		ops = append(ops, removal(items[:min(len(items), store.MaxOps-len(ops))])...)
		err = t.apply(ctx, ops, func() (bool, error) {
			// One that was done may be finished by now, head and all.
			now, err := t.readHead(ctx, scope)
			return store.KindOf(err) == store.NotFound || now.deleting, ignoreNotFound(err)
		})
		if e, lost := condition(err); !lost || e.Op != 0 {
			return next.version, alsoFailed(err, ours)
		}
		if end := store.Pause(ctx, try); end != nil {
			return 0, errors.Join(err, end)
		}
	}
}

// overdue is when a delete that begins now should have ended.
func (t *Timeline) overdue() Instant {
	return t.instantAfter(0) + Instant(retryDelete.Milliseconds())
}

// removeAll removes a hidden scope, the head last.
func (t *Timeline) removeAll(ctx context.Context, scope Scope, head Head) error {
	err := t.purge(ctx, scope, head.version, scope.allLive())
	if err == nil {
		err = t.purge(ctx, scope, head.version, scope.checkpoints(head.birth))
	}
	if err == nil {
		err = t.purgeHistory(ctx, scope, head.version)
	}
	if err == nil {
		err = t.under(ctx, []store.Op{
			store.Delete(scope.headKey(), store.VersionIs(head.version)),
			store.Delete(scope.pendingKey(), store.Condition{}),
		})
	}
	if err == errGone {
		return nil
	}
	return err
}

// purgeHistory walks the log, whose events name every key that ever was. A part
// of the log goes after what it names, so that a walk that was interrupted
// finds the rest again.
func (t *Timeline) purgeHistory(ctx context.Context, scope Scope, version int64) error {
	for {
		logs, err := t.nextBatch(ctx, store.Query{Partition: scope.logPartition()})
		if err != nil || len(logs) == 0 {
			return err
		}
		done := map[string]bool{"": true} // no event names the empty key
		var vacated []store.Op
		for _, item := range logs {
			log, _, _, err := decodeLog(item)
			if err != nil {
				return err
			}
			for _, e := range log.Events {
				for _, key := range []string{e.Key, e.PreviousKey} {
					if done[key] {
						continue
					}
					done[key] = true
					if err := t.purge(ctx, scope, version, store.Query{Partition: scope.closedPartition(key)}); err != nil {
						return err
					}
					vacated = append(vacated, store.Delete(scope.vacatedKey(key), store.Condition{}))
				}
			}
		}
		if err := t.remove(ctx, scope, version, append(vacated, removal(logs)...)); err != nil {
			return err
		}
	}
}

// purge removes all that a query selects.
func (t *Timeline) purge(ctx context.Context, scope Scope, version int64, query store.Query) error {
	for {
		items, err := t.nextBatch(ctx, query)
		if err != nil || len(items) == 0 {
			return err
		}
		if err := t.remove(ctx, scope, version, removal(items)); err != nil {
			return err
		}
	}
}

// remove does deletes in their order, as long as the hidden head stands: once
// another has ended the removal, the id may belong to a new scope.
func (t *Timeline) remove(ctx context.Context, scope Scope, version int64, ops []store.Op) error {
	guard := store.Check(scope.headKey(), store.VersionIs(version))
	for len(ops) > 0 {
		n := min(len(ops), batch)
		err := t.under(ctx, append([]store.Op{guard}, ops[:n]...))
		if err != nil {
			return err
		}
		ops = ops[n:]
	}
	return nil
}

// under does a transaction that stands under a hidden head and is safe to
// repeat. It gives errGone when that head is not there any more.
func (t *Timeline) under(ctx context.Context, ops []store.Op) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	err := t.apply(ctx, ops, func() (bool, error) { return false, nil })
	if e, ok := condition(err); ok && e.Op == 0 {
		return errGone
	}
	return err
}

// nextBatch reads the first items of a query that one transaction can remove.
func (t *Timeline) nextBatch(ctx context.Context, query store.Query) ([]store.Item, error) {
	query.Limit = batch
	items, err := t.store.Range(ctx, query)
	size := 0
	for i, item := range items {
		if size += len(item.Body); i > 0 && size > batchBytes {
			return items[:i], err
		}
	}
	return items, err
}

func removal(items []store.Item) []store.Op {
	ops := make([]store.Op, len(items))
	for i, item := range items {
		ops[i] = store.Delete(item.Key, store.Condition{})
	}
	return ops
}
