// Package gateway is, for tests, an API Gateway on this machine: it routes,
// authorizes and answers as the document says that the stack imports, and sends
// all else to the compiled functions, over Lambda's Runtime API.
//
// How API Gateway reads that document is its makers' description, as far as
// tests of ours need it; nobody else's program checks it here. Two things it
// leaves out: it keeps no verdict of the authorizer, and has no usage plans.
package gateway

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"almanac/internal/api"
)

// Gateway serves the endpoints, each by the REST API that the stack has for it,
// as they do behind one domain. Close must be called.
type Gateway struct {
	apis      []*restAPI
	functions *functions
}

// restAPI serves the endpoints of one API by its own document.
type restAPI struct {
	api.API
	routes    []route
	responses map[string]response // its own answers, by its names for them
	functions *functions
	admitted  func(caller string, r *http.Request)
}

// Config is what a Gateway needs.
type Config struct {
	// Environment is that of every function.
	Environment []string
	// Admitted is told of every request before its function gets it, with the
	// name that the authorizer gave the caller; empty for what needs no key.
	Admitted func(caller string, r *http.Request)
	// Few functions will be asked: each is built when it is, not all at once.
	Few bool
}

// Open makes a Gateway of endpoints. Functions are built and started when they
// are asked.
func Open(c Config, endpoints []api.Endpoint) (*Gateway, error) {
	started, err := newFunctions(c, endpoints)
	if err != nil {
		return nil, err
	}
	g := &Gateway{functions: started}
	for _, a := range api.APIs() {
		body, err := json.Marshal(api.GatewayBody(api.Gateway{
			Name:          "tests",
			API:           a,
			InvocationURI: func(operation string, _ bool) string { return operation },
			Credentials:   func(string) string { return "" },
		}, endpoints))
		if err != nil {
			return nil, errors.Join(err, g.Close())
		}
		var d document
		if err := json.Unmarshal(body, &d); err != nil {
			return nil, errors.Join(err, g.Close())
		}
		g.apis = append(g.apis, &restAPI{a, routesOf(d), d.Responses, started, c.Admitted})
	}
	return g, nil
}

// Close ends all functions.
func (g *Gateway) Close() error { return g.functions.close() }

// Log is what all functions have written.
func (g *Gateway) Log() string { return g.functions.log() }

func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// What is of no API is the first one's to refuse.
	of := max(0, slices.IndexFunc(g.apis, func(a *restAPI) bool { return a.Holds(r.URL.EscapedPath()) }))
	g.apis[of].ServeHTTP(w, r)
}

func (g *restAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := exchange{w, r, uuid.NewString()}
	found, ok := g.find(r.URL.EscapedPath())
	if !ok {
		x.send(g.responses["MISSING_AUTHENTICATION_TOKEN"])
		return
	}
	m, ok := found.methods[strings.ToLower(r.Method)]
	if !ok {
		m, ok = found.methods[anyMethod]
	}
	switch {
	case !ok || !Known(r.Method):
		x.send(g.responses["MISSING_AUTHENTICATION_TOKEN"])
	case m.Integration.Type == "mock":
		g.mock(x, m)
	default:
		g.proxy(x, found, m)
	}
}

// Known tells whether API Gateway knows a method. What it answers to others is not known here.
func Known(method string) bool {
	return slices.Contains([]string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}, method)
}

// mock answers by the method's own template for the request's media type.
func (g *restAPI) mock(x exchange, m method) {
	mediaType, _, _ := strings.Cut(x.r.Header.Get("Content-Type"), ";")
	if mediaType == "" {
		mediaType = "application/json"
	}
	if m.Integration.RequestTemplates[strings.TrimSpace(mediaType)] == "" {
		x.send(g.responses["UNSUPPORTED_MEDIA_TYPE"])
		return
	}
	x.send(m.Integration.Responses["default"])
}

// proxy asks the authorizer where the method wants one, and the function.
func (g *restAPI) proxy(x exchange, found match, m method) {
	e, err := eventOf(x, found, m.Integration.URI)
	if err != nil {
		x.send(g.responses["DEFAULT_4XX"])
		return
	}
	caller := ""
	if len(m.Security) > 0 {
		verdict, refusal := g.authorize(x, e)
		if refusal != "" {
			x.send(g.responses[refusal])
			return
		}
		e.RequestContext["authorizer"] = verdict
		caller, _ = verdict["principalId"].(string)
	}
	if g.admitted != nil {
		g.admitted(caller, x.r)
	}
	if err := g.functions.answer(x, m, e); err != nil {
		x.fail(g.responses["INTEGRATION_FAILURE"], err)
	}
}

// exchange is a request on its way to an answer.
type exchange struct {
	w  http.ResponseWriter
	r  *http.Request
	id string // the gateway's name for it
}

// send answers as a part of the document says.
func (x exchange) send(a response) {
	for name, value := range a.ResponseParameters {
		name = name[strings.LastIndexByte(name, '.')+1:]
		if literal, ok := strings.CutPrefix(value, "'"); ok {
			value = strings.TrimSuffix(literal, "'")
		} else if value == "context.requestId" {
			value = x.id
		} else {
			panic("the gateway of the tests knows no " + value)
		}
		x.w.Header().Set(name, value)
	}
	x.w.Header().Set("Content-Type", "application/json")
	x.w.WriteHeader(a.status())
	_, _ = x.w.Write([]byte(a.ResponseTemplates["application/json"])) // a client that went away
}

// Failure is a header with what no function may do: end, or answer nothing.
const Failure = "X-Almanac-Test-Failure"

func (x exchange) fail(a response, err error) {
	x.w.Header().Set(Failure, strings.ReplaceAll(err.Error(), "\n", " | "))
	x.send(a)
}
