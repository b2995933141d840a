package catalog

import (
	"context"

	"almanac/internal/store"
	"almanac/internal/tenant"
)

type UnpinInput struct {
	ProjectID string `path:"projectId" doc:"The project's id" example:"my-project-a1b2c"`
}

// Unpin takes the caller's mark off a project; one without it stays as it is.
// A project that was deleted is ErrProjectNotFound: no list shows its pin.
func (c *Catalog) Unpin(ctx context.Context, p tenant.Principal, in UnpinInput) error {
	head, err := c.timeline.Head(ctx, projectScope(p.Workspace, in.ProjectID))
	if err != nil {
		return faultOf(err)
	}
	return c.store.Transact(ctx, store.Delete(pinKey(p, head.ID), store.Condition{}))
}
