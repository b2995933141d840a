package catalog

import (
	"context"
	"encoding/json"
	"reflect"

	"almanac/internal/etag"
	"almanac/internal/shape"
	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type UpdateServiceInput struct {
	ProjectID   string         `path:"projectId" doc:"The project's id" example:"my-project-a1b2c"`
	ServiceSlug string         `path:"serviceSlug" doc:"The service's slug" example:"order-api"`
	IfMatch     etag.Condition `header:"If-Match" doc:"Write only while the service still has this ETag" example:"\"mVbHbKUO0vUYC2hs\""`
	Body        ServicePatch
}

type ServicePatch struct {
	Name shape.Field[string] `json:"name" check:"minLength=1,maxLength=60,notBlank" doc:"The name people read; a new one is a new slug"`
	ServiceFacts
}

// UpdateService writes a snapshot with what was sent changed. When nothing
// changes it gives the snapshot there is: CI sends the same body on every run.
func (c *Catalog) UpdateService(ctx context.Context, p tenant.Principal, in UpdateServiceInput) (Service, error) {
	var updated timeline.Snapshot
	_, err := c.timeline.Commit(ctx, projectScope(p.Workspace, in.ProjectID), actorOf(p), func(tx *timeline.Tx) error {
		was, err := tx.Get(in.ServiceSlug)
		if err != nil {
			return err
		}
		if err := hold(in.IfMatch, was); err != nil {
			return err
		}
		wasRaw, err := rawOf(was)
		if err != nil {
			return err
		}
		raw := wasRaw
		in.Body.Name.Set(&raw.Name)
		in.Body.setOn(&raw)
		if reflect.DeepEqual(raw, wasRaw) {
			updated = was
			return nil
		}
		body, err := json.Marshal(raw)
		if err != nil {
			return err
		}
		if slug := Slug(slugPrefix, raw.Name); slug != was.Key {
			updated, err = tx.Rename(was.Key, slug, raw.Name, body)
		} else {
			updated, err = tx.Update(was.Key, raw.Name, body)
		}
		return err
	})
	if err != nil {
		return Service{}, faultOf(err)
	}
	return serviceOf(updated)
}
