package timeline

import (
	"cmp"
	"context"
	"errors"
	"time"

	"almanac/internal/store"
)

// patience ends the retries of a caller who set no deadline.
const patience = 30 * time.Second

func bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, patience)
}

// apply does a transaction that can be done only once, since its first op holds
// a condition that it makes false. After a conflict it is sent again, and where
// the store gives no answer, too; if its condition fails then, applied must
// find out whether an earlier try was done. An error of a kind other than
// Unavailable means that nothing was written.
func (t *Timeline) apply(ctx context.Context, ops []store.Op, applied func() (bool, error)) error {
	var doubt error
	left := store.Doubts
	for try := 0; ; try++ {
		err := t.store.Transact(ctx, ops...)
		kind := store.KindOf(err)
		if doubt == nil && kind != store.Unavailable && kind != store.Conflict {
			return err
		}
		switch kind {
		case 0:
			return err
		case store.ConditionFailed:
			done, cause := applied()
			if cause == nil && done {
				return nil
			}
			if cause == nil {
				return err
			}
			doubt = unknown(cause)
		case store.Unavailable:
			doubt = err
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

// unknown says that a transaction may have been done, whatever the kind of the
// error that kept us from finding out.
func unknown(cause error) error {
	return &store.Error{Kind: store.Unavailable, Op: -1, Err: cause}
}

func condition(err error) (*store.Error, bool) {
	e, ok := errors.AsType[*store.Error](err)
	return e, ok && e.Kind == store.ConditionFailed
}

// alsoFailed counts the op of a failed condition from the first of the caller's.
func alsoFailed(err error, ours int) error {
	if e, ok := condition(err); ok && e.Op >= ours {
		c := *e
		c.Op -= ours
		return &c
	}
	return err
}
