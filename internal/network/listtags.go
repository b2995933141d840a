package network

import (
	"context"
	"slices"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type ListTagsInput struct {
	TagFilter
	Paging
}

// TagFilter says which tags.
type TagFilter struct {
	Filter
	Search
}

// ListTags gives a page of the tags that a request selects, in the order of
// their creation.
func (n *Inventory) ListTags(ctx context.Context, p tenant.Principal, in ListTagsInput) (List[Tag], error) {
	tags, err := n.selectedTags(ctx, p.Workspace, in.TagFilter)
	if err != nil {
		return List[Tag]{}, err
	}
	return page(tags, in.Paging)
}

// selectedTags gives all tags that a request selects, in its order.
func (n *Inventory) selectedTags(ctx context.Context, workspace string, in TagFilter) ([]Tag, error) {
	all, err := n.tags(ctx, workspace, in.At)
	if err != nil {
		return nil, err
	}
	tags := slices.DeleteFunc(all.tags, func(t Tag) bool { return !among(t.ID, in.IDs) || !in.holds(t.Name) })
	order[Tag]{
		created: byTime(func(t Tag) timeline.Instant { return t.CreatedAt }),
		id:      byText(func(t Tag) string { return t.ID }),
	}.sort(tags)
	return tags, nil
}
