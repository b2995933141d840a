package catalog

import (
	"context"
	"encoding/json"
	"fmt"

	"almanac/internal/store"
	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

// maxPins is how many projects a caller pins, so that a list of them stays one
// that can be read at once.
const maxPins = 1000

// pin is a caller's mark on a project. It is an item of its own, which no
// write of the project touches, and may outlive its project.
type pin struct {
	PinnedAt timeline.Instant `json:"pinnedAt"`
	Birth    string           `json:"birth"` // of the project
}

// marks tells whether the pin is on this project, and not on a deleted one that
// had its id.
func (p pin) marks(head timeline.Head) bool { return p.Birth == head.Birth() }

func pinKey(p tenant.Principal, projectID string) store.Key {
	return store.Key{Partition: pinsOf(p.Workspace, p.ID), Sort: projectID}
}

// pinned tells whether the caller pinned a project that is there.
func (c *Catalog) pinned(ctx context.Context, p tenant.Principal, head timeline.Head) (bool, error) {
	item, err := c.store.Get(ctx, pinKey(p, head.ID))
	if store.KindOf(err) == store.NotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	found, err := pinOf(item)
	return found.marks(head), err
}

// pins reads all pins of the caller by the ids of their projects.
func (c *Catalog) pins(ctx context.Context, p tenant.Principal) (map[string]pin, error) {
	items, err := c.store.Range(ctx, store.Query{Partition: pinsOf(p.Workspace, p.ID)})
	if err != nil {
		return nil, err
	}
	pins := make(map[string]pin, len(items))
	for _, item := range items {
		if pins[item.Sort], err = pinOf(item); err != nil {
			return nil, err
		}
	}
	return pins, nil
}

func pinOf(item store.Item) (found pin, err error) {
	if err := json.Unmarshal(item.Body, &found); err != nil {
		return pin{}, fmt.Errorf("pin of %q: %w", item.Sort, err)
	}
	return found, nil
}

// pinnedHeads reads the projects that are pinned and still there, in the order
// of the ids.
func (c *Catalog) pinnedHeads(ctx context.Context, p tenant.Principal, pins map[string]pin, ids []string) ([]timeline.Head, error) {
	heads, err := c.timeline.HeadsOf(ctx, projectsOf(p.Workspace), ids)
	there := heads[:0]
	for _, head := range heads {
		if pins[head.ID].marks(head) {
			there = append(there, head)
		}
	}
	return there, err
}
