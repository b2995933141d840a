package lambda

import (
	"net/http"
	"strings"
	"testing"

	"almanac/tests/lambda/golden"
)

func TestAPublicFunctionAsksForNoCallerAndKeepsTheTokenToItself(t *testing.T) {
	w := newWorld(t)
	token := w.names[golden.ShareToken]
	f := start(t, "getPublicService", on(w.table)...)
	want := byFunction(t, f, w.event(t, "getPublicService"))
	if want.StatusCode != http.StatusOK || strings.Contains(want.Body, "sample") {
		t.Fatalf("answers %d %s", want.StatusCode, want.Body)
	}
	for name, c := range map[string]struct {
		change func(*golden.Event)
		status int
	}{
		"a caller of another workspace": {func(e *golden.Event) {
			e.RequestContext["authorizer"] = map[string]any{"principalId": "x", "workspace": "other", "keyId": "x", "label": "x", "role": "owner"}
		}, 200},
		"an empty authorizer": {func(e *golden.Event) { e.RequestContext["authorizer"] = map[string]any{} }, 200},
		"a mistyped key":      {func(e *golden.Event) { e.SetHeader("Authorization", "Bearer alm_x") }, 200},
		"a token of nothing":  {func(e *golden.Event) { e.Path = strings.Replace(e.Path, token, golden.ShareToken, 1) }, 404},
		"a malformed token":   {func(e *golden.Event) { e.Path = strings.Replace(e.Path, token, token+"%00", 1) }, 404},
		"a path in the token": {func(e *golden.Event) { e.Path = strings.Replace(e.Path, token, "..%2F"+token, 1) }, 404},
		"a bad instant":       {func(e *golden.Event) { e.SetQuery("at", "yesterday") }, 400},
		"no such service":     {func(e *golden.Event) { e.Path = "/v1/public/" + token + "/services/webshop" }, 404},
		"a path that is none": {func(e *golden.Event) { e.Path = "/v1/public/" + token + "/services/basket-api/more" }, 404},
		"what cannot be read": {func(e *golden.Event) { e.Path = "/v1/public/" + token + "/services/%zz" }, 400},
	} {
		t.Run(name, func(t *testing.T) {
			e := w.event(t, "getPublicService")
			c.change(&e)
			got := byFunction(t, f, e)
			if got.StatusCode != c.status {
				t.Errorf("answers %d %s", got.StatusCode, got.Body)
			}
			if name == "what cannot be read" {
				return // no client of net/http sends it
			}
			golden.Equal(t, got, golden.ByHTTP(t, e.Request(t, w.laptop.URL)))
		})
	}
	f.Stop()
	if log := f.Log(); !strings.Contains(log, `"operation":"getPublicService"`) || strings.Contains(log, token) {
		t.Errorf("the log holds the token, or nothing: %s", log)
	}
}

func TestReadersOfATokenThatAskTooOftenAreToldWhenToComeBack(t *testing.T) {
	w := newWorld(t)
	f := start(t, "getPublicService", on(w.table)...)
	for range 200 {
		a := byFunction(t, f, w.event(t, "getPublicService"))
		if a.StatusCode == http.StatusOK {
			continue
		}
		if a.StatusCode != http.StatusTooManyRequests || len(a.MultiValueHeaders["Retry-After"]) != 1 || !strings.Contains(a.Body, "the plan shared") {
			t.Errorf("answers %d %s with %v", a.StatusCode, a.Body, a.MultiValueHeaders)
		}
		return
	}
	t.Error("nobody is refused")
}
