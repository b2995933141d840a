package lambda

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"testing"

	"almanac/internal/host/lambdahost/usageplan/usageplantest"
	"almanac/tests/lambda/golden"
)

func TestTheCompiledFunctionsTieAKeyToItsPlanAndUntieIt(t *testing.T) {
	w := newWorld(t)
	gateway := usageplantest.Serve(t)
	env := append(on(w.table), gateway.Environment()...)
	create, remove := start(t, "createKey", env...), start(t, "deleteKey", env...)

	made := w.event(t, "createKey")
	var key struct{ ID, Key string }
	if err := json.Unmarshal([]byte(byFunction(t, create, made).Body), &key); err != nil {
		t.Fatal(err)
	}
	if plans := gateway.Plans(); !maps.Equal(plans, map[string]string{key.ID: "free"}) {
		t.Errorf("the gateway has %v", plans)
	}
	// The authorizer names the caller by the value that the gateway knows.
	authorize := start(t, "authorizer", on(w.table)...)
	var verdict struct {
		UsageIdentifierKey string
		Context            map[string]string
	}
	out := invoke(t, authorize, authorizerEvent(t, "Bearer "+key.Key))
	if err := json.Unmarshal(out.Payload, &verdict); err != nil || verdict.UsageIdentifierKey != key.ID ||
		verdict.Context["plan"] != "free" || verdict.Context["scopes"] != "catalog:write" {
		t.Errorf("the authorizer answers %s", out.Payload)
	}

	e := w.event(t, "deleteKey")
	e.Path = "/v1/keys/" + key.ID
	if a := byFunction(t, remove, e); a.StatusCode != http.StatusNoContent {
		t.Errorf("answered %d %s", a.StatusCode, a.Body)
	}
	if plans := gateway.Plans(); len(plans) != 0 {
		t.Errorf("the gateway has %v", plans)
	}
	if out := invoke(t, authorize, authorizerEvent(t, "Bearer "+key.Key)); !out.Failed || !strings.Contains(string(out.Payload), "Unauthorized") {
		t.Errorf("the authorizer answers %s", out.Payload)
	}
	for _, f := range []interface{ Log() string }{create, remove, authorize} {
		if strings.Contains(f.Log(), key.Key) {
			t.Error("a log holds the key")
		}
	}
}

func TestAGatewayThatRefusesIsA503AndNoKeyIsMade(t *testing.T) {
	w := newWorld(t)
	gateway := usageplantest.Serve(t)
	gateway.Fail("POST /usageplans/{plan}/keys", usageplantest.Fault{Status: 403, Type: "AccessDeniedException"})
	f := start(t, "createKey", append(on(w.table), gateway.Environment()...)...)
	if a := byFunction(t, f, w.event(t, "createKey")); a.StatusCode != http.StatusServiceUnavailable || strings.Contains(a.Body, "AccessDenied") {
		t.Errorf("answered %d %s", a.StatusCode, a.Body)
	}
	list := w.event(t, "listKeys")
	golden.Equal(t, golden.ByHTTP(t, list.Request(t, w.cloud.URL)), golden.ByHTTP(t, list.Request(t, w.laptop.URL)))
	if f.Stop(); !strings.Contains(f.Log(), "AccessDenied") {
		t.Errorf("the log does not say why: %s", f.Log())
	}
}

func TestAFunctionWithoutItsPlansSaysSoAndEnds(t *testing.T) {
	w := newWorld(t)
	f := start(t, "createKey", on(w.table)...)
	if _, err := f.Ready(t.Context()); err == nil || !strings.Contains(f.Log(), "ALMANAC_PLANS") {
		t.Errorf("it is ready, or does not say why not: %s", f.Log())
	}
}
