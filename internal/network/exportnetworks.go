package network

import (
	"context"

	"almanac/internal/tenant"
)

type ExportNetworksInput struct{ NetworkFilter }

// ExportNetworks gives all networks that a request selects as a table.
func (n *Inventory) ExportNetworks(ctx context.Context, p tenant.Principal, in ExportNetworksInput) (CSV, error) {
	networks, err := n.networks(ctx, p.Workspace, in.NetworkFilter)
	if err != nil {
		return CSV{}, err
	}
	header := []string{"id", "name", "organization_id", "created_at", "updated_at"}
	return csvOf("networks", header, networks, func(network Network) []any {
		return []any{network.ID, network.Name, network.OrganizationID, network.CreatedAt, network.UpdatedAt}
	})
}
