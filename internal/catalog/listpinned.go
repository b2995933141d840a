package catalog

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"almanac/internal/tenant"
)

type ListPinnedInput struct{}

// ListPinned lists the projects that the caller pinned, the newest pin first.
func (c *Catalog) ListPinned(ctx context.Context, p tenant.Principal, _ ListPinnedInput) ([]Project, error) {
	pins, err := c.pins(ctx, p)
	if err != nil {
		return nil, err
	}
	ids := slices.SortedFunc(maps.Keys(pins), func(a, b string) int {
		return cmp.Or(cmp.Compare(pins[b].PinnedAt, pins[a].PinnedAt), cmp.Compare(a, b))
	})
	heads, err := c.pinnedHeads(ctx, p, pins, ids)
	if err != nil {
		return nil, err
	}
	projects := make([]Project, len(heads))
	for i, head := range heads {
		if projects[i], err = projectOf(head, p); err != nil {
			return nil, err
		}
		projects[i].Pinned = true
	}
	return projects, nil
}
