package network

import (
	"context"

	"almanac/internal/tenant"
)

type CreateServiceInput struct {
	Body NewService
}

// NewService is a service that is to be.
type NewService struct {
	_         struct{} `name:"NewNetworkService"`
	HostID    UUID     `json:"host_id" check:"required" doc:"The host it is on" example:"0d5a4a4e-3c1c-4f5e-9b9f-6a2f1d2c3b4a"`
	NetworkID UUID     `json:"network_id" check:"required" doc:"The network of that host" example:"7c9e6679-7425-40de-944b-e07fc1f90ae7"`
	ServiceFacts
	Bindings []SentBinding `json:"bindings" check:"maxItems=1000" doc:"Where it listens; without it, nowhere"`
}

// CreateService puts a service on a host, after those that are there.
func (n *Inventory) CreateService(ctx context.Context, p tenant.Principal, in CreateServiceInput) (Service, error) {
	bindings, err := sentBindings("bindings", in.Body.Bindings)
	if err != nil {
		return Service{}, err
	}
	h, id, err := n.addOn(ctx, p, in.Body.HostID, in.Body.NetworkID, func(_ *edit, h *Host, id string) error {
		s := Service{ID: id, Source: manual, Position: nextPosition(h.Services)}
		if err := in.Body.setOn(&s); err != nil {
			return err
		}
		if err := n.checkTags(ctx, p.Workspace, s.Tags); err != nil {
			return err
		}
		s.bind(bindings)
		h.Services = append(h.Services, s)
		return nil
	})
	if err != nil {
		return Service{}, err
	}
	return *h.service(id), nil
}
