package network

import (
	"context"
	"slices"

	"almanac/internal/tenant"
)

type DeletePortInput struct {
	ID UUID `path:"id" doc:"The port's id" example:"3fa85f64-5717-4562-b3fc-2c963f66afa6"`
	Guard
}

// DeletePort closes a port: services no longer listen there.
func (n *Inventory) DeletePort(ctx context.Context, p tenant.Principal, in DeletePortInput) error {
	return n.dropOne(ctx, p, "Port", in.ID, in.Guard, seePort(in.ID), dropPort)
}

func dropPort(h *Host, id string) bool {
	count := len(h.Ports)
	h.Ports = slices.DeleteFunc(h.Ports, func(p Port) bool { return p.ID == id })
	if len(h.Ports) == count {
		return false
	}
	h.dropBindings(func(b Binding) bool { return b.PortID == id })
	return true
}

// dropBindings removes bindings from all services of a host.
func (h *Host) dropBindings(gone func(Binding) bool) {
	for i := range h.Services {
		h.Services[i].Bindings = slices.DeleteFunc(h.Services[i].Bindings, gone)
	}
}
