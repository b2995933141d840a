package network

import (
	"context"
	"errors"
	"slices"
	"strings"

	"almanac/internal/store"
	"almanac/internal/timeline"
)

// locate finds the host that has an id or holds what has it, now or at an
// instant, or gives nil. It costs a read of the pointers and one of the host.
func (n *Inventory) locate(ctx context.Context, workspace, id string, at *timeline.Instant) (*Host, error) {
	places, err := n.placesOf(ctx, workspace, id)
	for err == nil && len(places) > 0 {
		h, err := n.locateIn(ctx, workspace, places, id, at)
		if h == nil && err == nil && at == nil {
			h, err = n.locateAtOnce(ctx, workspace, places, id)
		}
		if h != nil || err != nil {
			return h, err
		}
		// What has gone to another host meanwhile has a pointer to it.
		again, err := n.placesOf(ctx, workspace, id)
		if err != nil || slices.Equal(again, places) {
			return nil, err
		}
		places = again
	}
	return nil, err
}

// locateAtOnce reads the hosts of each network as they were at one instant,
// because what moves from one of them to another one while they are read can be
// missed on both.
func (n *Inventory) locateAtOnce(ctx context.Context, workspace string, places []place, id string) (*Host, error) {
	for len(places) > 0 {
		network, count := places[0].network, 1
		for count < len(places) && places[count].network == network {
			count++
		}
		here := places[:count]
		places = places[count:]
		if count == 1 {
			continue
		}
		head, err := n.timeline.Head(ctx, networkScope(workspace, network))
		if errors.Is(err, timeline.ErrNoSuchScope) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if h, err := n.locateIn(ctx, workspace, here, id, &head.Updated.At); h != nil || err != nil {
			return h, err
		}
	}
	return nil, nil
}

// placesOf are the hosts that may have what has an id, or had it, those of one
// network together.
func (n *Inventory) placesOf(ctx context.Context, workspace, id string) ([]place, error) {
	items, err := n.store.Range(ctx, pointersOf(workspace, id))
	var places []place
	for _, item := range items {
		if p := placeOf(item); strings.HasPrefix(p.key, hostPrefix) {
			places = append(places, p)
		}
	}
	return places, err
}

func (n *Inventory) locateIn(ctx context.Context, workspace string, places []place, id string, at *timeline.Instant) (*Host, error) {
	for _, p := range places {
		hostID, _ := hostIDOf(p.key)
		h, err := n.host(ctx, workspace, p.network, hostID, at)
		if err != nil || h != nil && h.has(id) {
			return h, err
		}
	}
	return nil, nil
}

// host reads a host of a network, now or at an instant, or gives nil.
func (n *Inventory) host(ctx context.Context, workspace, network, id string, at *timeline.Instant) (*Host, error) {
	found, ok, err := n.document(ctx, networkScope(workspace, network), hostKey(id), at)
	if !ok {
		return nil, err
	}
	return decodeHost(network, id, found.Body)
}

// has tells whether an id is the host's or of something on it.
func (h *Host) has(id string) bool {
	if h.ID == id || h.service(id) != nil || h.port(id) != nil || h.networkInterface(id) != nil {
		return true
	}
	_, b := h.binding(id)
	return b != nil
}

func (h *Host) service(id string) *Service {
	for i := range h.Services {
		if h.Services[i].ID == id {
			return &h.Services[i]
		}
	}
	return nil
}

func (h *Host) port(id string) *Port {
	for i := range h.Ports {
		if h.Ports[i].ID == id {
			return &h.Ports[i]
		}
	}
	return nil
}

func (h *Host) networkInterface(id string) *Interface {
	for i := range h.Interfaces {
		if h.Interfaces[i].ID == id {
			return &h.Interfaces[i]
		}
	}
	return nil
}

// binding also gives the service that it is of.
func (h *Host) binding(id string) (*Service, *Binding) {
	for i := range h.Services {
		for j := range h.Services[i].Bindings {
			if h.Services[i].Bindings[j].ID == id {
				return &h.Services[i], &h.Services[i].Bindings[j]
			}
		}
	}
	return nil, nil
}

// point makes ids lead to a document before it holds what has them.
func (n *Inventory) point(ctx context.Context, workspace string, to place, ids ...string) error {
	var pointers []store.Item
	seen := map[store.Key]bool{}
	for _, id := range ids {
		item := pointerTo(workspace, id, to.network, to.key)
		if !seen[item.Key] {
			seen[item.Key] = true
			pointers = append(pointers, item)
		}
	}
	return n.putPointers(ctx, pointers)
}

// putPointers writes pointers with different keys, in parts: they are hints,
// and no harm where the rest does not follow.
func (n *Inventory) putPointers(ctx context.Context, pointers []store.Item) error {
	for some := range slices.Chunk(pointers, store.MaxOps) {
		var ops []store.Op
		for _, item := range some {
			ops = append(ops, store.Put(item, store.Condition{}))
		}
		if err := n.store.Transact(store.Preparing(ctx), ops...); err != nil {
			return err
		}
	}
	return nil
}
