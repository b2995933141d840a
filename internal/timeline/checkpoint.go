package timeline

import (
	"context"
	"errors"
	"slices"

	"almanac/internal/store"
)

// pace says how many changes a delta tells of, and how far an epoch goes. Both
// are bounds on what a list at an instant reads: after the last delta a unit for
// each changed key, and of its epoch all. Together with the list itself that
// must stay below what a list of the present reads, which is the size of the
// live versions. The rest is writes: of each version its compressed body once in
// a delta, and a share of each list.
type pace struct {
	least, most int // changes that a delta tells of
	slack       int // bytes of deltas that every epoch may have
}

var usualPace = pace{least: 16, most: 64, slack: 16 << 10}

// Above any of these there are no more checkpoints: no answer holds such a list,
// and no item when its versions ended.
const (
	mostListed      = 10_000   // documents
	mostListedBytes = 32 << 20 // of their bodies
)

// mostDeltas is how many an epoch has, so that one item holds what ended in it.
const mostDeltas = 256

// unit is what a read unit reads, in bytes, and logged about what a change has
// in the log.
const (
	unit   = 4 << 10
	logged = 400
)

// room is by how many bytes the list is smaller than the live versions.
func (m segment) room() int { return max(m.Live*m.Size-m.List, 0) }

// changes is how many the delta after m tells of.
func (p pace) changes(m segment) int { return min(max(m.room()/unit/3, p.least), p.most) }

// over tells whether the epoch ends with m.
func (p pace) over(m segment) bool {
	newest := p.changes(m) * (unit + logged)
	older := 8*unit + m.Live*80 // manifests, and when what was left to later epochs ended
	allowed := min(2*m.List, m.room()-max(newest, older))
	return m.Index >= mostDeltas || m.Bytes-m.List > max(allowed, m.room()/4, p.slack)
}

// checkpoint writes the checkpoints that are due. It is no part of any request:
// Maintain calls it. Who calls it with a head that is not the last one, or while
// others do, does no harm; where it is interrupted the next call goes on.
func (t *Timeline) checkpoint(ctx context.Context, scope Scope, head Head) error {
	return t.checkpointAt(ctx, scope, head, usualPace)
}

func (t *Timeline) checkpointAt(ctx context.Context, scope Scope, head Head, p pace) error {
	for lost := 0; lost < mostLost; {
		more, err := t.nextSegment(ctx, scope, head, p)
		if _, moved := condition(err); moved {
			// Another wrote it, or removed the one before, or a first one
			// met a commit.
			if err = store.Pause(ctx, lost); err == nil {
				head, err = t.Head(ctx, scope)
			}
			lost++
		} else if errors.Is(err, errNoCheckpoint) {
			err = t.dropCheckpoints(ctx, scope, head.birth)
			lost++
		} else if err == nil && !more {
			return nil
		}
		if errors.Is(err, ErrNoSuchScope) {
			return nil
		}
		if err != nil {
			return scope.failed("write a checkpoint of", err)
		}
	}
	return nil
}

// mostLost is how often a segment is begun again because of what others do at
// the same time; then it is left to them, or to the next call.
const mostLost = 8

// nextSegment writes one segment, where one is due.
func (t *Timeline) nextSegment(ctx context.Context, scope Scope, head Head, p pace) (more bool, err error) {
	last, err := t.lastSegment(ctx, scope, head.birth)
	if err != nil && !errors.Is(err, errNoCheckpoint) {
		return false, err
	}
	switch {
	case head.Live > mostListed, last.Live*max(last.Body, last.Size) > mostListedBytes:
		return false, nil
	case last.Index > 0 && p.over(last):
		return true, t.writeList(ctx, scope, head, last)
	case head.Sequence-last.Sequence >= int64(p.changes(last)):
		return true, t.writeDelta(ctx, scope, head, last, p.changes(last))
	}
	return false, nil
}

// lastSegment gives the newest manifest, or errNoCheckpoint.
func (t *Timeline) lastSegment(ctx context.Context, scope Scope, birth string) (segment, error) {
	query := scope.manifestsFrom(birth, 0)
	query.Reverse, query.Limit = true, 1
	items, err := t.store.Range(ctx, query)
	if err != nil {
		return segment{}, err
	}
	if len(items) == 0 {
		return segment{}, errNoCheckpoint
	}
	return decodeSegment(items[0])
}

// writeDelta writes what changed after a segment: some changes, and all others
// of the last one's instant.
func (t *Timeline) writeDelta(ctx context.Context, scope Scope, head Head, last segment, changes int) error {
	events, open, err := t.eventsAfter(ctx, scope, head, last.Sequence, changes)
	if err != nil {
		return err
	}
	entries, err := t.entriesOf(ctx, scope, events, open)
	if err != nil {
		return err
	}
	m := segment{
		Epoch: last.Epoch, Index: last.Index + 1, After: last.End, End: millis(events[len(events)-1].At),
		Sequence: last.Sequence + int64(len(events)), Begin: last.Begin,
		Parts: last.Parts, Bytes: last.Bytes, List: last.List, Live: last.Live,
	}
	for _, e := range events {
		switch e.Type {
		case Create:
			m.Live++
		case Delete:
			m.Live--
		}
	}
	for _, e := range entries {
		m.ended = append(m.ended, mark{e.Key, e.at()})
	}
	n, size, body := weigh(scope, entries)
	m.Size = (last.Size*last.Live + size*n) / max(last.Live+n, 1)
	m.Body = (last.Body*last.Live + body*n) / max(last.Live+n, 1)
	data, err := packEntries(entries)
	if err != nil {
		return err
	}
	return t.writeSegment(ctx, scope, head, last, m, data, nil)
}

// weighed is how many versions tell what the store holds of one. It takes
// compressing them to know.
const weighed = 8

// weigh gives how many versions are in entries, what the store holds of one as
// the live version, and how long its body is, both on average.
func weigh(scope Scope, entries []entry) (n, size, body int) {
	versions := slices.DeleteFunc(slices.Clone(entries), func(e entry) bool { return e.vacates })
	n = len(versions)
	if n == 0 {
		return 0, 0, 0
	}
	some := min(n, weighed)
	for i := range some {
		s := versions[i*n/some].Snapshot
		size += store.Size(live{Snapshot: s, since: s.From}.item(scope))
	}
	for _, e := range versions {
		body += len(e.Body)
	}
	return n, size / some, body / n
}

// eventsAfter gives some events after the first sequence ones, and all others of
// the last one's instant. It also tells which keys no later event is about, as
// far as the log goes: that is all of them where it ends with these.
func (t *Timeline) eventsAfter(ctx context.Context, scope Scope, head Head, sequence int64, some int) (events []Event, open map[string]bool, err error) {
	open = map[string]bool{}
	from := fixed(sequence + 1)
	for {
		items, err := t.store.Range(ctx, store.Query{
			Partition: scope.logPartition(), From: from, To: logBound(head.Sequence, head.Revision+1), Limit: some + 1,
		})
		if err != nil {
			return nil, nil, err
		}
		for _, item := range items {
			record, err := ReadRecord(item)
			if err != nil {
				return nil, nil, err
			}
			if len(events) >= some && len(record.Events) > 0 && record.At != events[len(events)-1].At {
				return events, nil, nil
			}
			events = append(events, record.Events...)
		}
		if len(items) <= some {
			break
		}
		from = items[some].Sort + "!"
	}
	if len(events) == 0 {
		return nil, nil, t.gap(ctx, scope, "event", sequence+1)
	}
	for _, e := range events {
		open[e.PreviousKey], open[e.Key] = false, e.Type != Delete
	}
	return events, open, nil
}

// entriesOf reads the versions that events began.
func (t *Timeline) entriesOf(ctx context.Context, scope Scope, events []Event, open map[string]bool) ([]entry, error) {
	var entries []entry
	last := map[string]int{}
	vacate := func(key string, at Instant) {
		entries = append(entries, entry{Snapshot{Key: key, Until: at}, true})
		last[key] = len(entries) - 1
	}
	for _, e := range events {
		if e.PreviousKey != "" {
			vacate(e.PreviousKey, e.At)
		}
		if e.Type == Delete {
			vacate(e.Key, e.At)
			continue
		}
		entries = append(entries, entry{Snapshot: Snapshot{Key: e.Key, From: e.At}})
		last[e.Key] = len(entries) - 1
	}
	err := each(len(entries), func(i int) (err error) {
		if e := &entries[i]; !e.vacates {
			e.Snapshot, err = t.version(ctx, scope, e.Key, e.From, open[e.Key] && last[e.Key] == i)
			e.Until = 0
		}
		return err
	})
	return entries, err
}

// version gives the version that began at a key at an instant, of which the log
// tells. It costs one read where open says rightly whether it is live.
func (t *Timeline) version(ctx context.Context, scope Scope, key string, from Instant, open bool) (found Snapshot, err error) {
	err = t.fenced(ctx, scope, 0, func() error {
		found, err = t.versionNow(ctx, scope, key, from, open)
		return err
	})
	return found, err
}

func (t *Timeline) versionNow(ctx context.Context, scope Scope, key string, from Instant, open bool) (Snapshot, error) {
	for range 3 { // a commit may close it between the first two
		if open {
			item, err := t.store.Get(ctx, scope.liveKey(key))
			if ignoreNotFound(err) != nil {
				return Snapshot{}, err
			}
			if err == nil {
				found, err := decodeLive(item)
				if err != nil || found.From == from {
					return found.Snapshot, err
				}
			}
		} else {
			item, err := t.store.Get(ctx, scope.closedKey(key, from))
			if ignoreNotFound(err) != nil {
				return Snapshot{}, err
			}
			if err == nil {
				found, err := decodeClosed(key, item)
				return found.Snapshot, err
			}
		}
		open = !open
	}
	return Snapshot{}, t.gap(ctx, scope, "the version of "+key+" from", int64(from))
}
