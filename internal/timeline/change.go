package timeline

import (
	"context"

	"github.com/google/uuid"
)

// Change is what one event did to its document.
type Change struct {
	Event
	Before, After *Snapshot // nil where there was none, and where there is none
}

// Change gives what the event of a snapshot did. The id of a snapshot holds its
// instant, and so the commit is found in the log by bisection. Errors:
// ErrNoSuchScope; ErrNoSuchSnapshot, for what is no id, too; the store's.
func (t *Timeline) Change(ctx context.Context, scope Scope, id string) (Change, error) {
	head, err := t.Head(ctx, scope)
	if err != nil {
		return Change{}, err
	}
	none := &Error{Kind: NoSuchSnapshot, Scope: scope, Key: id}
	at, ok := snapshotInstant(id)
	if !ok {
		return Change{}, none
	}
	e, ok, err := t.eventAt(ctx, scope, head, at, func(e Event) bool { return e.SnapshotID == id })
	if err != nil {
		return Change{}, err
	}
	if !ok {
		return Change{}, none
	}
	c := Change{Event: e}
	if c.Type != Create {
		was := c.Key
		if c.PreviousKey != "" {
			was = c.PreviousKey
		}
		// No snapshot lasts less than a millisecond.
		if c.Before, err = t.part(ctx, scope, was, at-1); err != nil {
			return Change{}, err
		}
	}
	if c.Type != Delete {
		c.After, err = t.part(ctx, scope, c.Key, at)
	}
	return c, err
}

// part is one side of a change.
func (t *Timeline) part(ctx context.Context, scope Scope, key string, at Instant) (*Snapshot, error) {
	s, err := t.GetAt(ctx, scope, key, at)
	if err != nil {
		return nil, err
	}
	return &s, nil
}

// eventAt finds an event of one instant in the log.
func (t *Timeline) eventAt(ctx context.Context, scope Scope, head Head, at Instant, is func(Event) bool) (Event, bool, error) {
	upper, err := t.lastBefore(ctx, scope, head, at+1)
	// What a scope was made with may lie in several items of the log.
	for err == nil && upper > 0 {
		var log logRecord
		var last int64
		log, last, err = t.commitOf(ctx, scope, upper)
		if err != nil || Instant(log.At) != at {
			break
		}
		for upper = last; upper > last-int64(len(log.Events)); upper-- {
			if e := log.event(upper, last); is(e) {
				return e, true, nil
			}
		}
	}
	return Event{}, false, err
}

// snapshotInstant is the instant in an id that snapshotID made, and whether it
// is one to the letter.
func snapshotInstant(id string) (at Instant, ok bool) {
	u, err := uuid.Parse(id)
	if err != nil || u.Version() != 7 || u.String() != id {
		return 0, false
	}
	for _, b := range u[:6] {
		at = at<<8 | Instant(b)
	}
	return at, true
}
