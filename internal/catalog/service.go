package catalog

import (
	"encoding/json"
	"fmt"

	"almanac/internal/etag"
	"almanac/internal/shape"
	"almanac/internal/timeline"
)

// ServiceRaw is what was written of a service, without what the server added.
// It is also what the timeline stores.
type ServiceRaw struct {
	Name        string            `json:"name" doc:"The name people read"`
	Description *string           `json:"description,omitzero" doc:"What the service does"`
	Category    *string           `json:"category,omitzero" doc:"A word to group services by"`
	Owner       *string           `json:"owner,omitzero" doc:"The team that answers for it"`
	Flows       []string          `json:"flows,omitzero" doc:"The flows it takes part in"`
	Consumes    []Topic           `json:"consumes" doc:"The topics it reads"`
	Produces    []Topic           `json:"produces" doc:"The topics it writes"`
	Extras      map[string]string `json:"extras,omitzero" doc:"Anything else, as text by name"`
}

// Topic is a messaging topic as one service describes it.
type Topic struct {
	_        struct{}          `shape:"open"`
	Name     string            `json:"name" check:"required,minLength=1,maxLength=255,notBlank" doc:"The topic's name" example:"order.created"`
	Category *string           `json:"category,omitzero" check:"nullable,minLength=1,maxLength=60" doc:"A word to group topics by"`
	Owner    *string           `json:"owner,omitzero" check:"nullable,minLength=1,maxLength=60" doc:"The team that answers for it"`
	Flows    []string          `json:"flows,omitzero" check:"nullable,items.minLength=1,items.maxLength=100" doc:"The flows it takes part in"`
	Extras   map[string]string `json:"extras,omitzero" check:"nullable,maxProperties=20,keys.maxLength=100,values.maxLength=500" doc:"Anything else, as text by name"`
}

// ServiceFacts are the members of a service that may be left out when it is
// created. Where they can be null, null unsets them.
type ServiceFacts struct {
	Description shape.Field[string]            `json:"description" check:"nullable,maxLength=200" doc:"What the service does"`
	Category    shape.Field[string]            `json:"category" check:"nullable,minLength=1,maxLength=60" doc:"A word to group services by" example:"billing"`
	Owner       shape.Field[string]            `json:"owner" check:"nullable,minLength=1,maxLength=60" doc:"The team that answers for it" example:"payments-team"`
	Flows       shape.Field[[]string]          `json:"flows" check:"nullable,items.minLength=1,items.maxLength=100" doc:"The flows it takes part in"`
	Consumes    shape.Field[[]Topic]           `json:"consumes" doc:"The topics it reads"`
	Produces    shape.Field[[]Topic]           `json:"produces" doc:"The topics it writes"`
	Extras      shape.Field[map[string]string] `json:"extras" check:"nullable,maxProperties=20,keys.maxLength=100,values.maxLength=500" doc:"Anything else, as text by name"`
}

// setOn moves what was sent to a service; arrays and maps replace as a whole.
func (f ServiceFacts) setOn(s *ServiceRaw) {
	f.Description.SetOptional(&s.Description)
	f.Category.SetOptional(&s.Category)
	f.Owner.SetOptional(&s.Owner)
	f.Flows.Set(&s.Flows)
	f.Consumes.Set(&s.Consumes)
	f.Produces.Set(&s.Produces)
	f.Extras.Set(&s.Extras)
}

// Service is one snapshot of a service.
type Service struct {
	Slug string `json:"slug" doc:"The service's address in its project, made from its name" example:"order-api"`
	ServiceRaw
	CreatedBy     string           `json:"createdBy" doc:"Member e-mail or key label"`
	CreatedByType string           `json:"createdByType" doc:"MEMBER or API_KEY"`
	CreatedAt     timeline.Instant `json:"createdAt" doc:"When the service was created; UTC, in milliseconds"`
	UpdatedBy     string           `json:"updatedBy" doc:"Who wrote this snapshot"`
	UpdatedByType string           `json:"updatedByType" doc:"MEMBER or API_KEY"`
	UpdatedAt     timeline.Instant `json:"updatedAt" doc:"When this snapshot was written; UTC, in milliseconds"`
	ValidFrom     timeline.Instant `json:"validFrom" doc:"The first instant at which this snapshot holds"`
	ValidUntil    timeline.Instant `json:"validUntil,omitzero" doc:"The first instant at which it holds no more; absent while it holds"`

	etag string
}

// ETag names the snapshot; closing it gives it another tag.
func (s Service) ETag() string { return s.etag }

// Final tells whether the snapshot is closed, and so never changes again.
func (s Service) Final() bool { return s.ValidUntil != 0 }

// etagOf is derived from the snapshot alone, never from a body's bytes.
func etagOf(s timeline.Snapshot) string {
	if s.Closed() {
		return `"` + s.ID + `.closed"`
	}
	return `"` + s.ID + `"`
}

// hold gives ErrPrecondition when an If-Match names another snapshot than s.
func hold(ifMatch etag.Condition, s timeline.Snapshot) error {
	if ifMatch.Sent() && !ifMatch.MatchesStrong(etagOf(s)) {
		return ErrPrecondition.Detailf("the service's ETag is %s", etagOf(s))
	}
	return nil
}

func rawOf(s timeline.Snapshot) (ServiceRaw, error) {
	var raw ServiceRaw
	if err := json.Unmarshal(s.Body, &raw); err != nil {
		return raw, fmt.Errorf("service %q, snapshot %s: %w", s.Key, s.ID, err)
	}
	return raw, nil
}

func serviceOf(s timeline.Snapshot) (Service, error) {
	raw, err := rawOf(s)
	return Service{
		Slug:          s.Key,
		ServiceRaw:    raw,
		CreatedBy:     s.Created.By.Name,
		CreatedByType: s.Created.By.Type,
		CreatedAt:     s.Created.At,
		UpdatedBy:     s.By.Name,
		UpdatedByType: s.By.Type,
		UpdatedAt:     s.From,
		ValidFrom:     s.From,
		ValidUntil:    s.Until,
		etag:          etagOf(s),
	}, err
}
