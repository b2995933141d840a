package network

import (
	"cmp"
	"context"
	"errors"
	"reflect"
	"slices"
	"sync"

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
	tags := sync.OnceValues(func() (allTags, error) { return n.tags(ctx, p.Workspace, nil) })
	var versions []ServiceVersion
	for _, at := range places {
		hostID, _ := hostIDOf(at.key)
		here, err := n.serviceVersions(ctx, p.Workspace, at.network, hostID, id, tags)
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
// the host between which the service stayed as it was are one, and one in which a
// tag went is two.
func (n *Inventory) serviceVersions(ctx context.Context, workspace, network, hostID, id string, tags func() (allTags, error)) ([]ServiceVersion, error) {
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
		parts, err := n.untilTagsWent(ctx, workspace, version, tags)
		if err != nil {
			return nil, err
		}
		for _, part := range parts {
			versions = joined(versions, part)
		}
	}
	return versions, nil
}

// joined adds a version that is older than all others.
func joined(versions []ServiceVersion, older ServiceVersion) []ServiceVersion {
	if len(versions) == 0 || older.ValidUntil == nil || versions[len(versions)-1].ValidFrom != *older.ValidUntil {
		return append(versions, older)
	}
	newer := &versions[len(versions)-1]
	if reflect.DeepEqual(newer.Service, older.Service) {
		older.ValidUntil = newer.ValidUntil
		*newer = older
		return versions
	}
	return append(versions, older)
}

// untilTagsWent parts a version, as it is stored, where tags of the service were
// deleted, newest first, and gives each part as reads show it.
func (n *Inventory) untilTagsWent(ctx context.Context, workspace string, version ServiceVersion, now func() (allTags, error)) ([]ServiceVersion, error) {
	if !hasTags(&version.Service) {
		return []ServiceVersion{version}, nil
	}
	tags, err := now()
	if err != nil {
		return nil, err
	}
	if version.ValidUntil != nil && tags.forgot(&version.Service) {
		// Tags are forgotten when no link to them is stored any more, and so
		// after the version's end.
		if tags, err = n.tags(ctx, workspace, new(*version.ValidUntil-1)); err != nil {
			return nil, err
		}
	}
	cuts := []timeline.Instant{version.ValidFrom}
	for _, id := range version.Service.Tags {
		if gone := tags.gone[id]; gone > version.ValidFrom && (version.ValidUntil == nil || gone < *version.ValidUntil) {
			cuts = append(cuts, gone)
		}
	}
	slices.Sort(cuts)
	var parts []ServiceVersion
	for _, from := range slices.Backward(slices.Compact(cuts)) {
		part := version
		part.ValidFrom = from
		part.Service.Tags = slices.Clone(version.Service.Tags)
		then, err := n.tagsAsOf(ctx, workspace, tags, from, []linked{&part.Service})
		if err != nil {
			return nil, err
		}
		then.show(&part.Service)
		parts = append(parts, part)
		version.ValidUntil = &from
	}
	return parts, nil
}
