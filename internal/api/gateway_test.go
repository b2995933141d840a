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

	"almanac/internal/fault"
	"almanac/internal/tenant"

	"github.com/getkin/kin-openapi/openapi3"
)

func gatewayDocument(t *testing.T, a API) []byte {
	t.Helper()
	data, err := json.Marshal(GatewayBody(Gateway{
		Name:          "Almanac",
		API:           a,
		InvocationURI: uriOf,
		Credentials:   func(operation string) string { return "role:" + operation },
		AuthorizerTTL: time.Minute,
	}, Table()))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// eachGateway is a test of the document of each gateway.
func eachGateway(t *testing.T, test func(t *testing.T, a API, doc parsedGateway)) {
	for _, a := range APIs() {
		t.Run(a.Name, func(t *testing.T) { test(t, a, parseGateway(t, a)) })
	}
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

func parseGateway(t *testing.T, a API) parsedGateway {
	t.Helper()
	var doc parsedGateway
	if err := json.Unmarshal(gatewayDocument(t, a), &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestAnOpenAPIParserReadsTheGatewaysDocuments(t *testing.T) {
	eachGateway(t, func(t *testing.T, a API, _ parsedGateway) {
		doc, err := openapi3.NewLoader().LoadFromData(gatewayDocument(t, a))
		if err != nil {
			t.Fatal(err)
		}
		if err := doc.Validate(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

func TestTheGatewaysDocumentsHaveTheSameBytesEveryTime(t *testing.T) {
	eachGateway(t, func(t *testing.T, a API, _ parsedGateway) {
		if a, b := gatewayDocument(t, a), gatewayDocument(t, a); !bytes.Equal(a, b) {
			t.Fatalf("%s\n\n%s", a, b)
		}
	})
}

func TestEveryEndpointIsOfOneAPIWhichWordsItsErrorsAsItDoes(t *testing.T) {
	for _, e := range Table() {
		apis := slices.DeleteFunc(APIs(), func(a API) bool { return !a.Holds(e.Path) })
		if len(apis) != 1 {
			t.Errorf("%s %s is of %v", e.ID, e.Path, apis)
			continue
		}
		if got, want := dialectOf(e.Path).failed, dialectOf(apis[0].Root).failed; got != want {
			t.Errorf("%s words its errors as %s, the %s API as %s", e.ID, got, apis[0].Name, want)
		}
	}
}

func TestEveryEndpointHasItsRouteAndNothingElseHasOne(t *testing.T) {
	eachGateway(t, func(t *testing.T, a API, doc parsedGateway) {
		want := map[string]Endpoint{}
		for _, e := range a.Endpoints(Table()) {
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
				checkRoute(t, route, op, e)
			}
		}
		for route := range want {
			t.Errorf("%s has no route", route)
		}
		if doc.KeySource != "AUTHORIZER" {
			t.Errorf("the plan's key comes from %s", doc.KeySource)
		}
	})
}

func checkRoute(t *testing.T, route string, op gatewayOperation, e Endpoint) {
	t.Helper()
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

// API Gateway refuses a document where /hosts/{id} is beside /hosts/{host}/ports.
func TestAPartOfAPathThatVariesHasOneName(t *testing.T) {
	eachGateway(t, func(t *testing.T, _ API, doc parsedGateway) {
		names := map[string]string{}
		for path := range doc.Paths {
			for path != "" {
				above, last := path[:strings.LastIndexByte(path, '/')], path[strings.LastIndexByte(path, '/')+1:]
				if strings.HasPrefix(last, "{") {
					if name := names[above]; name != "" && name != last {
						t.Errorf("%s has %s and %s below it", above, name, last)
					}
					names[above] = last
				}
				path = above
			}
		}
	})
}

// API Gateway takes 300 resources an API, which are the parts of its paths:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
func TestEachGatewayStaysFarBelowItsLimitOfResources(t *testing.T) {
	eachGateway(t, func(t *testing.T, _ API, doc parsedGateway) {
		resources := map[string]bool{}
		for path := range doc.Paths {
			for path != "" {
				resources[path] = true
				path = path[:strings.LastIndexByte(path, '/')]
			}
		}
		t.Logf("%d resources", len(resources))
		if len(resources) > 150 {
			t.Errorf("%d resources", len(resources))
		}
	})
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
	for _, path := range []string{"/", "/{proxy+}", "/v1", "/v1/projects", "/v1/projects/{projectId}", "/v1/projects/{projectId}/services/{serviceSlug}/raw"} {
		if _, ok := parseGateway(t, APIs()[0]).Paths[path][anyMethod]; !ok {
			t.Errorf("%s has no answer to a method it does not know", path)
		}
	}
	eachGateway(t, func(t *testing.T, a API, doc parsedGateway) {
		for path, methods := range doc.Paths {
			if a.Holds(path) {
				t.Run(path, func(t *testing.T) {
					want := answerOfLaptop(http.MethodTrace, path)
					checkMock(t, methods[anyMethod], want.Code, want.Body.String(), want.Header().Get("Allow"))
				})
			}
		}
	})
}

func TestOtherPathsAreNotFoundInTheWordsOfTheirAPIOrElseOfTheGateway(t *testing.T) {
	worded := func(path string, f *fault.Error) string { return gatewayError(dialectOf(path), f) }
	elsewhere := func(name string) *fault.Error {
		return errRouteNotFound.Detailf("the %s API has an address of its own", name)
	}
	for name, want := range map[string]map[string]string{
		"catalog": {
			"/": worded("/v1", errRouteNotFound), "/{proxy+}": worded("/v1", errRouteNotFound),
			"/api": worded("/api", elsewhere("network")), "/api/{proxy+}": worded("/api", elsewhere("network")),
		},
		"network": {
			"/": worded("/api", errRouteNotFound), "/{proxy+}": worded("/api", errRouteNotFound),
			"/v1": worded("/v1", elsewhere("catalog")), "/v1/{proxy+}": worded("/v1", elsewhere("catalog")),
		},
	} {
		eachGateway(t, func(t *testing.T, a API, doc parsedGateway) {
			if a.Name != name {
				return
			}
			for path, methods := range doc.Paths {
				if a.Holds(path) {
					continue
				}
				t.Run(path, func(t *testing.T) { checkMock(t, methods[anyMethod], http.StatusNotFound, want[path], "") })
				delete(want, path)
			}
			if len(want) > 0 {
				t.Errorf("not answered: %v", want)
			}
		})
	}
}

// checkMock holds the mock of a path to what it is to answer.
func checkMock(t *testing.T, op gatewayOperation, status int, body, allow string) {
	t.Helper()
	got := op.Integration.Responses["default"]
	if len(op.Security) != 0 || op.Integration.Type != "mock" {
		t.Errorf("is a %s that asks for %v", op.Integration.Type, op.Security)
	}
	if got.StatusCode != strconv.Itoa(status) || got.Templates["application/json"] != body {
		t.Errorf("answers %s %s, not %d %s", got.StatusCode, got.Templates["application/json"], status, body)
	}
	for name, want := range map[string]string{"Allow": allow, "Cache-Control": noStore} {
		if v := strings.Trim(got.Parameters["method.response.header."+name], "'"); v != want {
			t.Errorf("%s is %s, not %s", name, v, want)
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
}
