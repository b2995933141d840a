package timeline

import (
	"context"
	"fmt"

	"almanac/internal/store"
)

// Place is where a part of a document's history begins: with what was written
// before an instant, the last of it at a key. It stays good for ever.
type Place struct {
	DocumentID, Key string
	Before          Instant
}

// Before is the place just before an event of a document's history, and whether
// anything lies there.
func (e Event) Before() (Place, bool) {
	p := Place{e.DocumentID, e.Key, e.At}
	if e.PreviousKey != "" {
		p.Key = e.PreviousKey
	}
	return p, e.Type != Create
}

// closedChunk is how many closed versions are read at once: no more than 12 MB.
const closedChunk = 32

// DocumentHistory gives the last events of [from, to) of the document that
// holds a key, or else held it last, whatever keys it had before and since.
// Their Sequence is not known here, and 0. Errors: ErrNoSuchScope;
// ErrNoSuchDocument where no document ever held the key; the store's.
//
// The cost does not depend on the scope's history. It is that of the versions
// that are told of, with their bodies; and where the document left the key that
// was asked for, or had another one at the instant to, of what it has had since.
func (t *Timeline) DocumentHistory(ctx context.Context, scope Scope, key string, from, to Instant, limit int) (events []Event, err error) {
	err = t.fenced(ctx, scope, maxInstant, func() error {
		events, err = t.documentHistory(ctx, scope, key, from, to, limit)
		return err
	})
	return events, err
}

func (t *Timeline) documentHistory(ctx context.Context, scope Scope, key string, from, to Instant, limit int) ([]Event, error) {
	last, err := t.lastOf(ctx, scope, key)
	if err != nil {
		return nil, err
	}
	var events []Event
	if from <= last.At && last.At < to && limit > 0 {
		events = append(events, last.Event)
	}
	place, more := last.Before()
	if !more || len(events) == limit {
		return events, t.stands(ctx, scope)
	}
	if last.since < to && place.Key == last.Key {
		place.Before = min(place.Before, to)
	}
	return t.documentBefore(ctx, scope, place, from, to, limit, events)
}

// DocumentHistoryAt gives the last events before a place. Errors: ErrNoSuchScope,
// the store's.
func (t *Timeline) DocumentHistoryAt(ctx context.Context, scope Scope, place Place, from Instant, limit int) (events []Event, err error) {
	err = t.fenced(ctx, scope, maxInstant, func() error {
		events, err = t.documentBefore(ctx, scope, place, from, place.Before, limit, nil)
		return err
	})
	return events, err
}

func (t *Timeline) documentBefore(ctx context.Context, scope Scope, place Place, from, to Instant, limit int, events []Event) ([]Event, error) {
	for more := true; more && len(events) < limit && place.Before > from; {
		items, err := t.store.Range(ctx, store.Query{
			Partition: scope.closedPartition(place.Key),
			From:      closedPrefix + fixed(int64(from)), To: closedPrefix + fixed(int64(place.Before)),
			Reverse: true, Limit: min(limit-len(events), closedChunk),
		})
		if err != nil {
			return nil, scope.failed("read the history of", err)
		}
		if len(items) == 0 {
			break // what is older began before from
		}
		for _, item := range items {
			version, err := decodeClosed(place.Key, item)
			if err != nil {
				return nil, scope.failed("read the history of", err)
			}
			if version.DocumentID != place.DocumentID {
				return nil, t.lost(ctx, scope, place)
			}
			e := version.event(version.previous)
			if e.At < to {
				events = append(events, e)
			}
			key := place.Key
			if place, more = e.Before(); !more || place.Key != key || len(events) == limit {
				break
			}
		}
	}
	return events, t.stands(ctx, scope)
}

// event is what a version tells of the change that wrote it.
func (s Snapshot) event(previous string) Event {
	e := Event{
		SnapshotID: s.ID, DocumentID: s.DocumentID, Key: s.Key, PreviousKey: previous,
		Name: s.Name, Type: Update, At: s.From, By: s.By,
	}
	if s.From == s.Created.At {
		e.Type = Create
	}
	return e
}

// ending is the last event of a document so far.
type ending struct {
	Event
	since Instant // when the document took the key; maxInstant where that is not known
}

// lastOf finds the last event of the document that holds a key or held it last.
func (t *Timeline) lastOf(ctx context.Context, scope Scope, key string) (ending, error) {
	open, ok, err := t.live(ctx, scope, key, maxInstant)
	if err != nil {
		return ending{}, scope.failed("read", err)
	}
	if ok {
		return ending{open.event(open.previous), open.since}, nil
	}
	vacated, ok, err := t.vacated(ctx, scope, key)
	if err == nil && !ok {
		if _, err = t.fence(ctx, scope, maxInstant); err == nil {
			vacated, ok, err = t.vacated(ctx, scope, key)
		}
	}
	if err != nil {
		return ending{}, err
	}
	if !ok {
		return ending{}, &Error{Kind: NoSuchDocument, Scope: scope, Key: key}
	}
	if vacated.RenamedTo == "" {
		return deleted(key, vacated), nil
	}
	return t.follow(ctx, scope, Place{vacated.DocumentID, vacated.RenamedTo, Instant(vacated.Last)})
}

// follow finds the last event of a document that held a key at an instant: from
// one key to the next, by what the document left behind there.
func (t *Timeline) follow(ctx context.Context, scope Scope, was Place) (ending, error) {
	for {
		open, ok, err := t.live(ctx, scope, was.Key, maxInstant)
		if err != nil {
			return ending{}, scope.failed("read", err)
		}
		if ok && open.DocumentID == was.DocumentID {
			return ending{open.event(open.previous), open.since}, nil
		}
		vacated, ok, err := t.vacated(ctx, scope, was.Key)
		if err != nil {
			return ending{}, err
		}
		if !ok {
			return ending{}, t.lost(ctx, scope, was)
		}
		if vacated.DocumentID == was.DocumentID {
			if vacated.RenamedTo == "" {
				return deleted(was.Key, vacated), nil
			}
			was.Key, was.Before = vacated.RenamedTo, Instant(vacated.Last)
			continue
		}
		e, err := t.departure(ctx, scope, was)
		if err != nil || e.Type == Delete {
			return ending{e, maxInstant}, err
		}
		was.Key, was.Before = e.Key, e.At
	}
}

// departure finds how a document left a key that others have held since: when,
// by bisection over the key's versions, and the event of that in the log.
func (t *Timeline) departure(ctx context.Context, scope Scope, was Place) (Event, error) {
	head, err := t.Head(ctx, scope)
	if err != nil {
		return Event{}, err
	}
	in, out := was.Before, head.Updated.At+1 // the document held the key at in, not at out
	for in+1 < out {
		middle := in + (out-in)/2
		items, err := t.store.Range(ctx, scope.floor(was.Key, middle))
		if err != nil {
			return Event{}, scope.failed("read the history of", err)
		}
		if len(items) == 0 {
			return Event{}, t.lost(ctx, scope, was)
		}
		version, err := decodeClosed(was.Key, items[0])
		if err != nil {
			return Event{}, scope.failed("read the history of", err)
		}
		switch {
		case version.DocumentID != was.DocumentID:
			out = version.From
		case middle < version.Until:
			in = version.Until - 1
		default:
			in, out = version.Until-1, version.Until
		}
	}
	e, ok, err := t.eventAt(ctx, scope, head, out, func(e Event) bool { return e.DocumentID == was.DocumentID })
	if err == nil && !ok {
		err = t.lost(ctx, scope, was)
	}
	e.Sequence = 0
	return e, err
}

// deleted is the last event of a document that was deleted at a key.
func deleted(key string, vacated vacatedRecord) ending {
	return ending{Event{
		SnapshotID: vacated.EventID, DocumentID: vacated.DocumentID, Key: key,
		Name: vacated.Name, Type: Delete, At: Instant(vacated.Last), By: vacated.By,
	}, Instant(vacated.Since)}
}

// vacated reads who left a key last.
func (t *Timeline) vacated(ctx context.Context, scope Scope, key string) (vacatedRecord, bool, error) {
	if !scope.storable() || !storableKey(key) {
		return vacatedRecord{}, false, nil
	}
	item, err := t.store.Get(ctx, scope.vacatedKey(key))
	if store.KindOf(err) == store.NotFound {
		return vacatedRecord{}, false, nil
	}
	var vacated vacatedRecord
	if err == nil {
		vacated, err = decodeVacated(item)
	}
	if err != nil {
		return vacatedRecord{}, false, scope.failed("read", err)
	}
	return vacated, true, nil
}

// stands proves that the scope still is, and so that nothing was removed from
// it while it was read.
func (t *Timeline) stands(ctx context.Context, scope Scope) error {
	_, err := t.Head(ctx, scope)
	return err
}

// lost explains what a document's history does not hold: the scope is being
// deleted, or else the store has lost it.
func (t *Timeline) lost(ctx context.Context, scope Scope, place Place) error {
	if err := t.stands(ctx, scope); err != nil {
		return err
	}
	return scope.failed("read the history of", &store.Error{
		Kind: store.Damaged, Op: -1, Key: store.Key{Partition: scope.closedPartition(place.Key)},
		Err: fmt.Errorf("the document %s is not where it was before %v", place.DocumentID, place.Before),
	})
}
