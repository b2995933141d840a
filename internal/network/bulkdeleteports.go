package network

import (
	"context"

	"almanac/internal/tenant"
)

// BulkDeletePorts removes ports as BulkDeleteServices does services.
func (n *Inventory) BulkDeletePorts(ctx context.Context, p tenant.Principal, in BulkDeleteInput) (BulkDeleted, error) {
	count, err := n.alterAll(ctx, p, in.Body, dropPort)
	return BulkDeleted{count, len(in.Body)}, faultOf(err)
}
