// Package golden is what tests of functions compare with: the golden events, a
// history to ask about, and the laptop's answers.
package golden

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Event is what the gateway sends a function: payload format 1.0 of a REST API.
type Event struct {
	Resource          string              `json:"resource"`
	Path              string              `json:"path"`
	HTTPMethod        string              `json:"httpMethod"`
	Headers           map[string]string   `json:"headers"`
	MultiValueHeaders map[string][]string `json:"multiValueHeaders"`
	Query             map[string]string   `json:"queryStringParameters"`
	MultiValueQuery   map[string][]string `json:"multiValueQueryStringParameters"`
	PathParameters    map[string]string   `json:"pathParameters"`
	StageVariables    map[string]string   `json:"stageVariables"`
	RequestContext    map[string]any      `json:"requestContext"`
	Body              *string             `json:"body"`
	IsBase64Encoded   bool                `json:"isBase64Encoded"`
}

// Read reads the golden event of an endpoint. It may have no other members than an event.
func Read(t *testing.T, operation string) Event {
	t.Helper()
	var e Event
	Strictly(t, filepath.Join("../../events", operation+".json"), &e)
	return e
}

// Strictly decodes a file of the members of into and no others.
func Strictly(t *testing.T, path string, into any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// NeedsKey tells whether the event came through the authorizer.
func (e *Event) NeedsKey() bool { return e.RequestContext["authorizer"] != nil }

// Name asks with real ids where the event has golden ones.
func (e *Event) Name(names Names) {
	var pairs []string
	for golden, real := range names {
		pairs = append(pairs, golden, real)
	}
	real := strings.NewReplacer(pairs...).Replace
	e.Path = real(e.Path)
	e.RequestContext["path"] = real(e.RequestContext["path"].(string))
	for name, value := range e.PathParameters {
		e.PathParameters[name] = real(value)
	}
	for name, values := range e.MultiValueQuery {
		named := make([]string, len(values))
		for i, value := range values {
			named[i] = real(value)
		}
		e.SetQuery(name, named...)
	}
	if e.Body != nil && !e.IsBase64Encoded {
		e.SetBody(real(*e.Body))
	}
}

// SetHeader gives a header all its values.
func (e *Event) SetHeader(name string, values ...string) {
	e.Headers[name], e.MultiValueHeaders[name] = values[len(values)-1], values
}

// SetQuery gives a query parameter all its values.
func (e *Event) SetQuery(name string, values ...string) {
	if e.Query == nil {
		e.Query, e.MultiValueQuery = map[string]string{}, map[string][]string{}
	}
	e.Query[name], e.MultiValueQuery[name] = values[len(values)-1], values
}

// SetBody sends a text.
func (e *Event) SetBody(body string) { e.Body = &body }

// SetBase64 sends the body as the gateway does with types declared binary.
func (e *Event) SetBase64(body string) {
	e.SetBody(base64.StdEncoding.EncodeToString([]byte(body)))
	e.IsBase64Encoded = true
}

// RequestID is the gateway's name for the request.
func (e *Event) RequestID() string { return e.RequestContext["requestId"].(string) }

// Request is what the client sent for the gateway to make this event of it.
func (e *Event) Request(t *testing.T, server string) *http.Request {
	t.Helper()
	target := server + e.Path
	if len(e.MultiValueQuery) > 0 {
		target += "?" + url.Values(e.MultiValueQuery).Encode()
	}
	var body io.Reader
	if e.Body != nil {
		text := *e.Body
		if e.IsBase64Encoded {
			decoded, err := base64.StdEncoding.DecodeString(text)
			if err != nil {
				t.Fatal(err)
			}
			text = string(decoded)
		}
		body = strings.NewReader(text)
	}
	r, err := http.NewRequestWithContext(t.Context(), e.HTTPMethod, target, body)
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(r.Header, e.MultiValueHeaders)
	r.Header.Del("Host")
	r.Header.Set("X-Request-Id", e.RequestID())
	return r
}

// Bytes is the event as the function gets it.
func (e *Event) Bytes(t *testing.T) []byte {
	t.Helper()
	data, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
