package network

import (
	"context"
	"errors"

	"almanac/internal/timeline"
)

// document reads what a scope holds at a key, now or at an instant, and tells
// whether there is something.
func (n *Inventory) document(ctx context.Context, scope timeline.Scope, key string, at *timeline.Instant) (found timeline.Snapshot, ok bool, err error) {
	if at == nil {
		found, err = n.timeline.Get(ctx, scope, key)
	} else {
		found, err = n.timeline.GetAt(ctx, scope, key, *at)
	}
	if errors.Is(err, timeline.ErrNoSuchDocument) || errors.Is(err, timeline.ErrNoSuchScope) {
		return timeline.Snapshot{}, false, nil
	}
	return found, err == nil, err
}
