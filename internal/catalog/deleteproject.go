package catalog

import (
	"context"
	"errors"

	"almanac/internal/store"
	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type DeleteProjectInput struct {
	ProjectID string `path:"projectId" doc:"The project's id" example:"my-project-a1b2c"`
}

// DeleteProject removes a project, its services and their whole history, and
// its share token with it. After a failure the same call goes on where it stopped.
func (c *Catalog) DeleteProject(ctx context.Context, p tenant.Principal, in DeleteProjectInput) error {
	for {
		share, err := c.shareAt(ctx, shareKey(p.Workspace, in.ProjectID))
		if err != nil {
			return err
		}
		_, err = c.counted(ctx, p.Workspace, -1, func(count store.Op) (timeline.Head, error) {
			return timeline.Head{}, c.timeline.DeleteScope(ctx, projectScope(p.Workspace, in.ProjectID), actorOf(p), append(share.end(), count)...)
		})
		if refusal, ok := errors.AsType[*store.Error](err); ok && refusal.Kind == store.ConditionFailed && refusal.Key == share.key {
			continue
		}
		return faultOf(err)
	}
}
