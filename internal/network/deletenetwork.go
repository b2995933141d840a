package network

import (
	"context"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type DeleteNetworkInput struct {
	ID UUID `path:"id" doc:"The network's id" example:"7c9e6679-7425-40de-944b-e07fc1f90ae7"`
	Guard
}

// DeleteNetwork ends a network with everything in it, at one instant. Its past
// stays. After a failure all is as it was, and the same call again goes on.
func (n *Inventory) DeleteNetwork(ctx context.Context, p tenant.Principal, in DeleteNetworkInput) error {
	err := n.timeline.EndScope(ctx, networkScope(p.Workspace, string(in.ID)), actorOf(p), func(head timeline.Head) error {
		if !in.IfMatch.Sent() {
			return nil
		}
		network, err := decodeNetwork(p.Workspace, head.ID, head.Created.At, head.Body)
		if err == nil {
			err = n.showTags(ctx, p.Workspace, nil, network)
		}
		if err != nil {
			return err
		}
		return in.holds(*network)
	})
	return faultOf(err)
}
