package timeline

import (
	"context"

	"almanac/internal/store"
)

// mostAfter is how many changes after the last segment a list at an instant
// still reads one by one.
const mostAfter = 512

// checkpointed gives what held at an instant before the head's, from the
// checkpoint before it and what changed since. It is errNoCheckpoint where they
// do not tell, and then the versions themselves do, for more.
func (t *Timeline) checkpointed(ctx context.Context, scope Scope, head Head, at Instant) ([]Snapshot, error) {
	last, err := t.lastSegment(ctx, scope, head.birth)
	if err != nil {
		return nil, err
	}
	if head.Sequence-last.Sequence > mostAfter {
		return nil, errNoCheckpoint
	}
	var after []Event
	if head.Sequence > last.Sequence {
		if after, _, err = t.eventsAfter(ctx, scope, head, last.Sequence, mostAfter); err != nil {
			return nil, err
		}
	}
	var held []Snapshot
	var ends ends
	switch {
	case at >= Instant(last.End):
		held, err = t.newest(ctx, scope, head, last, at, after)
	case at >= Instant(last.Begin):
		held, ends, err = t.current(ctx, scope, head, last, at)
	default:
		held, ends, err = t.older(ctx, scope, head, last, at)
	}
	if err != nil {
		return nil, err
	}
	for _, e := range after {
		if e.PreviousKey != "" {
			ends.marks = append(ends.marks, mark{e.PreviousKey, e.At})
		}
		ends.marks = append(ends.marks, mark{e.Key, e.At})
	}
	return ends.of(held, at), nil
}

// ends is what tells when versions ended: what is left by their keys, and then
// marks in their order.
type ends struct {
	left  []map[string]Instant // earlier ones first; zero is for what the next ones know
	marks []mark
}

// of ends what held at an instant.
func (e ends) of(held []Snapshot, at Instant) []Snapshot {
	marked := endings(at, e.marks)
	for i := range held {
		s := &held[i]
		for _, left := range e.left {
			if s.Until == 0 {
				s.Until = left[s.Key]
			}
		}
		if s.Until == 0 {
			s.Until = marked[s.Key]
		}
	}
	return held
}

// newest lists an instant at or after the end of the last segment.
func (t *Timeline) newest(ctx context.Context, scope Scope, head Head, last segment, at Instant, after []Event) ([]Snapshot, error) {
	changed := map[string]Instant{} // zero: vacated
	later := map[string]bool{}
	for _, e := range after {
		for _, key := range []string{e.PreviousKey, e.Key} {
			if e.At > at {
				later[key] = true
			} else {
				changed[key] = 0
			}
		}
		if e.At <= at && e.Type != Delete {
			changed[e.Key] = e.At
		}
	}
	// Where maintenance is late, what changed later may be less to read, beside
	// the live versions.
	if len(changed) > len(later)+last.Live*last.Size/unit {
		return nil, errNoCheckpoint
	}
	base, err := t.epochUntil(ctx, scope, head, last)
	if err != nil {
		return nil, err
	}
	held := map[string]Snapshot{}
	for _, s := range base.list(Instant(last.End)) {
		held[s.Key] = s
	}
	var keys []string
	for key, from := range changed {
		delete(held, key)
		if from != 0 {
			keys = append(keys, key)
		}
	}
	found := make([]Snapshot, len(keys))
	if err := each(len(keys), func(i int) (err error) {
		found[i], err = t.version(ctx, scope, keys[i], changed[keys[i]], !later[keys[i]])
		return err
	}); err != nil {
		return nil, err
	}
	for _, s := range found {
		held[s.Key] = s
	}
	return inOrder(held), nil
}

// current lists an instant of the last segment's epoch.
func (t *Timeline) current(ctx context.Context, scope Scope, head Head, last segment, at Instant) ([]Snapshot, ends, error) {
	from, err := t.segmentsFrom(ctx, scope, head, last, at)
	if err != nil {
		return nil, ends{}, err
	}
	base, err := t.epochUntil(ctx, scope, head, from[0])
	if err != nil {
		return nil, ends{}, err
	}
	return base.list(at), ends{marks: marksOf(from)}, nil
}

// older lists an instant of an epoch that is over.
func (t *Timeline) older(ctx context.Context, scope Scope, head Head, last segment, at Instant) ([]Snapshot, ends, error) {
	query := scope.manifestsFrom(head.birth, at)
	query.Limit = 1
	items, err := t.store.Range(ctx, query)
	if err != nil || len(items) == 0 {
		return nil, ends{}, orNone(err)
	}
	m, err := decodeSegment(items[0])
	if err != nil {
		return nil, ends{}, err
	}
	if !m.holds(at) || m.Epoch >= last.Epoch {
		return nil, ends{}, errNoCheckpoint
	}
	base, err := t.epochUntil(ctx, scope, head, m)
	if err != nil {
		return nil, ends{}, err
	}
	var e ends
	if e.left, err = t.endsOf(ctx, scope, head, m, last, at); err != nil {
		return nil, ends{}, err
	}
	current, err := t.segmentsFrom(ctx, scope, head, last, 0)
	e.marks = marksOf(current)
	return base.list(at), e, err
}

// holds tells whether the state at an instant is that of a delta's end, but for
// what is later in it.
func (m segment) holds(at Instant) bool {
	return m.Index > 0 && Instant(m.After) < at && at <= Instant(m.End)
}

// endsOf reads when versions ended of an epoch that is over: those in it after
// an instant, and those that it left, up to the last epoch.
func (t *Timeline) endsOf(ctx context.Context, scope Scope, head Head, m, last segment, at Instant) ([]map[string]Instant, error) {
	items, err := t.store.Range(ctx, scope.endsQuery(head.birth, m.Epoch))
	if err != nil || len(items) == 0 || items[0].Key != scope.endedKey(head.birth, m.Epoch) {
		return nil, orNone(err)
	}
	marks, err := unpackMarks(Instant(m.Begin), items[0].Body)
	if err != nil {
		return nil, err
	}
	all := []map[string]Instant{endings(at, marks)}
	for epoch, items := m.Epoch+1, items[1:]; epoch < last.Epoch; items = nil {
		if items == nil {
			item, err := t.store.Get(ctx, scope.leftKey(head.birth, epoch-1))
			if err != nil {
				return nil, orNone(ignoreNotFound(err))
			}
			items = []store.Item{item}
		}
		if len(items) == 0 {
			return nil, errNoCheckpoint
		}
		l, err := decodeLeft(items[0])
		if err != nil {
			return nil, err
		}
		if l.Known <= epoch {
			return nil, errNoCheckpoint
		}
		all = append(all, l.ends())
		epoch = l.Known
	}
	return all, nil
}

// segmentsFrom reads the manifests of the last segment's epoch from that on
// which holds an instant; none is missing.
func (t *Timeline) segmentsFrom(ctx context.Context, scope Scope, head Head, last segment, at Instant) ([]segment, error) {
	if last.Index == 0 {
		return nil, nil // nothing has changed since the list
	}
	at = max(at, Instant(last.Begin)+1)
	items, err := t.store.Range(ctx, scope.manifestsFrom(head.birth, at))
	if err != nil {
		return nil, err
	}
	var found []segment
	for _, item := range items {
		m, err := decodeSegment(item)
		if err != nil {
			return nil, err
		}
		if m.Epoch > last.Epoch {
			break // written since
		}
		if len(found) == 0 && Instant(m.After) >= at ||
			len(found) > 0 && m.After != found[len(found)-1].End {
			return nil, errNoCheckpoint
		}
		found = append(found, m)
	}
	if len(found) == 0 || found[len(found)-1].Sequence < last.Sequence {
		return nil, errNoCheckpoint
	}
	return found, nil
}

func marksOf(segments []segment) (marks []mark) {
	for _, m := range segments {
		marks = append(marks, m.ended...)
	}
	return marks
}

// epochUntil reads the data of a segment and of all before it in its epoch.
func (t *Timeline) epochUntil(ctx context.Context, scope Scope, head Head, m segment) (epoch, error) {
	items, err := t.store.Range(ctx, scope.data(head.birth, m))
	if err != nil {
		return nil, err
	}
	return unpackEpoch(items, m)
}

func orNone(err error) error {
	if err != nil {
		return err
	}
	return errNoCheckpoint
}
