package network

import (
	"cmp"
	"context"
	"errors"
	"reflect"
	"slices"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type GetServiceHistoryInput struct {
	ID UUID `path:"id" doc:"The id of a service that is, or was" example:"497f6eca-6276-4993-bfeb-53cbbbba6f08"`
	Paging
}

// ServiceVersion is a service as it was from one of its changes to the next.
type ServiceVersion struct {
	ValidFrom  timeline.Instant  `json:"valid_from" doc:"When it became so"`
	ValidUntil *timeline.Instant `json:"valid_until" doc:"When it was changed, moved or deleted; null while it is so"`
	ChangedBy  string            `json:"changed_by" doc:"The label of the key by which it became so"`
	Service    Service           `json:"service" doc:"As it was"`
}

// GetServiceHistory lists what a service has been, newest first, on whatever
// hosts of its network; it stays when the service is deleted. It reads all that
// those hosts have been.
func (n *Inventory) GetServiceHistory(ctx context.Context, p tenant.Principal, in GetServiceHistoryInput) (List[ServiceVersion], error) {
	id := string(in.ID)
	places, err := n.placesOf(ctx, p.Workspace, id)
	if err != nil {
		return List[ServiceVersion]{}, err
	}
	var versions []ServiceVersion
	for _, at := range places {
		hostID, _ := hostIDOf(at.key)
		here, err := n.serviceVersions(ctx, p.Workspace, at.network, hostID, id)
		if err != nil {
			return List[ServiceVersion]{}, err
		}
		versions = append(versions, here...)
	}
	if len(versions) == 0 {
		return List[ServiceVersion]{}, notFound("Service", in.ID)
	}
	slices.SortFunc(versions, func(a, b ServiceVersion) int { return cmp.Compare(b.ValidFrom, a.ValidFrom) })
	return page(versions, in.Paging)
}

// serviceVersions are those of a service on one host, newest first. Versions of
// the host between which the service stayed as it was are one.
func (n *Inventory) serviceVersions(ctx context.Context, workspace, network, hostID, id string) ([]ServiceVersion, error) {
	var versions []ServiceVersion
	for snapshot, err := range n.timeline.Versions(ctx, networkScope(workspace, network), hostKey(hostID)) {
		if errors.Is(err, timeline.ErrNoSuchScope) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		h, err := decodeHost(network, hostID, snapshot.Body)
		if err != nil {
			return nil, err
		}
		s := h.service(id)
		if s == nil {
			continue
		}
		version := ServiceVersion{ValidFrom: snapshot.From, ChangedBy: snapshot.By.Name, Service: *s}
		if snapshot.Closed() {
			version.ValidUntil = &snapshot.Until
		}
		if last := len(versions) - 1; last >= 0 && versions[last].ValidFrom == snapshot.Until && reflect.DeepEqual(versions[last].Service, *s) {
			version.ValidUntil = versions[last].ValidUntil
			versions[last] = version
		} else {
			versions = append(versions, version)
		}
	}
	return versions, nil
}
