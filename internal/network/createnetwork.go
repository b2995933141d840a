package network

import (
	"context"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type CreateNetworkInput struct {
	Body NetworkFacts
}

// CreateNetwork makes a network in which nothing is yet.
func (n *Inventory) CreateNetwork(ctx context.Context, p tenant.Principal, in CreateNetworkInput) (Network, error) {
	return n.createNetworkAs(ctx, p, newID(), in.Body)
}

func (n *Inventory) createNetworkAs(ctx context.Context, p tenant.Principal, id string, facts NetworkFacts) (Network, error) {
	tags := distinct(facts.Tags)
	if err := n.checkTags(ctx, p.Workspace, tags); err != nil {
		return Network{}, err
	}
	body, err := encodeNetwork(&Network{Name: facts.Name, Tags: tags})
	if err != nil {
		return Network{}, err
	}
	head, err := n.timeline.CreateScopeWith(ctx, networkScope(p.Workspace, id), body, actorOf(p),
		[]timeline.Document{{Key: networkKey, Name: facts.Name, Body: body}})
	if err != nil {
		return Network{}, err
	}
	network, err := decodeNetwork(p.Workspace, id, head.Created.At, body)
	if err != nil {
		return Network{}, err
	}
	return *network, nil
}
