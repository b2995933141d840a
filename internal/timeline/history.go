package timeline

import (
	"context"
	"fmt"
	"iter"
	"math"

	"almanac/internal/store"
)

// eventChunk is how many events are read at once where many are looked through.
const eventChunk = 1000

// History gives a page of the scope's events, newest first, and how many there
// are. It costs one read of the head and one range, wherever the page lies.
// Errors: ErrNoSuchScope, the store's.
func (t *Timeline) History(ctx context.Context, scope Scope, skip, limit int) (events []Event, total int64, err error) {
	return t.HistoryBetween(ctx, scope, math.MinInt64, math.MaxInt64, skip, limit)
}

// HistoryBetween is History of the events of [from, to) alone. What each bound
// costs on top grows with the logarithm of the history: their numbers tell how
// many events lie between two.
func (t *Timeline) HistoryBetween(ctx context.Context, scope Scope, from, to Instant, skip, limit int) (events []Event, total int64, err error) {
	head, err := t.Head(ctx, scope)
	if err != nil {
		return nil, 0, err
	}
	last, err := t.lastBefore(ctx, scope, head, to)
	if err != nil {
		return nil, 0, err
	}
	before, err := t.lastBefore(ctx, scope, head, min(from, to))
	if err != nil {
		return nil, 0, err
	}
	upper := last - int64(max(skip, 0))
	if limit = int(min(int64(limit), upper-before)); limit > 0 {
		events, err = t.eventsDown(ctx, scope, upper, limit)
	}
	return events, last - before, err
}

// Events gives the scope's events of [from, to), newest first; events that are
// written meanwhile are not among them. It holds no more than a thousand of
// them at once. It ends after the first error, which is one of those of History.
func (t *Timeline) Events(ctx context.Context, scope Scope, from, to Instant) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		head, err := t.Head(ctx, scope)
		if err != nil {
			yield(Event{}, err)
			return
		}
		upper, err := t.lastBefore(ctx, scope, head, to)
		var lower int64
		if err == nil {
			lower, err = t.lastBefore(ctx, scope, head, min(from, to))
		}
		for err == nil && upper > lower {
			var page []Event
			page, err = t.eventsDown(ctx, scope, upper, int(min(eventChunk, upper-lower)))
			for _, e := range page {
				if !yield(e, nil) {
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
	if to <= head.Created.At {
		return 0, nil
	}
	low, high := int64(0), head.Sequence // event low is before to, event high+1 is not
	for low < high {
		middle := low + (high-low+1)/2
		log, last, err := t.commitOf(ctx, scope, middle)
		if err != nil {
			return 0, err
		}
		if Instant(log.At) < to {
			low = last
		} else {
			high = last - int64(len(log.Events))
		}
	}
	return low, nil
}

// commitOf gives the commit that made an event, and the number of its last one.
func (t *Timeline) commitOf(ctx context.Context, scope Scope, sequence int64) (logRecord, int64, error) {
	items, err := t.store.Range(ctx, store.Query{
		Partition: scope.logPartition(), To: untilEvent(sequence), Reverse: true, Limit: 1,
	})
	if err != nil {
		return logRecord{}, 0, scope.failed("read the log of", err)
	}
	if len(items) == 0 {
		return logRecord{}, 0, t.gap(ctx, scope, "event", sequence)
	}
	log, _, last, err := decodeLog(items[0])
	if err != nil {
		return logRecord{}, 0, scope.failed("read the log of", err)
	}
	if last < sequence || sequence <= last-int64(len(log.Events)) {
		return logRecord{}, 0, t.gap(ctx, scope, "event", sequence)
	}
	return log, last, nil
}

// eventsDown gives the events from number upper down, limit of them where there
// are so many.
func (t *Timeline) eventsDown(ctx context.Context, scope Scope, upper int64, limit int) ([]Event, error) {
	lower := max(upper-int64(limit), 0) // the event before the page
	events := make([]Event, 0, upper-lower)
	next := upper
	// Commits without events between those of the page may take their places
	// in what one Range gives.
	for to := untilEvent(upper); next > lower; {
		items, err := t.store.Range(ctx, store.Query{
			Partition: scope.logPartition(),
			// The commit that holds event lower+1 began at most MaxOps before.
			From: fixed(lower + 1 - store.MaxOps), To: to,
			Reverse: true, Limit: int(next - lower),
		})
		if err != nil {
			return nil, scope.failed("read the log of", err)
		}
		if len(items) == 0 {
			return nil, t.gap(ctx, scope, "event", next)
		}
		for _, item := range items {
			if next == lower {
				break
			}
			log, _, last, err := decodeLog(item)
			if err != nil {
				return nil, scope.failed("read the log of", err)
			}
			first := last - int64(len(log.Events)) + 1
			if last < next {
				return nil, t.gap(ctx, scope, "event", next)
			}
			for ; next >= first && next > lower; next-- {
				events = append(events, log.event(next, last))
			}
			to = item.Sort
		}
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

// gap explains what is not in the log: the scope is being deleted, or else the
// store has lost it.
func (t *Timeline) gap(ctx context.Context, scope Scope, what string, number int64) error {
	if _, err := t.HeadAt(ctx, scope, 0); err != nil {
		return err
	}
	return scope.failed("read the log of", &store.Error{
		Kind: store.Damaged, Op: -1, Key: store.Key{Partition: scope.logPartition()},
		Err: fmt.Errorf("%s %d is missing", what, number),
	})
}
