package deploy

import (
	"encoding/json"
	"encoding/xml"
	"net/url"
	"slices"
	"strings"
	"testing"

	"almanac/internal/api"
	"almanac/tests/lambda/golden"
)

// further are requests that need what an endpoint's golden one does not.
var further = map[string]func(*world, *golden.Event){
	"getServiceRaw": func(_ *world, e *golden.Event) { e.SetQuery("at", "2026-01-05T05:30:00Z") },
	"updateService": func(_ *world, e *golden.Event) { e.SetBody(`{"name":"Baskets"}`) },
	"createKey":     func(_ *world, e *golden.Event) { e.SetHeader("Idempotency-Key", `"one"`) },
	// The golden one deletes a key that the gateway does not know.
	"deleteKey": func(w *world, e *golden.Event) { e.Path = "/v1/keys/" + w.keyID },
}

// unreached are grants that no request can need here, and why.
var unreached = map[string]string{
	"pin DeleteItem":              "for pins of projects that are gone, when a caller has a thousand",
	"createKey GET /apikeys":      "asked for only when the gateway knows the key of an earlier try",
	"createKey DELETE /apikeys/*": "for what a crash has left, five minutes later",
}

// TestEachGrantIsNeededAndSuffices takes from each role one grant after the
// other: with all of them every request succeeds, without one of them one fails.
func TestEachGrantIsNeededAndSuffices(t *testing.T) {
	for _, endpoint := range api.Table() {
		t.Run(endpoint.ID, func(t *testing.T) {
			removeEach(t, endpoint.ID, func(t *testing.T) bool { return succeeds(t, endpoint) })
		})
	}
	t.Run(api.Authorizer, func(t *testing.T) {
		removeEach(t, api.Authorizer, func(t *testing.T) bool {
			e := newWorld(t, "standard").event(t, "getProject")
			return golden.ByHTTP(t, e.Request(t, stack.Address())).StatusCode == 200
		})
	})
}

func removeEach(t *testing.T, function string, works func(*testing.T) bool) {
	role := roleOf(t, function)
	whole := policyOf(t, role)
	defer setPolicy(t, role, whole)
	if !works(t) {
		t.Error("does not work with all its grants")
	}
	// The grant of the limits holds for their partitions only. The emulator
	// does not know that condition, so the grant would stand in for others;
	// without it every request is let through.
	whole.Statement = slices.DeleteFunc(slices.Clone(whole.Statement), func(s statement) bool { return s.Condition != nil })
	setPolicy(t, role, whole)
	if !works(t) {
		t.Error("does not work without that of the limits")
	}
	for i, s := range whole.Statement {
		for _, action := range s.Action {
			service, verb, _ := strings.Cut(action, ":")
			if service == "logs" {
				continue // the emulator writes logs by itself
			}
			name := function + " " + verb
			if service == "apigateway" {
				_, resource, _ := strings.Cut(s.Resource[0], "::")
				name += " " + resource
			}
			if why := unreached[name]; why != "" {
				t.Logf("%s is not tried: %s", name, why)
				continue
			}
			if service == "apigateway" && strings.HasSuffix(s.Resource[0], "/usageplans/"+planID(t, "standard")+"/keys") {
				continue // as that of the plan free, which the golden request asks for
			}
			without := policy{whole.Version, slices.Clone(whole.Statement)}
			without.Statement[i].Action = slices.DeleteFunc(slices.Clone(s.Action), func(a string) bool { return a == action })
			setPolicy(t, role, without)
			if works(t) {
				t.Errorf("works without %s", name)
			} else {
				t.Logf("fails without %s", name)
			}
		}
	}
}

// succeeds tells whether all requests of an endpoint are answered well, in a
// fresh workspace each.
func succeeds(t *testing.T, endpoint api.Endpoint) bool {
	t.Helper()
	changes := []func(*world, *golden.Event){func(*world, *golden.Event) {}}
	if change, ok := further[endpoint.ID]; ok {
		changes = append(changes, change)
	}
	for _, change := range changes {
		w := newWorld(t, "standard")
		e := w.event(t, endpoint.ID)
		change(w, &e)
		if golden.ByHTTP(t, e.Request(t, stack.Address())).StatusCode != endpoint.Success {
			return false
		}
	}
	return true
}

type policy struct {
	Version   string
	Statement []statement
}

type statement struct {
	Effect           string
	Action, Resource many
	Condition        json.RawMessage `json:",omitempty"`
}

// many is a list, of which AWS writes one of one as its element.
type many []string

func (m *many) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*m = many{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(m))
}

// roleOf is the name of a function's role.
func roleOf(t *testing.T, function string) string {
	t.Helper()
	return physical(t, function+"Role")
}

func policyOf(t *testing.T, role string) (p policy) {
	t.Helper()
	answer, err := stack.Query(t.Context(), "iam", "2010-05-08", "GetRolePolicy", map[string]string{"RoleName": role, "PolicyName": "own"})
	if err != nil {
		t.Fatal(err)
	}
	var out struct {
		Document string `xml:"GetRolePolicyResult>PolicyDocument"`
	}
	if err := xml.Unmarshal(answer, &out); err != nil {
		t.Fatal(err)
	}
	document, err := url.QueryUnescape(out.Document)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(document), &p); err != nil {
		t.Fatalf("%s: %v", document, err)
	}
	return p
}

// setPolicy leaves out statements that allow nothing any more.
func setPolicy(t *testing.T, role string, p policy) {
	t.Helper()
	p.Statement = slices.DeleteFunc(slices.Clone(p.Statement), func(s statement) bool { return len(s.Action) == 0 })
	document, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stack.Query(t.Context(), "iam", "2010-05-08", "PutRolePolicy", map[string]string{
		"RoleName": role, "PolicyName": "own", "PolicyDocument": string(document),
	}); err != nil {
		t.Fatal(err)
	}
}
