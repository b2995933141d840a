package catalog

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"almanac/internal/fault"
	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type GetServiceHistoryInput struct {
	ProjectID   string            `path:"projectId" doc:"The project's id" example:"my-project-a1b2c"`
	ServiceSlug string            `path:"serviceSlug" doc:"The slug of a service, or one that it had: that of the service which has it now is meant, or else of the one which had it last" example:"order-api"`
	From        *timeline.Instant `query:"from" doc:"Only what changed at this instant or after"`
	To          *timeline.Instant `query:"to" doc:"Only what changed before this instant"`
	Limit       int               `query:"limit" check:"minimum=1,maximum=1000" default:"50" doc:"Events on a page; nextCursor and the Link header lead to the next one"`
	Cursor      historyCursor     `query:"cursor" doc:"Where the page begins, from nextCursor or the Link header"`
}

// ServiceHistory is a page of one service's history.
type ServiceHistory struct {
	Events []HistoryEvent `json:"events" doc:"What changed of the service, under all slugs that it had, newest first"`
	Next   string         `json:"nextCursor,omitzero" doc:"To ask with as cursor for what is older; absent on the last page"`
}

func (h ServiceHistory) NextCursor() string { return h.Next }

// GetServiceHistory lists what changed of one service, newest first: the one
// that has the slug, or else had it last, across its renames and with its
// deletion. A service that had the slug earlier has a history of its own.
func (c *Catalog) GetServiceHistory(ctx context.Context, p tenant.Principal, in GetServiceHistoryInput) (ServiceHistory, error) {
	scope := projectScope(p.Workspace, in.ProjectID)
	from, to := bounds(in.From, in.To)
	var events []timeline.Event
	head, err := c.timeline.Head(ctx, scope)
	switch {
	case err != nil:
	case in.Cursor.mac == nil:
		events, err = c.timeline.DocumentHistory(ctx, scope, in.ServiceSlug, from, to, in.Limit+1)
	case !in.Cursor.signed(in, head):
		return ServiceHistory{}, fault.BadRequest("cursor must be taken from the same history, read %.100q", in.Cursor.text())
	default:
		events, err = c.timeline.DocumentHistoryAt(ctx, scope, in.Cursor.place, from, in.Limit+1)
	}
	if err != nil {
		return ServiceHistory{}, faultOf(err)
	}
	history := ServiceHistory{Events: []HistoryEvent{}}
	if len(events) > in.Limit {
		events = events[:in.Limit]
		next := historyCursor{}
		next.place, _ = events[in.Limit-1].Before()
		next.mac = next.sign(in, head)
		history.Next = next.text()
	}
	for _, e := range events {
		history.Events = append(history.Events, historyEventOf(e))
	}
	return history, nil
}

// bounds are from and to, where they are given.
func bounds(from, to *timeline.Instant) (timeline.Instant, timeline.Instant) {
	lower, upper := timeline.Instant(math.MinInt64), timeline.Instant(math.MaxInt64)
	if from != nil {
		lower = *from
	}
	if to != nil {
		upper = *to
	}
	return lower, upper
}

// historyCursor is where a page of one service's history begins. It is opaque
// to clients, and signed as the cursors of lists are. The zero value is the
// beginning.
type historyCursor struct {
	place timeline.Place
	mac   []byte
}

func (c historyCursor) text() string {
	place, err := json.Marshal(c.place)
	if err != nil {
		panic(err) // strings and a number always encode
	}
	return base64.RawURLEncoding.EncodeToString(slices.Concat(c.mac, place))
}

func (c *historyCursor) UnmarshalText(text []byte) error {
	raw, err := base64.RawURLEncoding.AppendDecode(nil, text)
	if err == nil && len(raw) > macSize {
		c.mac = raw[:macSize]
		err = json.Unmarshal(raw[macSize:], &c.place)
	}
	// A cursor has one text.
	if err != nil || c.text() != string(text) {
		return errors.New("must be taken from a nextCursor or a Link header")
	}
	return nil
}

const macSize = 16

// sign makes the cursor one of the history that in asks for, in its project.
func (c historyCursor) sign(in GetServiceHistoryInput, head timeline.Head) []byte {
	from, to := bounds(in.From, in.To)
	return signature(head, "history", in.ProjectID, in.ServiceSlug, fmt.Sprint(int64(from)), fmt.Sprint(int64(to)),
		c.place.DocumentID, c.place.Key, fmt.Sprint(int64(c.place.Before)))[:macSize]
}

func (c historyCursor) signed(in GetServiceHistoryInput, head timeline.Head) bool {
	return hmac.Equal(c.mac, c.sign(in, head))
}
