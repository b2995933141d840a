package network

import (
	"context"
	"slices"

	"almanac/internal/tenant"
)

type DeleteServiceInput struct {
	ID UUID `path:"id" doc:"The service's id" example:"497f6eca-6276-4993-bfeb-53cbbbba6f08"`
	Guard
}

// DeleteService removes a service with its bindings; what it bound is free at
// once, and its past stays.
func (n *Inventory) DeleteService(ctx context.Context, p tenant.Principal, in DeleteServiceInput) error {
	return n.dropOne(ctx, p, "Service", in.ID, in.Guard, n.seeService(ctx, p.Workspace, in.ID), dropService)
}

// seeService gives a service of a host as clients see it.
func (n *Inventory) seeService(ctx context.Context, workspace string, id UUID) func(*Host) (tagged, error) {
	return func(h *Host) (tagged, error) {
		s := h.service(string(id))
		if s == nil {
			return nil, nil
		}
		shown := *s
		return shown, n.showTags(ctx, workspace, nil, &shown.Tags)
	}
}

func dropService(h *Host, id string) bool {
	count := len(h.Services)
	h.Services = slices.DeleteFunc(h.Services, func(s Service) bool { return s.ID == id })
	return len(h.Services) < count
}
