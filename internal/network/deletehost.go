package network

import (
	"context"
	"errors"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type DeleteHostInput struct {
	ID UUID `path:"id" doc:"The host's id" example:"0d5a4a4e-3c1c-4f5e-9b9f-6a2f1d2c3b4a"`
	Guard
}

// DeleteHost removes a host with its interfaces, ports and services; the past of
// all of them stays.
func (n *Inventory) DeleteHost(ctx context.Context, p tenant.Principal, in DeleteHostInput) error {
	found, err := n.findHost(ctx, p.Workspace, in.ID, nil)
	if err != nil {
		return err
	}
	return faultOf(n.commit(ctx, p, found.NetworkID, func(e *edit) error {
		h, err := e.namedHost(in.ID)
		if err != nil {
			return err
		}
		if err := in.holds(*h); err != nil {
			return err
		}
		return e.remove(h.ID)
	}))
}

// namedHost is host for an id that a request names.
func (e *edit) namedHost(id UUID) (*Host, error) {
	h, err := e.host(string(id))
	if errors.Is(err, timeline.ErrNoSuchDocument) {
		err = notFound("Host", id)
	}
	return h, err
}
