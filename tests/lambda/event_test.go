package lambda

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

// event is what the gateway sends a function: payload format 1.0 of a REST API.
type event struct {
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

// answer is what a function gives the gateway.
type answer struct {
	StatusCode        int                 `json:"statusCode"`
	Headers           map[string]string   `json:"headers"`
	MultiValueHeaders map[string][]string `json:"multiValueHeaders"`
	Body              string              `json:"body"`
	IsBase64Encoded   bool                `json:"isBase64Encoded"`
}

// golden reads the event of an endpoint. It may have no other members than an event.
func golden(t *testing.T, operation string) event {
	t.Helper()
	var e event
	strictly(t, filepath.Join("../../events", operation+".json"), &e)
	return e
}

func strictly(t *testing.T, path string, into any) {
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

func (e *event) setHeader(name string, values ...string) {
	e.Headers[name], e.MultiValueHeaders[name] = values[len(values)-1], values
}

func (e *event) setQuery(name string, values ...string) {
	if e.Query == nil {
		e.Query, e.MultiValueQuery = map[string]string{}, map[string][]string{}
	}
	e.Query[name], e.MultiValueQuery[name] = values[len(values)-1], values
}

func (e *event) setBody(body string) { e.Body = &body }

// setBase64 sends the body as the gateway does with types declared binary.
func (e *event) setBase64(body string) {
	e.setBody(base64.StdEncoding.EncodeToString([]byte(body)))
	e.IsBase64Encoded = true
}

func (e *event) requestID() string { return e.RequestContext["requestId"].(string) }

// request is what the client sent for the gateway to make this event of it.
func (e *event) request(t *testing.T, server string) *http.Request {
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
	r.Header.Set("X-Request-Id", e.requestID())
	return r
}

func (e *event) bytes(t *testing.T) []byte {
	t.Helper()
	data, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
