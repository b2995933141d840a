package api

import (
	"cmp"
	"net/http"
	"reflect"
	"strings"

	"almanac/internal/fault"
	"almanac/internal/network"
	"almanac/internal/shape"
	"almanac/internal/tenant"
)

// networkRoot is above all paths of the network API.
const (
	networkRoot = "/api"
	networkBase = networkRoot + "/v1"
)

// surveyMemoryMB is for operations that read whole networks: more memory is more
// of a processor, too.
const surveyMemoryMB = 1024

// networked completes an entry of the network API with what all of its kind
// have; it may say more.
func networked(e Endpoint) Endpoint {
	e.Success = http.StatusOK
	if !strings.HasPrefix(e.Path, networkRoot+"/") {
		e.Path = networkBase + e.Path
	}
	reads := e.Method == http.MethodGet
	e.Scope = cmp.Or(e.Scope, scopeFor(e.Method, tenant.NetworkRead, tenant.NetworkWrite))
	if e.Access == 0 {
		e.Access = MayGet | MayRange
		if !reads {
			e.Access |= MayPut
		}
	}
	if strings.Contains(e.Path, "{") {
		e.Errors = append(e.Errors, network.ErrNotFound)
		if !reads {
			e.Errors = append(e.Errors, network.ErrPrecondition)
		}
	}
	return e
}

func newInventory(d Deps) *network.Inventory { return network.New(d.Store, d.Now) }

// The network API wraps all that it answers.
type (
	// envelope is a success.
	envelope struct {
		Success bool `json:"success"`
		Data    any  `json:"data"`
		Meta    Meta `json:"meta"`
	}
	// NetworkError is the error body of the network API.
	NetworkError struct {
		Success bool         `json:"success" doc:"false"`
		Error   string       `json:"error" doc:"What went wrong, in words" example:"Host not found: there is none with the id 497f6eca-6276-4993-bfeb-53cbbbba6f08"`
		Code    string       `json:"code,omitzero" doc:"Machine-readable code in snake_case" example:"not_found"`
		Params  *ErrorParams `json:"params,omitzero" doc:"Particulars of the error, where it has any"`
		Meta    Meta         `json:"meta" doc:"Of the API"`
	}
	ErrorParams struct {
		Violations []fault.Violation `json:"violations,omitzero" doc:"What is wrong with the body; only with validation_failed"`
		RetryAfter int               `json:"retry_after,omitzero" doc:"Seconds to wait; only with rate_limited"`
	}
	// Meta says which API answered, and which part of a list an answer is.
	Meta struct {
		APIVersion    int         `json:"api_version" doc:"1"`
		ServerVersion string      `json:"server_version" doc:"Version of the program" example:"1.0.0"`
		Pagination    *Pagination `json:"pagination,omitzero" doc:"Only with lists"`
	}
	Pagination struct {
		TotalCount int  `json:"total_count" doc:"How many the request selects, on all pages"`
		Limit      int  `json:"limit" doc:"The most that a page shows, as it was applied; 0 is all"`
		Offset     int  `json:"offset" doc:"How many were left out before the first that is shown"`
		HasMore    bool `json:"has_more" doc:"Whether something follows"`
	}
)

var networkDialect = dialect{failure: networkError, failed: reflect.TypeFor[NetworkError](), success: enveloped}

func meta() Meta { return Meta{APIVersion: 1, ServerVersion: Version} }

func networkError(_ int, f *fault.Error) any {
	e := NetworkError{Error: f.Message, Code: f.Code, Meta: meta()}
	if f.Details != "" {
		e.Error += ": " + f.Details
	}
	for i, v := range f.Violations {
		e.Error += []string{": ", "; "}[min(i, 1)] + v.Field + " " + v.Message
	}
	if f.Violations != nil || f.RetryAfter != 0 {
		e.Params = &ErrorParams{f.Violations, f.RetryAfter}
	}
	return e
}

// listed is an answer that is a page of a list.
type listed interface {
	wrapped
	Page() (total, limit, offset int, more bool)
}

// parcel is an operation's answer in its envelope.
type parcel struct {
	tagged // nil: none
	body   envelope
}

func (p parcel) Body() any { return p.body }

func (p parcel) ETag() string {
	if p.tagged == nil {
		return ""
	}
	return p.tagged.ETag()
}

// enveloped wraps what is no text.
func enveloped(answer any) any {
	if _, ok := answer.(textual); ok {
		return answer
	}
	p := parcel{body: envelope{true, unwrapped(answer), meta()}}
	p.tagged, _ = answer.(tagged)
	if l, ok := answer.(listed); ok {
		total, limit, offset, more := l.Page()
		p.body.Meta.Pagination = &Pagination{total, limit, offset, more}
	}
	return p
}

// envelopeSchema describes the envelope of what is of type t; nil is null.
func envelopeSchema(t reflect.Type, schemas map[string]any) *shape.Schema {
	data := &shape.Schema{Type: "null"}
	if t != nil {
		data = shape.AnswerSchema(t, schemas)
	}
	return &shape.Schema{
		Type:     "object",
		Required: []string{"success", "data", "meta"},
		Properties: shape.Properties{
			{Name: "success", Schema: &shape.Schema{Type: "boolean", Enum: []any{true}}},
			{Name: "data", Schema: data},
			{Name: "meta", Schema: shape.AnswerSchema(reflect.TypeFor[Meta](), schemas)},
		},
	}
}
