package network

import (
	"context"

	"almanac/internal/fault"
	"almanac/internal/tenant"
)

// BulkDeleteNetworks ends networks with everything in them, one after the other
// in the order of their ids, and skips ids of nothing. The same request again
// finishes what failed.
func (n *Inventory) BulkDeleteNetworks(ctx context.Context, p tenant.Principal, in BulkDeleteInput) (BulkDeleted, error) {
	deleted := BulkDeleted{RequestedCount: len(in.Body)}
	heads, err := n.timeline.HeadsOf(ctx, networksOf(p.Workspace), distinct(in.Body))
	if err != nil {
		return deleted, err
	}
	for _, head := range heads {
		err := n.DeleteNetwork(ctx, p, DeleteNetworkInput{ID: UUID(head.ID)})
		if err == nil {
			deleted.DeletedCount++
		} else if fault.Of(err).Kind != fault.NotFound {
			return deleted, err
		}
	}
	return deleted, nil
}
