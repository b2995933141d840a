package lambda

import (
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"almanac/internal/api"
)

func TestEveryFunctionAnswersItsGoldenEventAsTheLaptopDoes(t *testing.T) {
	for _, endpoint := range api.Table() {
		t.Run(endpoint.ID, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			f := start(t, endpoint.ID, on(w.table)...)
			e := w.event(t, endpoint.ID)
			cloud, laptop := byFunction(t, f, e), byHTTP(t, e.request(t, w.laptop.URL))
			if laptop.StatusCode != endpoint.Success {
				t.Fatalf("the laptop answers %d %s", laptop.StatusCode, laptop.Body)
			}
			if endpoint.Method == http.MethodGet {
				equal(t, cloud, laptop)
				return
			}
			equal(t, settled(cloud), settled(laptop))
			w.stillEqual(t)
		})
	}
}

func equal(t *testing.T, cloud, laptop answer) {
	t.Helper()
	if cloud.StatusCode != laptop.StatusCode {
		t.Errorf("the function answers %d, the laptop %d", cloud.StatusCode, laptop.StatusCode)
	}
	if cloud.Body != laptop.Body {
		t.Errorf("the function's body is\n%s\nthe laptop's\n%s", cloud.Body, laptop.Body)
	}
	if !reflect.DeepEqual(cloud.MultiValueHeaders, laptop.MultiValueHeaders) {
		t.Errorf("the function's headers are\n%v\nthe laptop's\n%v", cloud.MultiValueHeaders, laptop.MultiValueHeaders)
	}
}

// stillEqual looks into both stores by reading all that the API shows of them.
func (w *world) stillEqual(t *testing.T) {
	t.Helper()
	for _, operation := range []string{"listProjects", "getProject", "listServices", "getHistory"} {
		e := w.event(t, operation)
		e.Query, e.MultiValueQuery = nil, nil
		equal(t, settled(byHTTP(t, e.request(t, w.cloud.URL))), settled(byHTTP(t, e.request(t, w.laptop.URL))))
	}
}

var (
	instants = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`)
	uuids    = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	suffixes = regexp.MustCompile(`"loyalty-[0-9a-z]{5}"`)
)

// settled replaces what two writes of the same cannot have in common: instants
// after the seed (by their order), random ids, and the ETags made from those.
func settled(a answer) answer {
	last := seeded.AddDate(0, 0, 2).Format(time.RFC3339)
	found := slices.Compact(slices.Sorted(slices.Values(instants.FindAllString(a.Body, -1))))
	found = slices.DeleteFunc(found, func(s string) bool { return s < last })
	for n, instant := range found {
		a.Body = strings.ReplaceAll(a.Body, instant, fmt.Sprintf("<instant %d>", n+1))
	}
	a.Body = suffixes.ReplaceAllString(a.Body, `"loyalty-<suffix>"`)
	a.Body = uuids.ReplaceAllString(a.Body, "<uuid>")
	a.MultiValueHeaders = maps.Clone(a.MultiValueHeaders)
	if a.MultiValueHeaders["Etag"] != nil {
		a.MultiValueHeaders["Etag"] = []string{"<etag>"}
	}
	return a
}
