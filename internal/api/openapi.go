package api

import (
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"almanac/internal/shape"
)

// Version of the API, as the documents give it.
const Version = "1.0.0"

type (
	document struct {
		OpenAPI    string                       `json:"openapi"`
		Info       info                         `json:"info"`
		Security   []map[string][]string        `json:"security"`
		Paths      map[string]map[string]*route `json:"paths"`
		Components components                   `json:"components"`
	}
	info struct {
		Title       string `json:"title"`
		Version     string `json:"version"`
		Description string `json:"description"`
	}
	components struct {
		Schemas         map[string]any            `json:"schemas"`
		SecuritySchemes map[string]securityScheme `json:"securitySchemes"`
	}
	securityScheme struct {
		Type        string `json:"type"`
		Scheme      string `json:"scheme"`
		Description string `json:"description"`
	}
	route struct {
		OperationID string                `json:"operationId"`
		Summary     string                `json:"summary"`
		Description string                `json:"description"`
		Security    []map[string][]string `json:"security,omitzero"` // empty: none
		Parameters  []shape.Param         `json:"parameters,omitzero"`
		RequestBody *requestBody          `json:"requestBody,omitzero"`
		Responses   map[string]*response  `json:"responses"`
	}
	requestBody struct {
		Required bool             `json:"required"`
		Content  map[string]media `json:"content"`
	}
	response struct {
		Description string                    `json:"description"`
		Headers     map[string]responseHeader `json:"headers"`
		Content     map[string]media          `json:"content,omitzero"`
	}
	responseHeader struct {
		Description string        `json:"description"`
		Schema      *shape.Schema `json:"schema"`
	}
	media struct {
		Schema *shape.Schema `json:"schema"`
	}
)

// OpenAPI is the public document, OpenAPI 3.1, of the endpoints.
func OpenAPI(endpoints []Endpoint) any {
	schemas := map[string]any{}
	doc := document{
		OpenAPI: "3.1.0",
		Info: info{"Almanac", Version, "Remembers every service an organisation has: what it is, which topics it produces " +
			"and consumes, where it listens, and how all that was at any past moment. Instants are RFC 3339; answers give them in UTC with milliseconds. " +
			"A stack on AWS has one address for paths under /v1, its output CatalogUrl, and one for those under /api, its output NetworkUrl."},
		Security: []map[string][]string{{"key": {}}},
		Paths:    map[string]map[string]*route{},
		Components: components{schemas, map[string]securityScheme{
			"key": {"http", "bearer", "A key of a workspace: Authorization: Bearer alm_…"},
		}},
	}
	for _, e := range endpoints {
		if doc.Paths[e.Path] == nil {
			doc.Paths[e.Path] = map[string]*route{}
		}
		doc.Paths[e.Path][strings.ToLower(e.Method)] = e.route(schemas)
	}
	return doc
}

func (e Endpoint) route(schemas map[string]any) *route {
	r := &route{
		OperationID: e.ID,
		Summary:     e.Summary,
		Description: e.needs(),
		Parameters:  e.params.Describe(),
		Responses:   map[string]*response{},
	}
	if e.Method == http.MethodPost {
		r.Parameters = append(r.Parameters, idempotencyParam())
	}
	conditional := e.tagged && e.Method == http.MethodGet
	if conditional {
		r.Parameters = append(r.Parameters, ifNoneMatchParam())
	}
	if e.Public() {
		r.Description = "Needs no key: who has the token reads the project it was made for. Its answers name no actors and are never to be stored."
		r.Security = []map[string][]string{}
		r.Parameters = publicParams(r.Parameters)
	}
	success := &response{Description: http.StatusText(e.Success), Headers: requestIDHeader()}
	maps.Copy(success.Headers, limitHeaders())
	if e.tagged {
		success.Headers["ETag"] = responseHeader{"Names the state that is shown, for If-None-Match and If-Match", &shape.Schema{Type: "string"}}
	}
	if conditional {
		r.Responses[strconv.Itoa(http.StatusNotModified)] = &response{Description: http.StatusText(http.StatusNotModified), Headers: maps.Clone(success.Headers)}
	}
	if e.answer != nil || dialectOf(e.Path).success != nil {
		success.Content = e.content(schemas)
		if e.Streams() {
			success.Content["text/event-stream"] = media{&shape.Schema{Type: "string"}}
		}
	}
	r.Responses[strconv.Itoa(e.Success)] = success
	if e.body != nil {
		r.RequestBody = &requestBody{!e.body.Optional(), jsonContent(e.body.Schema(schemas))}
	}
	errorSchema := shape.AnswerSchema(dialectOf(e.Path).failed, schemas)
	for status, codes := range e.problems() {
		failed := &response{Description: strings.Join(codes, ", "), Headers: requestIDHeader(), Content: jsonContent(errorSchema)}
		if status == http.StatusTooManyRequests {
			maps.Copy(failed.Headers, limitHeaders())
			failed.Headers["Retry-After"] = responseHeader{"Seconds to wait", &shape.Schema{Type: "integer"}}
		}
		r.Responses[strconv.Itoa(status)] = failed
	}
	return r
}

// needs says what a key must have.
func (e Endpoint) needs() string {
	if e.Also != "" {
		return "Needs the scopes " + string(e.Scope) + " and " + string(e.Also) + "."
	}
	return "Needs the scope " + string(e.Scope) + "."
}

// problems lists the error codes that an endpoint may answer, by status.
func (e Endpoint) problems() map[int][]string {
	problems := map[int][]string{
		http.StatusBadRequest:            {"bad_request"},
		http.StatusUnauthorized:          {"unauthorized"},
		http.StatusForbidden:             {"forbidden"},
		http.StatusRequestEntityTooLarge: {"bad_request"},
		http.StatusTooManyRequests:       {"rate_limited"},
		http.StatusInternalServerError:   {"internal_error"},
		http.StatusServiceUnavailable:    {"internal_error"},
	}
	if e.Method == http.MethodPost {
		problems[http.StatusConflict] = []string{"conflict"} // of an Idempotency-Key
	}
	if e.body != nil {
		problems[http.StatusBadRequest] = []string{"bad_request", "validation_failed"}
	}
	if e.Public() {
		delete(problems, http.StatusUnauthorized)
		delete(problems, http.StatusForbidden)
	}
	for _, f := range e.Errors {
		status := StatusOf(f.Kind)
		if !slices.Contains(problems[status], f.Code) {
			problems[status] = append(problems[status], f.Code)
		}
	}
	return problems
}

// content is what the endpoint's answers are.
func (e Endpoint) content(schemas map[string]any) map[string]media {
	if e.answer == nil {
		return jsonContent(envelopeSchema(nil, schemas))
	}
	if text, ok := reflect.Zero(e.answer).Interface().(textual); ok {
		mediaType, _, _ := strings.Cut(text.MediaType(), ";")
		return map[string]media{mediaType: {&shape.Schema{Type: "string"}}}
	}
	if dialectOf(e.Path).success != nil {
		return jsonContent(envelopeSchema(e.answer, schemas))
	}
	return jsonContent(shape.AnswerSchema(e.answer, schemas))
}

func jsonContent(s *shape.Schema) map[string]media {
	return map[string]media{"application/json": {s}}
}

// ifNoneMatchParam has no pattern: a field that cannot be read is as one not sent.
func ifNoneMatchParam() shape.Param {
	return shape.Param{
		Name: "If-None-Match", In: "header",
		Doc:    "ETags of answers that the caller has, or *: where one is still that of the answer, 304 without a body",
		Schema: &shape.Schema{Type: "string"},
	}
}

func requestIDHeader() map[string]responseHeader {
	return map[string]responseHeader{"X-Request-Id": {"Names this request in the logs", &shape.Schema{Type: "string"}}}
}
