package network

import (
	"context"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type GetSubnetInput struct {
	ID UUID              `path:"id" doc:"The subnet's id" example:"5c0d2d3e-8f4a-4a6b-b7c8-1d9e0f2a3b4c"`
	At *timeline.Instant `query:"at" doc:"RFC 3339 instant to read the past at; without it, now"`
}

// GetSubnet reads a subnet, now or as it was.
func (n *Inventory) GetSubnet(ctx context.Context, p tenant.Principal, in GetSubnetInput) (Subnet, error) {
	s, err := n.subnet(ctx, p.Workspace, string(in.ID), in.At)
	if err != nil {
		return Subnet{}, err
	}
	if s == nil {
		return Subnet{}, notFound("Subnet", in.ID)
	}
	return *s, nil
}
