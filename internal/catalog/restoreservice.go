package catalog

import (
	"context"
	"errors"
	"reflect"

	"almanac/internal/etag"
	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type RestoreServiceInput struct {
	ProjectID   string         `path:"projectId" doc:"The project's id" example:"my-project-a1b2c"`
	ServiceSlug string         `path:"serviceSlug" doc:"The slug at the instant to go back to" example:"order-api"`
	IfMatch     etag.Condition `header:"If-Match" doc:"Write only while the service, wherever it is now, still has this ETag" example:"\"mVbHbKUO0vUYC2hs\""`
	Body        Restoration
}

type Restoration struct {
	At timeline.Instant `json:"at" check:"required" doc:"RFC 3339 instant whose state is written again; one to come is as now" example:"2026-04-22T15:30:00Z"`
}

// RestoreService makes a service what its slug held at an instant, by a new
// snapshot. One that was renamed since gets its name and slug back, one that was
// deleted is created again or, where that was done before, changed, and one that
// is as it was is left alone. Errors: ErrServiceNotFound where the slug held
// nothing then; ErrServiceNameConflict where another service has it now.
func (c *Catalog) RestoreService(ctx context.Context, p tenant.Principal, in RestoreServiceInput) (Service, error) {
	scope := projectScope(p.Workspace, in.ProjectID)
	var restored timeline.Snapshot
	_, err := c.timeline.Commit(ctx, scope, actorOf(p), func(tx *timeline.Tx) error {
		at := min(in.Body.At, tx.Head().Updated.At)
		was, err := c.timeline.GetAt(ctx, scope, in.ServiceSlug, at)
		if err != nil {
			return err
		}
		now, live, err := tx.Trace(was)
		if err != nil {
			return err
		}
		switch {
		case live:
			err = hold(in.IfMatch, now)
		case in.IfMatch.Sent():
			err = ErrPrecondition.Detailf("the service is deleted and has no ETag")
		}
		if err != nil {
			return err
		}
		restored, err = restore(tx, was, now, live)
		return err
	})
	if refusal, ok := errors.AsType[*timeline.Error](err); ok && refusal.Kind == timeline.NoSuchDocument && refusal.RenamedTo == "" {
		return Service{}, ErrServiceNotFound.Detailf("%q held no service at %v", in.ServiceSlug, in.Body.At)
	}
	if err != nil {
		return Service{}, faultOf(err)
	}
	return serviceOf(restored)
}

// restore writes a snapshot again, over the open one of its service if it lives.
func restore(tx *timeline.Tx, was, now timeline.Snapshot, live bool) (timeline.Snapshot, error) {
	if !live {
		return tx.Recreate(was)
	}
	wasRaw, err := rawOf(was)
	if err != nil {
		return timeline.Snapshot{}, err
	}
	nowRaw, err := rawOf(now)
	if err != nil {
		return timeline.Snapshot{}, err
	}
	if reflect.DeepEqual(wasRaw, nowRaw) {
		return now, nil
	}
	return tx.Rename(now.Key, was.Key, was.Name, was.Body)
}
