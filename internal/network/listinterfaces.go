package network

import (
	"context"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type ListInterfacesInput struct {
	InterfaceFilter
	Paging
}

// InterfaceFilter says which interfaces.
type InterfaceFilter struct {
	Filter
	Search
	HostID    UUID `query:"host_id" doc:"Only those on this host"`
	SubnetID  UUID `query:"subnet_id" doc:"Only those in this subnet"`
	NetworkID UUID `query:"network_id" doc:"Only those in this network"`
}

// ListInterfaces gives a page of the interfaces that a request selects, in the
// order of their creation.
func (n *Inventory) ListInterfaces(ctx context.Context, p tenant.Principal, in ListInterfacesInput) (List[Interface], error) {
	interfaces, err := n.interfaces(ctx, p.Workspace, in.InterfaceFilter)
	if err != nil {
		return List[Interface]{}, err
	}
	return page(interfaces, in.Paging)
}

// interfaces gives all interfaces that a request selects, in its order.
func (n *Inventory) interfaces(ctx context.Context, workspace string, in InterfaceFilter) ([]Interface, error) {
	interfaces := []Interface{}
	if in.SubnetID != "" {
		network, err := n.networkOfSubnet(ctx, workspace, string(in.SubnetID))
		if network == "" || in.NetworkID != "" && string(in.NetworkID) != network {
			return interfaces, err
		}
		in.NetworkID = UUID(network)
	}
	hosts, err := n.hostsOf(ctx, workspace, in.HostID, in.NetworkID, in.At)
	if err != nil {
		return nil, err
	}
	for _, h := range hosts {
		for _, i := range h.Interfaces {
			if in.selects(i) {
				interfaces = append(interfaces, i)
			}
		}
	}
	order[Interface]{
		created: byTime(func(i Interface) timeline.Instant { return i.CreatedAt }),
		id:      byText(func(i Interface) string { return i.ID }),
	}.sort(interfaces)
	return interfaces, nil
}

func (in InterfaceFilter) selects(i Interface) bool {
	name := ""
	if i.Name != nil {
		name = *i.Name
	}
	return among(i.ID, in.IDs) && in.holds(name) && (in.SubnetID == "" || i.SubnetID == string(in.SubnetID))
}
