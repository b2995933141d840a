package network

import (
	"context"

	"almanac/internal/tenant"
)

type ExportPortsInput struct{ PortFilter }

// ExportPorts gives all ports that a request selects as a table.
func (n *Inventory) ExportPorts(ctx context.Context, p tenant.Principal, in ExportPortsInput) (CSV, error) {
	ports, err := n.ports(ctx, p.Workspace, in.PortFilter)
	if err != nil {
		return CSV{}, err
	}
	header := []string{"id", "host_id", "network_id", "number", "protocol", "type", "created_at", "updated_at"}
	return csvOf("ports", header, ports, func(p Port) []any {
		return []any{p.ID, p.HostID, p.NetworkID, p.Number, string(p.Protocol), p.Type, p.CreatedAt, p.UpdatedAt}
	})
}
