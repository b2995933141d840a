package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"almanac/internal/api"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// document is the public document as a client's parser reads it.
var document = sync.OnceValues(func() (*openapi3.T, error) {
	text, err := json.Marshal(api.OpenAPI(api.Table()))
	if err != nil {
		return nil, err
	}
	return openapi3.NewLoader().LoadFromData(text)
})

func init() { openapi3filter.RegisterBodyDecoder("image/svg+xml", openapi3filter.PlainBodyDecoder) }

// checkDocumented checks an answer against what the document says of its
// operation, status and body. What is no operation is not in the document.
func (a answer) checkDocumented(r *http.Request) {
	a.Helper()
	doc, err := document()
	if err != nil {
		a.Fatal(err)
	}
	route := routeOf(doc, r)
	if route == nil {
		return
	}
	// The parser passes over each 304, and over headers that it is not told of.
	told := route.Operation.Responses.Status(a.status)
	if told == nil || a.header.Get("ETag") != "" && told.Value.Headers["ETag"] == nil {
		a.Errorf("%s: %d with the ETag %q is not documented", a.asked, a.status, a.header.Get("ETag"))
	}
	// A schema is compiled for each answer, so what was found right is not asked again.
	headers := a.header.Clone()
	headers.Del("Date")
	headers.Del("X-Request-Id")
	answer := fmt.Sprintln(r.Method, route.Path, a.status, headers, a.body)
	if _, right := documented.Load(answer); right {
		return
	}
	err = openapi3filter.ValidateResponse(a.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, Route: route},
		Status:                 a.status,
		Header:                 a.header,
		Body:                   io.NopCloser(strings.NewReader(a.body)),
		Options:                &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	})
	if err != nil {
		a.Errorf("%s: %d is not as documented: %v\n%s", a.asked, a.status, err, a.body)
		return
	}
	documented.Store(answer, true)
}

// documented are the answers that were found to be as documented.
var documented sync.Map

// routeOf is the operation of a request. Of two templates that fit, the one with
// a word where the other has a parameter is the better one, and sorts first.
func routeOf(doc *openapi3.T, r *http.Request) *routers.Route {
	items := doc.Paths.Map()
	for _, path := range slices.Sorted(maps.Keys(items)) {
		item := items[path]
		if !fits(path, r.URL.EscapedPath()) {
			continue
		}
		if operation := item.Operations()[r.Method]; operation != nil {
			return &routers.Route{Spec: doc, Path: path, PathItem: item, Method: r.Method, Operation: operation}
		}
		return nil
	}
	return nil
}

// fits tells whether a path is one of a template's, segment by segment.
func fits(template, path string) bool {
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		parameter := strings.HasPrefix(want[i], "{")
		if parameter && got[i] == "" || !parameter && got[i] != want[i] {
			return false
		}
	}
	return true
}

func TestAParserOfOpenAPIReadsTheDocumentWithoutAComplaint(t *testing.T) {
	h := open(t)
	got := h.send(request{method: "GET", path: "/openapi.json", header: http.Header{}}).ok()
	doc, err := openapi3.NewLoader().LoadFromData([]byte(got.body))
	if err != nil {
		t.Fatal(err)
	}
	if !doc.IsOpenAPI31OrLater() {
		t.Errorf("the document is OpenAPI %s", doc.OpenAPI)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Error(err)
	}
	operations := 0
	for _, item := range doc.Paths.Map() {
		operations += len(item.Operations())
	}
	if table := api.Table(); operations != len(table) {
		t.Errorf("%d operations are documented, %d are in the table", operations, len(table))
	}
	for _, e := range api.Table() {
		item := doc.Paths.Value(e.Path)
		if item == nil || item.Operations()[e.Method] == nil || item.Operations()[e.Method].OperationID != e.ID {
			t.Errorf("%s is not documented at %s %s", e.ID, e.Method, e.Path)
			continue
		}
		if body := item.Operations()[e.Method].RequestBody; body != nil && body.Value.Required == (e.ID == "duplicateProject") {
			t.Errorf("the body of %s is required: %t", e.ID, body.Value.Required)
		}
	}
}

func TestTheCheckAgainstTheDocumentFindsWhatIsNotDocumented(t *testing.T) {
	doc, err := document()
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/v1/projects/web-shop-a1b2c", nil)
	for name, body := range map[string]string{
		"a member too many": `{"status":404,"code":"project_not_found","message":"Project not found","more":1}`,
		"a member missing":  `{"status":404,"code":"project_not_found"}`,
		"a null":            `{"status":404,"code":"project_not_found","message":null}`,
	} {
		err := openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
			RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, Route: routeOf(doc, r)},
			Status:                 404,
			Header:                 http.Header{"Content-Type": {"application/json"}},
			Body:                   io.NopCloser(bytes.NewBufferString(body)),
		})
		if err == nil {
			t.Errorf("%s passed: %s", name, body)
		}
	}
}
