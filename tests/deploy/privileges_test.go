package deploy

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"almanac/internal/api"
	"almanac/internal/tenant"
	"almanac/internal/timeline"
	"almanac/tests/lambda/golden"
)

// further are requests that need what an endpoint's golden one does not.
var further = map[string][]func(*testing.T, *world, *golden.Event){
	"getServiceRaw": {func(_ *testing.T, _ *world, e *golden.Event) { e.SetQuery("at", "2026-01-05T05:30:00Z") }},
	"getNetwork": {func(t *testing.T, w *world, e *golden.Event) { // as it was before a change
		change := w.event(t, "updateNetwork")
		change.Path = e.Path
		call(t, change.Request(t, stack.Address(change.Path)))
		e.SetQuery("at", "2026-01-07T00:00:00Z")
	}},
	"updateService": {func(_ *testing.T, _ *world, e *golden.Event) { e.SetBody(`{"name":"Baskets"}`) }},
	"createKey": {
		func(_ *testing.T, _ *world, e *golden.Event) { e.SetHeader("Idempotency-Key", `"one"`) },
		// The gateway is to forget it.
		func(t *testing.T, w *world, _ *golden.Event) { w.expireKey(t) },
	},
	"restoreService": {func(_ *testing.T, _ *world, e *golden.Event) { // under the name that it had
		e.Path = "/v1/projects/eshop-sample/services/ordering-api/restore"
		e.SetBody(`{"at":"2026-01-05T05:30:00Z"}`)
	}},
	"deleteProject": {func(t *testing.T, w *world, _ *golden.Event) { w.fill(t) }},
	// The golden one deletes a key that the gateway does not know.
	"deleteKey": {func(_ *testing.T, w *world, e *golden.Event) { e.Path = "/v1/keys/" + w.keyID }},
}

// expireKey leaves a key in the gateway that has expired.
func (w *world) expireKey(t *testing.T) {
	t.Helper()
	then := func() time.Time { return time.Now().Add(-time.Hour) }
	owner, err := tenant.NewKeys(stack.Table(), then).Authenticate(t.Context(), []string{"Bearer " + w.key})
	if err != nil {
		t.Fatal(err)
	}
	made, err := tenant.NewIssuer(stack.Table(), then, nil).CreateKey(t.Context(), owner, tenant.CreateKeyInput{Body: tenant.NewKey{
		Name: "past", Scopes: []tenant.Scope{tenant.CatalogRead}, Plan: tenant.Free, ExpiresAt: new(timeline.InstantOf(time.Now().Add(-time.Minute))),
	}})
	if err == nil {
		err = stack.Attach(t.Context(), made.ID, planID(t, "free"))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// unreached are grants that no request can need here, and why.
var unreached = map[string]string{
	"pin DeleteItem":        "for pins of projects that are gone, when a caller has a thousand",
	"createHost DeleteItem": "for pointers to a host that was refused, which are no harm where they stay",
}

// TestEachGrantIsNeededAndSuffices takes from each role one grant after the
// other: without any one of them a request fails, and then succeeds with them.
func TestEachGrantIsNeededAndSuffices(t *testing.T) {
	for _, endpoint := range api.Table() {
		t.Run(endpoint.ID, func(t *testing.T) {
			asIs := func(*testing.T, *world, *golden.Event) {}
			var requests []func() bool
			for _, change := range append(further[endpoint.ID], asIs) {
				requests = append(requests, until(t, endpoint, change))
			}
			removeEach(t, endpoint.ID, requests...)
		})
	}
	t.Run(api.Authorizer, func(t *testing.T) {
		reading := api.Endpoint{ID: "getProject", Success: http.StatusOK}
		removeEach(t, api.Authorizer, until(t, reading, func(*testing.T, *world, *golden.Event) {}))
	})
	t.Run(api.Announcer, func(t *testing.T) {
		removeEach(t, api.Announcer,
			func() bool { return announces(t, nil) },
			func() bool { return announces(t, []byte("no record")) })
	})
}

// inParts are operations of more than one transaction: where a later part fails,
// the same request does not find the world as it was.
var inParts = []string{"createKey", "deleteKey", "deleteProject"}

// until is a request that tells whether it succeeds. It is repeated in one world
// until it does: then what failed before failed for the want of a grant, and not
// for what the failures did to the world. After that it is in a fresh one.
func until(t *testing.T, endpoint api.Endpoint, change func(*testing.T, *world, *golden.Event)) func() bool {
	var e *golden.Event
	return func() bool {
		t.Helper()
		if e == nil {
			w := newWorld(t, "standard")
			e = new(w.event(t, endpoint.ID))
			change(t, w, e)
		}
		succeeds := golden.ByHTTP(t, e.Request(t, stack.Address(e.Path))).StatusCode == endpoint.Success
		if succeeds || slices.Contains(inParts, endpoint.ID) {
			e = nil
		}
		return succeeds
	}
}

// announces tells whether the announcer is done with the golden record, or with
// one of another body.
func announces(t *testing.T, body []byte) bool {
	t.Helper()
	data, err := os.ReadFile("../../events/announce.json")
	if err != nil {
		t.Fatal(err)
	}
	var event map[string][]map[string]any
	if err := json.Unmarshal(data, &event); err != nil {
		t.Fatal(err)
	}
	if body != nil {
		event["Records"][0]["dynamodb"].(map[string]any)["NewImage"].(map[string]any)["b"] = map[string][]byte{"B": body}
	}
	var answer struct{ BatchItemFailures []any }
	path := "/2015-03-31/functions/" + physical(t, api.Announcer+"Function") + "/invocations"
	if err := stack.REST(t.Context(), "lambda", http.MethodPost, path, event, &answer); err != nil {
		t.Fatal(err)
	}
	return answer.BatchItemFailures != nil && len(answer.BatchItemFailures) == 0
}

// byItself tells of an action that the emulator does without asking for a grant.
func byItself(action string) bool {
	return strings.HasPrefix(action, "logs:") || action == "dynamodb:ListStreams" || action == "dynamodb:DescribeStream" ||
		action == "dynamodb:GetRecords" || action == "dynamodb:GetShardIterator"
}

func removeEach(t *testing.T, function string, requests ...func() bool) {
	role := roleOf(t, function)
	whole := policyOf(t, role)
	defer setPolicy(t, role, whole)
	// The grant of the limits holds for their partitions only. The emulator
	// does not know that condition, so the grant would stand in for others;
	// without it every request is let through.
	whole.Statement = slices.DeleteFunc(slices.Clone(whole.Statement), func(s statement) bool { return s.Condition != nil })
	for i, s := range whole.Statement {
		for _, action := range s.Action {
			service, verb, _ := strings.Cut(action, ":")
			if byItself(action) {
				continue
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
			if slices.ContainsFunc(requests, func(succeeds func() bool) bool { return !succeeds() }) {
				t.Logf("fails without %s", name)
			} else {
				t.Errorf("works without %s", name)
			}
		}
	}
	setPolicy(t, role, whole)
	for i, succeeds := range requests {
		if !succeeds() {
			t.Errorf("request %d of %d fails with all its grants", i+1, len(requests))
		}
	}
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
