package network

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"almanac/internal/timeline"
)

// inventoryScope has what all networks of a workspace share. It is made with the
// first of that.
func inventoryScope(workspace string) timeline.Scope {
	return timeline.Scope{Directory: "WORKSPACE#" + workspace + "#INVENTORY", ID: "workspace"}
}

// tagsKey is of the one document that has all tags of a workspace, so that their
// names are unique and one read shows them all.
const tagsKey = "tags"

// tags gives the tags of a workspace, now or at an instant.
func (n *Inventory) tags(ctx context.Context, workspace string, at *timeline.Instant) ([]Tag, error) {
	var tags []Tag
	err := n.shared(ctx, workspace, tagsKey, at, &tags)
	return tags, err
}

// shared reads a document of the workspace's into what v points to, which stays
// as it is where there is none.
func (n *Inventory) shared(ctx context.Context, workspace, key string, at *timeline.Instant, v any) error {
	var (
		snapshot timeline.Snapshot
		err      error
	)
	if at == nil {
		snapshot, err = n.timeline.Get(ctx, inventoryScope(workspace), key)
	} else {
		snapshot, err = n.timeline.GetAt(ctx, inventoryScope(workspace), key, *at)
	}
	if errors.Is(err, timeline.ErrNoSuchDocument) || errors.Is(err, timeline.ErrNoSuchScope) {
		return nil
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(snapshot.Body, v)
}

// checkTags refuses ids of tags that the workspace has not got.
func (n *Inventory) checkTags(ctx context.Context, workspace string, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	tags, err := n.tags(ctx, workspace, nil)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if !slices.ContainsFunc(tags, func(t Tag) bool { return t.ID == id }) {
			return invalid("unknown_tag", "there is no tag with the id %s", id)
		}
	}
	return nil
}

// showTags leaves out of each list the tags that there were not, or are not, at
// the instant that is read.
func (n *Inventory) showTags(ctx context.Context, workspace string, at *timeline.Instant, lists ...*[]string) error {
	if !slices.ContainsFunc(lists, func(list *[]string) bool { return len(*list) > 0 }) {
		return nil
	}
	tags, err := n.tags(ctx, workspace, at)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, t := range tags {
		known[t.ID] = true
	}
	for _, list := range lists {
		*list = slices.DeleteFunc(*list, func(id string) bool { return !known[id] })
	}
	return nil
}
