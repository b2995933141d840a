package catalog

import (
	"context"
	"encoding/json"

	"almanac/internal/shape"
	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type UpdateProjectInput struct {
	ProjectID string `path:"projectId" doc:"The project's id" example:"my-project-a1b2c"`
	Body      ProjectPatch
}

type ProjectPatch struct {
	Name        shape.Field[string] `json:"name" check:"minLength=3,maxLength=60,notBlank" doc:"The name people read; the id stays"`
	Description shape.Field[string] `json:"description" check:"maxLength=200" doc:"What the project is about"`
	Archived    shape.Field[bool]   `json:"archived" doc:"Whether the project is out of use"`
}

// UpdateProject changes what was sent. A request that changes nothing writes nothing.
func (c *Catalog) UpdateProject(ctx context.Context, p tenant.Principal, in UpdateProjectInput) (Project, error) {
	var pinned bool
	head, err := c.timeline.Commit(ctx, projectScope(p.Workspace, in.ProjectID), actorOf(p), func(tx *timeline.Tx) error {
		was, err := factsOf(tx.Head())
		if err != nil {
			return err
		}
		// Read before the write, so that a failure of it is one of nothing done.
		if pinned, err = c.pinned(ctx, p, tx.Head()); err != nil {
			return err
		}
		facts := was
		in.Body.Name.Set(&facts.Name)
		in.Body.Description.Set(&facts.Description)
		in.Body.Archived.Set(&facts.Archived)
		if facts == was {
			return nil
		}
		body, err := json.Marshal(facts)
		if err != nil {
			return err
		}
		tx.SetBody(body)
		return nil
	})
	if err != nil {
		return Project{}, faultOf(err)
	}
	project, err := projectOf(head, p)
	project.Pinned = pinned
	return project, err
}
