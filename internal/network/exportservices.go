package network

import (
	"context"

	"almanac/internal/tenant"
)

type ExportServicesInput struct{ ServiceFilter }

// ExportServices gives all services that a request selects as a table.
func (n *Inventory) ExportServices(ctx context.Context, p tenant.Principal, in ExportServicesInput) (CSV, error) {
	services, err := n.services(ctx, p.Workspace, in.ServiceFilter)
	if err != nil {
		return CSV{}, err
	}
	header := []string{"id", "name", "service_definition", "host_id", "network_id", "source", "position", "created_at", "updated_at"}
	return csvOf("services", header, services, func(s Service) []any {
		return []any{s.ID, s.Name, s.ServiceDefinition, s.HostID, s.NetworkID, s.Source.Type, s.Position, s.CreatedAt, s.UpdatedAt}
	})
}
