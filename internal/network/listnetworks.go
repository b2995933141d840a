package network

import (
	"context"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type ListNetworksInput struct {
	NetworkFilter
	Paging
}

// NetworkFilter says which networks.
type NetworkFilter struct {
	Filter
	Search
}

// ListNetworks gives a page of the networks that a request selects, in the order
// of their creation.
func (n *Inventory) ListNetworks(ctx context.Context, p tenant.Principal, in ListNetworksInput) (List[Network], error) {
	networks, err := n.networks(ctx, p.Workspace, in.NetworkFilter)
	if err != nil {
		return List[Network]{}, err
	}
	return page(networks, in.Paging)
}

// networks gives all networks that a request selects, in its order.
func (n *Inventory) networks(ctx context.Context, workspace string, in NetworkFilter) ([]Network, error) {
	heads, err := n.heads(ctx, workspace, "", in.At)
	if err != nil {
		return nil, err
	}
	found := make([]*Network, len(heads))
	if err := inParallel(ctx, len(heads), func(ctx context.Context, i int) (err error) {
		found[i], err = n.networkOf(ctx, workspace, heads[i], in.At)
		return err
	}); err != nil {
		return nil, err
	}
	var all []linked
	for _, network := range found {
		all = append(all, network)
	}
	if err := n.showTags(ctx, workspace, in.At, all...); err != nil {
		return nil, err
	}
	networks := []Network{}
	for _, network := range found {
		if among(network.ID, in.IDs) && in.holds(network.Name) {
			networks = append(networks, *network)
		}
	}
	order[Network]{
		created: byTime(func(n Network) timeline.Instant { return n.CreatedAt }),
		id:      byText(func(n Network) string { return n.ID }),
	}.sort(networks)
	return networks, nil
}
