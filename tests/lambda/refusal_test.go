package lambda

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"almanac/internal/catalog"
	"almanac/internal/shape"
	"almanac/internal/store"
	"almanac/internal/tenant"
	"almanac/tests/lambda/golden"
)

// TestFunctionsRefuseAsTheLaptopDoes sends events that the contract's tests
// cannot cause, with the laptop's answer to the same. One process takes all
// cases of its operation: none may harm the next.
func TestFunctionsRefuseAsTheLaptopDoes(t *testing.T) {
	path := func(p string) func(*golden.Event) { return func(e *golden.Event) { e.Path = p } }
	for operation, cases := range map[string]map[string]struct {
		change func(*golden.Event)
		status int
	}{
		"createService": {
			"no body":                      {func(e *golden.Event) { e.Body = nil }, 400},
			"nesting without end":          {func(e *golden.Event) { e.SetBody(`{"name":` + strings.Repeat("[", 100_000)) }, 400},
			"invalid UTF-8 in base64":      {func(e *golden.Event) { e.SetBase64("{\"name\":\"\xff\"}") }, 400},
			"a blank name in base64":       {func(e *golden.Event) { e.SetBase64(`{"name":" "}`) }, 400},
			"a body of a byte too many":    {func(e *golden.Event) { e.SetBody(`{"name":"` + strings.Repeat("a", 1<<20-9) + `"}`) }, 413},
			"a project id with a bad byte": {path("/v1/projects/%00%ff/services"), 400},
		},
		"getService": {
			"an escaped slash in the slug": {path("/v1/projects/eshop-sample/services/basket-api%2Fraw"), 404},
			"an escaped question mark":     {path("/v1/projects/eshop-sample/services/basket-api%3Fat=x"), 404},
			"a slash at the end":           {path("/v1/projects/eshop-sample/services/basket-api/"), 404},
			"two slashes":                  {path("/v1/projects/eshop-sample//services/basket-api"), 404},
		},
	} {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			f := start(t, operation, on(w.table)...)
			for name, c := range cases {
				t.Run(name, func(t *testing.T) {
					e := w.event(t, operation)
					c.change(&e)
					cloud, laptop := byFunction(t, f, e), golden.ByHTTP(t, e.Request(t, w.laptop.URL))
					if laptop.StatusCode != c.status {
						t.Errorf("the laptop answers %d %s, not %d", laptop.StatusCode, laptop.Body, c.status)
					}
					golden.Equal(t, cloud, laptop)
				})
			}
			w.stillEqual(t)
			if events := golden.ByHTTP(t, w.read(t, "getHistory")); strings.Count(events.Body, `"snapshotId"`) != 7 {
				t.Errorf("something was written: %s", events.Body)
			}
		})
	}
}

// read is a request of the laptop without any query.
func (w *world) read(t *testing.T, operation string) *http.Request {
	t.Helper()
	e := w.event(t, operation)
	e.Query, e.MultiValueQuery = nil, nil
	return e.Request(t, w.laptop.URL)
}

func TestWithoutACallerAFunctionAnswers401(t *testing.T) {
	w := newWorld(t)
	f := start(t, "deleteProject", on(w.table)...)
	for name, caller := range map[string]any{
		"no authorizer":     nil,
		"an empty one":      map[string]any{},
		"one that says no":  map[string]any{"principalId": "x"},
		"one without roles": map[string]any{"workspace": "local", "keyId": "x", "label": "x"},
	} {
		t.Run(name, func(t *testing.T) {
			e := w.event(t, "deleteProject")
			e.RequestContext["authorizer"] = caller
			a := byFunction(t, f, e)
			if a.StatusCode != http.StatusUnauthorized || !strings.Contains(a.Body, `"code":"unauthorized"`) {
				t.Errorf("answered %d %s", a.StatusCode, a.Body)
			}
		})
	}
	w.stillEqual(t)
}

// TestADamagedTableIsA500AndTheProcessLives spoils every item of a project.
func TestADamagedTableIsA500AndTheProcessLives(t *testing.T) {
	w := newWorld(t)
	f := start(t, "getService", on(w.table)...)
	intact := byFunction(t, f, w.event(t, "getService"))
	whole := map[store.Key]store.Item{}
	for key, item := range w.both.Live {
		whole[key] = item
		item.Body = []byte(`{"spoilt`)
		transact(t, w.both, store.Put(item, store.Condition{}))
	}
	e := w.event(t, "getService")
	cloud := byFunction(t, f, e)
	if cloud.StatusCode != http.StatusInternalServerError || strings.Contains(cloud.Body, "spoilt") {
		t.Errorf("answered %d %s", cloud.StatusCode, cloud.Body)
	}
	for _, item := range whole {
		transact(t, w.both, store.Put(item, store.Condition{}))
	}
	golden.Equal(t, byFunction(t, f, w.event(t, "getService")), intact)
	f.Stop()
	if log := f.Log(); !strings.Contains(log, `"level":"ERROR"`) || strings.Contains(log, w.key) {
		t.Errorf("the log does not tell of the damage, or holds the key: %s", log)
	}
}

func transact(t *testing.T, s store.Store, op store.Op) {
	t.Helper()
	if err := s.Transact(context.WithoutCancel(t.Context()), op); err != nil {
		t.Fatal(err)
	}
}

func TestAListThatOneAnswerDoesNotCarryGoesOnBehindALink(t *testing.T) {
	w := newWorld(t)
	c := catalog.New(w.both, time.Now, 10)
	p := tenant.Principal{Workspace: "local", ID: "k", Label: "sample", Role: tenant.Owner}
	flows := slices.Repeat([]string{strings.Repeat("x", 100)}, 3000)
	for n := range 22 {
		_, err := c.CreateService(t.Context(), p, catalog.CreateServiceInput{ProjectID: "eshop-sample", Body: catalog.NewService{
			Name:         fmt.Sprintf("Large %d", n),
			ServiceFacts: catalog.ServiceFacts{Flows: shape.Of(flows)},
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	f := start(t, "listServices", on(w.table)...)
	e := w.event(t, "listServices")
	e.Query, e.MultiValueQuery = nil, nil
	var slugs []string
	for pages := 1; ; pages++ {
		cloud := byFunction(t, f, e)
		golden.Equal(t, cloud, golden.ByHTTP(t, e.Request(t, w.laptop.URL)))
		var page []struct{ Slug string }
		if err := json.Unmarshal([]byte(cloud.Body), &page); err != nil {
			t.Fatal(err)
		}
		for _, s := range page {
			slugs = append(slugs, s.Slug)
		}
		link := http.Header(cloud.MultiValueHeaders).Get("Link")
		if link == "" {
			// The three that were there before are listed, too.
			if pages < 2 || len(slugs) != 22+3 || !slices.IsSorted(slugs) {
				t.Errorf("%d pages list %v", pages, slugs)
			}
			return
		}
		next, err := url.Parse(strings.TrimSuffix(strings.TrimPrefix(link, "<"), `>; rel="next"`))
		if err != nil {
			t.Fatal(err)
		}
		for name, values := range next.Query() {
			e.SetQuery(name, values...)
		}
	}
}
