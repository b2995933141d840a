package network

import (
	"context"

	"almanac/internal/tenant"
)

// BulkDeleteBindings removes bindings as BulkDeleteServices does services.
func (n *Inventory) BulkDeleteBindings(ctx context.Context, p tenant.Principal, in BulkDeleteInput) (BulkDeleted, error) {
	count, err := n.alterAll(ctx, p, in.Body, dropBinding)
	return BulkDeleted{count, len(in.Body)}, faultOf(err)
}
