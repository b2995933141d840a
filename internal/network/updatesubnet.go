package network

import (
	"context"
	"errors"
	"net/netip"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type UpdateSubnetInput struct {
	ID UUID `path:"id" doc:"The subnet's id" example:"5c0d2d3e-8f4a-4a6b-b7c8-1d9e0f2a3b4c"`
	Guard
	Body SubnetState
}

// SubnetState is what a subnet is to be.
type SubnetState struct {
	NetworkID *UUID `json:"network_id" doc:"The network it is in, which stays" example:"7c9e6679-7425-40de-944b-e07fc1f90ae7"`
	SubnetFacts
}

// UpdateSubnet makes a subnet what is sent. Its range may change while it has the
// addresses of all interfaces in it.
func (n *Inventory) UpdateSubnet(ctx context.Context, p tenant.Principal, in UpdateSubnetInput) (Subnet, error) {
	network, err := n.networkOfSubnet(ctx, p.Workspace, string(in.ID))
	if err != nil {
		return Subnet{}, err
	}
	if network == "" {
		return Subnet{}, notFound("Subnet", in.ID)
	}
	var is Subnet
	err = n.commit(ctx, p, network, func(e *edit) error {
		was, err := e.subnet(string(in.ID))
		if err != nil {
			return err
		}
		if err := in.holds(*was); err != nil {
			return err
		}
		if err := n.checkNetworkStays(ctx, p.Workspace, network, in.Body.NetworkID); err != nil {
			return err
		}
		is = *was
		in.Body.setOn(&is)
		if err := n.changeRange(ctx, p.Workspace, e, was, &is); err != nil {
			return err
		}
		stampOne(&is, was, e.tx.At())
		if is.Times == was.Times {
			return nil
		}
		body, err := encodeSubnet(&is, false)
		if err == nil {
			_, err = e.tx.Update(subnetKey(is.ID), is.Name, body)
		}
		return err
	})
	if errors.Is(err, timeline.ErrNoSuchDocument) || errors.Is(err, timeline.ErrNoSuchScope) {
		err = notFound("Subnet", in.ID)
	}
	return is, faultOf(err)
}

func (n *Inventory) checkNetworkStays(ctx context.Context, workspace, network string, sent *UUID) error {
	if sent == nil || string(*sent) == network {
		return nil
	}
	if err := n.checkNetwork(ctx, workspace, *sent); err != nil {
		return err
	}
	return invalid("stays_in_network", "what is in the network %s stays there", network)
}

// changeRange claims another range for a subnet, in which all interfaces must be.
func (n *Inventory) changeRange(ctx context.Context, workspace string, e *edit, was, is *Subnet) error {
	if is.CIDR == was.CIDR {
		return nil
	}
	if err := e.claimRange(is.ID, is.CIDR); err != nil {
		return err
	}
	before, err := netip.ParsePrefix(was.CIDR)
	if err != nil {
		return err
	}
	after, err := netip.ParsePrefix(is.CIDR)
	if err != nil {
		return err
	}
	if after.Bits() <= before.Bits() && after.Contains(before.Addr()) {
		return nil
	}
	// These are all interfaces at the instant of the head on which the commit is
	// built. If one comes into the subnet after it, the head has moved: the commit
	// fails, and this runs again.
	hosts, err := n.surveyHosts(ctx, workspace, UUID(e.network), new(e.tx.Head().Updated.At))
	for _, h := range hosts {
		for _, i := range h.Interfaces {
			if i.SubnetID == is.ID && !addressIn(is.CIDR, i.IPAddress) {
				return invalid("stranded_interface", "the interface %s of the host %s has the address %s, which is not in %s", i.ID, h.ID, i.IPAddress, is.CIDR)
			}
		}
	}
	return err
}
