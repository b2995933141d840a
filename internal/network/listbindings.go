package network

import (
	"context"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type ListBindingsInput struct {
	BindingFilter
	Paging
}

// BindingFilter says which bindings.
type BindingFilter struct {
	Filter
	ServiceID   UUID `query:"service_id" doc:"Only those of this service"`
	NetworkID   UUID `query:"network_id" doc:"Only those in this network"`
	PortID      UUID `query:"port_id" doc:"Only those of this port"`
	InterfaceID UUID `query:"interface_id" doc:"Only those that name this interface"`
}

// ListBindings gives a page of the bindings that a request selects, in the order
// of their creation.
func (n *Inventory) ListBindings(ctx context.Context, p tenant.Principal, in ListBindingsInput) (List[Binding], error) {
	bindings, err := n.bindings(ctx, p.Workspace, in.BindingFilter)
	if err != nil {
		return List[Binding]{}, err
	}
	return page(bindings, in.Paging)
}

// bindings gives all bindings that a request selects, in its order.
func (n *Inventory) bindings(ctx context.Context, workspace string, in BindingFilter) ([]Binding, error) {
	hosts, err := n.hostsWith(ctx, workspace, in)
	if err != nil {
		return nil, err
	}
	bindings := []Binding{}
	for _, h := range hosts {
		for _, s := range h.Services {
			for _, b := range s.Bindings {
				if in.selects(b) {
					bindings = append(bindings, b)
				}
			}
		}
	}
	order[Binding]{
		created: byTime(func(b Binding) timeline.Instant { return b.CreatedAt }),
		id:      byText(func(b Binding) string { return b.ID }),
	}.sort(bindings)
	return bindings, nil
}

// hostsWith reads the hosts on which the bindings can be: one, where the request
// names something that is on a host.
func (n *Inventory) hostsWith(ctx context.Context, workspace string, in BindingFilter) ([]*Host, error) {
	for _, id := range []UUID{in.ServiceID, in.PortID, in.InterfaceID} {
		if id != "" {
			h, err := n.locate(ctx, workspace, string(id), in.At)
			if err != nil || h == nil {
				return nil, err
			}
			return []*Host{h}, nil
		}
	}
	return n.surveyHosts(ctx, workspace, in.NetworkID, in.At)
}

func (in BindingFilter) selects(b Binding) bool {
	is := func(id string, filter UUID) bool { return filter == "" || id == string(filter) }
	return among(b.ID, in.IDs) && is(b.ServiceID, in.ServiceID) && is(b.NetworkID, in.NetworkID) &&
		is(b.PortID, in.PortID) && is(b.InterfaceID, in.InterfaceID)
}
