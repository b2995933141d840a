package network

import (
	"context"

	"almanac/internal/tenant"
)

type UpdateInterfaceInput struct {
	ID UUID `path:"id" doc:"The interface's id" example:"9b2e4c1a-6d3f-4b7e-8a5d-2f1c0e9d8b7a"`
	Guard
	Body InterfaceState
}

// InterfaceState is what an interface is to be.
type InterfaceState struct {
	Stays
	InterfaceFacts
	Position *int `json:"position" check:"nullable,minimum=0,maximum=1000000" doc:"Its place on the host, where the others make room and leave no gap: past the last is the last. Without it, as it is"`
}

// UpdateInterface makes an interface what is sent. What binds it goes on to do so.
func (n *Inventory) UpdateInterface(ctx context.Context, p tenant.Principal, in UpdateInterfaceInput) (Interface, error) {
	id := string(in.ID)
	h, err := n.changeOne(ctx, p, "Interface", in.ID, in.Guard, seeInterface(in.ID), func(e *edit, h *Host) error {
		if err := in.Body.on(ctx, n, p.Workspace, h); err != nil {
			return err
		}
		in.Body.setOn(h.networkInterface(id))
		if in.Body.Position != nil {
			h.moveInterface(id, *in.Body.Position)
		}
		return e.checkAddresses(h)
	})
	if err != nil {
		return Interface{}, err
	}
	return *h.networkInterface(id), nil
}
