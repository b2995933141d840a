package timeline

import (
	"context"
	"crypto/rand"
	"errors"

	"almanac/internal/store"
)

// MaxBody is the longest body in bytes. The rest of the store's limit is for
// our own facts, so that what could be opened can be closed.
const MaxBody = 384 << 10

// Commit runs change and does all that it asked for at one instant, or nothing.
// It moves the scope's head, on the condition that nobody else did: one who
// did makes change run again on the newer state, so it must have no effects of
// its own. A change that asks for nothing writes nothing.
//
// Commit returns the head that it wrote, or else the one that it read. Errors:
// those of change as they are; ErrNoSuchScope, ErrTooManyChanges, ErrTooLarge;
// the store's, of which Unavailable alone leaves open whether it was done.
func (t *Timeline) Commit(ctx context.Context, scope Scope, by Actor, change func(*Tx) error) (Head, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	done, err := t.turns.take(ctx, scope)
	if err != nil {
		return Head{}, scope.failed("commit to", err)
	}
	defer done()
	for try := 0; ; try++ {
		head, err := t.Head(ctx, scope)
		if err != nil {
			return Head{}, err
		}
		tx := t.begin(ctx, scope, head, by)
		c, err := tx.run(change)
		if err == nil && c.ops != nil {
			err = t.apply(ctx, c.ops, func() (bool, error) { return t.applied(ctx, c) })
			switch kind := store.KindOf(err); {
			case err == nil:
				t.wholes.add(scope, c.head)
				return c.head, nil
			case kind == store.TooLarge:
				return Head{}, &Error{Kind: TooLarge, Scope: scope, Err: err}
			case kind != store.ConditionFailed:
				return Head{}, scope.failed("commit to", err)
			}
		} else if !t.torn(ctx, tx) {
			return c.head, err
		}
		if end := store.Pause(ctx, try); end != nil {
			return Head{}, scope.failed("commit to", errors.Join(err, end))
		}
	}
}

// torn tells whether a change that ends without a write may have seen two
// documents of two different moments: a write would have failed on the head.
func (t *Timeline) torn(ctx context.Context, tx *Tx) bool {
	if tx.reads < 2 {
		return false
	}
	head, err := headOf(t.store.Settled(ctx, tx.scope.headKey()))
	return err == nil && head.version != tx.head.version
}

// commit is what one run of a change came to.
type commit struct {
	head Head // as it will be, or as it is where there are no ops
	ops  []store.Op
	log  store.Key
}

// applied finds out whether c was done: the log tells, whoever came after it.
func (t *Timeline) applied(ctx context.Context, c commit) (bool, error) {
	item, err := t.store.Get(ctx, c.log)
	if err != nil {
		return false, ignoreNotFound(err)
	}
	log, _, _, err := decodeLog(item)
	return err == nil && log.Commit == c.head.commit, err
}

// run puts together what change asks for; no ops where it is nothing.
func (tx *Tx) run(change func(*Tx) error) (commit, error) {
	if err := change(tx); err != nil {
		return commit{}, err
	}
	if len(tx.events) == 0 && !tx.bodySet {
		return commit{head: tx.head}, nil
	}
	if len(tx.body) > MaxBody {
		return commit{}, &Error{Kind: TooLarge, Scope: tx.scope, Key: tx.scope.ID}
	}
	head := tx.head
	head.Updated = Stamp{tx.at, tx.by}
	head.version++
	head.Revision++
	head.commit = rand.Text()
	head.Sequence += int64(len(tx.events))
	head.Live += tx.grown
	head.Body = tx.body
	head.wrote, head.logs = tx.written(), []int{len(tx.events)}

	var scopes ChangeType
	if tx.bodySet {
		scopes = Update
	}
	log := head.log(tx.scope, scopes, tx.events)
	ops := []store.Op{
		store.Put(head.item(tx.scope), store.VersionIs(tx.head.version)),
		store.Put(log, store.Condition{}),
	}
	for _, key := range tx.touched {
		ops = append(ops, tx.slots[key].ops(tx.scope)...)
	}
	ops = append(ops, tx.also...)
	if len(ops) > store.MaxOps {
		return commit{}, &Error{Kind: TooManyChanges, Scope: tx.scope}
	}
	return commit{head, ops, log.Key}, nil
}
