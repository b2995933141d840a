package network

import (
	"context"
	"slices"

	"almanac/internal/tenant"
)

type BulkTagInput struct {
	Body TaggedEntities
}

// TaggedEntities are a tag and what is to have it, or to have it no more.
type TaggedEntities struct {
	_          struct{}   `shape:"open"`
	EntityType EntityType `json:"entity_type" check:"required,enum=Host|Service|Network" doc:"What they all are" example:"Service"`
	EntityIDs  []UUID     `json:"entity_ids" check:"required,minItems=1,maxItems=10000" doc:"Their ids; those of nothing are skipped"`
	TagID      UUID       `json:"tag_id" check:"required" doc:"The tag's id" example:"3f2504e0-4f89-41d3-9a0c-0305e82c3301"`
}

// BulkTagged says what was done with a tag.
type BulkTagged struct {
	AffectedCount int `json:"affected_count" doc:"How many were changed: what was so already does not count"`
}

// BulkAddTag adds a tag to some things. What does not fit one transaction is done
// in order, in parts that are each whole; the same request again finishes it.
func (n *Inventory) BulkAddTag(ctx context.Context, p tenant.Principal, in BulkTagInput) (BulkTagged, error) {
	tag := string(in.Body.TagID)
	count, err := n.relink(ctx, p, relinking{in.Body.EntityType, in.Body.EntityIDs, []string{tag}, func(was []string) []string {
		if slices.Contains(was, tag) {
			return nil
		}
		return append(was, tag)
	}})
	return BulkTagged{count}, err
}
