package network

import (
	"context"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type GetTagInput struct {
	ID UUID              `path:"id" doc:"The tag's id" example:"3f2504e0-4f89-41d3-9a0c-0305e82c3301"`
	At *timeline.Instant `query:"at" doc:"RFC 3339 instant to read the past at; without it, now"`
}

// GetTag reads a tag, now or as it was.
func (n *Inventory) GetTag(ctx context.Context, p tenant.Principal, in GetTagInput) (Tag, error) {
	all, err := n.tags(ctx, p.Workspace, in.At)
	if err != nil {
		return Tag{}, err
	}
	i := all.index(string(in.ID))
	if i < 0 {
		return Tag{}, notFound("Tag", in.ID)
	}
	return all.tags[i], nil
}
