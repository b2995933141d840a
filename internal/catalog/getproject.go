package catalog

import (
	"context"

	"almanac/internal/tenant"
)

type GetProjectInput struct {
	ProjectID string `path:"projectId" doc:"The project's id" example:"my-project-a1b2c"`
}

// GetProject reads a project, or ErrProjectNotFound.
func (c *Catalog) GetProject(ctx context.Context, p tenant.Principal, in GetProjectInput) (Project, error) {
	head, err := c.timeline.Head(ctx, projectScope(p.Workspace, in.ProjectID))
	if err != nil {
		return Project{}, faultOf(err)
	}
	project, err := projectOf(head, p)
	if err != nil {
		return Project{}, err
	}
	project.Pinned, err = c.pinned(ctx, p, head)
	return project, err
}
