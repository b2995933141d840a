// Package catalog is what services an organisation has, which topics they
// produce and consume, and how that was at any past moment. One operation is
// one file; the rules of time are the timeline's.
package catalog

import (
	"errors"
	"fmt"
	"time"

	"almanac/internal/fault"
	"almanac/internal/store"
	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

// Catalog does the operations, each for one workspace: its caller's.
type Catalog struct {
	timeline    *timeline.Timeline
	store       store.Store
	now         func() time.Time
	maxProjects int
}

// New makes a catalog that keeps at most maxProjects in a workspace.
func New(s store.Store, now func() time.Time, maxProjects int) *Catalog {
	return &Catalog{timeline.New(s, now), s, now, maxProjects}
}

var (
	ErrProjectNotFound     = fault.New(fault.NotFound, "project_not_found", "Project not found")
	ErrProjectLimit        = fault.New(fault.PaymentRequired, "project_limit_reached", "Project limit reached")
	ErrPinLimit            = fault.New(fault.Conflict, "conflict", "Pin limit reached").Detailf("a caller pins at most %d projects; unpin one first", maxPins)
	ErrServiceNotFound     = fault.New(fault.NotFound, "service_not_found", "Service not found")
	ErrServiceNameConflict = fault.New(fault.Conflict, "service_name_conflict", "Service name conflict")
	ErrSnapshotNotFound    = fault.New(fault.NotFound, "not_found", "Snapshot not found")
	ErrPrecondition        = fault.New(fault.Precondition, "conflict", "Precondition failed")
)

// actorOf is who the timeline remembers for what a caller writes.
func actorOf(p tenant.Principal) timeline.Actor {
	return timeline.Actor{ID: p.ID, Name: p.Label, Type: "API_KEY"}
}

// faultOf words the timeline's refusals for a client.
func faultOf(err error) error {
	refusal, ok := errors.AsType[*timeline.Error](err)
	if !ok {
		return err
	}
	switch refusal.Kind {
	case timeline.NoSuchScope:
		return ErrProjectNotFound
	case timeline.NoSuchDocument, timeline.BadKey:
		if refusal.RenamedTo != "" {
			return ErrServiceNotFound.Detailf("%q was renamed to %q", refusal.Key, refusal.RenamedTo)
		}
		return ErrServiceNotFound
	case timeline.NoSuchSnapshot:
		return ErrSnapshotNotFound
	case timeline.KeyTaken:
		return ErrServiceNameConflict.Detailf("another service of the project has the slug %q", refusal.Key)
	case timeline.TooLarge:
		return fault.ValidationFailed(tooLarge("body"))
	}
	return err
}

// tooLarge is what is wrong with a service that no item can hold.
func tooLarge(field string) fault.Violation {
	return fault.Violation{Field: field, Message: fmt.Sprintf("is too large to store; a service takes at most %d bytes of JSON as it is stored", timeline.MaxBody)}
}
