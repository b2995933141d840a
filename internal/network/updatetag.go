package network

import (
	"context"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type UpdateTagInput struct {
	ID UUID `path:"id" doc:"The tag's id" example:"3f2504e0-4f89-41d3-9a0c-0305e82c3301"`
	Guard
	Body TagFacts
}

// UpdateTag makes a tag what is sent. What has it is not changed by that.
func (n *Inventory) UpdateTag(ctx context.Context, p tenant.Principal, in UpdateTagInput) (Tag, error) {
	var is Tag
	err := n.editTags(ctx, p, 0, func(all *allTags, at timeline.Instant) error {
		i := all.index(string(in.ID))
		if i < 0 {
			return notFound("Tag", in.ID)
		}
		was := all.tags[i]
		if err := in.holds(was); err != nil {
			return err
		}
		is = was
		in.Body.setOn(&is)
		stampOne(&is, &was, at)
		all.tags[i] = is
		return all.unique(is)
	})
	return is, err
}
