package timeline

import (
	"context"

	"almanac/internal/store"
)

// FormerKeys gives the keys that a snapshot's document had before it, and that
// no other document has held since, up to an instant at which the snapshot
// holds; the last one is first. Errors: ErrNoSuchScope, the store's.
//
// A document that was never renamed costs a read of its live version. Each
// rename costs a few reads more, and where its key was taken again meanwhile,
// by anybody, also the versions that the document had there.
func (t *Timeline) FormerKeys(ctx context.Context, scope Scope, s Snapshot, at Instant) (keys []string, err error) {
	err = t.fenced(ctx, scope, at, func() error {
		keys, err = t.formerKeys(ctx, scope, s, at)
		return err
	})
	return keys, err
}

func (t *Timeline) formerKeys(ctx context.Context, scope Scope, s Snapshot, at Instant) ([]string, error) {
	var keys []string
	looked := map[string]bool{s.Key: true}
	here := Place{s.DocumentID, s.Key, s.From + 1}
	for {
		first, err := t.arrival(ctx, scope, here)
		if err != nil {
			return nil, err
		}
		if first.previous == "" {
			return keys, nil
		}
		here.Key, here.Before = first.previous, first.From
		if looked[here.Key] {
			continue
		}
		looked[here.Key] = true
		last, err := t.lastHeld(ctx, scope, here.Key, at)
		if err != nil {
			return nil, err
		}
		if last.DocumentID == s.DocumentID {
			keys = append(keys, here.Key)
		}
	}
}

// arrival finds the version by which a document took a key that it held just
// before an instant.
func (t *Timeline) arrival(ctx context.Context, scope Scope, was Place) (closed, error) {
	open, ok, err := t.live(ctx, scope, was.Key, maxInstant)
	if err != nil {
		return closed{}, scope.failed("read", err)
	}
	if ok && open.DocumentID == was.DocumentID && open.since < was.Before {
		if open.since == open.Created.At {
			return closed{Snapshot: open.Snapshot}, nil // it was created at the key
		}
		if open.From == open.since {
			return closed{open.Snapshot, open.previous}, nil
		}
		return t.arrivalSince(ctx, scope, was, open.since)
	}
	vacated, ok, err := t.vacated(ctx, scope, was.Key)
	if err != nil {
		return closed{}, err
	}
	if ok && vacated.DocumentID == was.DocumentID && Instant(vacated.Since) < was.Before {
		return t.arrivalSince(ctx, scope, was, Instant(vacated.Since))
	}
	for {
		versions, err := t.closedBefore(ctx, scope, was, closedChunk)
		if err != nil {
			return closed{}, err
		}
		for _, v := range versions {
			if v.previous != "" || v.From == v.Created.At {
				return v, nil
			}
			was.Before = v.From
		}
	}
}

// arrivalSince is arrival where it is known when that was.
func (t *Timeline) arrivalSince(ctx context.Context, scope Scope, was Place, since Instant) (closed, error) {
	was.Before = since + 1
	versions, err := t.closedBefore(ctx, scope, was, 1)
	if err != nil {
		return closed{}, err
	}
	return versions[0], nil
}

// closedBefore gives the last versions that a document had at a key before an
// instant, one at least.
func (t *Timeline) closedBefore(ctx context.Context, scope Scope, was Place, limit int) ([]closed, error) {
	items, err := t.store.Range(ctx, store.Query{
		Partition: scope.closedPartition(was.Key),
		From:      closedPrefix, To: closedPrefix + fixed(int64(was.Before)),
		Reverse: true, Limit: limit,
	})
	if err != nil {
		return nil, scope.failed("read the history of", err)
	}
	var versions []closed
	for _, item := range items {
		v, err := decodeClosed(was.Key, item)
		if err != nil {
			return nil, scope.failed("read the history of", err)
		}
		if v.DocumentID != was.DocumentID {
			break
		}
		versions = append(versions, v)
	}
	if versions == nil {
		return nil, t.lost(ctx, scope, was)
	}
	return versions, nil
}

// lastHeld is what a key held at an instant, or else last before it. The key
// held something by then.
func (t *Timeline) lastHeld(ctx context.Context, scope Scope, key string, at Instant) (Snapshot, error) {
	open, ok, err := t.live(ctx, scope, key, maxInstant)
	if err == nil && ok && open.From <= at {
		return open.Snapshot, nil
	}
	// What is not live any more was closed before, so that it is seen now.
	var items []store.Item
	if err == nil {
		items, err = t.store.Range(ctx, scope.floor(key, at))
	}
	if err != nil {
		return Snapshot{}, scope.failed("read the history of", err)
	}
	if len(items) == 0 {
		return Snapshot{}, t.lost(ctx, scope, Place{Key: key, Before: at})
	}
	v, err := decodeClosed(key, items[0])
	if err != nil {
		return Snapshot{}, scope.failed("read the history of", err)
	}
	return v.Snapshot, nil
}
