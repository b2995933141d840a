package network

import (
	"context"
	"slices"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type ListServicesInput struct {
	ServiceFilter
	Paging
}

// ServiceFilter says which services, in which order.
type ServiceFilter struct {
	Filter
	Search
	Direction
	NetworkID UUID   `query:"network_id" doc:"Only those of this network"`
	HostID    UUID   `query:"host_id" doc:"Only those on this host"`
	TagIDs    []UUID `query:"tag_ids" doc:"Only those with any of these tags"`
	GroupBy   string `query:"group_by" check:"enum=created_at|name|updated_at|host|network_id|position" doc:"What to sort by first, upwards"`
	OrderBy   string `query:"order_by" check:"enum=created_at|name|updated_at|host|network_id|position" default:"created_at" doc:"What to sort by: host is the host's name"`
}

// ListServices gives a page of the services that a request selects.
func (n *Inventory) ListServices(ctx context.Context, p tenant.Principal, in ListServicesInput) (List[Service], error) {
	services, err := n.services(ctx, p.Workspace, in.ServiceFilter)
	if err != nil {
		return List[Service]{}, err
	}
	return page(services, in.Paging)
}

// services gives all services that a request selects, in its order.
func (n *Inventory) services(ctx context.Context, workspace string, in ServiceFilter) ([]Service, error) {
	hosts, err := n.hostsOf(ctx, workspace, in.HostID, in.NetworkID, in.At)
	if err != nil {
		return nil, err
	}
	if err := n.showTags(ctx, workspace, in.At, linkedOn(hosts...)...); err != nil {
		return nil, err
	}
	var found []listedService
	for _, h := range hosts {
		for i := range h.Services {
			if s := &h.Services[i]; in.selects(s) {
				found = append(found, listedService{s, h})
			}
		}
	}
	o := order[listedService]{
		by: serviceColumn(in.OrderBy), down: in.Direction.Direction == "desc",
		created: serviceColumn("created_at"), id: byText(func(l listedService) string { return l.ID }),
	}
	if in.GroupBy != "" {
		o.groups = []column[listedService]{serviceColumn(in.GroupBy)}
	}
	if in.GroupBy == "host" {
		// Two hosts of one name are two groups.
		o.groups = append(o.groups, byText(func(l listedService) string { return l.HostID }))
	}
	o.sort(found)
	services := make([]Service, len(found))
	for i, l := range found {
		services[i] = *l.Service
	}
	return services, nil
}

// hostsOf reads the hosts to look for something on: one, or those of a network,
// or all.
func (n *Inventory) hostsOf(ctx context.Context, workspace string, host, network UUID, at *timeline.Instant) ([]*Host, error) {
	if host == "" {
		return n.surveyHosts(ctx, workspace, network, at)
	}
	h, err := n.locate(ctx, workspace, string(host), at)
	if err != nil || h == nil || h.ID != string(host) || network != "" && h.NetworkID != string(network) {
		return nil, err
	}
	return []*Host{h}, nil
}

func (in ServiceFilter) selects(s *Service) bool {
	return among(s.ID, in.IDs) && in.holds(s.Name) &&
		(len(in.TagIDs) == 0 || slices.ContainsFunc(s.Tags, func(tag string) bool { return among(tag, in.TagIDs) }))
}

type listedService struct {
	*Service
	host *Host
}

// serviceColumn is what services can be ordered by, by its name. Made here, and not with the
// package, only lists link it.
func serviceColumn(name string) column[listedService] {
	return map[string]column[listedService]{
		"created_at": byTime(func(l listedService) timeline.Instant { return l.CreatedAt }),
		"updated_at": byTime(func(l listedService) timeline.Instant { return l.UpdatedAt }),
		"name":       byText(func(l listedService) string { return l.Name }),
		"host":       byText(func(l listedService) string { return l.host.Name }),
		"network_id": byText(func(l listedService) string { return l.NetworkID }),
		"position":   func(l listedService) sortKey { return sortKey{number: int64(l.Position)} },
	}[name]
}
