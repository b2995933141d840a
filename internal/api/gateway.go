package api

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"almanac/internal/fault"
)

// Gateway is what a gateway's document holds and only the stack knows.
type Gateway struct {
	Name string
	API  API // what it serves
	// InvocationURI is where the gateway reaches the function of an operation
	// or, under the name Authorizer, the authorizer; or where it gets the answer
	// while it is written.
	InvocationURI func(operation string, streamed bool) string
	// Credentials is the ARN of the role with which it does.
	Credentials   func(operation string) string
	AuthorizerTTL time.Duration
}

// Authorizer is the name of the function that tells the gateway who calls.
const Authorizer = "authorizer"

// Announcer is the name of the function that tells the event bus of every write.
const Announcer = "announce"

// Maintainer is the name of the function that does what no request waits for.
const Maintainer = "maintain"

type object = map[string]any

// GatewayBody is the OpenAPI 3.0 document that API Gateway imports for one API
// of a table: routes and integrations, no models, because what bodies may be is
// told by one place only. It encodes to the same bytes every time.
//
// Whatever is no route is answered by a mock here. API Gateway's own answer to
// an unknown path with a bearer token is a complaint about a signature. A path
// of another API is answered as that one would, and told where it belongs.
func GatewayBody(g Gateway, table []Endpoint) map[string]any {
	served := map[string][]Endpoint{}
	for _, e := range g.API.Endpoints(table) {
		served[e.Path] = append(served[e.Path], e)
	}
	paths := map[string]object{}
	for path, some := range served {
		paths[path] = g.routes(path, some)
	}
	for _, path := range append(parents(served), "/", "/{proxy+}") {
		if paths[path] == nil {
			paths[path] = object{anyMethod: mock(path, g.API.words(), errRouteNotFound)}
		}
	}
	for _, other := range APIs() {
		if other != g.API {
			elsewhere := errRouteNotFound.Detailf("the %s API has an address of its own", other.Name)
			for _, path := range []string{other.Root, other.Root + "/{proxy+}"} {
				paths[path] = object{anyMethod: mock(path, other.words(), elsewhere)}
			}
		}
	}
	return object{
		"openapi": "3.0.1",
		"info":    object{"title": g.Name, "version": Version},
		"paths":   widen(paths),
		"components": object{"securitySchemes": object{
			Authorizer: object{
				"type": "apiKey", "name": "Authorization", "in": "header",
				"x-amazon-apigateway-authtype": "custom",
				"x-amazon-apigateway-authorizer": object{
					"type":                         "request",
					"identitySource":               "method.request.header.Authorization",
					"authorizerUri":                g.InvocationURI(Authorizer, false),
					"authorizerCredentials":        g.Credentials(Authorizer),
					"authorizerResultTtlInSeconds": int(g.AuthorizerTTL.Seconds()),
				},
			},
			planKey: object{"type": "apiKey", "name": "x-api-key", "in": "header"},
		}},
		"x-amazon-apigateway-api-key-source":    "AUTHORIZER",
		"x-amazon-apigateway-gateway-responses": gatewayResponses(g.API.words()),
	}
}

const (
	anyMethod = "x-amazon-apigateway-any-method"
	// planKey is the gateway's key of the caller's usage plan. No caller sends
	// it: the authorizer names it.
	planKey = "api_key"
)

// routes answers every request of a path by its endpoints, and refuses all other methods.
func (g Gateway) routes(path string, endpoints []Endpoint) object {
	methods := object{}
	var allow []string
	for _, e := range endpoints {
		methods[strings.ToLower(e.Method)] = g.proxy(e)
		allow = append(allow, e.Method)
	}
	slices.Sort(allow)
	methods[anyMethod] = mock(path, g.API.words(), notAllowed(allow), literal("Allow", strings.Join(allow, ", ")))
	return methods
}

func (g Gateway) proxy(e Endpoint) object {
	method := object{
		"operationId":                     e.ID,
		"parameters":                      pathParameters(e.Path),
		"responses":                       object{strconv.Itoa(e.Success): object{"description": e.Summary}},
		"x-amazon-apigateway-integration": g.integration(e),
	}
	if !e.Public() {
		method["security"] = []any{object{Authorizer: []any{}, planKey: []any{}}}
	}
	return method
}

func (g Gateway) integration(e Endpoint) object {
	integration := object{
		"type": "aws_proxy", "httpMethod": http.MethodPost, "uri": g.InvocationURI(e.ID, e.Streams()),
		"credentials": g.Credentials(e.ID), "passthroughBehavior": "when_no_match",
	}
	if e.Streams() {
		// Then the function's answers have another form, streams or not.
		integration["responseTransferMode"] = "STREAM"
		integration["timeoutInMillis"] = e.FunctionTimeout().Milliseconds()
	}
	return integration
}

// mock answers every request of a path with one error, key or no key.
func mock(path string, words dialect, f *fault.Error, headers ...[2]string) object {
	status := strconv.Itoa(StatusOf(f.Kind))
	declared, values := object{}, object{}
	for _, h := range append(headers, commonHeaders...) {
		declared[h[0]] = object{"schema": object{"type": "string"}}
		values["method.response.header."+h[0]] = h[1]
	}
	templates := object{}
	for _, mediaType := range mockedTypes {
		templates[mediaType] = `{"statusCode":` + status + `}`
	}
	return object{
		"parameters": pathParameters(path),
		"responses":  object{status: object{"description": f.Message, "headers": declared}},
		"x-amazon-apigateway-integration": object{
			"type": "mock", "requestTemplates": templates, "passthroughBehavior": "never",
			"responses": object{"default": object{
				"statusCode":         status,
				"responseParameters": values,
				"responseTemplates":  object{"application/json": gatewayError(words, f)},
			}},
		},
	}
}

// mockedTypes are the media types of requests that a mock can read. A mock
// fails on a body for which it has no template, and there is no wildcard.
var mockedTypes = []string{
	"application/json", "application/octet-stream", "application/x-www-form-urlencoded", "application/xml",
	"multipart/form-data", "text/plain",
}

// literal is a header with a fixed value; without the quotes it is a mapping.
func literal(name, value string) [2]string { return [2]string{name, "'" + value + "'"} }

var commonHeaders = [][2]string{{"X-Request-Id", "context.requestId"}, {"Cache-Control", "'" + noStore + "'"}}

// gatewayError is the body of an error that the gateway itself answers.
func gatewayError(words dialect, f *fault.Error) string {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(words.failure(StatusOf(f.Kind), f)); err != nil {
		panic(err) // an error body is plain data
	}
	return strings.TrimSuffix(buf.String(), "\n")
}

func pathParameters(path string) []any {
	declared := []any{}
	for segment := range strings.SplitSeq(path, "/") {
		if name, ok := strings.CutPrefix(segment, "{"); ok {
			name = strings.TrimRight(name, "+}")
			declared = append(declared, object{"name": name, "in": "path", "required": true, "schema": object{"type": "string"}})
		}
	}
	return declared
}

// parents are the paths above those of the endpoints. They exist in the
// gateway, so its catch-all does not reach them, nor the path of a sibling that
// has a variable in their place; on the laptop they are the same.
func parents[V any](methods map[string]V) []string {
	above := map[string]bool{}
	for path := range methods {
		for i := strings.LastIndexByte(path, '/'); i > 0; i = strings.LastIndexByte(path[:i], '/') {
			above[path[:i]] = true
		}
	}
	return slices.Collect(maps.Keys(above))
}

// widen gives a map of one type the type that a document is made of.
func widen[V any](m map[string]V) object {
	wide := make(object, len(m))
	for k, v := range m {
		wide[k] = v
	}
	return wide
}
