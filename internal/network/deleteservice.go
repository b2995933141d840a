package network

import (
	"context"
	"errors"
	"slices"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type DeleteServiceInput struct {
	ID UUID `path:"id" doc:"The service's id" example:"497f6eca-6276-4993-bfeb-53cbbbba6f08"`
}

// DeleteService removes a service with its bindings; what it bound is free at
// once, and its past stays.
func (n *Inventory) DeleteService(ctx context.Context, p tenant.Principal, in DeleteServiceInput) error {
	id := string(in.ID)
	for {
		found, err := n.locate(ctx, p.Workspace, id, nil)
		if err != nil {
			return err
		}
		if found == nil || found.service(id) == nil {
			return notFound("Service", in.ID)
		}
		moved := false
		err = n.commit(ctx, p, found.NetworkID, func(e *edit) error {
			h, err := e.host(found.ID)
			if moved = errors.Is(err, timeline.ErrNoSuchDocument) || err == nil && h.service(id) == nil; moved {
				return nil
			}
			if err != nil {
				return err
			}
			h.Services = slices.DeleteFunc(h.Services, func(s Service) bool { return s.ID == id })
			return nil
		})
		// Who went to another host meanwhile is looked for again.
		if err != nil || !moved {
			return faultOf(err)
		}
	}
}
