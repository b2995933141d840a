package lambda

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"almanac/tests/lambda/golden"
)

// Lists of a thousand services, one after another, leave a function within half
// of the smallest memory that Lambda gives.
func TestAListOfAThousandServicesTakesLittleMemory(t *testing.T) {
	const most = 64 << 20
	w := newWorld(t)
	e := w.event(t, "listServices")
	e.Query, e.MultiValueQuery = nil, nil // now
	for n := 0; n < 1000; n += 25 {
		var all []map[string]any
		for i := range 25 {
			all = append(all, map[string]any{
				"name": fmt.Sprintf("One of a thousand, %d", n+i), "description": strings.Repeat("d", 200), "owner": "a team",
				"extras": map[string]string{"a": strings.Repeat("a", 450), "b": strings.Repeat("b", 450), "c": strings.Repeat("c", 450)},
			})
		}
		body, err := json.Marshal(all)
		if err != nil {
			t.Fatal(err)
		}
		fill := e
		text := string(body)
		fill.HTTPMethod, fill.Body = http.MethodPut, &text
		if a := golden.ByHTTP(t, fill.Request(t, w.cloud.URL)); a.StatusCode != http.StatusOK {
			t.Fatalf("filling: %d %s", a.StatusCode, a.Body)
		}
	}
	f := start(t, "listServices", on(w.table)...)
	for range 20 {
		a := byFunction(t, f, e)
		if a.StatusCode != http.StatusOK || strings.Count(a.Body, `"slug"`) != 1000 {
			t.Fatalf("answered %d with %d services", a.StatusCode, strings.Count(a.Body, `"slug"`))
		}
	}
	peak, err := f.PeakMemory()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("at most %d MiB were held", peak>>20)
	if peak > most {
		t.Errorf("%d MiB were held, more than %d", peak>>20, most>>20)
	}
}
