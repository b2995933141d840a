package network

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

// EntityType is a sort of what tags can be on.
type EntityType string

const (
	HostEntity    EntityType = "Host"
	ServiceEntity EntityType = "Service"
	NetworkEntity EntityType = "Network"
)

// mostLinks is how many tags something can have.
const mostLinks = 100

// relinking is a change of the tags of some things: by tags, what they are to be
// of what they are, or nil where they are to stay.
type relinking struct {
	of   EntityType
	ids  []UUID
	tags []string // that the change names
	is   func(was []string) []string
}

// relink does it in the order of the ids, in parts that are each whole, and
// counts what changed. Ids of nothing are skipped. Where something would have
// too many tags, which is looked for first, nothing is changed.
func (n *Inventory) relink(ctx context.Context, p tenant.Principal, change relinking) (int, error) {
	all, err := n.tags(ctx, p.Workspace, nil)
	if err != nil {
		return 0, err
	}
	if err := all.check(change.tags); err != nil {
		return 0, err
	}
	var full atomic.Pointer[string]
	relink := func(one linked, id string) bool {
		all.show(one)
		tags, _ := one.links()
		is := change.is(*tags)
		if len(is) > mostLinks {
			full.Store(&id)
		}
		if is == nil || full.Load() != nil {
			return false
		}
		*tags = is
		return true
	}
	var count int
	if change.of == NetworkEntity {
		count, err = n.changeNetworks(ctx, p, change.ids, func(network *Network) bool { return relink(network, network.ID) })
	} else {
		count, err = n.alterAll(ctx, p, change.ids, func(h *Host, id string) bool {
			if change.of == HostEntity {
				return h.ID == id && relink(h, id)
			}
			s := h.service(id)
			return s != nil && relink(s, id)
		})
	}
	if id := full.Load(); id != nil {
		return 0, invalid("too_many_tags", "the %s %s would have more than %d tags", strings.ToLower(string(change.of)), *id, mostLinks)
	}
	return count, faultOf(err)
}

// changeNetworks changes networks one after the other, each in a commit of its
// own, and counts those that change changed. It gives all of them to change
// before, and skips ids of nothing.
func (n *Inventory) changeNetworks(ctx context.Context, p tenant.Principal, ids []UUID, change func(*Network) bool) (int, error) {
	heads, err := n.timeline.HeadsOf(ctx, networksOf(p.Workspace), distinct(ids))
	if err != nil {
		return 0, err
	}
	var found []UUID
	for _, head := range heads {
		network, err := decodeNetwork(p.Workspace, head.ID, head.Created.At, head.Body)
		if err != nil {
			return 0, err
		}
		if change(network) {
			found = append(found, UUID(head.ID))
		}
	}
	count := 0
	for _, id := range found {
		var changed bool
		_, err := n.changeNetwork(ctx, p, id, func(network *Network) error {
			changed = change(network)
			return nil
		})
		if errors.Is(err, timeline.ErrNoSuchScope) {
			continue
		}
		if err != nil {
			return count, err
		}
		if changed {
			count++
		}
	}
	return count, nil
}
