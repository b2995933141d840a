package catalog

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"almanac/internal/store"
	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type PinInput struct {
	Body PinnedProject
}

type PinnedProject struct {
	ProjectID string `json:"projectId" check:"required,minLength=1" doc:"The id of the project to pin" example:"my-project-a1b2c"`
}

// Pin marks a project for the caller alone. One that is pinned already stays as
// it is. Errors: ErrProjectNotFound, ErrPinLimit.
func (c *Catalog) Pin(ctx context.Context, p tenant.Principal, in PinInput) (Project, error) {
	head, err := c.timeline.Head(ctx, projectScope(p.Workspace, in.Body.ProjectID))
	if err != nil {
		return Project{}, faultOf(err)
	}
	project, err := projectOf(head, p)
	if err != nil {
		return Project{}, err
	}
	project.Pinned = true
	pins, err := c.pins(ctx, p)
	if err != nil || pins[head.ID].marks(head) {
		return project, err
	}
	var ops []store.Op
	if _, replaces := pins[head.ID]; !replaces && len(pins) >= maxPins {
		if ops, err = c.roomAmong(ctx, p, pins); err != nil {
			return Project{}, err
		}
	}
	body, err := json.Marshal(pin{timeline.InstantOf(c.now()), head.Birth()})
	if err != nil {
		return Project{}, err
	}
	ops = append(ops, store.Put(store.Item{Key: pinKey(p, head.ID), Version: 1, Body: body}, store.Condition{}))
	return project, c.store.Transact(ctx, ops...)
}

// roomAmong gives the ops that remove pins of projects that are gone, as many
// as go into the transaction of the next pin, or ErrPinLimit where there are none.
func (c *Catalog) roomAmong(ctx context.Context, p tenant.Principal, pins map[string]pin) ([]store.Op, error) {
	there, err := c.pinnedHeads(ctx, p, pins, slices.Collect(maps.Keys(pins)))
	if err != nil {
		return nil, err
	}
	kept := make(map[string]bool, len(there))
	for _, head := range there {
		kept[head.ID] = true
	}
	var ops []store.Op
	for id := range pins {
		if !kept[id] && len(ops) < store.MaxOps/2 {
			ops = append(ops, store.Delete(pinKey(p, id), store.Condition{}))
		}
	}
	if ops == nil {
		return nil, ErrPinLimit
	}
	return ops, nil
}
