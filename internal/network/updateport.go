package network

import (
	"context"

	"almanac/internal/tenant"
)

type UpdatePortInput struct {
	ID UUID `path:"id" doc:"The port's id" example:"3fa85f64-5717-4562-b3fc-2c963f66afa6"`
	Guard
	Body PortState
}

// PortState is what a port is to be.
type PortState struct {
	Stays
	PortFacts
}

// UpdatePort makes a port what is sent. What binds it goes on to do so.
func (n *Inventory) UpdatePort(ctx context.Context, p tenant.Principal, in UpdatePortInput) (Port, error) {
	h, err := n.changeOne(ctx, p, "Port", in.ID, in.Guard, seePort(in.ID), func(_ *edit, h *Host) error {
		if err := in.Body.on(ctx, n, p.Workspace, h); err != nil {
			return err
		}
		port := h.port(string(in.ID))
		port.Number, port.Protocol = in.Body.Number, in.Body.Protocol
		return nil
	})
	if err != nil {
		return Port{}, err
	}
	return *h.port(string(in.ID)), nil
}
