package network

import (
	"context"
	"errors"
	"maps"
	"slices"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

// mostGone is how many tags are remembered that are gone: they are read with the
// others. When there are more, all links to them are removed first.
const mostGone = 250

// errNoRoom is of tags that cannot be remembered any more.
var errNoRoom = errors.New("too many tags are gone")

// drop removes those tags that there are, and counts them, or gives errNoRoom.
func (all *allTags) drop(at timeline.Instant, ids ...string) (int, error) {
	count := 0
	for _, id := range ids {
		if i := all.index(id); i >= 0 {
			all.tags = slices.Delete(all.tags, i, i+1)
			all.gone[id] = at
			count++
		}
	}
	if count > 0 && len(all.gone) > mostGone {
		return 0, errNoRoom
	}
	return count, nil
}

// dropTags is editTags for a change that drops some, after all that has them got them.
func (n *Inventory) dropTags(ctx context.Context, p tenant.Principal, change func(all *allTags, at timeline.Instant) error) error {
	for {
		last, err := n.lastChange(ctx, p.Workspace)
		if err != nil {
			return err
		}
		err = n.editTags(ctx, p, last, change)
		if !errors.Is(err, errNoRoom) {
			return err
		}
		if err := n.sweep(ctx, p); err != nil {
			return faultOf(err)
		}
	}
}

// lastChange is the last instant of all networks that there are or were, whose
// clocks may be ahead of that of the tags.
func (n *Inventory) lastChange(ctx context.Context, workspace string) (last timeline.Instant, err error) {
	heads, err := n.timeline.HeadsAt(ctx, networksOf(workspace), 0)
	for _, head := range heads {
		last = max(last, head.Updated.At)
	}
	return last, err
}

// sweep removes all links to tags that are gone, in parts that are each whole,
// and forgets those tags, later than the last link was removed: up to that instant
// reads of the past learn from it when they went. What anybody writes meanwhile with
// a link to one of them was written after the tag went, and shows the instant of that.
func (n *Inventory) sweep(ctx context.Context, p tenant.Principal) error {
	swept, err := n.tags(ctx, p.Workspace, nil)
	if err != nil {
		return err
	}
	hosts, err := n.surveyHosts(ctx, p.Workspace, "", nil)
	if err != nil {
		return err
	}
	var stale []holder
	for _, h := range hosts {
		if swept.show(linkedOn(h)...) {
			stale = append(stale, holder{h.NetworkID, h.ID, []string{h.ID}})
		}
	}
	heads, err := n.heads(ctx, p.Workspace, "", nil)
	if err != nil {
		return err
	}
	for _, head := range heads {
		network, err := decodeNetwork(p.Workspace, head.ID, head.Created.At, head.Body)
		if err != nil {
			return err
		}
		if !swept.show(network) {
			continue
		}
		_, err = n.changeNetwork(ctx, p, UUID(head.ID), func(*Network) error { return nil })
		if err != nil && !errors.Is(err, timeline.ErrNoSuchScope) {
			return err
		}
	}
	// An edit writes what it takes without such links.
	asIs := alter(func(*Host, string) bool { return false })
	for len(stale) > 0 {
		some := stale[:nextPart(stale)]
		if err := n.onePart(ctx, p, some, asIs.onHolder, nil); err != nil {
			return err
		}
		stale = stale[len(some):]
	}
	last, err := n.lastChange(ctx, p.Workspace)
	if err != nil {
		return err
	}
	return n.editTags(ctx, p, last, func(all *allTags, _ timeline.Instant) error {
		maps.DeleteFunc(all.gone, func(id string, _ timeline.Instant) bool { _, ok := swept.gone[id]; return ok })
		return nil
	})
}
