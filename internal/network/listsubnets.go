package network

import (
	"context"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type ListSubnetsInput struct {
	SubnetFilter
	Paging
}

// SubnetFilter says which subnets.
type SubnetFilter struct {
	Filter
	Search
	NetworkID UUID `query:"network_id" doc:"Only those of this network"`
}

// ListSubnets gives a page of the subnets that a request selects, in the order of
// their creation.
func (n *Inventory) ListSubnets(ctx context.Context, p tenant.Principal, in ListSubnetsInput) (List[Subnet], error) {
	subnets, err := n.subnets(ctx, p.Workspace, in.SubnetFilter)
	if err != nil {
		return List[Subnet]{}, err
	}
	return page(subnets, in.Paging)
}

// subnets gives all subnets that a request selects, in its order.
func (n *Inventory) subnets(ctx context.Context, workspace string, in SubnetFilter) ([]Subnet, error) {
	subnets := []Subnet{}
	err := n.survey(ctx, workspace, in.NetworkID, subnetPrefix, in.At, func(network string, snapshot timeline.Snapshot) error {
		s, going, err := decodeSubnet(network, snapshot)
		if err == nil && !going && among(s.ID, in.IDs) && in.holds(s.Name) {
			subnets = append(subnets, *s)
		}
		return err
	})
	order[Subnet]{
		created: byTime(func(s Subnet) timeline.Instant { return s.CreatedAt }),
		id:      byText(func(s Subnet) string { return s.ID }),
	}.sort(subnets)
	return subnets, err
}
