package network

import (
	"errors"
	"time"

	"almanac/internal/fault"
	"almanac/internal/store"
	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

// Inventory does the operations, each for one workspace: its caller's.
type Inventory struct {
	timeline *timeline.Timeline
	store    store.Store
}

func New(s store.Store, now func() time.Time) *Inventory {
	return &Inventory{timeline.New(s, now), s}
}

// notFound is for an id of nothing that the caller's workspace has.
func notFound(kind string, id UUID) *fault.Error {
	return fault.New(fault.NotFound, ErrNotFound.Code, kind+" not found").Detailf("there is none with the id %s", id)
}

// invalid is for a request that cannot be done whatever is stored.
func invalid(code, format string, args ...any) *fault.Error {
	return fault.New(fault.Invalid, code, "Invalid request").Detailf(format, args...)
}

// actorOf is who the timeline remembers for what a caller writes.
func actorOf(p tenant.Principal) timeline.Actor {
	return timeline.Actor{ID: p.ID, Name: p.Label, Type: "API_KEY"}
}

// faultOf words the timeline's refusals, and those of the rules, for a client.
func faultOf(err error) error {
	if refusal, ok := errors.AsType[*Refusal](err); ok {
		return invalid(string(refusal.Rule), "%s", refusal.Message)
	}
	refusal, ok := errors.AsType[*timeline.Error](err)
	if !ok {
		return err
	}
	switch refusal.Kind {
	case timeline.NoSuchScope:
		return notFound("Network", UUID(refusal.Scope.ID))
	case timeline.TooLarge:
		return invalid("host_too_large", "a host with all that is on it takes at most %d bytes as it is stored", timeline.MaxBody)
	}
	return err
}
