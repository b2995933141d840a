package network

import (
	"context"

	"almanac/internal/tenant"
)

type UpdateNetworkInput struct {
	ID UUID `path:"id" doc:"The network's id" example:"7c9e6679-7425-40de-944b-e07fc1f90ae7"`
	Guard
	Body NetworkFacts
}

// UpdateNetwork gives a network the name and the tags that are sent.
func (n *Inventory) UpdateNetwork(ctx context.Context, p tenant.Principal, in UpdateNetworkInput) (Network, error) {
	tags := distinct(in.Body.Tags)
	network, err := n.changeNetwork(ctx, p, in.ID, func(network *Network) error {
		if err := in.holds(*network); err != nil {
			return err
		}
		if err := n.checkTags(ctx, p.Workspace, tags); err != nil {
			return err
		}
		network.Name, network.Tags = in.Body.Name, tags
		return nil
	})
	if err != nil {
		return Network{}, faultOf(err)
	}
	return *network, nil
}
