package network

import (
	"context"

	"almanac/internal/tenant"
)

// BulkDeleteServices removes services with their bindings and skips ids of
// nothing. What does not fit one transaction is removed network by network, else
// in order, in parts that are each whole; the same request again finishes what failed.
func (n *Inventory) BulkDeleteServices(ctx context.Context, p tenant.Principal, in BulkDeleteInput) (BulkDeleted, error) {
	count, err := n.alterAll(ctx, p, in.Body, dropService)
	return BulkDeleted{count, len(in.Body)}, faultOf(err)
}
