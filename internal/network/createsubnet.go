package network

import (
	"context"

	"almanac/internal/tenant"
)

type CreateSubnetInput struct {
	Body NewSubnet
}

// NewSubnet is a subnet that is to be.
type NewSubnet struct {
	NetworkID UUID `json:"network_id" check:"required" doc:"The network it is in" example:"7c9e6679-7425-40de-944b-e07fc1f90ae7"`
	SubnetFacts
}

// CreateSubnet gives a network a range of addresses that no other of its subnets
// shares.
func (n *Inventory) CreateSubnet(ctx context.Context, p tenant.Principal, in CreateSubnetInput) (Subnet, error) {
	network := string(in.Body.NetworkID)
	if err := n.checkNetwork(ctx, p.Workspace, in.Body.NetworkID); err != nil {
		return Subnet{}, err
	}
	id := newID()
	if err := n.point(ctx, p.Workspace, place{network, subnetKey(id)}, id); err != nil {
		return Subnet{}, err
	}
	var s Subnet
	err := n.commit(ctx, p, network, func(e *edit) error {
		s = Subnet{ID: id, NetworkID: network}
		in.Body.setOn(&s)
		stampOne(&s, nil, e.tx.At())
		if err := e.claimRange(id, s.CIDR); err != nil {
			return err
		}
		body, err := encodeSubnet(&s, false)
		if err == nil {
			_, err = e.tx.Create(subnetKey(id), s.Name, body)
		}
		return err
	})
	return s, faultOf(err)
}
