package network

import (
	"context"

	"almanac/internal/tenant"
)

// BulkDeleteSubnets removes subnets with their interfaces and skips ids of
// nothing: network by network, each as DeleteSubnet does one.
func (n *Inventory) BulkDeleteSubnets(ctx context.Context, p tenant.Principal, in BulkDeleteInput) (BulkDeleted, error) {
	ids := distinct(in.Body)
	networks, err := n.networksOfSubnets(ctx, p.Workspace, ids)
	if err != nil {
		return BulkDeleted{}, err
	}
	var order []string
	subnets := map[string][]string{}
	for i, network := range networks {
		if network == "" {
			continue
		}
		if subnets[network] == nil {
			order = append(order, network)
		}
		subnets[network] = append(subnets[network], ids[i])
	}
	deleted := BulkDeleted{RequestedCount: len(in.Body)}
	for _, network := range order {
		count, err := n.dropSubnets(ctx, p, network, subnets[network], Guard{})
		if err != nil {
			return BulkDeleted{}, faultOf(err)
		}
		deleted.DeletedCount += count
	}
	return deleted, nil
}

// networksOfSubnets is networkOfSubnet for many.
func (n *Inventory) networksOfSubnets(ctx context.Context, workspace string, ids []string) ([]string, error) {
	networks := make([]string, len(ids))
	err := inParallel(ctx, len(ids), func(ctx context.Context, i int) (err error) {
		networks[i], err = n.networkOfSubnet(ctx, workspace, ids[i])
		return err
	})
	return networks, err
}
