package catalog

import (
	"context"
	"encoding/json"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type CreateServiceInput struct {
	ProjectID string `path:"projectId" doc:"The project's id" example:"my-project-a1b2c"`
	Body      NewService
}

type NewService struct {
	Name string `json:"name" check:"required,minLength=1,maxLength=60,notBlank" doc:"The name people read; its slug is unique in the project" example:"Order API"`
	ServiceFacts
}

// CreateService adds a service, or ErrServiceNameConflict when another one has its slug now.
func (c *Catalog) CreateService(ctx context.Context, p tenant.Principal, in CreateServiceInput) (Service, error) {
	raw := ServiceRaw{Name: in.Body.Name, Consumes: []Topic{}, Produces: []Topic{}}
	in.Body.setOn(&raw)
	body, err := json.Marshal(raw)
	if err != nil {
		return Service{}, err
	}
	var created timeline.Snapshot
	_, err = c.timeline.Commit(ctx, projectScope(p.Workspace, in.ProjectID), actorOf(p), func(tx *timeline.Tx) error {
		created, err = tx.Create(Slug(slugPrefix, raw.Name), raw.Name, body)
		return err
	})
	if err != nil {
		return Service{}, faultOf(err)
	}
	return serviceOf(created)
}
