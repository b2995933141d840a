package lambdahost

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"almanac/internal/store"
	"almanac/internal/store/bolt"
	"almanac/internal/tenant"
)

func authorizerOver(s store.Store, log io.Writer) authorizer {
	return authorizer{tenant.NewKeys(s, time.Now).Authenticate, slog.New(slog.NewJSONHandler(log, nil))}
}

func keyedStore(t *testing.T, secret string) store.Store {
	t.Helper()
	s, err := bolt.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := tenant.NewKeys(s, time.Now).CreateKey(t.Context(), "acme", "ci", secret); err != nil {
		t.Fatal(err)
	}
	return s
}

const methodARN = "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/prod/GET/v1/projects/eshop-sample"

func asked(headers map[string][]string) events.APIGatewayCustomAuthorizerRequestTypeRequest {
	return events.APIGatewayCustomAuthorizerRequestTypeRequest{Type: "REQUEST", MethodArn: methodARN, MultiValueHeaders: headers}
}

func TestTheAuthorizerAllowsAKnownKeyTheWholeStage(t *testing.T) {
	secret := tenant.NewSecret()
	a := authorizerOver(keyedStore(t, secret), io.Discard)
	for _, name := range []string{"Authorization", "authorization", "AUTHORIZATION"} {
		for _, scheme := range []string{"Bearer ", "bearer "} {
			answer, err := a.answer(t.Context(), asked(map[string][]string{name: {scheme + secret}, "Accept": {"*/*"}}))
			if err != nil {
				t.Errorf("%s: %s: %v", name, scheme, err)
				continue
			}
			policy, err := json.Marshal(answer.PolicyDocument)
			if err != nil {
				t.Fatal(err)
			}
			const want = `{"Version":"2012-10-17","Statement":[{"Action":["execute-api:Invoke"],"Effect":"Allow",` +
				`"Resource":["arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/prod/*"]}]}`
			if string(policy) != want {
				t.Errorf("the policy is %s, not %s", policy, want)
			}
			c := answer.Context
			if c["workspace"] != "acme" || c["label"] != "ci" || c["role"] != "owner" || c["keyId"] == "" ||
				answer.PrincipalID != c["keyId"] || answer.UsageIdentifierKey != c["keyId"] {
				t.Errorf("the caller is %+v", answer)
			}
		}
	}
}

func TestTheAuthorizerReadsSingleHeadersWhereThereAreNoOthers(t *testing.T) {
	secret := tenant.NewSecret()
	e := asked(nil)
	e.Headers = map[string]string{"authorization": "Bearer " + secret}
	if _, err := authorizerOver(keyedStore(t, secret), io.Discard).answer(t.Context(), e); err != nil {
		t.Error(err)
	}
}

func TestTheAuthorizerRefusesWithTheOneTextThatIsA401(t *testing.T) {
	secret := tenant.NewSecret()
	var log bytes.Buffer
	a := authorizerOver(keyedStore(t, secret), &log)
	mistyped := secret[:len(secret)-1] + string(secret[len(secret)-1]^1)
	for name, headers := range map[string]map[string][]string{
		"no header":                {"Accept": {"*/*"}},
		"an unknown key":           {"Authorization": {"Bearer " + tenant.NewSecret()}},
		"a mistyped key":           {"Authorization": {"Bearer " + mistyped}},
		"another scheme":           {"Authorization": {"Basic " + secret}},
		"a key without its scheme": {"Authorization": {secret}},
		"an empty key":             {"Authorization": {"Bearer "}},
		"two values":               {"Authorization": {"Bearer " + secret, "Bearer " + secret}},
		"two spellings":            {"Authorization": {"Bearer " + secret}, "authorization": {"Bearer " + secret}},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := a.answer(t.Context(), asked(headers)); err == nil || err.Error() != "Unauthorized" {
				t.Errorf("answered with %v", err)
			}
		})
	}
	if lines := strings.Count(log.String(), `"refused":`); lines != 8 || strings.Contains(log.String(), secret[4:40]) {
		t.Errorf("logged %s", &log)
	}
}

func TestTheAuthorizerLogsItsVerdictUnderTheIDOfTheRequest(t *testing.T) {
	secret := tenant.NewSecret()
	var log bytes.Buffer
	e := asked(map[string][]string{"Authorization": {"Bearer " + secret}})
	e.RequestContext.RequestID = "6f1d1d0a"
	if _, err := authorizerOver(keyedStore(t, secret), &log).answer(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), `"request_id":"6f1d1d0a","workspace":"acme","key_id":`) || strings.Contains(log.String(), secret) {
		t.Errorf("logged %s", &log)
	}
}

func TestTheAuthorizerGivesNoVerdictWhenTheStoreGivesNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		secret := tenant.NewSecret()
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		var log bytes.Buffer
		_, err := authorizerOver(stuck{}, &log).answer(ctx, asked(map[string][]string{"Authorization": {"Bearer " + secret}}))
		if err == nil || err.Error() == "Unauthorized" {
			t.Errorf("answered with %v", err)
		}
		if ctx.Err() != nil {
			t.Error("the invocation's time was up first")
		}
		if !strings.Contains(log.String(), "unavailable") || strings.Contains(log.String(), secret) {
			t.Errorf("logged %s", &log)
		}
	})
}

func TestTheCallerSurvivesTheGateway(t *testing.T) {
	for _, want := range []tenant.Principal{
		{Workspace: "acme", ID: "k", Label: "ci: Ü \"x\"", Role: tenant.Owner},
		{Workspace: "acme", ID: "k", Label: "ci", Scopes: []tenant.Scope{tenant.CatalogRead, tenant.Admin}, Plan: tenant.Free},
		{Workspace: "acme", ID: "k", Label: "ci", Scopes: []tenant.Scope{tenant.NetworkWrite}},
	} {
		e := event()
		e.RequestContext.Authorizer = contextOf(want)
		var got tenant.Principal
		f := with(func(w http.ResponseWriter, r *http.Request) {
			got, _ = principal(r)
			w.WriteHeader(http.StatusNoContent)
		})
		if _, err := f.answer(t.Context(), e); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("the function reads %+v, not %+v: %v", got, want, err)
		}
	}
}
