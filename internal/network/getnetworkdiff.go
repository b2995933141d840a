package network

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type GetNetworkDiffInput struct {
	ID   UUID              `path:"id" doc:"The id of a network that is, or was" example:"7c9e6679-7425-40de-944b-e07fc1f90ae7"`
	From timeline.Instant  `query:"from" check:"required" doc:"RFC 3339 instant of the earlier state, at which the network was not deleted; before it was made it is empty"`
	To   *timeline.Instant `query:"to" doc:"RFC 3339 instant of the later state, which is empty where the network was deleted by then; without it, now"`
}

// GetNetworkDiff compares a network at two instants. Things are the same by
// their ids, wherever they are.
func (n *Inventory) GetNetworkDiff(ctx context.Context, p tenant.Principal, in GetNetworkDiffInput) (NetworkDiff, error) {
	if in.To != nil && in.From > *in.To {
		return NetworkDiff{}, invalid("from_after_to", "from must not be after to, read %v and %v", in.From, *in.To)
	}
	head, err := n.timeline.HeadAt(ctx, networkScope(p.Workspace, string(in.ID)), in.From)
	if err != nil {
		return NetworkDiff{}, faultOf(err)
	}
	// Tags go from all that has them without a change in the network.
	shared, err := n.timeline.Head(ctx, inventoryScope(p.Workspace))
	if err != nil && !errors.Is(err, timeline.ErrNoSuchScope) {
		return NetworkDiff{}, err
	}
	to := max(head.Updated.At, shared.Updated.At)
	if in.To != nil {
		to = min(*in.To, to)
	}
	from := min(in.From, to)
	earlier, err := n.networkStateAt(ctx, p.Workspace, in.ID, from)
	if err != nil {
		return NetworkDiff{}, err
	}
	later, err := n.networkStateAt(ctx, p.Workspace, in.ID, to)
	if err != nil {
		return NetworkDiff{}, err
	}
	diff := earlier.diff(later)
	diff.From, diff.To = from, to
	text, err := json.Marshal(diff)
	if err == nil && len(text) > mostListed {
		err = invalid("diff_too_large", "the difference is more than one answer carries; ask for from and to that lie closer together")
	}
	return diff, err
}

// networkState is a network with all that is in it at an instant. Where it was
// not there it has nothing.
type networkState struct {
	network *Network
	subnets []Subnet
	hosts   []*Host
}

func (n *Inventory) networkStateAt(ctx context.Context, workspace string, id UUID, at timeline.Instant) (networkState, error) {
	var state networkState
	_, snapshots, err := n.timeline.ListAt(ctx, networkScope(workspace, string(id)), at)
	if errors.Is(err, timeline.ErrNoSuchScope) {
		return state, nil
	}
	if err != nil {
		return state, err
	}
	var linked []linked
	for _, s := range snapshots {
		if hostID, ok := hostIDOf(s.Key); ok {
			h, err := decodeHost(string(id), hostID, s.Body)
			if err != nil {
				return state, err
			}
			state.hosts = append(state.hosts, h)
			continue
		}
		switch {
		case strings.HasPrefix(s.Key, subnetPrefix):
			subnet, going, err := decodeSubnet(string(id), s)
			if err != nil {
				return state, err
			}
			if !going {
				state.subnets = append(state.subnets, *subnet)
			}
		case s.Key == networkKey:
			if state.network, err = decodeNetwork(workspace, string(id), s.Created.At, s.Body); err != nil {
				return state, err
			}
			linked = append(linked, state.network)
		}
	}
	linked = append(linked, linkedOn(state.hosts...)...)
	return state, n.showTags(ctx, workspace, &at, linked...)
}
