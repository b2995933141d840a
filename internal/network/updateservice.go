package network

import (
	"context"
	"errors"
	"slices"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type UpdateServiceInput struct {
	ID UUID `path:"id" doc:"The service's id" example:"497f6eca-6276-4993-bfeb-53cbbbba6f08"`
	Guard
	Body ServiceState
}

// ServiceState is what a service is to be.
type ServiceState struct {
	HostID    UUID `json:"host_id" check:"required" doc:"The host it is on; another one of the network, and the service moves there" example:"0d5a4a4e-3c1c-4f5e-9b9f-6a2f1d2c3b4a"`
	NetworkID UUID `json:"network_id" check:"required" doc:"The network of that host, which stays" example:"7c9e6679-7425-40de-944b-e07fc1f90ae7"`
	ServiceFacts
	Bindings []SentBinding `json:"bindings" check:"required,maxItems=1000" doc:"Where it listens: those left out are no more"`
	Position *int          `json:"position" check:"nullable,minimum=0,maximum=1000000" doc:"Its place on the host; where another one has it, that one and its followers make room. Without it, as it is"`
}

// UpdateService makes a service what is sent. Its id, creation and source stay.
func (n *Inventory) UpdateService(ctx context.Context, p tenant.Principal, in UpdateServiceInput) (Service, error) {
	bindings, err := sentBindings("bindings", in.Body.Bindings)
	if err != nil {
		return Service{}, err
	}
	for {
		from, err := n.locate(ctx, p.Workspace, string(in.ID), nil)
		if err != nil {
			return Service{}, err
		}
		if from == nil || from.service(string(in.ID)) == nil {
			return Service{}, notFound("Service", in.ID)
		}
		to, err := n.destination(ctx, p.Workspace, from, in)
		if err != nil {
			return Service{}, err
		}
		if err := n.checkTags(ctx, p.Workspace, distinct(in.Body.Tags)); err != nil {
			return Service{}, err
		}
		updated, err := n.replaceService(ctx, p, from, to, in, bindings)
		if err != nil {
			return Service{}, faultOf(err)
		}
		// Who went to another host meanwhile is looked for again.
		if updated != nil {
			return *updated, nil
		}
	}
}

// destination is the host on which a service is to be. Where that is another
// one, what the service keeps leads there, too, from now on.
func (n *Inventory) destination(ctx context.Context, workspace string, from *Host, in UpdateServiceInput) (*Host, error) {
	if from.ID == string(in.Body.HostID) && from.NetworkID == string(in.Body.NetworkID) {
		return from, nil
	}
	to, err := n.hostFor(ctx, workspace, in.Body.HostID, in.Body.NetworkID)
	if err != nil {
		return nil, err
	}
	if to.NetworkID != from.NetworkID {
		return nil, invalid("host_on_another_network", "the service %s stays in the network %s, and the host %s is not in it", in.ID, from.NetworkID, to.ID)
	}
	// The first stands for all bindings that are made before the move.
	ids := []string{from.ID, string(in.ID)}
	for _, b := range from.service(string(in.ID)).Bindings {
		ids = append(ids, b.ID)
	}
	return to, n.point(ctx, workspace, place{to.NetworkID, hostKey(to.ID)}, ids...)
}

// replaceService gives nil where the service is not on the host it was on.
func (n *Inventory) replaceService(ctx context.Context, p tenant.Principal, from, to *Host, in UpdateServiceInput, bindings []Binding) (*Service, error) {
	id := string(in.ID)
	var there *Host
	err := n.commit(ctx, p, from.NetworkID, func(e *edit) error {
		there = nil
		here, err := e.host(from.ID)
		if errors.Is(err, timeline.ErrNoSuchDocument) || err == nil && here.service(id) == nil {
			return nil
		}
		if err != nil {
			return err
		}
		if err := in.holds(seeService(in.ID)(here)); err != nil {
			return err
		}
		there, err = e.host(to.ID)
		if errors.Is(err, timeline.ErrNoSuchDocument) {
			return notFound("Host", in.Body.HostID)
		}
		if err != nil {
			return err
		}
		s := *here.service(id)
		if err := in.Body.setOn(&s); err != nil {
			return err
		}
		s.bind(bindings)
		here.Services = slices.DeleteFunc(here.Services, func(s Service) bool { return s.ID == id })
		there.Services = append(there.Services, s)
		position := s.Position
		if in.Body.Position != nil {
			position = *in.Body.Position
		}
		reposition(there.Services, id, position)
		return nil
	})
	if err != nil || there == nil {
		return nil, err
	}
	return there.service(id), nil
}
