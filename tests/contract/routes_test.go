package contract

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"almanac/internal/api"
	"almanac/tests/lambda/gateway"
)

const noRoute = `{"status":404,"code":"not_found","message":"Not found"}`

func TestAnUnknownRouteIs404KeyOrNoKey(t *testing.T) {
	h := open(t)
	path := h.shop()
	h.changesNothing(func() {
		for _, target := range []string{
			"/", "/v1", "/v1/", "/v2/projects", "/v1/project", "/v1/Projects", "/V1/projects", "/openapi.yaml", "/healthz/", "/healthz/x",
			"/v1/projects/", "//v1/projects", "/v1//projects", "/v1/projects//services", path + "/", path + "//services",
			path + "/services/", path + "/services/order-api/", path + "/services/order-api/raw/", path + "/services/order-api/RAW",
			path + "/services/order-api/raw/more", path + "/service", "/v1/./projects", "/v1/../v1/projects", path + "/../",
			path + "/services/..", path + "/services/.", "/v1/projects/../../healthz", "/v1%2Fprojects", "/v1/projects%2F", "/favicon.ico", "/v1/projects;x=1", "/v1/projects%00",
		} {
			for _, method := range []string{"GET", "POST", "DELETE"} {
				h.send(h.ask(method, target, "")).is(404, noRoute).has("Allow", "")
				h.send(h.ask(method, target, "").with("Authorization")).is(404, noRoute).has("WWW-Authenticate", "")
			}
		}
	})
}

func TestANameThatCanBeNoOnesIsNotFound(t *testing.T) {
	h := open(t)
	path := h.shop()
	h.changesNothing(func() {
		for _, slug := range []string{
			"Order-API", "order_api", "order%20api", "order-api%20", "%2Forder-api", "order-api%2F", "order-api%2Fraw", "a%2F..%2Forder-api",
			"%23", "%23KEY%23order-api", "order-api%23", "CUR%23order-api", "%E2%98%83", "%F0%9F%98%80", "order-api%3Fat=x", "%2e%2e", "%2E", "*", "~", "'", "%25", "order-api%0A",
			strings.Repeat("x", 5000), strings.Repeat("%F0%9F%98%80", 1000),
		} {
			for _, r := range []request{
				h.ask("GET", path+"/services/"+slug, ""), h.ask("GET", path+"/services/"+slug+"/raw", ""),
				h.ask("GET", path+"/services/"+slug+"?at=2026-04-22T15:30:01Z", ""),
				h.ask("PUT", path+"/services/"+slug, `{"owner":"x"}`), h.ask("DELETE", path+"/services/"+slug, ""),
			} {
				h.send(r).is(404, `{"status":404,"code":"service_not_found","message":"Service not found"}`)
			}
			for _, r := range []request{
				h.ask("GET", "/v1/projects/"+slug, ""), h.ask("GET", "/v1/projects/"+slug+"/services", ""),
				h.ask("GET", "/v1/projects/"+slug+"/history", ""), h.ask("PUT", "/v1/projects/"+slug, `{"name":"Other"}`),
				h.ask("DELETE", "/v1/projects/"+slug, ""), h.ask("POST", "/v1/projects/"+slug+"/services", `{"name":"Cart"}`),
				h.ask("GET", "/v1/projects/"+slug+"/services/order-api", ""),
			} {
				h.send(r).is(404, `{"status":404,"code":"project_not_found","message":"Project not found"}`)
			}
		}
		for _, slug := range []string{"%00", "order-api%00", "%ff", "%ed%a0%80"} {
			h.get(path + "/services/" + slug).badRequest("serviceSlug ")
			h.get("/v1/projects/" + slug).badRequest("projectId ")
		}
	})
}

func TestAnEscapedPathIsTheSamePath(t *testing.T) {
	h := open(t)
	path := h.shop()
	plain := h.get(path + "/services/order-api").ok()
	h.get(path+"/services/order%2Dapi").is(200, plain.body)
	h.get("/v1/%70rojects"+strings.TrimPrefix(path, "/v1/projects")+"/services/order-api").is(200, plain.body)
}

func TestAWrongMethodIs405WithTheMethodsThatAreAllowed(t *testing.T) {
	allowed := map[string][]string{}
	if end == laptop {
		allowed["/healthz"], allowed["/openapi.json"] = []string{"GET"}, []string{"GET"}
	}
	for _, e := range api.Table() {
		allowed[e.Path] = append(allowed[e.Path], e.Method)
	}
	h := open(t)
	id := strings.TrimPrefix(h.shop(), "/v1/projects/")
	h.changesNothing(func() {
		for path, methods := range allowed {
			slices.Sort(methods)
			allow := strings.Join(methods, ", ")
			target := strings.NewReplacer("{projectId}", id, "{serviceSlug}", "order-api", "{token}", h.tokens[id], "{id}", nobodys).Replace(path)
			for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get"} {
				if slices.Contains(methods, method) || end == functions && !gateway.Known(method) {
					continue
				}
				want := inDialect(path, `{"status":405,"code":"bad_request","message":"Method not allowed","details":"this path allows `+allow+`"}`)
				if method == "HEAD" {
					want = ""
				}
				h.send(h.ask(method, target, "")).is(405, want).has("Allow", allow)
				h.send(h.ask(method, target, "").with("Authorization")).is(405, want).has("Allow", allow)
			}
		}
	})
}

func TestARequestIDIsEchoedWhenItIsFitToBeLogged(t *testing.T) {
	h := open(t)
	path := h.shop()
	answers := map[string]request{
		"200": h.ask("GET", path, ""),
		"204": h.ask("DELETE", path+"/services/order-api", ""),
		"400": h.ask("POST", path+"/services", "{"),
		"401": h.ask("GET", path, "").with("Authorization"),
		"404": h.ask("GET", "/nowhere", ""),
		"405": h.ask("PATCH", path, ""),
		"413": h.ask("POST", path+"/services", strings.Repeat(" ", 1<<20+1)),
	}
	seen := map[string]bool{}
	for status, r := range answers {
		for _, sane := range []string{"a", "7d1c2c64-0f5e-4a3a-9a53-2f3d5e1f9b10", "Root_1.2-3", strings.Repeat("x", 128)} {
			h.send(r.with("X-Request-Id", sane)).has("X-Request-Id", sane)
			if r.body != nil {
				break // a body is read once
			}
		}
		if r.body != nil {
			continue
		}
		for _, insane := range []string{"", strings.Repeat("x", 129), "a b", `a"b`, "é", "a,b", "a/b", "{}", "a\tb", "alm_" + strings.Repeat("0", 40), "Bearer.alm_1"} {
			id := h.send(r.with("X-Request-Id", insane)).header.Get("X-Request-Id")
			if id == insane || seen[id] || len(id) < 16 {
				t.Errorf("%s: the id %q was answered with %q", status, insane, id)
			}
			seen[id] = true
		}
	}
	for _, target := range []string{"/healthz", "/openapi.json"} {
		h.send(request{method: "GET", path: target, header: http.Header{"X-Request-Id": {"mine"}}}).has("X-Request-Id", "mine")
	}
}
