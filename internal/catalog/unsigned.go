package catalog

import "almanac/internal/timeline"

// PublicService is a Service without the names of its authors.
type PublicService struct {
	Slug string `json:"slug" doc:"The service's address in its project, made from its name" example:"order-api"`
	ServiceRaw
	CreatedByType string           `json:"createdByType" doc:"MEMBER or API_KEY"`
	CreatedAt     timeline.Instant `json:"createdAt" doc:"When the service was created; UTC, in milliseconds"`
	UpdatedByType string           `json:"updatedByType" doc:"MEMBER or API_KEY"`
	UpdatedAt     timeline.Instant `json:"updatedAt" doc:"When this snapshot was written; UTC, in milliseconds"`
	ValidFrom     timeline.Instant `json:"validFrom" doc:"The first instant at which this snapshot holds"`
	ValidUntil    timeline.Instant `json:"validUntil,omitzero" doc:"The first instant at which it holds no more; absent while it holds"`

	etag string
}

func (s PublicService) ETag() string { return s.etag }

func (s Service) Unsigned() any { return s.unsigned() }

func (s Service) unsigned() PublicService {
	return PublicService{
		Slug:          s.Slug,
		ServiceRaw:    s.ServiceRaw,
		CreatedByType: s.CreatedByType,
		CreatedAt:     s.CreatedAt,
		UpdatedByType: s.UpdatedByType,
		UpdatedAt:     s.UpdatedAt,
		ValidFrom:     s.ValidFrom,
		ValidUntil:    s.ValidUntil,
		etag:          s.etag,
	}
}

// PublicServiceList is a ServiceList without the names of authors.
type PublicServiceList struct {
	services []PublicService
	next     string
}

func (l PublicServiceList) Body() any          { return l.services }
func (l PublicServiceList) NextCursor() string { return l.next }

func (l ServiceList) Unsigned() any {
	public := PublicServiceList{make([]PublicService, len(l.services)), l.next}
	for i, s := range l.services {
		public.services[i] = s.unsigned()
	}
	return public
}

// PublicServiceHistory is a ServiceHistory without the names of actors.
type PublicServiceHistory struct {
	Events []PublicHistoryEvent `json:"events" doc:"What changed of the service, under all slugs that it had, newest first"`
	Next   string               `json:"nextCursor,omitzero" doc:"To ask with as cursor for what is older; absent on the last page"`
}

func (h PublicServiceHistory) NextCursor() string { return h.Next }

func (h ServiceHistory) Unsigned() any {
	return PublicServiceHistory{unsignedEvents(h.Events), h.Next}
}

// PublicHistory is a History without the names of actors.
type PublicHistory struct {
	Events     []PublicHistoryEvent `json:"events" doc:"The events of this page, newest first"`
	TotalCount int64                `json:"totalCount" doc:"Events on all pages"`
}

type PublicHistoryEvent struct {
	SnapshotID  string              `json:"snapshotId" doc:"UUID of the snapshot that the change made, or of the deletion"`
	ServiceSlug string              `json:"serviceSlug" doc:"The slug after the change"`
	ServiceName string              `json:"serviceName" doc:"The name after the change"`
	ChangeType  timeline.ChangeType `json:"changeType" doc:"CREATE, UPDATE or DELETE"`
	ActorType   string              `json:"actorType" doc:"MEMBER or API_KEY"`
	Timestamp   timeline.Instant    `json:"timestamp" doc:"When it changed; UTC, in milliseconds"`
}

func (h History) Unsigned() any {
	return PublicHistory{unsignedEvents(h.Events), h.TotalCount}
}

func unsignedEvents(events []HistoryEvent) []PublicHistoryEvent {
	public := make([]PublicHistoryEvent, len(events))
	for i, e := range events {
		public[i] = PublicHistoryEvent{e.SnapshotID, e.ServiceSlug, e.ServiceName, e.ChangeType, e.ActorType, e.Timestamp}
	}
	return public
}
