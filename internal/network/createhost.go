package network

import (
	"context"

	"almanac/internal/fault"
	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type CreateHostInput struct {
	Body NewHost
}

// NewHost is a host that is to be, with what is on it.
type NewHost struct {
	NetworkID UUID `json:"network_id" check:"required" doc:"The network it is in" example:"7c9e6679-7425-40de-944b-e07fc1f90ae7"`
	HostFacts
	HostParts
}

// host is a new one as it is sent.
func (in NewHost) host(id string) (*Host, error) {
	h := &Host{BareHost: BareHost{ID: id, NetworkID: string(in.NetworkID), Source: manual}, Interfaces: []Interface{}, Ports: []Port{}, Services: []Service{}}
	if err := in.HostFacts.setOn(h); err != nil {
		return nil, err
	}
	return h, in.HostParts.setOn(h)
}

// CreateHost puts a host into a network with all that is sent to be on it, where
// bindings name what is sent with them.
func (n *Inventory) CreateHost(ctx context.Context, p tenant.Principal, in CreateHostInput) (Host, error) {
	if err := in.Body.HostParts.check(); err != nil {
		return Host{}, err
	}
	id := newID()
	h, err := in.Body.host(id)
	if err == nil {
		err = h.fits()
	}
	if err != nil {
		return Host{}, faultOf(err)
	}
	if err := n.checkTags(ctx, p.Workspace, in.Body.sentTags(in.Body.HostFacts)); err != nil {
		return Host{}, err
	}
	at := place{string(in.Body.NetworkID), hostKey(id)}
	brought := in.Body.sentIDs()
	pointed := append([]string{id}, brought...)
	if err := n.point(ctx, p.Workspace, at, pointed...); err != nil {
		return Host{}, err
	}
	err = n.commit(ctx, p, at.network, func(e *edit) error {
		var err error
		if h, err = in.Body.host(id); err != nil {
			return err
		}
		e.add(h)
		if err := e.checkAddresses(h); err != nil {
			return err
		}
		return n.bring(ctx, p.Workspace, e, at, brought)
	})
	if err == nil {
		return *h, nil
	}
	err = n.addressFault(ctx, p.Workspace, err)
	if kind := fault.Of(err).Kind; kind == fault.Invalid || kind == fault.NotFound {
		// Whoever sends the same ids again and again leaves no trail. Where
		// this fails, pointers to nothing are no harm.
		_ = n.unpoint(ctx, p.Workspace, at, pointed...)
	}
	return Host{}, err
}

// fits refuses a host that is too large to be stored whatever its ids and times
// are going to be.
func (h *Host) fits() error {
	body, err := encodeHost(h)
	if err == nil && len(body) > timeline.MaxBody {
		err = timeline.ErrTooLarge
	}
	return err
}
