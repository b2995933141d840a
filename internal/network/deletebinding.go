package network

import (
	"context"
	"slices"

	"almanac/internal/tenant"
)

type DeleteBindingInput struct {
	ID UUID `path:"id" doc:"The binding's id" example:"1b4e28ba-2fa1-41d2-883f-0016d3cca427"`
	Guard
}

// DeleteBinding makes a service no longer listen somewhere, which is free at once.
func (n *Inventory) DeleteBinding(ctx context.Context, p tenant.Principal, in DeleteBindingInput) error {
	return n.dropOne(ctx, p, "Binding", in.ID, in.Guard, seeBinding(in.ID), dropBinding)
}

func dropBinding(h *Host, id string) bool {
	s, b := h.binding(id)
	if b == nil {
		return false
	}
	s.Bindings = slices.DeleteFunc(s.Bindings, func(b Binding) bool { return b.ID == id })
	return true
}
