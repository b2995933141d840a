package lambda

import (
	"encoding/json"
	"strings"
	"testing"

	"almanac/internal/store/dynamo"
	"almanac/internal/store/dynamo/dynamotest"
	"almanac/internal/tenant"
	"almanac/tests/lambda/golden"
)

// authorizerEvent is the golden event with these values of Authorization.
func authorizerEvent(t *testing.T, authorization ...string) []byte {
	t.Helper()
	var e struct {
		Type      string `json:"type"`
		MethodArn string `json:"methodArn"`
		golden.Event
	}
	golden.Strictly(t, "../../events/authorizer.json", &e)
	delete(e.Headers, "Authorization")
	delete(e.MultiValueHeaders, "Authorization")
	if len(authorization) > 0 {
		e.SetHeader("Authorization", authorization...)
	}
	data, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestTheCompiledAuthorizer(t *testing.T) {
	w := newWorld(t)
	f := start(t, "authorizer", on(w.table)...)
	mistyped := w.key[:10] + "-" + w.key[11:]
	for _, c := range []struct {
		name          string
		authorization []string
		allowed       bool
	}{
		{"a good key", []string{"Bearer " + w.key}, true},
		{"an unknown key", []string{"Bearer " + tenant.NewSecret()}, false},
		{"a mistyped key", []string{"Bearer " + mistyped}, false},
		{"no key", nil, false},
		{"two keys", []string{"Bearer " + w.key, "Bearer " + w.key}, false},
		{"a good key after all those", []string{"Bearer " + w.key}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := invoke(t, f, authorizerEvent(t, c.authorization...))
			if !c.allowed {
				const unauthorized = `"errorMessage":"Unauthorized"`
				if !out.Failed || !strings.Contains(string(out.Payload), unauthorized) {
					t.Errorf("answered %s", out.Payload)
				}
				return
			}
			const policy = `"policyDocument":{"Version":"2012-10-17","Statement":[{"Action":["execute-api:Invoke"],"Effect":"Allow",` +
				`"Resource":["arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/prod/*"]}]}`
			if out.Failed || !strings.Contains(string(out.Payload), policy) {
				t.Errorf("answered %s", out.Payload)
			}
		})
	}
	f.Stop()
	if log := f.Log(); strings.Contains(log, w.key) || strings.Contains(log, mistyped) {
		t.Errorf("the log holds a key: %s", log)
	}
}

func TestTheCompiledAuthorizerWithoutItsTableGivesNoVerdict(t *testing.T) {
	gone := dynamo.Config{Table: "no-such-table", Endpoint: dynamotest.Endpoint(t)}
	f := start(t, "authorizer", on(gone)...)
	out := invoke(t, f, authorizerEvent(t, "Bearer "+tenant.NewSecret()))
	if !out.Failed || strings.Contains(string(out.Payload), "Unauthorized") {
		t.Errorf("answered %s", out.Payload)
	}
}
