package network

import (
	"context"

	"almanac/internal/tenant"
)

type ExportBindingsInput struct{ BindingFilter }

// ExportBindings gives all bindings that a request selects as a table.
func (n *Inventory) ExportBindings(ctx context.Context, p tenant.Principal, in ExportBindingsInput) (CSV, error) {
	bindings, err := n.bindings(ctx, p.Workspace, in.BindingFilter)
	if err != nil {
		return CSV{}, err
	}
	header := []string{"id", "service_id", "network_id", "type", "port_id", "interface_id", "created_at", "updated_at"}
	return csvOf("bindings", header, bindings, func(b Binding) []any {
		return []any{b.ID, b.ServiceID, b.NetworkID, string(b.Type), b.PortID, b.InterfaceID, b.CreatedAt, b.UpdatedAt}
	})
}
