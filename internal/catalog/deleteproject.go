package catalog

import (
	"context"

	"almanac/internal/store"
	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type DeleteProjectInput struct {
	ProjectID string `path:"projectId" doc:"The project's id" example:"my-project-a1b2c"`
}

// DeleteProject removes a project, its services and their whole history. After
// a failure the same call goes on where it stopped.
func (c *Catalog) DeleteProject(ctx context.Context, p tenant.Principal, in DeleteProjectInput) error {
	_, err := c.counted(ctx, p.Workspace, -1, func(count store.Op) (timeline.Head, error) {
		return timeline.Head{}, c.timeline.DeleteScope(ctx, projectScope(p.Workspace, in.ProjectID), actorOf(p), count)
	})
	return faultOf(err)
}
