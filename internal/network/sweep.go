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

// dropTags is editTags for a change that drops some. Its instant is after all that
// was written to the networks until now, whose clocks may be ahead: so what has a
// tag is changed after it got it.
func (n *Inventory) dropTags(ctx context.Context, p tenant.Principal, change func(all *allTags, at timeline.Instant) error) error {
	heads, err := n.timeline.Heads(ctx, networksOf(p.Workspace))
	if err != nil {
		return err
	}
	var last timeline.Instant
	for _, head := range heads {
		last = max(last, head.Updated.At)
	}
	for {
		err := n.editTags(ctx, p, func(all *allTags, at timeline.Instant) error { return change(all, max(at, last+1)) })
		if !errors.Is(err, errNoRoom) {
			return err
		}
		if err := n.sweep(ctx, p); err != nil {
			return faultOf(err)
		}
	}
}

// sweep removes all links to tags that are gone, in parts that are each whole,
// and forgets those tags. What anybody writes meanwhile with a link to one of
// them was written after the tag went, and shows the instant of that.
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
	take := func(*Host, string) bool { return true }
	for len(stale) > 0 {
		some := stale[:nextPart(stale)]
		if err := n.dropFrom(ctx, p, some, take, map[string]bool{}); err != nil {
			return err
		}
		stale = stale[len(some):]
	}
	return n.editTags(ctx, p, func(all *allTags, _ timeline.Instant) error {
		maps.DeleteFunc(all.gone, func(id string, _ timeline.Instant) bool { _, ok := swept.gone[id]; return ok })
		return nil
	})
}
