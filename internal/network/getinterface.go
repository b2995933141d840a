package network

import (
	"context"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type GetInterfaceInput struct {
	ID UUID              `path:"id" doc:"The interface's id" example:"9b2e4c1a-6d3f-4b7e-8a5d-2f1c0e9d8b7a"`
	At *timeline.Instant `query:"at" doc:"RFC 3339 instant to read the past at; without it, now"`
}

// GetInterface reads an interface, now or as it was.
func (n *Inventory) GetInterface(ctx context.Context, p tenant.Principal, in GetInterfaceInput) (Interface, error) {
	h, err := n.locate(ctx, p.Workspace, string(in.ID), in.At)
	if err != nil {
		return Interface{}, err
	}
	if h != nil {
		if i := h.networkInterface(string(in.ID)); i != nil {
			return *i, nil
		}
	}
	return Interface{}, notFound("Interface", in.ID)
}
