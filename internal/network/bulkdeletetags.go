package network

import (
	"context"
	"slices"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

// BulkDeleteTags removes tags as DeleteTag does and skips ids of nothing. It does
// so in order, in parts that are each whole; the same request again finishes
// what failed.
func (n *Inventory) BulkDeleteTags(ctx context.Context, p tenant.Principal, in BulkDeleteInput) (BulkDeleted, error) {
	all, err := n.tags(ctx, p.Workspace, nil)
	if err != nil {
		return BulkDeleted{}, err
	}
	ids := slices.DeleteFunc(distinct(in.Body), func(id string) bool { return all.index(id) < 0 })
	deleted := BulkDeleted{RequestedCount: len(in.Body)}
	for part := range slices.Chunk(ids, mostGone) {
		var count int
		if err := n.dropTags(ctx, p, func(all *allTags, at timeline.Instant) (err error) {
			count, err = all.drop(at, part...)
			return err
		}); err != nil {
			return BulkDeleted{}, err
		}
		deleted.DeletedCount += count
	}
	return deleted, nil
}
