package network

import (
	"context"
	"slices"

	"almanac/internal/tenant"
)

type DeleteInterfaceInput struct {
	ID UUID `path:"id" doc:"The interface's id" example:"9b2e4c1a-6d3f-4b7e-8a5d-2f1c0e9d8b7a"`
	Guard
}

// DeleteInterface takes a host out of a subnet. Bindings to the interface go
// with it, those of a port on it too: none becomes one to all interfaces.
func (n *Inventory) DeleteInterface(ctx context.Context, p tenant.Principal, in DeleteInterfaceInput) error {
	return n.dropOne(ctx, p, "Interface", in.ID, in.Guard, seeInterface(in.ID), dropInterface)
}

func dropInterface(h *Host, id string) bool {
	return h.dropInterfaces(func(i Interface) bool { return i.ID == id })
}

// dropInterfaces tells whether there were any.
func (h *Host) dropInterfaces(gone func(Interface) bool) bool {
	ids := map[string]bool{}
	h.Interfaces = slices.DeleteFunc(h.Interfaces, func(i Interface) bool {
		if gone(i) {
			ids[i.ID] = true
		}
		return ids[i.ID]
	})
	h.dropBindings(func(b Binding) bool { return ids[b.InterfaceID] })
	return len(ids) > 0
}
