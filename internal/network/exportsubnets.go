package network

import (
	"context"

	"almanac/internal/tenant"
)

type ExportSubnetsInput struct{ SubnetFilter }

// ExportSubnets gives all subnets that a request selects as a table.
func (n *Inventory) ExportSubnets(ctx context.Context, p tenant.Principal, in ExportSubnetsInput) (CSV, error) {
	subnets, err := n.subnets(ctx, p.Workspace, in.SubnetFilter)
	if err != nil {
		return CSV{}, err
	}
	header := []string{"id", "name", "network_id", "cidr", "description", "created_at", "updated_at"}
	return csvOf("subnets", header, subnets, func(s Subnet) []any {
		return []any{s.ID, s.Name, s.NetworkID, s.CIDR, s.Description, s.CreatedAt, s.UpdatedAt}
	})
}
