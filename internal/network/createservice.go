package network

import (
	"context"
	"errors"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
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
	found, err := n.hostFor(ctx, p.Workspace, in.Body.HostID, in.Body.NetworkID)
	if err != nil {
		return Service{}, err
	}
	service := Service{Source: manual}
	if err := in.Body.setOn(&service); err != nil {
		return Service{}, err
	}
	if err := n.checkTags(ctx, p.Workspace, service.Tags); err != nil {
		return Service{}, err
	}
	service.ID = newIDOn(found.ID)
	service.bind(bindings)
	var h *Host
	err = n.commit(ctx, p, found.NetworkID, func(e *edit) error {
		var err error
		if h, err = e.host(found.ID); err != nil {
			return err
		}
		s := service
		s.Position = nextPosition(h.Services)
		s.Bindings = append([]Binding{}, service.Bindings...)
		h.Services = append(h.Services, s)
		return nil
	})
	if errors.Is(err, timeline.ErrNoSuchDocument) {
		return Service{}, notFound("Host", in.Body.HostID)
	}
	if err != nil {
		return Service{}, faultOf(err)
	}
	return *h.service(service.ID), nil
}

// hostFor finds the host that a body names with its network.
func (n *Inventory) hostFor(ctx context.Context, workspace string, id, network UUID) (*Host, error) {
	h, err := n.locate(ctx, workspace, string(id), nil)
	if err != nil {
		return nil, err
	}
	if h == nil || h.ID != string(id) {
		return nil, notFound("Host", id)
	}
	if h.NetworkID != string(network) {
		if err := n.checkNetwork(ctx, workspace, network); err != nil {
			return nil, err
		}
		return nil, invalid("host_on_another_network", "the host %s is not in the network %s", id, network)
	}
	return h, nil
}
