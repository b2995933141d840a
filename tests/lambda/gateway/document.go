package gateway

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// document is what a Gateway reads of the one that the stack imports.
type document struct {
	Paths     map[string]map[string]method
	Responses map[string]response `json:"x-amazon-apigateway-gateway-responses"`
}

const anyMethod = "x-amazon-apigateway-any-method"

type method struct {
	Security    []map[string][]string
	Integration struct {
		Type             string
		URI              string
		TransferMode     string `json:"responseTransferMode"`
		RequestTemplates map[string]string
		Responses        map[string]response
	} `json:"x-amazon-apigateway-integration"`
}

type response struct {
	StatusCode         string
	ResponseParameters map[string]string
	ResponseTemplates  map[string]string
}

func (r response) status() int {
	status, err := strconv.Atoi(r.StatusCode)
	if err != nil {
		panic(err) // the document is wrong
	}
	return status
}

// route is one path of the document.
type route struct {
	path     string
	segments []string
	methods  map[string]method
}

// routesOf gives the routes in the order in which they are tried: at the first
// segment that differs a literal goes before a parameter, and that before the rest.
func routesOf(d document) []route {
	var all []route
	for path, methods := range d.Paths {
		all = append(all, route{path, strings.Split(path, "/")[1:], methods})
	}
	slices.SortFunc(all, func(a, b route) int {
		return slices.CompareFunc(a.segments, b.segments, func(a, b string) int {
			if rank := kindOf(a) - kindOf(b); rank != 0 {
				return rank
			}
			return strings.Compare(a, b)
		})
	})
	return all
}

func kindOf(segment string) int {
	switch {
	case strings.HasSuffix(segment, "+}"):
		return 2
	case strings.HasPrefix(segment, "{"):
		return 1
	}
	return 0
}

// match is a route with what its parameters stand for.
type match struct {
	route
	parameters map[string]string
}

// find gives the route of a path as the client escaped it.
func (g *restAPI) find(path string) (match, bool) {
	segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for _, r := range g.routes {
		if parameters, ok := r.take(segments); ok {
			return match{r, parameters}, true
		}
	}
	return match{}, false
}

func (r route) take(segments []string) (map[string]string, bool) {
	parameters := map[string]string{}
	for i, want := range r.segments {
		if i >= len(segments) {
			return nil, false
		}
		got, err := url.PathUnescape(segments[i])
		if err != nil {
			got = segments[i]
		}
		switch kindOf(want) {
		case 2:
			parameters[strings.Trim(want, "{+}")] = strings.Join(segments[i:], "/")
			return parameters, true
		case 1:
			// No client that resolves its paths sends these.
			if segments[i] == "" || segments[i] == "." || segments[i] == ".." {
				return nil, false
			}
			parameters[strings.Trim(want, "{}")] = got
		default:
			if got != want {
				return nil, false
			}
		}
	}
	return parameters, len(segments) == len(r.segments)
}
