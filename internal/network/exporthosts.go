package network

import (
	"context"

	"almanac/internal/tenant"
)

type ExportHostsInput struct{ HostFilter }

// ExportHosts gives all hosts that a request selects as a table.
func (n *Inventory) ExportHosts(ctx context.Context, p tenant.Principal, in ExportHostsInput) (CSV, error) {
	hosts, err := n.hosts(ctx, p.Workspace, in.HostFilter)
	if err != nil {
		return CSV{}, err
	}
	header := []string{"id", "name", "hostname", "description", "network_id", "source", "hidden", "created_at", "updated_at"}
	return csvOf("hosts", header, hosts, func(h Host) []any {
		return []any{h.ID, h.Name, h.Hostname, h.Description, h.NetworkID, h.Source.Type, h.Hidden, h.CreatedAt, h.UpdatedAt}
	})
}
