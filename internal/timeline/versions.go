package timeline

import (
	"context"
	"iter"

	"almanac/internal/store"
)

// Versions yields all that a key ever held, newest first, the open snapshot
// among it, also of a scope that has ended, and with it what was open. It may be
// another document's than the last. Once it yields an error it ends:
// ErrNoSuchScope, the store's.
//
// It costs a read of the live version, one of the head and those of the closed
// versions as far as they are taken, with their bodies.
func (t *Timeline) Versions(ctx context.Context, scope Scope, key string) iter.Seq2[Snapshot, error] {
	return func(yield func(Snapshot, error) bool) {
		head, err := t.HeadAt(ctx, scope, 0)
		if err != nil {
			yield(Snapshot{}, err)
			return
		}
		if !storableKey(key) {
			return
		}
		open, ok, err := t.live(ctx, scope, key, 0)
		if err != nil {
			yield(Snapshot{}, scope.failed("read the history of", err))
			return
		}
		before := maxInstant
		if ok {
			if head.ended {
				open.Until = head.Updated.At
			}
			if !yield(open.Snapshot, nil) {
				return
			}
			// What closes meanwhile is what was open.
			before = open.From
		}
		for {
			items, err := t.store.Range(ctx, store.Query{
				Partition: scope.closedPartition(key),
				From:      closedPrefix, To: closedPrefix + fixed(int64(before)),
				Reverse: true, Limit: closedChunk,
			})
			if err != nil {
				yield(Snapshot{}, scope.failed("read the history of", err))
				return
			}
			for _, item := range items {
				version, err := decodeClosed(key, item)
				if err != nil {
					yield(Snapshot{}, scope.failed("read the history of", err))
					return
				}
				if !yield(version.Snapshot, nil) {
					return
				}
				before = version.From
			}
			if len(items) < closedChunk {
				return
			}
		}
	}
}
