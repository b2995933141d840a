package network

import (
	"context"
	"errors"
	"slices"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type DeleteSubnetInput struct {
	ID UUID `path:"id" doc:"The subnet's id" example:"5c0d2d3e-8f4a-4a6b-b7c8-1d9e0f2a3b4c"`
	Guard
}

// DeleteSubnet removes a subnet with its interfaces on all hosts, and what binds
// those. Where these are too many for one transaction the subnet is hidden first
// and its interfaces go in parts that are each whole; the same request again
// finishes what failed.
func (n *Inventory) DeleteSubnet(ctx context.Context, p tenant.Principal, in DeleteSubnetInput) error {
	id := string(in.ID)
	network, err := n.networkOfSubnet(ctx, p.Workspace, id)
	if err != nil {
		return err
	}
	if network == "" {
		return notFound("Subnet", in.ID)
	}
	count, err := n.dropSubnets(ctx, p, network, []string{id}, in.Guard)
	if err == nil && count == 0 {
		err = notFound("Subnet", in.ID)
	}
	return faultOf(err)
}

// What one commit changes at most. Of the store's 100 operations it takes two
// itself, an update of a document two, and a delete three.
const (
	mostSubnetsWithHosts = 10 // 2 + 2 × mostHosts + 2 for the ranges + 3 × 10 = 94
	mostSubnetsHidden    = 40 // 2 + 2 for the ranges + 2 × 40 = 84
	mostSubnetsDeleted   = 30 // 2 + 3 × 30 = 92
	// mostSurveys is how often a commit may find that another one came while it
	// read all hosts, before they are read outside of commits.
	mostSurveys = 3
)

// errCrowded is that subnets do not go in one commit.
var errCrowded = errors.New("network: too much for one commit")

// dropSubnets removes subnets of a network, of which the guard must allow each,
// and counts those that there were: in one commit, if they are few.
func (n *Inventory) dropSubnets(ctx context.Context, p tenant.Principal, network string, ids []string, guard Guard) (int, error) {
	count, err := n.dropSubnetsAtOnce(ctx, p, network, ids, guard)
	if errors.Is(err, errCrowded) || errors.Is(err, timeline.ErrTooLarge) {
		count, err = n.dropSubnetsInParts(ctx, p, network, ids, guard)
	}
	if errors.Is(err, timeline.ErrNoSuchScope) {
		return 0, nil
	}
	return count, err
}

// dropSubnetsAtOnce gives errCrowded or ErrTooLarge of the timeline where they
// are too many, or the network does not stand still.
func (n *Inventory) dropSubnetsAtOnce(ctx context.Context, p tenant.Principal, network string, ids []string, guard Guard) (int, error) {
	if len(ids) > mostSubnetsWithHosts {
		return 0, errCrowded
	}
	var there []string
	surveys := 0
	err := n.commit(ctx, p, network, func(e *edit) error {
		var err error
		if there, _, err = e.goingTo(ids, guard); err != nil || len(there) == 0 {
			return err
		}
		if surveys++; surveys > mostSurveys {
			return errCrowded
		}
		holders, err := n.subnetHolders(ctx, p.Workspace, network, there, new(e.tx.Head().Updated.At))
		if err != nil {
			return err
		}
		if len(holders) > mostHosts {
			return errCrowded
		}
		for _, holder := range holders {
			h, err := e.host(holder.id)
			if err != nil {
				return err
			}
			for _, id := range holder.ids {
				dropSubnetInterfaces(h, id)
			}
		}
		if err := e.freeRanges(there); err != nil {
			return err
		}
		for _, id := range there {
			if _, err := e.tx.Delete(subnetKey(id)); err != nil {
				return err
			}
		}
		return nil
	})
	return len(there), err
}

// dropSubnetsInParts hides the subnets, from when on no interface comes into
// them; then it removes those that they have, and then the subnets.
func (n *Inventory) dropSubnetsInParts(ctx context.Context, p tenant.Principal, network string, ids []string, guard Guard) (int, error) {
	var there []string
	for some := range slices.Chunk(ids, mostSubnetsHidden) {
		var found []string
		err := n.commit(ctx, p, network, func(e *edit) error {
			var shown []*Subnet
			var err error
			if found, shown, err = e.goingTo(some, guard); err != nil || len(shown) == 0 {
				return err
			}
			return e.hideSubnets(shown)
		})
		if err != nil {
			return 0, err
		}
		there = append(there, found...)
	}
	// Interfaces go to another host with all that is on theirs. At an instant at
	// which there is none, no more can come.
	for {
		holders, err := n.subnetHolders(ctx, p.Workspace, network, there, nil)
		if err != nil {
			return 0, err
		}
		if len(holders) == 0 {
			break
		}
		for some := range slices.Chunk(holders, mostHosts) {
			if err := n.onePart(ctx, p, some, alter(dropSubnetInterfaces).onHolder, map[string]bool{}); err != nil {
				return 0, err
			}
		}
	}
	for some := range slices.Chunk(there, mostSubnetsDeleted) {
		err := n.commit(ctx, p, network, func(e *edit) error {
			for _, id := range some {
				if _, err := e.tx.Delete(subnetKey(id)); err != nil && !errors.Is(err, timeline.ErrNoSuchDocument) {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return 0, err
		}
	}
	return len(there), nil
}

// goingTo finds which of some ids are of subnets, and which of these nobody has
// hidden yet.
func (e *edit) goingTo(ids []string, guard Guard) (there []string, shown []*Subnet, err error) {
	for _, id := range ids {
		snapshot, err := e.tx.Get(subnetKey(id))
		if errors.Is(err, timeline.ErrNoSuchDocument) {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		s, going, err := decodeSubnet(e.network, snapshot)
		if err != nil {
			return nil, nil, err
		}
		if err := guard.holds(*s); err != nil {
			return nil, nil, err
		}
		there = append(there, id)
		if !going {
			shown = append(shown, s)
		}
	}
	return there, shown, nil
}

func (e *edit) hideSubnets(shown []*Subnet) error {
	ids := make([]string, len(shown))
	for i, s := range shown {
		ids[i] = s.ID
		body, err := encodeSubnet(s, true)
		if err != nil {
			return err
		}
		if _, err := e.tx.Update(subnetKey(s.ID), s.Name, body); err != nil {
			return err
		}
	}
	return e.freeRanges(ids)
}

// subnetHolders finds the hosts that have interfaces in subnets of a network, now
// or at an instant.
func (n *Inventory) subnetHolders(ctx context.Context, workspace, network string, subnets []string, at *timeline.Instant) ([]holder, error) {
	hosts, err := n.surveyHosts(ctx, workspace, UUID(network), at)
	var holders []holder
	for _, h := range hosts {
		has := holder{network: network, id: h.ID}
		for _, i := range h.Interfaces {
			if slices.Contains(subnets, i.SubnetID) && !slices.Contains(has.ids, i.SubnetID) {
				has.ids = append(has.ids, i.SubnetID)
			}
		}
		if has.ids != nil {
			holders = append(holders, has)
		}
	}
	return holders, err
}

// dropSubnetInterfaces removes all interfaces of a host in a subnet.
func dropSubnetInterfaces(h *Host, subnet string) bool {
	return h.dropInterfaces(func(i Interface) bool { return i.SubnetID == subnet })
}
