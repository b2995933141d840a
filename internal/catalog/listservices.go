package catalog

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type ListServicesInput struct {
	ProjectID string            `path:"projectId" doc:"The project's id" example:"my-project-a1b2c"`
	At        *timeline.Instant `query:"at" doc:"RFC 3339 instant to read the past at; without it, now"`
	Limit     int               `query:"limit" check:"minimum=1,maximum=1000" default:"1000" doc:"Services on a page; the Link header leads to the next one"`
	Cursor    serviceCursor     `query:"cursor" doc:"Where the page begins, from the Link header"`
	Category  string            `query:"category" doc:"Only those of exactly this category"`
	Owner     string            `query:"owner" doc:"Only those of exactly this owner"`
	Flow      string            `query:"flow" doc:"Only those in exactly this flow"`
	Topic     string            `query:"topic" doc:"Only those that produce or consume exactly this topic"`
	Q         string            `query:"q" doc:"Only those with this text, in any case, in name, slug or description"`
}

// ServiceList is a page of services in the order of their slugs.
type ServiceList struct {
	services []Service
	next     string
	final    bool
}

func (l ServiceList) Body() any          { return l.services }
func (l ServiceList) NextCursor() string { return l.next }
func (l ServiceList) Final() bool        { return l.final }

// mostListed is how many bytes of services a page has, about: a Lambda answers
// with 6 MB at most. The rest is on the next page.
const mostListed = 5 << 20

// ListServices lists the services of a project as they are at one instant,
// which all pages share.
func (c *Catalog) ListServices(ctx context.Context, p tenant.Principal, in ListServicesInput) (ServiceList, error) {
	scope := projectScope(p.Workspace, in.ProjectID)
	head, err := c.timeline.Head(ctx, scope)
	if err != nil {
		return ServiceList{}, faultOf(err)
	}
	if err := in.Cursor.check(in, head); err != nil {
		return ServiceList{}, err
	}
	at := pinned(in, head)
	list := ServiceList{services: []Service{}, final: in.At != nil && *in.At <= head.Updated.At}
	q := strings.ToLower(in.Q)
	bytes := 0
	var unread error
	err = c.timeline.Page(ctx, scope, head, at, in.Cursor.after, in.Limit+1, func(snapshot timeline.Snapshot) bool {
		service, err := serviceOf(snapshot)
		if err != nil {
			unread = err
			return false
		}
		if !in.selects(service, q) {
			return true
		}
		size := len(snapshot.Body) + 300
		if n := len(list.services); n == in.Limit || n > 0 && bytes+size > mostListed {
			list.next = serviceCursor{at: at, after: list.services[n-1].Slug}.signed(in, head).String()
			return false
		}
		bytes += size
		list.services = append(list.services, service)
		list.final = list.final && service.Final()
		return true
	})
	if err := cmp.Or(err, unread); err != nil {
		return ServiceList{}, faultOf(err)
	}
	return list, nil
}

// pinned is the instant of a list: no later than the project's last write, so
// that nothing written after the first page can change the next ones.
func pinned(in ListServicesInput, head timeline.Head) timeline.Instant {
	switch {
	case in.Cursor.after != "":
		return in.Cursor.at
	case in.At != nil:
		return min(*in.At, head.Updated.At)
	default:
		return head.Updated.At
	}
}

// selects tells whether a service passes the filters; q is in lower case.
func (in ListServicesInput) selects(s Service, q string) bool {
	named := func(t Topic) bool { return t.Name == in.Topic }
	return (in.Category == "" || s.Category != nil && *s.Category == in.Category) &&
		(in.Owner == "" || s.Owner != nil && *s.Owner == in.Owner) &&
		(in.Flow == "" || slices.Contains(s.Flows, in.Flow)) &&
		(in.Topic == "" || slices.ContainsFunc(s.Produces, named) || slices.ContainsFunc(s.Consumes, named)) &&
		(q == "" || strings.Contains(strings.ToLower(s.Name), q) || strings.Contains(s.Slug, q) ||
			s.Description != nil && strings.Contains(strings.ToLower(*s.Description), q))
}
