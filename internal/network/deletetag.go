package network

import (
	"context"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type DeleteTagInput struct {
	ID UUID `path:"id" doc:"The tag's id" example:"3f2504e0-4f89-41d3-9a0c-0305e82c3301"`
	Guard
}

// DeleteTag removes a tag from the workspace and from all that has it, which is
// changed thereby.
func (n *Inventory) DeleteTag(ctx context.Context, p tenant.Principal, in DeleteTagInput) error {
	return n.dropTags(ctx, p, func(all *allTags, at timeline.Instant) error {
		i := all.index(string(in.ID))
		if i < 0 {
			return notFound("Tag", in.ID)
		}
		was := all.tags[i]
		if err := in.holds(was); err != nil {
			return err
		}
		_, err := all.drop(at, string(in.ID))
		return err
	})
}
