package network

import (
	"context"
	"slices"

	"almanac/internal/tenant"
)

type AssignTagsInput struct {
	Body TagAssignment
}

// TagAssignment is all tags that something is to have.
type TagAssignment struct {
	_          struct{}   `shape:"open"`
	EntityType EntityType `json:"entity_type" check:"required,enum=Host|Service|Network" doc:"What it is" example:"Service"`
	EntityID   UUID       `json:"entity_id" check:"required" doc:"Its id; one of nothing is skipped" example:"497f6eca-6276-4993-bfeb-53cbbbba6f08"`
	TagIDs     []UUID     `json:"tag_ids" check:"required,maxItems=100" doc:"Ids of tags, all of which there are; [] clears"`
}

// AssignTags gives something these tags in place of those that it has. Where
// there is no such thing, it does nothing.
func (n *Inventory) AssignTags(ctx context.Context, p tenant.Principal, in AssignTagsInput) error {
	is := distinct(in.Body.TagIDs)
	_, err := n.relink(ctx, p, relinking{in.Body.EntityType, []UUID{in.Body.EntityID}, is, func(was []string) []string {
		if slices.Equal(is, was) {
			return nil
		}
		return slices.Clone(is)
	}})
	return err
}
