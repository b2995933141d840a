package lambda

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"almanac/internal/api"
	"almanac/tests/lambda/golden"
)

// bodiless are the POSTs and PUTs without a body.
var bodiless = []string{"rotateKey", "createShareToken", "consolidateHosts"}

func TestEveryGoldenEventIsWhatTheGatewaySends(t *testing.T) {
	seen := map[string]string{}
	for _, endpoint := range api.Table() {
		t.Run(endpoint.ID, func(t *testing.T) {
			e := golden.Read(t, endpoint.ID)
			c := e.RequestContext
			path := e.Resource
			for name, value := range e.PathParameters {
				path = strings.ReplaceAll(path, "{"+name+"}", value)
			}
			for what, pair := range map[string][2]any{
				"the method":                    {e.HTTPMethod, endpoint.Method},
				"the context's method":          {c["httpMethod"], endpoint.Method},
				"the resource":                  {e.Resource, endpoint.Path},
				"the context's resource":        {c["resourcePath"], endpoint.Path},
				"the path":                      {e.Path, path},
				"the context's path":            {c["path"], "/" + c["stage"].(string) + e.Path},
				"the operation":                 {c["operationName"], endpoint.ID},
				"the domain":                    {c["domainName"], e.Headers["Host"]},
				"the single headers":            {e.Headers, last(e.MultiValueHeaders)},
				"the single query parameters":   {e.Query, last(e.MultiValueQuery)},
				"whether there is a body":       {e.Body != nil, (endpoint.Method == http.MethodPost || endpoint.Method == http.MethodPut) && !slices.Contains(bodiless, endpoint.ID)},
				"whether the body has its type": {e.Headers["Content-Type"] == "application/json", e.Body != nil},
				"the source":                    {c["identity"].(map[string]any)["sourceIp"], e.Headers["X-Forwarded-For"]},
				"the client":                    {c["identity"].(map[string]any)["userAgent"], e.Headers["User-Agent"]},
			} {
				if !reflect.DeepEqual(pair[0], pair[1]) {
					t.Errorf("%s is %v, not %v", what, pair[0], pair[1])
				}
			}
			at, err := time.Parse("02/Jan/2006:15:04:05 -0700", c["requestTime"].(string))
			if err != nil || float64(at.UnixMilli()) != c["requestTimeEpoch"] {
				t.Errorf("the request's two times differ: %v, %v", at.UnixMilli(), c["requestTimeEpoch"])
			}
			if other := seen[e.RequestID()]; other != "" {
				t.Errorf("%s has the same request id", other)
			}
			seen[e.RequestID()] = endpoint.ID
			if endpoint.Public() {
				if e.NeedsKey() || e.MultiValueHeaders["Authorization"] != nil {
					t.Error("an endpoint without a key has one")
				}
				return
			}
			for _, member := range []string{"principalId", "workspace", "keyId", "label", "role"} {
				if s, _ := c["authorizer"].(map[string]any)[member].(string); s == "" {
					t.Errorf("the authorizer says nothing of %s", member)
				}
			}
		})
	}
}

// last is what the gateway puts into the members that hold one value a name.
func last(all map[string][]string) map[string]string {
	if all == nil {
		return nil
	}
	single := map[string]string{}
	for name, values := range all {
		single[name] = values[len(values)-1]
	}
	return single
}
