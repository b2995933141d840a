package catalog

import (
	"context"

	"almanac/internal/etag"
	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type DeleteServiceInput struct {
	ProjectID   string         `path:"projectId" doc:"The project's id" example:"my-project-a1b2c"`
	ServiceSlug string         `path:"serviceSlug" doc:"The service's slug" example:"order-api"`
	IfMatch     etag.Condition `header:"If-Match" doc:"Delete only while the service still has this ETag" example:"\"mVbHbKUO0vUYC2hs\""`
}

// DeleteService closes the open snapshot; the past stays.
func (c *Catalog) DeleteService(ctx context.Context, p tenant.Principal, in DeleteServiceInput) error {
	_, err := c.timeline.Commit(ctx, projectScope(p.Workspace, in.ProjectID), actorOf(p), func(tx *timeline.Tx) error {
		was, err := tx.Get(in.ServiceSlug)
		if err != nil {
			return err
		}
		if err := hold(in.IfMatch, was); err != nil {
			return err
		}
		_, err = tx.Delete(in.ServiceSlug)
		return err
	})
	return faultOf(err)
}
