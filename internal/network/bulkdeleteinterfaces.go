package network

import (
	"context"

	"almanac/internal/tenant"
)

// BulkDeleteInterfaces removes interfaces as BulkDeleteServices does services.
func (n *Inventory) BulkDeleteInterfaces(ctx context.Context, p tenant.Principal, in BulkDeleteInput) (BulkDeleted, error) {
	count, err := n.alterAll(ctx, p, in.Body, dropInterface)
	return BulkDeleted{count, len(in.Body)}, faultOf(err)
}
