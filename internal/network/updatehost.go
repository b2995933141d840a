package network

import (
	"context"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type UpdateHostInput struct {
	ID UUID `path:"id" doc:"The host's id" example:"0d5a4a4e-3c1c-4f5e-9b9f-6a2f1d2c3b4a"`
	Guard
	Body HostState
}

// HostState is what a host is to be.
type HostState struct {
	NetworkID *UUID `json:"network_id" doc:"The network it is in, which stays" example:"7c9e6679-7425-40de-944b-e07fc1f90ae7"`
	HostFacts
	HostParts
	ExpectedUpdatedAt *timeline.Instant `json:"expected_updated_at" check:"nullable" doc:"The updated_at of the host that the body was made from: where it is another one by now, nothing is written. What is on the host does not move it; If-Match sees that, too" example:"2026-03-10T09:00:00.123Z"`
}

// UpdateHost makes a host what is sent, and what is on it, all at once: only what
// it comes to is held to the rules. Its id, network, creation and source stay.
func (n *Inventory) UpdateHost(ctx context.Context, p tenant.Principal, in UpdateHostInput) (Host, error) {
	if err := in.Body.HostParts.check(); err != nil {
		return Host{}, err
	}
	found, err := n.findHost(ctx, p.Workspace, in.ID, nil)
	if err != nil {
		return Host{}, err
	}
	if err := in.Body.stays(ctx, n, p.Workspace, found); err != nil {
		return Host{}, err
	}
	if err := n.checkTags(ctx, p.Workspace, in.Body.sentTags(in.Body.HostFacts)); err != nil {
		return Host{}, err
	}
	at := place{found.NetworkID, hostKey(found.ID)}
	brought := in.Body.broughtTo(found)
	if err := in.Body.setOn(found); err != nil {
		return Host{}, err
	}
	if err := found.fits(); err != nil {
		return Host{}, faultOf(err)
	}
	// What goes from the host meanwhile has a pointer to it.
	if err := n.point(ctx, p.Workspace, at, brought...); err != nil {
		return Host{}, err
	}
	var h *Host
	err = n.commit(ctx, p, found.NetworkID, func(e *edit) error {
		var err error
		if h, err = e.namedHost(in.ID); err != nil {
			return err
		}
		if err := in.holds(*h); err != nil {
			return err
		}
		if was := in.Body.ExpectedUpdatedAt; was != nil && *was != h.UpdatedAt {
			return ErrConflict.Detailf("the host was changed at %s, not at %s", h.UpdatedAt, *was)
		}
		brought := in.Body.broughtTo(h)
		if err := in.Body.setOn(h); err != nil {
			return err
		}
		if err := e.checkAddresses(h); err != nil {
			return err
		}
		return n.bring(ctx, p.Workspace, e, at, brought)
	})
	if err != nil {
		return Host{}, n.addressFault(ctx, p.Workspace, err)
	}
	return *h, nil
}

// setOn makes a host what a client said of it and of what is on it.
func (s HostState) setOn(h *Host) error {
	if err := s.HostFacts.setOn(h); err != nil {
		return err
	}
	return s.HostParts.setOn(h)
}

// stays refuses another network than that of a host.
func (s HostState) stays(ctx context.Context, n *Inventory, workspace string, h *Host) error {
	if s.NetworkID == nil || string(*s.NetworkID) == h.NetworkID {
		return nil
	}
	if err := n.checkNetwork(ctx, workspace, *s.NetworkID); err != nil {
		return err
	}
	return invalid("host_on_another_network", "the host %s stays in the network %s", h.ID, h.NetworkID)
}
