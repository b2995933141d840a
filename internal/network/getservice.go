package network

import (
	"context"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type GetServiceInput struct {
	ID UUID              `path:"id" doc:"The service's id" example:"497f6eca-6276-4993-bfeb-53cbbbba6f08"`
	At *timeline.Instant `query:"at" doc:"RFC 3339 instant to read the past at; without it, now"`
}

// GetService reads a service, now or as it was.
func (n *Inventory) GetService(ctx context.Context, p tenant.Principal, in GetServiceInput) (Service, error) {
	h, err := n.locate(ctx, p.Workspace, string(in.ID), in.At)
	if err != nil {
		return Service{}, err
	}
	if h != nil {
		if s := h.service(string(in.ID)); s != nil {
			err = n.showTags(ctx, p.Workspace, in.At, s)
			return *s, err
		}
	}
	return Service{}, notFound("Service", in.ID)
}
