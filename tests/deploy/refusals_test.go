package deploy

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"almanac/internal/tenant"
	"almanac/tests/lambda/golden"
)

func TestTheGatewayRefusesByItselfInOurWords(t *testing.T) {
	w, planless := newWorld(t, "standard"), newWorld(t, "")
	bearer := func(key string) func(*golden.Event) {
		return func(e *golden.Event) { e.SetHeader("Authorization", "Bearer "+key) }
	}
	for _, c := range []struct {
		name   string
		change func(*golden.Event)
		status int
		code   string
		header [2]string
	}{
		{"no key", func(e *golden.Event) { delete(e.MultiValueHeaders, "Authorization") }, 401, "unauthorized", [2]string{"Www-Authenticate", "Bearer"}},
		{"an unknown key", bearer(tenant.NewSecret()), 401, "unauthorized", [2]string{"Www-Authenticate", "Bearer"}},
		{"a mistyped key", bearer(w.key[:43] + "?"), 401, "unauthorized", [2]string{"Www-Authenticate", "Bearer"}},
		{"another scheme", func(e *golden.Event) { e.SetHeader("Authorization", "Basic "+w.key) }, 401, "unauthorized", [2]string{"Www-Authenticate", "Bearer"}},
		{"a key in no plan", bearer(planless.key), 403, "forbidden", [2]string{"Cache-Control", "no-store"}},
		{"a caller's own plan key", func(e *golden.Event) {
			bearer(planless.key)(e)
			e.SetHeader("X-Api-Key", w.key)
		}, 403, "forbidden", [2]string{"Cache-Control", "no-store"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := w.event(t, "getProject")
			c.change(&e)
			a := call(t, e.Request(t, stack.Address()))
			if a.StatusCode != c.status || !strings.Contains(a.Body, `"code":"`+c.code+`"`) {
				t.Errorf("answers %d %s", a.StatusCode, a.Body)
			}
			if got := a.MultiValueHeaders[c.header[0]]; len(got) != 1 || got[0] != c.header[1] {
				t.Errorf("%s is %q", c.header[0], got)
			}
			if a.MultiValueHeaders["X-Request-Id"] == nil {
				t.Error("the answer has no request id")
			}
		})
	}
}

func TestUnknownRoutesAndMethodsAreAnsweredAsOnTheLaptop(t *testing.T) {
	w := newWorld(t, "standard")
	for _, c := range []struct{ name, method, path string }{
		{"an unknown path", http.MethodGet, "/v1/nothing/here"},
		{"a path above the routes", http.MethodGet, "/v1"},
		{"the root", http.MethodGet, "/"},
		{"a path below a route", http.MethodGet, "/v1/projects/eshop-sample/services/basket-api/raw/more"},
		{"a wrong method", http.MethodPatch, "/v1/projects"},
		{"a wrong method below", http.MethodDelete, "/v1/projects/eshop-sample/history"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := w.event(t, "getProject")
			e.HTTPMethod, e.Path = c.method, c.path
			cloud, laptop := call(t, e.Request(t, stack.Address())), golden.ByHTTP(t, e.Request(t, w.laptop))
			same(t, cloud, laptop)
			if c.method != http.MethodGet && (cloud.StatusCode != 405 || cloud.MultiValueHeaders["Allow"] == nil) {
				t.Errorf("answers %d and allows %v", cloud.StatusCode, cloud.MultiValueHeaders["Allow"])
			}
			e.MultiValueHeaders = nil
			if a := golden.ByHTTP(t, e.Request(t, stack.Address())); a.StatusCode != cloud.StatusCode {
				t.Errorf("answers %d without a key", a.StatusCode)
			}
		})
	}
}

func TestWhatAnotherWorkspaceOwnsIsNotThere(t *testing.T) {
	theirs, ours := newWorld(t, "standard"), newWorld(t, "standard")
	e := theirs.event(t, "createProject")
	made := call(t, e.Request(t, stack.Address()))
	id := member(made.Body, "id")
	e = ours.event(t, "getProject")
	e.Path = "/v1/projects/" + id
	there := call(t, e.Request(t, stack.Address()))
	e.Path = "/v1/projects/nothing-a1b2c"
	nowhere := call(t, e.Request(t, stack.Address()))
	if id == "" || there.StatusCode != 404 || there.Body != nowhere.Body {
		t.Errorf("answers %d %s for %q, and %d %s for none", there.StatusCode, there.Body, id, nowhere.StatusCode, nowhere.Body)
	}
}

func TestAUsedUpPlanIs429InOurWords(t *testing.T) {
	w := newWorld(t, "free")
	e := w.event(t, "getProject")
	requests := make([]*http.Request, 40)
	for i := range requests {
		requests[i] = e.Request(t, stack.Address())
	}
	statuses := map[int]int{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, r := range requests {
		wg.Go(func() {
			a := golden.ByHTTP(t, r)
			mu.Lock()
			defer mu.Unlock()
			statuses[a.StatusCode]++
			if a.StatusCode != 429 {
				return
			}
			if !strings.Contains(a.Body, `"code":"rate_limited"`) || len(a.MultiValueHeaders["Retry-After"]) != 1 || a.MultiValueHeaders["X-Request-Id"] == nil {
				t.Errorf("answers %s with %v", a.Body, a.MultiValueHeaders)
			}
		})
	}
	wg.Wait()
	t.Logf("answers to 40 requests at once under the plan free: %v", statuses)
	if statuses[200] < 10 || statuses[429] < 10 || len(statuses) != 2 {
		t.Errorf("answers are %v", statuses)
	}
}

func TestAKeyMadeByTheAPIOpensUntilItIsDeleted(t *testing.T) {
	w := newWorld(t, "standard")
	e := w.event(t, "createKey")
	made := call(t, e.Request(t, stack.Address()))
	e = w.event(t, "getProject")
	e.SetHeader("Authorization", "Bearer "+member(made.Body, "key"))
	if a := call(t, e.Request(t, stack.Address())); a.StatusCode != 200 {
		t.Fatalf("answers %d %s to the new key of %s", a.StatusCode, a.Body, made.Body)
	}
	deletion := w.event(t, "deleteKey")
	deletion.Path = "/v1/keys/" + member(made.Body, "id")
	if a := call(t, deletion.Request(t, stack.Address())); a.StatusCode != 204 {
		t.Fatalf("answers %d %s", a.StatusCode, a.Body)
	}
	// The authorizer's verdict is still kept, but the plan has lost the key.
	if a := call(t, e.Request(t, stack.Address())); a.StatusCode != 401 && a.StatusCode != 403 {
		t.Errorf("answers %d %s to a deleted key", a.StatusCode, a.Body)
	}
}
