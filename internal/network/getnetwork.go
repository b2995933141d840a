package network

import (
	"context"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type GetNetworkInput struct {
	ID UUID              `path:"id" doc:"The network's id" example:"7c9e6679-7425-40de-944b-e07fc1f90ae7"`
	At *timeline.Instant `query:"at" doc:"RFC 3339 instant to read the past at, also that of a network that is deleted; without it, now"`
}

// GetNetwork reads a network, now or as it was.
func (n *Inventory) GetNetwork(ctx context.Context, p tenant.Principal, in GetNetworkInput) (Network, error) {
	network, err := n.network(ctx, p.Workspace, in.ID, in.At)
	if err != nil {
		return Network{}, err
	}
	if network == nil {
		return Network{}, notFound("Network", in.ID)
	}
	err = n.showTags(ctx, p.Workspace, in.At, network)
	return *network, err
}
