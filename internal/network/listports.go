package network

import (
	"context"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type ListPortsInput struct {
	PortFilter
	Paging
}

// PortFilter says which ports.
type PortFilter struct {
	Filter
	HostID    UUID `query:"host_id" doc:"Only those on this host"`
	NetworkID UUID `query:"network_id" doc:"Only those in this network"`
}

// ListPorts gives a page of the ports that a request selects, in the order of
// their creation.
func (n *Inventory) ListPorts(ctx context.Context, p tenant.Principal, in ListPortsInput) (List[Port], error) {
	ports, err := n.ports(ctx, p.Workspace, in.PortFilter)
	if err != nil {
		return List[Port]{}, err
	}
	return page(ports, in.Paging)
}

// ports gives all ports that a request selects, in its order.
func (n *Inventory) ports(ctx context.Context, workspace string, in PortFilter) ([]Port, error) {
	hosts, err := n.hostsOf(ctx, workspace, in.HostID, in.NetworkID, in.At)
	if err != nil {
		return nil, err
	}
	ports := []Port{}
	for _, h := range hosts {
		for _, port := range h.Ports {
			if among(port.ID, in.IDs) {
				ports = append(ports, port)
			}
		}
	}
	order[Port]{
		created: byTime(func(p Port) timeline.Instant { return p.CreatedAt }),
		id:      byText(func(p Port) string { return p.ID }),
	}.sort(ports)
	return ports, nil
}
