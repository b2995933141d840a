package catalog

import (
	"context"
	"errors"
	"iter"
	"strconv"
	"time"

	"almanac/internal/fault"
	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type GetEventsInput struct {
	ProjectID   string `path:"projectId" doc:"The project's id" example:"my-project-a1b2c"`
	After       int64  `query:"after" check:"minimum=0" default:"0" doc:"Only what was written after this sequence; 0 is before the first"`
	LastEventID *int64 `header:"Last-Event-ID" check:"minimum=0" doc:"As after, and instead of it: how a stream of server-sent events goes on"`
	Wait        int    `query:"wait" check:"minimum=0,maximum=20" default:"0" doc:"How many seconds to wait for an event while there is none"`
}

// EventPage is a part of a project's events, whole writes only.
type EventPage struct {
	Events []Event `json:"events" doc:"The events of the next writes, oldest first; empty where there are none yet"`
	Next   int64   `json:"next" doc:"The last sequence here, to ask on with as after"`

	wait time.Duration
}

// eventPage is how many events are enough for an answer. With those of the last
// write, at most a hundred more, it stays far below what Lambda carries.
const eventPage = 500

// Wait is how long the caller would wait for the first event.
func (p EventPage) Wait() time.Duration { return p.wait }

// Messages gives the events as messages of a stream. Those that end a write
// have an id, the sequence: who goes on after it misses nothing.
func (p EventPage) Messages() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		for _, e := range p.Events {
			id := ""
			if e.Last() {
				id = strconv.FormatInt(e.Data.Sequence, 10)
			}
			if !yield(id, e) {
				return
			}
		}
	}
}

// GetEvents gives what was written in a project after a sequence.
func (c *Catalog) GetEvents(ctx context.Context, p tenant.Principal, in GetEventsInput) (EventPage, error) {
	after, name := in.After, "after"
	if in.LastEventID != nil {
		after, name = *in.LastEventID, "Last-Event-ID"
	}
	page := EventPage{Events: []Event{}, Next: after}
	for events, err := range c.Replay(ctx, p.Workspace, in.ProjectID, after) {
		if ahead, ok := errors.AsType[*timeline.NotYetError](err); ok {
			return EventPage{}, fault.BadRequest("%s is %d, but the newest sequence is %d", name, after, ahead.Last)
		}
		if err != nil {
			return EventPage{}, faultOf(err)
		}
		page.Events = append(page.Events, events...)
		page.Next = events[0].Data.Sequence
		if len(page.Events) >= eventPage {
			break
		}
	}
	if len(page.Events) == 0 {
		page.wait = time.Duration(in.Wait) * time.Second
	}
	return page, nil
}

// Replay gives the events of a project's writes after a sequence, those of one
// write together, oldest first; what is written meanwhile is not among them. It
// ends after the first error, which is the timeline's.
func (c *Catalog) Replay(ctx context.Context, workspace, project string, after int64) iter.Seq2[[]Event, error] {
	return func(yield func([]Event, error) bool) {
		for record, err := range c.timeline.Records(ctx, projectScope(workspace, project), after) {
			var events []Event
			if err == nil {
				events, err = eventsOf(record)
			}
			if !yield(events, err) || err != nil {
				return
			}
		}
	}
}
