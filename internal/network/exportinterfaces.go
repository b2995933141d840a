package network

import (
	"context"

	"almanac/internal/tenant"
)

type ExportInterfacesInput struct{ InterfaceFilter }

// ExportInterfaces gives all interfaces that a request selects as a table.
func (n *Inventory) ExportInterfaces(ctx context.Context, p tenant.Principal, in ExportInterfacesInput) (CSV, error) {
	interfaces, err := n.interfaces(ctx, p.Workspace, in.InterfaceFilter)
	if err != nil {
		return CSV{}, err
	}
	header := []string{"id", "name", "host_id", "network_id", "subnet_id", "ip_address", "mac_address", "position", "created_at", "updated_at"}
	return csvOf("interfaces", header, interfaces, func(i Interface) []any {
		return []any{i.ID, i.Name, i.HostID, i.NetworkID, i.SubnetID, i.IPAddress, i.MACAddress, i.Position, i.CreatedAt, i.UpdatedAt}
	})
}
