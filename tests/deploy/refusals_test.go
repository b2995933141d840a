package deploy

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"almanac/internal/api"
	"almanac/internal/tenant"
	"almanac/tests/lambda/golden"
)

// readers are requests that any key may make, one to each API.
var readers = map[string]string{"catalog": "getProject", "network": "getNetworkService"}

// failed tells whether a body is that of an error of this code in an API's words.
func failed(a api.API, body, code string) bool {
	enveloped := a.Name == "network"
	return strings.Contains(body, `"code":"`+code+`"`) &&
		strings.HasPrefix(body, `{"success":false,"error":`) == enveloped && strings.HasPrefix(body, `{"status":`) != enveloped
}

func TestEachGatewayRefusesByItselfInTheWordsOfItsAPI(t *testing.T) {
	w, planless := newWorld(t, "standard"), newWorld(t, "")
	bearer := func(key string) func(*golden.Event) {
		return func(e *golden.Event) { e.SetHeader("Authorization", "Bearer "+key) }
	}
	for _, a := range api.APIs() {
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
			t.Run(a.Name+" "+c.name, func(t *testing.T) {
				e := w.event(t, readers[a.Name])
				c.change(&e)
				answer := call(t, e.Request(t, stack.Address(e.Path)))
				if answer.StatusCode != c.status || !failed(a, answer.Body, c.code) {
					t.Errorf("answers %d %s", answer.StatusCode, answer.Body)
				}
				if got := answer.MultiValueHeaders[c.header[0]]; len(got) != 1 || got[0] != c.header[1] {
					t.Errorf("%s is %q", c.header[0], got)
				}
				if answer.MultiValueHeaders["X-Request-Id"] == nil {
					t.Error("the answer has no request id")
				}
			})
		}
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
		{"an unknown path of the network", http.MethodGet, "/api/v1/nothing/here"},
		{"a path above the network's", http.MethodGet, "/api"},
		{"another version of the network", http.MethodGet, "/api/v2/hosts"},
		{"a wrong method of the network", http.MethodPatch, "/api/v1/services"},
		{"a path above a route where an id could be", http.MethodGet, "/api/v1/services/export"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := w.event(t, "getProject")
			e.HTTPMethod, e.Path = c.method, c.path
			cloud, laptop := call(t, e.Request(t, stack.Address(e.Path))), golden.ByHTTP(t, e.Request(t, w.laptop))
			same(t, cloud, laptop)
			if c.method != http.MethodGet && (cloud.StatusCode != 405 || cloud.MultiValueHeaders["Allow"] == nil) {
				t.Errorf("answers %d and allows %v", cloud.StatusCode, cloud.MultiValueHeaders["Allow"])
			}
			e.MultiValueHeaders = nil
			cloud, laptop = golden.ByHTTP(t, e.Request(t, stack.Address(e.Path))), golden.ByHTTP(t, e.Request(t, w.laptop))
			if cloud.StatusCode != laptop.StatusCode {
				t.Errorf("answers %d without a key, the laptop %d", cloud.StatusCode, laptop.StatusCode)
			}
		})
	}
}

func TestAPathOfAnotherAPIIsToldSoInItsOwnWords(t *testing.T) {
	for _, a := range api.APIs() {
		for _, other := range api.APIs() {
			if other == a {
				continue
			}
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, stack.Address(other.Root)+a.Root+"/v1/tags", nil)
			if err != nil {
				t.Fatal(err)
			}
			if answer := call(t, r); answer.StatusCode != 404 || !failed(a, answer.Body, "not_found") || !strings.Contains(answer.Body, a.Name+" API has an address of its own") {
				t.Errorf("answers %d %s", answer.StatusCode, answer.Body)
			}
		}
	}
}

func TestWhatAnotherWorkspaceOwnsIsNotThere(t *testing.T) {
	theirs, ours := newWorld(t, "standard"), newWorld(t, "standard")
	e := theirs.event(t, "createProject")
	made := call(t, e.Request(t, stack.Address(e.Path)))
	id := member(made.Body, "id")
	e = ours.event(t, "getProject")
	e.Path = "/v1/projects/" + id
	there := call(t, e.Request(t, stack.Address(e.Path)))
	e.Path = "/v1/projects/nothing-a1b2c"
	nowhere := call(t, e.Request(t, stack.Address(e.Path)))
	if id == "" || there.StatusCode != 404 || there.Body != nowhere.Body {
		t.Errorf("answers %d %s for %q, and %d %s for none", there.StatusCode, there.Body, id, nowhere.StatusCode, nowhere.Body)
	}
}

// A plan counts the requests of a key to all APIs: half of these go to each.
func TestAPlanIsUsedUpForAllAPIsTogetherAndThenIs429InTheWordsOfEach(t *testing.T) {
	w := newWorld(t, "free")
	statuses := map[int]int{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, a := range api.APIs() {
		e := w.event(t, readers[a.Name])
		for range 20 {
			r := e.Request(t, stack.Address(e.Path))
			wg.Go(func() {
				answer := golden.ByHTTP(t, r)
				mu.Lock()
				defer mu.Unlock()
				statuses[answer.StatusCode]++
				if answer.StatusCode != 429 {
					return
				}
				if !failed(a, answer.Body, "rate_limited") || len(answer.MultiValueHeaders["Retry-After"]) != 1 || answer.MultiValueHeaders["X-Request-Id"] == nil {
					t.Errorf("answers %s with %v", answer.Body, answer.MultiValueHeaders)
				}
			})
		}
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
	made := call(t, e.Request(t, stack.Address(e.Path)))
	e = w.event(t, "getProject")
	e.SetHeader("Authorization", "Bearer "+member(made.Body, "key"))
	if a := call(t, e.Request(t, stack.Address(e.Path))); a.StatusCode != 200 {
		t.Fatalf("answers %d %s to the new key of %s", a.StatusCode, a.Body, made.Body)
	}
	deletion := w.event(t, "deleteKey")
	deletion.Path = "/v1/keys/" + member(made.Body, "id")
	if a := call(t, deletion.Request(t, stack.Address(deletion.Path))); a.StatusCode != 204 {
		t.Fatalf("answers %d %s", a.StatusCode, a.Body)
	}
	// The authorizer's verdict is still kept, but the plan has lost the key.
	if a := call(t, e.Request(t, stack.Address(e.Path))); a.StatusCode != 401 && a.StatusCode != 403 {
		t.Errorf("answers %d %s to a deleted key", a.StatusCode, a.Body)
	}
}
