package catalog

import (
	"context"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type GetServiceInput struct {
	ProjectID   string            `path:"projectId" doc:"The project's id" example:"my-project-a1b2c"`
	ServiceSlug string            `path:"serviceSlug" doc:"The service's slug" example:"order-api"`
	At          *timeline.Instant `query:"at" doc:"RFC 3339 instant to read the past at; without it, now"`
}

// GetService reads the snapshot that holds at an instant, or ErrServiceNotFound.
func (c *Catalog) GetService(ctx context.Context, p tenant.Principal, in GetServiceInput) (Service, error) {
	snapshot, err := c.snapshot(ctx, p, in)
	if err != nil {
		return Service{}, err
	}
	return serviceOf(snapshot)
}

func (c *Catalog) snapshot(ctx context.Context, p tenant.Principal, in GetServiceInput) (snapshot timeline.Snapshot, err error) {
	scope := projectScope(p.Workspace, in.ProjectID)
	if in.At == nil {
		snapshot, err = c.timeline.Get(ctx, scope, in.ServiceSlug)
	} else {
		snapshot, err = c.timeline.GetAt(ctx, scope, in.ServiceSlug, *in.At)
	}
	return snapshot, faultOf(err)
}
