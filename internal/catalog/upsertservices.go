package catalog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"almanac/internal/fault"
	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

// maxUpsertBytes is how much the services of one upsert may take together, as
// JSON: escaped once more, all of them still make one answer of a Lambda.
const maxUpsertBytes = 3_000_000

type UpsertServicesInput struct {
	ProjectID string       `path:"projectId" doc:"The project's id" example:"my-project-a1b2c"`
	Body      []NewService `check:"minItems=1,maxItems=30"`
}

// UpsertServices writes all services of a list, or none, at one instant: one
// whose slug no service has is created, another one is updated, keeping what is
// absent. What changes nothing is not written. It gives them in the order sent.
// Errors: ErrProjectNotFound, and ErrServiceNameConflict for two of one slug.
func (c *Catalog) UpsertServices(ctx context.Context, p tenant.Principal, in UpsertServicesInput) ([]Service, error) {
	slugs := make([]string, len(in.Body))
	for i, service := range in.Body {
		slugs[i] = Slug(slugPrefix, service.Name)
	}
	var upserted []timeline.Snapshot
	_, err := c.timeline.Commit(ctx, projectScope(p.Workspace, in.ProjectID), actorOf(p), func(tx *timeline.Tx) error {
		if err := twice(slugs); err != nil {
			return err
		}
		open, err := tx.Live(slugs...)
		if err != nil {
			return err
		}
		upserted = make([]timeline.Snapshot, len(slugs))
		size := 0
		for i, slug := range slugs {
			was, exists := open[slug]
			if upserted[i], err = in.Body[i].upsert(tx, slug, was, exists); err != nil {
				return err
			}
			size += len(upserted[i].Body)
		}
		if size > maxUpsertBytes {
			return timeline.ErrTooLarge
		}
		return nil
	})
	if refusal, ok := errors.AsType[*timeline.Error](err); ok && refusal.Kind == timeline.TooLarge {
		violation := fault.Violation{Field: "body", Message: "is too large to store at once; send fewer services"}
		if i := slices.Index(slugs, refusal.Key); i >= 0 {
			violation = tooLarge(fmt.Sprintf("[%d]", i))
		}
		return nil, fault.ValidationFailed(violation)
	}
	if err != nil {
		return nil, faultOf(err)
	}
	services := make([]Service, len(upserted))
	for i, snapshot := range upserted {
		if services[i], err = serviceOf(snapshot); err != nil {
			return nil, err
		}
	}
	return services, nil
}

// twice gives a conflict when two services of a request have one slug.
func twice(slugs []string) error {
	for i, slug := range slugs {
		if first := slices.Index(slugs, slug); first < i {
			return ErrServiceNameConflict.Detailf("[%d] and [%d] both have the slug %q", first, i, slug)
		}
	}
	return nil
}

// upsert creates a service, or changes the one whose open snapshot was exists.
func (s NewService) upsert(tx *timeline.Tx, slug string, was timeline.Snapshot, exists bool) (timeline.Snapshot, error) {
	raw := ServiceRaw{Consumes: []Topic{}, Produces: []Topic{}}
	if exists {
		var err error
		if raw, err = rawOf(was); err != nil {
			return timeline.Snapshot{}, err
		}
	}
	wasRaw := raw
	raw.Name = s.Name
	s.setOn(&raw)
	if exists && reflect.DeepEqual(raw, wasRaw) {
		return was, nil
	}
	body, err := json.Marshal(raw)
	if err != nil {
		return timeline.Snapshot{}, err
	}
	if exists {
		return tx.Update(slug, raw.Name, body)
	}
	return tx.Create(slug, raw.Name, body)
}
