package network

import (
	"context"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type GetBindingInput struct {
	ID UUID              `path:"id" doc:"The binding's id" example:"1b4e28ba-2fa1-41d2-883f-0016d3cca427"`
	At *timeline.Instant `query:"at" doc:"RFC 3339 instant to read the past at; without it, now"`
}

// GetBinding reads a binding, now or as it was.
func (n *Inventory) GetBinding(ctx context.Context, p tenant.Principal, in GetBindingInput) (Binding, error) {
	h, err := n.locate(ctx, p.Workspace, string(in.ID), in.At)
	if err != nil {
		return Binding{}, err
	}
	if h != nil {
		if _, b := h.binding(string(in.ID)); b != nil {
			return *b, nil
		}
	}
	return Binding{}, notFound("Binding", in.ID)
}
