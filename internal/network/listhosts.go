package network

import (
	"context"
	"slices"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type ListHostsInput struct {
	HostFilter
	Paging
}

// HostFilter says which hosts, in which order.
type HostFilter struct {
	Filter
	Search
	Direction
	NetworkID UUID   `query:"network_id" doc:"Only those in this network"`
	TagIDs    []UUID `query:"tag_ids" doc:"Only those with any of these tags"`
	OrderBy   string `query:"order_by" check:"enum=created_at|name|hostname|updated_at|network_id" default:"created_at" doc:"What to sort by; those without a hostname come first"`
}

// ListHosts gives a page of the hosts that a request selects, each with all that
// is on it.
func (n *Inventory) ListHosts(ctx context.Context, p tenant.Principal, in ListHostsInput) (List[Host], error) {
	hosts, err := n.hosts(ctx, p.Workspace, in.HostFilter)
	if err != nil {
		return List[Host]{}, err
	}
	return page(hosts, in.Paging)
}

// hosts gives all hosts that a request selects, in its order.
func (n *Inventory) hosts(ctx context.Context, workspace string, in HostFilter) ([]Host, error) {
	found, err := n.surveyHosts(ctx, workspace, in.NetworkID, in.At)
	if err != nil {
		return nil, err
	}
	if err := n.showTags(ctx, workspace, in.At, linkedOn(found...)...); err != nil {
		return nil, err
	}
	hosts := []Host{}
	for _, h := range found {
		if in.selects(h) {
			hosts = append(hosts, *h)
		}
	}
	order[Host]{
		by: hostColumn(in.OrderBy), down: in.Direction.Direction == "desc",
		created: hostColumn("created_at"), id: byText(func(h Host) string { return h.ID }),
	}.sort(hosts)
	return hosts, nil
}

func (in HostFilter) selects(h *Host) bool {
	return among(h.ID, in.IDs) && in.holds(h.Name) &&
		(len(in.TagIDs) == 0 || slices.ContainsFunc(h.Tags, func(tag string) bool { return among(tag, in.TagIDs) }))
}

// hostColumn is what hosts can be ordered by, by its name. Made here, and not with the
// package, only lists link it.
func hostColumn(name string) column[Host] {
	return map[string]column[Host]{
		"created_at": byTime(func(h Host) timeline.Instant { return h.CreatedAt }),
		"updated_at": byTime(func(h Host) timeline.Instant { return h.UpdatedAt }),
		"name":       byText(func(h Host) string { return h.Name }),
		"network_id": byText(func(h Host) string { return h.NetworkID }),
		"hostname": func(h Host) sortKey {
			if h.Hostname == nil {
				return sortKey{none: true}
			}
			return sortKey{text: *h.Hostname}
		},
	}[name]
}
