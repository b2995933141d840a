package api

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"almanac/internal/tenant"

	"github.com/getkin/kin-openapi/openapi3"
)

func gatewayDocument(t *testing.T) []byte {
	t.Helper()
	data, err := json.Marshal(GatewayBody(Gateway{
		Name:          "Almanac",
		InvocationURI: uriOf,
		Credentials:   func(operation string) string { return "role:" + operation },
		AuthorizerTTL: time.Minute,
	}, Table()))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func uriOf(operation string, streamed bool) string {
	if streamed {
		return "stream:" + operation
	}
	return "uri:" + operation
}

type gatewayOperation struct {
	OperationID string                `json:"operationId"`
	Security    []map[string][]string `json:"security"`
	Responses   map[string]struct {
		Headers map[string]any `json:"headers"`
	} `json:"responses"`
	Integration struct {
		Type             string                     `json:"type"`
		URI              string                     `json:"uri"`
		HTTPMethod       string                     `json:"httpMethod"`
		TransferMode     string                     `json:"responseTransferMode"`
		TimeoutInMillis  int64                      `json:"timeoutInMillis"`
		RequestTemplates map[string]string          `json:"requestTemplates"`
		Responses        map[string]gatewayResponse `json:"responses"`
	} `json:"x-amazon-apigateway-integration"`
}

type gatewayResponse struct {
	StatusCode string            `json:"statusCode"`
	Parameters map[string]string `json:"responseParameters"`
	Templates  map[string]string `json:"responseTemplates"`
}

type parsedGateway struct {
	Paths     map[string]map[string]gatewayOperation `json:"paths"`
	KeySource string                                 `json:"x-amazon-apigateway-api-key-source"`
	Responses map[string]gatewayResponse             `json:"x-amazon-apigateway-gateway-responses"`
}

func parseGateway(t *testing.T) parsedGateway {
	t.Helper()
	var doc parsedGateway
	if err := json.Unmarshal(gatewayDocument(t), &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestAnOpenAPIParserReadsTheGatewaysDocument(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromData(gatewayDocument(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestTheGatewaysDocumentHasTheSameBytesEveryTime(t *testing.T) {
	if a, b := gatewayDocument(t), gatewayDocument(t); !bytes.Equal(a, b) {
		t.Fatalf("%s\n\n%s", a, b)
	}
}

func TestEveryEndpointHasItsRouteAndNothingElseHasOne(t *testing.T) {
	doc := parseGateway(t)
	want := map[string]Endpoint{}
	for _, e := range Table() {
		want[e.Method+" "+e.Path] = e
	}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			if method == anyMethod {
				continue
			}
			route := strings.ToUpper(method) + " " + path
			e, ok := want[route]
			if !ok {
				t.Errorf("%s is no endpoint", route)
				continue
			}
			delete(want, route)
			if op.OperationID != e.ID || op.Integration.Type != "aws_proxy" || op.Integration.URI != uriOf(e.ID, e.ID == "getEvents") || op.Integration.HTTPMethod != http.MethodPost {
				t.Errorf("%s leads to %s by %+v", route, op.OperationID, op.Integration)
			}
			if streams := op.Integration.TransferMode == "STREAM"; streams != (e.ID == "getEvents") || streams && op.Integration.TimeoutInMillis != 90_000 {
				t.Errorf("%s answers by %q within %d ms", route, op.Integration.TransferMode, op.Integration.TimeoutInMillis)
			}
			// One requirement that names both: the caller is known and has a plan.
			keyed := len(op.Security) == 1 && op.Security[0][Authorizer] != nil && op.Security[0][planKey] != nil
			if keyed == e.Public() || e.Public() && op.Security != nil {
				t.Errorf("%s asks for %v", route, op.Security)
			}
		}
	}
	for route := range want {
		t.Errorf("%s has no route", route)
	}
	if doc.KeySource != "AUTHORIZER" {
		t.Errorf("the plan's key comes from %s", doc.KeySource)
	}
}

// laptop is the same table behind the handler, with no keys and no store.
func laptop() http.Handler {
	keys := tenant.NewKeys(nil, time.Now)
	return NewHandler(Config{Log: slog.New(slog.DiscardHandler), Authenticate: func(r *http.Request) (tenant.Principal, error) {
		return keys.Authenticate(r.Context(), r.Header.Values("Authorization"))
	}}, Table()...)
}

func answerOfLaptop(method, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	laptop().ServeHTTP(w, httptest.NewRequest(method, strings.NewReplacer("{", "", "}", "", "+", "").Replace(path), nil))
	return w
}

func TestTheMocksAnswerWhatTheLaptopAnswers(t *testing.T) {
	doc := parseGateway(t)
	for _, path := range []string{"/", "/{proxy+}", "/v1", "/v1/projects", "/v1/projects/{projectId}", "/v1/projects/{projectId}/services/{serviceSlug}/raw"} {
		if _, ok := doc.Paths[path][anyMethod]; !ok {
			t.Errorf("%s has no answer to a method it does not know", path)
		}
	}
	for path, methods := range doc.Paths {
		t.Run(path, func(t *testing.T) {
			op := methods[anyMethod]
			got, want := op.Integration.Responses["default"], answerOfLaptop(http.MethodTrace, path)
			if len(op.Security) != 0 || op.Integration.Type != "mock" {
				t.Errorf("is a %s that asks for %v", op.Integration.Type, op.Security)
			}
			if got.StatusCode != strconv.Itoa(want.Code) || got.Templates["application/json"] != want.Body.String() {
				t.Errorf("answers %s %s, the laptop %d %s", got.StatusCode, got.Templates["application/json"], want.Code, want.Body)
			}
			for _, name := range []string{"Allow", "Cache-Control"} {
				if v := want.Header().Get(name); v != strings.Trim(got.Parameters["method.response.header."+name], "'") {
					t.Errorf("%s is %s, on the laptop %s", name, got.Parameters["method.response.header."+name], v)
				}
			}
			if got.Parameters["method.response.header.X-Request-Id"] != "context.requestId" {
				t.Errorf("parameters %v name no request", got.Parameters)
			}
			for name := range got.Parameters {
				if op.Responses[got.StatusCode].Headers[strings.TrimPrefix(name, "method.response.header.")] == nil {
					t.Errorf("%s is not declared", name)
				}
			}
			for mediaType, template := range op.Integration.RequestTemplates {
				if template != `{"statusCode":`+got.StatusCode+`}` {
					t.Errorf("%s is mapped to %s", mediaType, template)
				}
			}
		})
	}
}

func TestWhatTheGatewayAnswersByItselfHasOurBody(t *testing.T) {
	codes := []string{
		"bad_request", "unauthorized", "forbidden", "not_found", "rate_limited", "internal_error",
	}
	responses := parseGateway(t).Responses
	for name, r := range responses {
		t.Run(name, func(t *testing.T) {
			var body CatalogError
			dec := json.NewDecoder(strings.NewReader(r.Templates["application/json"]))
			dec.DisallowUnknownFields()
			if err := dec.Decode(&body); err != nil {
				t.Fatal(err)
			}
			if strconv.Itoa(body.Status) != r.StatusCode || body.Message == "" || !slices.Contains(codes, body.Code) {
				t.Errorf("status %s with %+v", r.StatusCode, body)
			}
			if strings.Contains(r.Templates["application/json"], "$") {
				t.Error("the body is not a fixed text")
			}
			if r.Parameters["gatewayresponse.header.X-Request-Id"] != "context.requestId" {
				t.Error("names no request")
			}
			wait := r.Parameters["gatewayresponse.header.Retry-After"]
			if limited := body.Code == "rate_limited"; limited != (body.RetryAfter > 0) || limited && wait != "'"+strconv.Itoa(body.RetryAfter)+"'" {
				t.Errorf("Retry-After is %s, retryAfter %d", wait, body.RetryAfter)
			}
		})
	}
	for name, status := range map[string]string{
		"UNAUTHORIZED": "401", "ACCESS_DENIED": "403", "INVALID_API_KEY": "403", "MISSING_AUTHENTICATION_TOKEN": "404",
		"RESOURCE_NOT_FOUND": "404", "REQUEST_TOO_LARGE": "413", "THROTTLED": "429", "QUOTA_EXCEEDED": "429",
		"INTEGRATION_TIMEOUT": "503", "INTEGRATION_FAILURE": "503", "DEFAULT_4XX": "400", "DEFAULT_5XX": "500",
	} {
		if responses[name].StatusCode != status {
			t.Errorf("%s answers %s, not %s", name, responses[name].StatusCode, status)
		}
	}
}

func TestTheGatewayWordsItsErrorsAsTheLaptopDoes(t *testing.T) {
	responses := parseGateway(t).Responses
	body := func(name string) string { return responses[name].Templates["application/json"] }
	if want := answerOfLaptop(http.MethodGet, "/nothing").Body.String(); body("RESOURCE_NOT_FOUND") != want {
		t.Errorf("%s, not %s", body("RESOURCE_NOT_FOUND"), want)
	}
	noKey := answerOfLaptop(http.MethodGet, "/v1/projects")
	var theirs, ours CatalogError
	if err := json.Unmarshal(noKey.Body.Bytes(), &theirs); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(body("UNAUTHORIZED")), &ours); err != nil {
		t.Fatal(err)
	}
	// The gateway cannot tell a missing key from a mistyped one.
	theirs.Details = ""
	if ours.Code != theirs.Code || ours.Message != theirs.Message || ours.Status != theirs.Status {
		t.Errorf("%+v, not %+v", ours, theirs)
	}
}
