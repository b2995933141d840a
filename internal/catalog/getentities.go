package catalog

import (
	"context"
	"strconv"

	"almanac/internal/fault"
	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type GetEntitiesInput struct {
	ProjectID string            `path:"projectId" doc:"The project's id" example:"my-project-a1b2c"`
	At        *timeline.Instant `query:"at" doc:"RFC 3339 instant to read the past at; without it, now"`
}

// seen is what the answer of something made from all services of an instant
// says of itself: which instant, and whether it can never change.
type seen struct {
	instant timeline.Instant
	final   bool
}

func (s seen) ETag() string { return `"` + strconv.FormatInt(int64(s.instant), 36) + `"` }
func (s seen) Final() bool  { return s.final }

// TooLarge is what the answer becomes where it is more than an answer may be.
func (e *ProjectEntities) TooLarge() *fault.Error {
	return fault.BadRequest("the entities of the project are more than one answer carries; read a part of them as a graph with filteredIds, or the services in pages with limit")
}

// GetEntities reads what a project is made of at one instant.
func (c *Catalog) GetEntities(ctx context.Context, p tenant.Principal, in GetEntitiesInput) (*ProjectEntities, error) {
	return c.entities(ctx, p, in)
}

func (c *Catalog) entities(ctx context.Context, p tenant.Principal, in GetEntitiesInput) (*ProjectEntities, error) {
	scope := projectScope(p.Workspace, in.ProjectID)
	var (
		head      timeline.Head
		snapshots []timeline.Snapshot
		err       error
	)
	if in.At == nil {
		head, snapshots, err = c.timeline.List(ctx, scope)
	} else {
		head, snapshots, err = c.timeline.ListAt(ctx, scope, *in.At)
	}
	if err != nil {
		return nil, faultOf(err)
	}
	e, err := entitiesOf(snapshots)
	if err != nil {
		return nil, err
	}
	e.seen = seen{instant: head.Updated.At}
	if in.At != nil && *in.At <= head.Updated.At {
		e.seen = seen{*in.At, true}
	}
	return e, nil
}
