package timeline

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"almanac/internal/store"
)

// Maintain does what a scope needs and no request waits for: it writes the
// checkpoints that are due, and removes what is left of a scope that was
// deleted, and of a draft whose writer is gone. It looks
// only at what there is, so it can be called at any time, by any number at
// once, and again after it was interrupted. No error means that nothing is left
// to do now.
func (t *Timeline) Maintain(ctx context.Context, scope Scope) error {
	if !scope.storable() {
		return nil
	}
	head, err := t.readHead(ctx, scope)
	switch {
	case store.KindOf(err) == store.NotFound:
		return nil
	case err != nil:
	case head.deleting:
		err = t.removeAll(ctx, scope, head)
	case head.lease > t.instantAfter(0):
	case head.lease != 0:
		err = t.discard(ctx, scope, head)
	default:
		return t.checkpoint(ctx, scope, head)
	}
	if err != nil {
		return scope.failed("maintain", err)
	}
	return nil
}

// LogOf gives the scope whose log a key lies in. Every commit puts an item
// there, and so tells which scopes may need Maintain.
func LogOf(key store.Key) (Scope, bool) { return logScope(key.Partition) }

// Hidden is a scope that somebody has to remove.
type Hidden struct {
	Scope Scope
	// Overdue is when it is Maintain's turn to finish what others, a request
	// or another Maintain, have under way until then.
	Overdue Instant
}

// Pending lists all hidden scopes: the drafts and what is being deleted. Each has an
// item in one partition, which comes and goes in the transactions that hide
// and reveal or remove it.
func (t *Timeline) Pending(ctx context.Context) ([]Hidden, error) {
	items, err := t.store.Range(ctx, store.Query{Partition: pendingPartition})
	if err != nil {
		return nil, Scope{ID: pendingPartition}.failed("list", err)
	}
	hidden := make([]Hidden, 0, len(items))
	for _, item := range items {
		scope, ok := pendingScope(item.Sort)
		overdue, err := strconv.ParseInt(string(item.Body), 10, 64)
		if !ok || err != nil {
			return nil, damaged(item, errors.New("no item of a hidden scope"))
		}
		hidden = append(hidden, Hidden{scope, Instant(overdue)})
	}
	return hidden, nil
}

// No scope has this partition: those of scopes have three parts.
const pendingPartition = "S#PENDING"

func (s Scope) pendingKey() store.Key {
	return store.Key{Partition: pendingPartition, Sort: s.partition()}
}

func (s Scope) pendingItem(overdue Instant) store.Item {
	return store.Item{Key: s.pendingKey(), Body: strconv.AppendInt(nil, int64(overdue), 10)}
}

func pendingScope(sort string) (Scope, bool) {
	parts := strings.Split(sort, "#")
	if len(parts) != 3 || parts[0] != "S" {
		return Scope{}, false
	}
	return Scope{unescape(parts[1]), unescape(parts[2])}, true
}
