package deploy

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"almanac/internal/api"
	"almanac/tests/lambda/golden"
)

func TestEveryEndpointAnswersItsGoldenRequestAsTheLaptopDoes(t *testing.T) {
	for _, endpoint := range api.Table() {
		t.Run(endpoint.ID, func(t *testing.T) {
			w := newWorld(t, "standard")
			e := w.event(t, endpoint.ID)
			cloud, laptop := call(t, e.Request(t, stack.Address(e.Path))), golden.ByHTTP(t, e.Request(t, w.laptop))
			if cloud.StatusCode != endpoint.Success {
				t.Fatalf("answers %d %s", cloud.StatusCode, cloud.Body)
			}
			same(t, cloud, laptop)
			if endpoint.Method != http.MethodGet {
				w.stillSame(t, endpoint)
			}
		})
	}
}

// shows are operations that tell together what is in a world, by their API. Hosts
// show all that is on them.
var shows = map[string][]string{
	"catalog": {"listProjects", "getProject", "listServices", "getHistory", "getShareToken"},
	"network": {"listNetworks", "listSubnets", "listHosts", "listTags", "getMetadata"},
}

// stillSame looks into both ends by what the API of an endpoint shows of them.
func (w *world) stillSame(t *testing.T, written api.Endpoint) {
	t.Helper()
	of := api.APIs()[slices.IndexFunc(api.APIs(), func(a api.API) bool { return a.Holds(written.Path) })]
	for _, operation := range shows[of.Name] {
		e := w.event(t, operation)
		e.Query, e.MultiValueQuery = nil, nil
		same(t, golden.ByHTTP(t, e.Request(t, stack.Address(e.Path))), golden.ByHTTP(t, e.Request(t, w.laptop)))
	}
}

func same(t *testing.T, cloud, laptop golden.Answer) {
	t.Helper()
	if cloud.MultiValueHeaders["X-Request-Id"] == nil {
		t.Error("the answer has no request id")
	}
	// What the gateway has of its own is none of ours.
	headers := http.Header{}
	for name := range laptop.MultiValueHeaders {
		if values := cloud.MultiValueHeaders[name]; values != nil {
			headers[name] = values
		}
	}
	cloud.MultiValueHeaders = headers
	golden.Equal(t, golden.Settled(comparable(cloud)), golden.Settled(comparable(laptop)))
}

// comparable leaves out what each end counts and names by itself.
func comparable(a golden.Answer) golden.Answer {
	a.MultiValueHeaders = maps.Clone(a.MultiValueHeaders)
	maps.DeleteFunc(a.MultiValueHeaders, func(name string, _ []string) bool {
		return name == "X-Request-Id" || name == "Content-Length" || strings.HasPrefix(name, "Ratelimit")
	})
	return a
}
