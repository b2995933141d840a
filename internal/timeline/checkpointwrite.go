package timeline

import (
	"cmp"
	"context"
	"slices"

	"almanac/internal/store"
)

// writeList ends the epoch of the last segment with the list that begins the
// next one.
func (t *Timeline) writeList(ctx context.Context, scope Scope, head Head, last segment) error {
	items, err := t.store.Range(ctx, scope.data(head.birth, last))
	if err != nil {
		return err
	}
	epoch, err := unpackEpoch(items, last)
	if err != nil {
		return err
	}
	at := Instant(last.End)
	m := segment{
		Epoch: last.Epoch + 1, After: last.End, End: last.End, Sequence: last.Sequence, Begin: last.End,
	}
	var entries []entry
	for _, s := range epoch.list(at) {
		entries = append(entries, entry{Snapshot: s})
	}
	m.Live, m.Size, m.Body = weigh(scope, entries)
	data, err := packEntries(entries)
	if err != nil {
		return err
	}
	ops := []store.Op{store.Put(store.Item{
		Key: scope.endedKey(head.birth, last.Epoch), Body: packMarks(Instant(last.Begin), epoch.marks()),
	}, store.Condition{})}
	ends, err := t.endsKnown(ctx, scope, head.birth, last, epoch)
	if err != nil {
		return err
	}
	for _, l := range ends {
		ops = append(ops, store.Put(l.item(scope, head.birth), store.Condition{}))
	}
	return t.writeSegment(ctx, scope, head, last, m, data, ops)
}

// endsKnown gives anew, now that the epoch of the last segment is over, when
// what earlier epochs left ended: of those since which the history has doubled.
func (t *Timeline) endsKnown(ctx context.Context, scope Scope, birth string, last segment, epoch epoch) ([]left, error) {
	if last.Epoch == 0 {
		return nil, nil // nothing was left to it
	}
	known := last.Epoch + 1
	first := left{Epoch: last.Epoch - 1, Begin: last.Begin, Known: known}
	ended := endings(Instant(last.Begin), epoch.marks())
	for _, e := range epoch[0] {
		first.marks = append(first.marks, mark{e.Key, ended[e.Key]})
	}
	all := []left{first}
	for back := int64(2); known-back >= 1; back *= 2 {
		item, err := t.store.Get(ctx, scope.leftKey(birth, known-back-1))
		if store.KindOf(err) == store.NotFound {
			return nil, errNoCheckpoint
		}
		if err != nil {
			return nil, err
		}
		l, err := decodeLeft(item)
		if err != nil {
			return nil, err
		}
		later := all[len(all)-1].ends()
		for i, m := range l.marks {
			if m.at == 0 {
				l.marks[i].at = later[m.key]
			}
		}
		l.Known = known
		all = append(all, l)
	}
	return all, nil
}

// ends is the marks by their keys.
func (l left) ends() map[string]Instant {
	ends := make(map[string]Instant, len(l.marks))
	for _, m := range l.marks {
		ends[m.key] = m.at
	}
	return ends
}

// endings gives of marks in their order the first of each key after an instant.
func endings(after Instant, marks []mark) map[string]Instant {
	first := map[string]Instant{}
	for _, m := range marks {
		if _, seen := first[m.key]; !seen && m.at > after {
			first[m.key] = m.at
		}
	}
	return first
}

// writeSegment writes a segment where the one before it is, the manifest last.
func (t *Timeline) writeSegment(ctx context.Context, scope Scope, head Head, last, m segment, data []byte, also []store.Op) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	guard := store.Check(last.key(scope, head.birth), store.VersionIs(manifestVersion))
	if last.Index == 0 && last.Epoch == 0 {
		guard = store.Check(scope.headKey(), store.VersionIs(head.version))
	}
	var ops []store.Op
	size := 0
	for _, op := range also {
		size += store.Size(op.Item)
	}
	for number, part := range slices.Collect(slices.Chunk(data, partBytes)) {
		if size+len(part) > batchBytes {
			err := t.apply(ctx, append([]store.Op{guard}, ops...), func() (bool, error) { return false, nil })
			if err != nil {
				return err
			}
			ops, size = nil, 0
		}
		size += len(part)
		ops = append(ops, store.Put(store.Item{Key: scope.partKey(head.birth, m.Epoch, m.Index, number), Body: part}, store.Condition{}))
		m.Parts++
	}
	if m.Index == 0 {
		m.List = len(data)
	}
	item := m.item(scope, head.birth)
	m.Bytes += len(data) + store.Size(item)
	item = m.item(scope, head.birth)
	ops = append(append([]store.Op{store.Put(item, store.Absent()), guard}, ops...), also...)
	return t.apply(ctx, ops, func() (bool, error) {
		// Whoever wrote it wrote the same.
		_, err := t.store.Get(ctx, item.Key)
		return err == nil, ignoreNotFound(err)
	})
}

// dropCheckpoints removes all checkpoints. Lists cost more until they are
// written again, and are the same.
func (t *Timeline) dropCheckpoints(ctx context.Context, scope Scope, birth string) error {
	for {
		items, err := t.nextBatch(ctx, scope.checkpoints(birth))
		if err != nil || len(items) == 0 {
			return err
		}
		if err := t.store.Transact(ctx, removal(items)...); err != nil {
			return err
		}
	}
}

// epoch is the entries of its segments, by their index; those of the list are
// none where that is the empty one.
type epoch [][]entry

func unpackEpoch(items []store.Item, m segment) (epoch, error) {
	data, err := joined(items, m)
	if err != nil {
		return nil, err
	}
	e := make(epoch, len(data))
	for i, packed := range data {
		if i == 0 && m.Epoch == 0 {
			continue
		}
		if e[i], err = unpackEntries(packed); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// list is what held at an instant of the epoch, in the order of the keys.
func (e epoch) list(at Instant) []Snapshot {
	held := map[string]Snapshot{}
	for _, segment := range e {
		for _, entry := range segment {
			switch {
			case entry.at() > at:
			case entry.vacates:
				delete(held, entry.Key)
			default:
				held[entry.Key] = entry.Snapshot
			}
		}
	}
	return inOrder(held)
}

func inOrder(held map[string]Snapshot) []Snapshot {
	list := make([]Snapshot, 0, len(held))
	for _, s := range held {
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b Snapshot) int { return cmp.Compare(a.Key, b.Key) })
	return list
}

// marks is all that ended or began in the epoch, in order.
func (e epoch) marks() []mark {
	var marks []mark
	for _, segment := range e[1:] {
		for _, entry := range segment {
			marks = append(marks, mark{entry.Key, entry.at()})
		}
	}
	return marks
}
