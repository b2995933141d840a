package network

import (
	"context"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type GetPortInput struct {
	ID UUID              `path:"id" doc:"The port's id" example:"3fa85f64-5717-4562-b3fc-2c963f66afa6"`
	At *timeline.Instant `query:"at" doc:"RFC 3339 instant to read the past at; without it, now"`
}

// GetPort reads a port, now or as it was.
func (n *Inventory) GetPort(ctx context.Context, p tenant.Principal, in GetPortInput) (Port, error) {
	h, err := n.locate(ctx, p.Workspace, string(in.ID), in.At)
	if err != nil {
		return Port{}, err
	}
	if h != nil {
		if port := h.port(string(in.ID)); port != nil {
			return *port, nil
		}
	}
	return Port{}, notFound("Port", in.ID)
}
