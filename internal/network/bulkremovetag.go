package network

import (
	"context"
	"slices"

	"almanac/internal/tenant"
)

// BulkRemoveTag removes a tag from some things, in parts as BulkAddTag adds it.
func (n *Inventory) BulkRemoveTag(ctx context.Context, p tenant.Principal, in BulkTagInput) (BulkTagged, error) {
	tag := string(in.Body.TagID)
	count, err := n.relink(ctx, p, relinking{in.Body.EntityType, in.Body.EntityIDs, []string{tag}, func(was []string) []string {
		if i := slices.Index(was, tag); i >= 0 {
			return slices.Delete(was, i, i+1)
		}
		return nil
	}})
	return BulkTagged{count}, err
}
