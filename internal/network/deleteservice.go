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
	return n.dropOne(ctx, p, "Service", in.ID, in.Guard, seeService(in.ID), dropService)
}

func dropService(h *Host, id string) bool {
	count := len(h.Services)
	h.Services = slices.DeleteFunc(h.Services, func(s Service) bool { return s.ID == id })
	return len(h.Services) < count
}
