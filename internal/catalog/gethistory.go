package catalog

import (
	"context"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type GetHistoryInput struct {
	ProjectID  string              `path:"projectId" doc:"The project's id" example:"my-project-a1b2c"`
	Page       int                 `query:"page" check:"minimum=0,maximum=2147483647" default:"0" doc:"Number of the page, from 0"`
	Size       int                 `query:"size" check:"minimum=1,maximum=1000" default:"50" doc:"Events on a page"`
	From       *timeline.Instant   `query:"from" doc:"Only what changed at this instant or after"`
	To         *timeline.Instant   `query:"to" doc:"Only what changed before this instant"`
	Service    string              `query:"service" doc:"Only changes of this slug. To count what matches, a filter by service, actor or changeType reads all that changed between from and to; the history of one service is read faster at its own path"`
	Actor      string              `query:"actor" doc:"Only changes by this member e-mail, key label or actor id"`
	ChangeType timeline.ChangeType `query:"changeType" check:"enum=CREATE|UPDATE|DELETE" doc:"Only changes of this kind"`
}

type History struct {
	Events     []HistoryEvent `json:"events" doc:"The events of this page, newest first"`
	TotalCount int64          `json:"totalCount" doc:"Events on all pages"`
}

type HistoryEvent struct {
	SnapshotID  string              `json:"snapshotId" doc:"UUID of the snapshot that the change made, or of the deletion"`
	ServiceSlug string              `json:"serviceSlug" doc:"The slug after the change"`
	ServiceName string              `json:"serviceName" doc:"The name after the change"`
	ChangeType  timeline.ChangeType `json:"changeType" doc:"CREATE, UPDATE or DELETE"`
	ActorName   string              `json:"actorName" doc:"Member e-mail or key label"`
	ActorType   string              `json:"actorType" doc:"MEMBER or API_KEY"`
	Timestamp   timeline.Instant    `json:"timestamp" doc:"When it changed; UTC, in milliseconds"`
}

// GetHistory lists a page of what changed in a project, newest first. A page
// costs its bytes, and about 40 units where from or to is given. With a filter of
// service, actor or changeType it costs all that happened between from and to,
// since what matches has to be counted.
func (c *Catalog) GetHistory(ctx context.Context, p tenant.Principal, in GetHistoryInput) (History, error) {
	scope := projectScope(p.Workspace, in.ProjectID)
	if in.Service != "" || in.Actor != "" || in.ChangeType != "" {
		return c.filteredHistory(ctx, scope, in)
	}
	from, to := bounds(in.From, in.To)
	events, total, err := c.timeline.HistoryBetween(ctx, scope, from, to, in.Page*in.Size, in.Size)
	if err != nil {
		return History{}, faultOf(err)
	}
	history := History{Events: []HistoryEvent{}, TotalCount: total}
	for _, e := range events {
		history.Events = append(history.Events, historyEventOf(e))
	}
	return history, nil
}

// filteredHistory reads all events between the bounds to count those that match:
// one unit for every dozen or so, a thousand of them in memory at once.
func (c *Catalog) filteredHistory(ctx context.Context, scope timeline.Scope, in GetHistoryInput) (History, error) {
	history := History{Events: []HistoryEvent{}}
	first := int64(in.Page) * int64(in.Size)
	from, to := bounds(in.From, in.To)
	for e, err := range c.timeline.Events(ctx, scope, from, to) {
		if err != nil {
			return History{}, faultOf(err)
		}
		if !in.selects(e) {
			continue
		}
		if history.TotalCount >= first && len(history.Events) < in.Size {
			history.Events = append(history.Events, historyEventOf(e))
		}
		history.TotalCount++
	}
	return history, nil
}

func (in GetHistoryInput) selects(e timeline.Event) bool {
	return (in.Service == "" || in.Service == e.Key) &&
		(in.Actor == "" || in.Actor == e.By.Name || in.Actor == e.By.ID) &&
		(in.ChangeType == "" || in.ChangeType == e.Type)
}

func historyEventOf(e timeline.Event) HistoryEvent {
	return HistoryEvent{
		SnapshotID:  e.SnapshotID,
		ServiceSlug: e.Key,
		ServiceName: e.Name,
		ChangeType:  e.Type,
		ActorName:   e.By.Name,
		ActorType:   e.By.Type,
		Timestamp:   e.At,
	}
}
