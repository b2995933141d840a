package timeline

import (
	"context"
	"fmt"
	"iter"

	"almanac/internal/store"
)

// History gives a page of the scope's events, newest first, and how many there
// are. It costs one read of the head and one range, wherever the page lies.
// Errors: ErrNoSuchScope, the store's.
func (t *Timeline) History(ctx context.Context, scope Scope, skip, limit int) (events []Event, total int64, err error) {
	head, err := t.Head(ctx, scope)
	if err != nil {
		return nil, 0, err
	}
	upper := head.Sequence - int64(max(skip, 0))
	if limit > 0 && upper > 0 {
		events, err = t.eventsDown(ctx, scope, upper, limit)
	}
	return events, head.Sequence, err
}

// Events gives the scope's events of [from, to), newest first; events that are
// written meanwhile are not among them. It ends after the first error, which
// is one of those of History.
func (t *Timeline) Events(ctx context.Context, scope Scope, from, to Instant) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		head, err := t.Head(ctx, scope)
		if err != nil {
			yield(Event{}, err)
			return
		}
		upper, err := t.lastBefore(ctx, scope, head, to)
		for err == nil && upper > 0 {
			var page []Event
			page, err = t.eventsDown(ctx, scope, upper, 100)
			for _, e := range page {
				if e.At < from || !yield(e, nil) {
					return
				}
			}
			upper -= int64(len(page))
		}
		if err != nil {
			yield(Event{}, err)
		}
	}
}

// lastBefore is the number of the last event before an instant, found by
// bisection: numbers and instants grow together.
func (t *Timeline) lastBefore(ctx context.Context, scope Scope, head Head, to Instant) (int64, error) {
	if to > head.Updated.At {
		return head.Sequence, nil
	}
	low, high := int64(0), head.Sequence // event low is before to, event high+1 is not
	for low < high {
		middle := low + (high-low+1)/2
		log, first, err := t.commitOf(ctx, scope, middle)
		if err != nil {
			return 0, err
		}
		if Instant(log.At) < to {
			low = first + int64(len(log.Events)) - 1
		} else {
			high = first - 1
		}
	}
	return low, nil
}

func (t *Timeline) commitOf(ctx context.Context, scope Scope, sequence int64) (logRecord, int64, error) {
	items, err := t.store.Range(ctx, store.Query{
		Partition: scope.logPartition(), To: fixed(sequence + 1), Reverse: true, Limit: 1,
	})
	if err != nil {
		return logRecord{}, 0, scope.failed("read the log of", err)
	}
	if len(items) == 0 {
		return logRecord{}, 0, t.gap(ctx, scope, sequence)
	}
	log, first, err := decodeLog(items[0])
	if err != nil {
		return logRecord{}, 0, scope.failed("read the log of", err)
	}
	if sequence < first || first+int64(len(log.Events)) <= sequence {
		return logRecord{}, 0, t.gap(ctx, scope, sequence)
	}
	return log, first, nil
}

// eventsDown gives the events from number upper down, limit of them where there
// are so many.
func (t *Timeline) eventsDown(ctx context.Context, scope Scope, upper int64, limit int) ([]Event, error) {
	lower := max(upper-int64(limit), 0) // the event before the page
	items, err := t.store.Range(ctx, store.Query{
		Partition: scope.logPartition(),
		// The commit that holds event lower+1 began at most MaxOps before.
		From: fixed(lower + 1 - store.MaxOps), To: fixed(upper + 1),
		Reverse: true, Limit: int(upper - lower),
	})
	if err != nil {
		return nil, scope.failed("read the log of", err)
	}
	events := make([]Event, 0, upper-lower)
	next := upper
	for _, item := range items {
		log, first, err := decodeLog(item)
		if err != nil {
			return nil, scope.failed("read the log of", err)
		}
		last := first + int64(len(log.Events)) - 1
		if last < next || next < first {
			break
		}
		for ; next >= first && next > lower; next-- {
			events = append(events, log.event(next, last))
		}
	}
	if next != lower {
		return nil, t.gap(ctx, scope, next)
	}
	return events, nil
}

func (r logRecord) event(sequence, last int64) Event {
	e := r.Events[last-sequence]
	return Event{
		Sequence: sequence, SnapshotID: e.SnapshotID, DocumentID: e.DocumentID,
		Key: e.Key, PreviousKey: e.PreviousKey, Name: e.Name, Type: e.Type,
		At: Instant(r.At), By: r.By,
	}
}

// gap explains an event that is not in the log: the scope is being deleted, or
// else the store has lost it.
func (t *Timeline) gap(ctx context.Context, scope Scope, sequence int64) error {
	if _, err := t.Head(ctx, scope); err != nil {
		return err
	}
	return scope.failed("read the log of", &store.Error{
		Kind: store.Damaged, Op: -1, Key: scope.logKey(sequence),
		Err: fmt.Errorf("event %d is missing", sequence),
	})
}
