package lambda

import (
	"net/http"
	"testing"

	"almanac/internal/api"
	"almanac/internal/host/lambdahost/usageplan/usageplantest"
	"almanac/tests/lambda/golden"
)

func TestEveryFunctionAnswersItsGoldenEventAsTheLaptopDoes(t *testing.T) {
	for _, endpoint := range api.Table() {
		t.Run(endpoint.ID, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			f := start(t, endpoint.ID, append(on(w.table), usageplantest.Serve(t).Environment()...)...)
			e := w.event(t, endpoint.ID)
			cloud, laptop := byFunction(t, f, e), golden.ByHTTP(t, e.Request(t, w.laptop.URL))
			if laptop.StatusCode != endpoint.Success {
				t.Fatalf("the laptop answers %d %s", laptop.StatusCode, laptop.Body)
			}
			if endpoint.Method == http.MethodGet {
				golden.Equal(t, cloud, laptop)
				return
			}
			golden.Equal(t, golden.Settled(cloud), golden.Settled(laptop))
			w.stillEqual(t)
		})
	}
}

// stillEqual looks into both stores by reading all that the API shows of them.
func (w *world) stillEqual(t *testing.T) {
	t.Helper()
	for _, operation := range []string{"listProjects", "getProject", "listServices", "getHistory", "listKeys", "getShareToken"} {
		e := w.event(t, operation)
		e.Query, e.MultiValueQuery = nil, nil
		golden.Equal(t, golden.Settled(golden.ByHTTP(t, e.Request(t, w.cloud.URL))), golden.Settled(golden.ByHTTP(t, e.Request(t, w.laptop.URL))))
	}
}
