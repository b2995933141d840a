package contract

import (
	"encoding/json"
	"fmt"
	"regexp"
	"testing"
	"time"
)

// The shapes of the contract, written from its text and not from the program:
// a member without omitempty is always there, one with it may be absent, and
// none is ever null.
type (
	project struct {
		ID            string `json:"id"`
		Name          string `json:"name"`
		Description   string `json:"description"`
		Archived      bool   `json:"archived"`
		Pinned        bool   `json:"pinned"`
		ServiceCount  int    `json:"serviceCount"`
		IsOwner       bool   `json:"isOwner"`
		CreatedBy     string `json:"createdBy"`
		CreatedByType string `json:"createdByType"`
		UpdatedBy     string `json:"updatedBy"`
		UpdatedByType string `json:"updatedByType"`
		CreatedAt     stamp  `json:"createdAt"`
		UpdatedAt     stamp  `json:"updatedAt"`
	}
	projectPage struct {
		Data       []project `json:"data"`
		Page       int       `json:"page"`
		Size       int       `json:"size"`
		Total      int       `json:"total"`
		TotalPages int       `json:"totalPages"`
		First      bool      `json:"first"`
		Last       bool      `json:"last"`
	}
	serviceRaw struct {
		Name        string             `json:"name"`
		Description *string            `json:"description,omitempty"`
		Category    *string            `json:"category,omitempty"`
		Owner       *string            `json:"owner,omitempty"`
		Flows       *[]string          `json:"flows,omitempty"`
		Consumes    []topic            `json:"consumes"`
		Produces    []topic            `json:"produces"`
		Extras      *map[string]string `json:"extras,omitempty"`
	}
	service struct {
		Slug string `json:"slug"`
		serviceRaw
		CreatedBy     string `json:"createdBy"`
		CreatedByType string `json:"createdByType"`
		CreatedAt     stamp  `json:"createdAt"`
		UpdatedBy     string `json:"updatedBy"`
		UpdatedByType string `json:"updatedByType"`
		UpdatedAt     stamp  `json:"updatedAt"`
		ValidFrom     stamp  `json:"validFrom"`
		ValidUntil    *stamp `json:"validUntil,omitempty"`
	}
	topic struct {
		Name     string             `json:"name"`
		Category *string            `json:"category,omitempty"`
		Owner    *string            `json:"owner,omitempty"`
		Flows    *[]string          `json:"flows,omitempty"`
		Extras   *map[string]string `json:"extras,omitempty"`
	}
	history struct {
		Events     []event `json:"events"`
		TotalCount int     `json:"totalCount"`
	}
	event struct {
		SnapshotID  string `json:"snapshotId"`
		ServiceSlug string `json:"serviceSlug"`
		ServiceName string `json:"serviceName"`
		ChangeType  string `json:"changeType"`
		ActorName   string `json:"actorName"`
		ActorType   string `json:"actorType"`
		Timestamp   stamp  `json:"timestamp"`
	}
	problem struct {
		Status     int         `json:"status"`
		Code       string      `json:"code"`
		Message    string      `json:"message"`
		Details    string      `json:"details,omitempty"`
		Violations []violation `json:"violations,omitempty"`
	}
	violation struct {
		Field         string          `json:"field"`
		Message       string          `json:"message"`
		RejectedValue json.RawMessage `json:"rejectedValue,omitempty"`
	}
)

// stamp is a timestamp as it goes out: UTC, exactly milliseconds, 24 characters.
type stamp string

var outward = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`)

func (s *stamp) UnmarshalText(text []byte) error {
	*s = stamp(text)
	if !outward.Match(text) {
		return fmt.Errorf("%q is no timestamp of 24 characters", text)
	}
	_, err := time.Parse(time.RFC3339, string(text))
	return err
}

const stampLayout = "2006-01-02T15:04:05.000Z"

func (s stamp) time(t testing.TB) time.Time {
	t.Helper()
	parsed, err := time.Parse(stampLayout, string(s))
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// plus is the timestamp so many milliseconds later.
func (s stamp) plus(ms int) stamp {
	parsed, err := time.Parse(stampLayout, string(s))
	if err != nil {
		panic(err)
	}
	return stamp(parsed.Add(time.Duration(ms) * time.Millisecond).Format(stampLayout))
}
