package catalog

import (
	"context"
	"errors"

	"almanac/internal/store"
	"almanac/internal/timeline"
)

// counted does work whose last transaction also moves the workspace's project
// count, and does it again when the count moved meanwhile.
func (c *Catalog) counted(ctx context.Context, workspace string, by int64, do func(move store.Op) (timeline.Head, error)) (timeline.Head, error) {
	key := projectCountKey(workspace)
	for {
		count, err := c.projectCount(ctx, key)
		if err != nil {
			return timeline.Head{}, err
		}
		if by > 0 && count+by > int64(c.maxProjects) {
			return timeline.Head{}, ErrProjectLimit.Detailf("the workspace may have %d projects", c.maxProjects)
		}
		head, err := do(moveCount(key, count, count+by))
		if refusal, ok := errors.AsType[*store.Error](err); ok && refusal.Kind == store.ConditionFailed && refusal.Key == key {
			continue
		}
		return head, err
	}
}

// projectCount reads how many projects a workspace has.
func (c *Catalog) projectCount(ctx context.Context, key store.Key) (int64, error) {
	item, err := c.store.Get(ctx, key)
	if store.KindOf(err) == store.NotFound {
		return 0, nil
	}
	return item.Version, err
}

func moveCount(key store.Key, was, is int64) store.Op {
	cond := store.VersionIs(was)
	if was == 0 {
		cond = store.Absent()
	}
	if is == 0 {
		return store.Delete(key, cond)
	}
	return store.Put(store.Item{Key: key, Version: is}, cond)
}
