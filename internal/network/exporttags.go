package network

import (
	"context"

	"almanac/internal/tenant"
)

type ExportTagsInput struct{ TagFilter }

// ExportTags gives all tags that a request selects as a table.
func (n *Inventory) ExportTags(ctx context.Context, p tenant.Principal, in ExportTagsInput) (CSV, error) {
	tags, err := n.selectedTags(ctx, p.Workspace, in.TagFilter)
	if err != nil {
		return CSV{}, err
	}
	header := []string{"id", "name", "description", "color", "created_at", "updated_at"}
	return csvOf("tags", header, tags, func(t Tag) []any {
		return []any{t.ID, t.Name, t.Description, t.Color, t.CreatedAt, t.UpdatedAt}
	})
}
