package network

import (
	"context"
	"errors"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

// addOn puts something on the host that a body names with its network, and gives
// the host as it is then. What it puts there has the id that add is given.
func (n *Inventory) addOn(ctx context.Context, p tenant.Principal, host, network UUID, add func(e *edit, h *Host, id string) error) (h *Host, id string, err error) {
	found, err := n.hostFor(ctx, p.Workspace, host, network)
	if err != nil {
		return nil, "", err
	}
	id = newIDOn(found.ID)
	err = n.commit(ctx, p, found.NetworkID, func(e *edit) error {
		var err error
		if h, err = e.host(found.ID); err != nil {
			return err
		}
		return add(e, h, id)
	})
	if errors.Is(err, timeline.ErrNoSuchDocument) {
		err = notFound("Host", host)
	}
	return h, id, n.addressFault(ctx, p.Workspace, err)
}

// hostFor finds the host that a body names with its network.
func (n *Inventory) hostFor(ctx context.Context, workspace string, id, network UUID) (*Host, error) {
	h, err := n.locate(ctx, workspace, string(id), nil)
	if err != nil {
		return nil, err
	}
	if h == nil || h.ID != string(id) {
		return nil, notFound("Host", id)
	}
	if h.NetworkID != string(network) {
		if err := n.checkNetwork(ctx, workspace, network); err != nil {
			return nil, err
		}
		return nil, invalid("host_on_another_network", "the host %s is not in the network %s", id, network)
	}
	return h, nil
}

// changeOne changes one thing on the host that has it, while the guard allows it,
// and gives the host as it is then. See gives it as clients see it.
func (n *Inventory) changeOne(ctx context.Context, p tenant.Principal, kind string, id UUID, guard Guard, see func(*Host) tagged, change func(e *edit, h *Host) error) (*Host, error) {
	for {
		found, err := n.locate(ctx, p.Workspace, string(id), nil)
		if err != nil {
			return nil, err
		}
		if found == nil || see(found) == nil {
			return nil, notFound(kind, id)
		}
		var h *Host
		err = n.commit(ctx, p, found.NetworkID, func(e *edit) error {
			h = nil
			there, err := e.host(found.ID)
			if errors.Is(err, timeline.ErrNoSuchDocument) {
				return nil
			}
			if err != nil {
				return err
			}
			seen := see(there)
			if seen == nil {
				return nil
			}
			if err := guard.holds(seen); err != nil {
				return err
			}
			h = there
			return change(e, h)
		})
		if err != nil {
			return nil, n.addressFault(ctx, p.Workspace, err)
		}
		// What has gone to another host meanwhile is looked for again.
		if h != nil {
			return h, nil
		}
	}
}

// dropOne removes one thing from the host that has it, while the guard allows it.
// See gives it as clients see it.
func (n *Inventory) dropOne(ctx context.Context, p tenant.Principal, kind string, id UUID, guard Guard, see func(*Host) tagged, drop alter) error {
	_, err := n.changeOne(ctx, p, kind, id, guard, see, func(_ *edit, h *Host) error {
		drop(h, string(id))
		return nil
	})
	return err
}

// Stays is where something is, in the body of what cannot move it.
type Stays struct {
	HostID    *UUID `json:"host_id" doc:"The host it is on, which stays" example:"0d5a4a4e-3c1c-4f5e-9b9f-6a2f1d2c3b4a"`
	NetworkID *UUID `json:"network_id" doc:"The network of that host, which stays" example:"7c9e6679-7425-40de-944b-e07fc1f90ae7"`
}

// on refuses other places than a host, and ids of nothing first.
func (s Stays) on(ctx context.Context, n *Inventory, workspace string, h *Host) error {
	stays := true
	if s.HostID != nil && string(*s.HostID) != h.ID {
		if _, err := n.findHost(ctx, workspace, *s.HostID, nil); err != nil {
			return err
		}
		stays = false
	}
	if s.NetworkID != nil && string(*s.NetworkID) != h.NetworkID {
		if err := n.checkNetwork(ctx, workspace, *s.NetworkID); err != nil {
			return err
		}
		stays = false
	}
	if stays {
		return nil
	}
	return invalid("stays_on_host", "what is on the host %s stays there", h.ID)
}
