package contract

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// eventful is a project with seven events, a second apart, and its path.
func eventful(h *house) string {
	h.Helper()
	path := "/v1/projects/" + h.newProject("Events")
	second := h.newKey("local", "second")
	for _, r := range []request{
		h.ask("POST", path+"/services", `{"name":"Cart"}`),                  // 1 s
		h.ask("POST", path+"/services", `{"name":"Order"}`).by(second),      // 2 s
		h.ask("PUT", path+"/services/cart", `{"owner":"x"}`),                // 3 s
		h.ask("PUT", path+"/services/cart", `{"name":"Basket"}`).by(second), // 4 s
		h.ask("PUT", path+"/services/basket", `{"owner":"x"}`),              // nothing
		h.ask("PUT", path, `{"description":"not an event"}`),                // none
		h.ask("DELETE", path+"/services/order", ""),                         // 7 s
		h.ask("POST", path+"/services", `{"name":"ORDER"}`),                 // 8 s
		h.ask("DELETE", path+"/services/basket", "").by(second),             // 9 s
	} {
		h.clock.advance(time.Second)
		h.send(r).ok()
	}
	return path
}

// happened are the instants of an eventful project, by the second.
func (h *house) happened(path string) map[int]stamp {
	h.Helper()
	all := h.instants(path)
	bySecond := map[int]stamp{}
	for i, second := range []int{0, 1, 2, 3, 4, 7, 8, 9} {
		bySecond[second] = all[i]
	}
	return bySecond
}

// line is an event in short.
func line(e event) string {
	return strings.Join([]string{e.ChangeType, e.ServiceSlug, e.ServiceName, e.ActorName}, " ")
}

var eventfulLines = []string{
	"DELETE basket Basket second", // 9 s
	"CREATE order ORDER owner",    // 8 s
	"DELETE order Order owner",    // 7 s
	"UPDATE basket Basket second", // 4 s
	"UPDATE cart Cart owner",      // 3 s
	"CREATE order Order second",   // 2 s
	"CREATE cart Cart owner",      // 1 s
}

func TestTheHistoryListsEveryChangeNewestFirst(t *testing.T) {
	h := open(t)
	path := eventful(h)
	got := read[history](h.get(path + "/history").ok())
	ids := map[string]bool{}
	var lines []string
	for i, e := range got.Events {
		lines = append(lines, line(e))
		if id, err := uuid.Parse(e.SnapshotID); err != nil || id.String() != e.SnapshotID || e.ActorType != "API_KEY" {
			t.Errorf("the event %+v", e)
		}
		ids[e.SnapshotID] = true
		if i > 0 && e.Timestamp >= got.Events[i-1].Timestamp {
			t.Errorf("the event %+v is not before %+v", e, got.Events[i-1])
		}
	}
	if !slices.Equal(lines, eventfulLines) || got.TotalCount != 7 || len(ids) != 7 {
		t.Errorf("%d events, %d ids:\n%s", got.TotalCount, len(ids), strings.Join(lines, "\n"))
	}
}

func TestPagesAndFiltersOfAHistory(t *testing.T) {
	h := open(t)
	path := eventful(h)
	all, instants := eventfulLines, h.happened(path)
	path += "/history?"
	at := func(second int) string { return string(instants[second]) }
	for query, c := range map[string]struct {
		want  []string
		total int
	}{
		"size=3":                                      {all[:3], 7},
		"page=1&size=3":                               {all[3:6], 7},
		"page=2&size=3":                               {all[6:], 7},
		"page=3&size=3":                               {nil, 7},
		"page=2147483647&size=1000":                   {nil, 7},
		"size=1000":                                   {all, 7},
		"changeType=CREATE":                           {[]string{all[1], all[5], all[6]}, 3},
		"changeType=DELETE&size=1":                    {all[:1], 2},
		"changeType=DELETE&size=1&page=1":             {all[2:3], 2},
		"changeType=DELETE&size=1&page=2":             {nil, 2},
		"service=order":                               {[]string{all[1], all[2], all[5]}, 3},
		"service=none":                                {nil, 0},
		"actor=second":                                {[]string{all[0], all[3], all[5]}, 3},
		"actor=second&changeType=UPDATE":              {all[3:4], 1},
		"from=" + at(7):                               {all[:3], 3},
		"to=" + at(7):                                 {all[3:], 4},
		"from=" + at(3) + "&to=" + at(4):              {all[4:5], 1},
		"from=" + at(4) + "&to=" + at(4):              {nil, 0},
		"from=" + at(9) + "&to=" + at(1):              {nil, 0},
		"from=2000-01-01T00:00:00Z":                   {all, 7},
		"from=2999-01-01T00:00:00Z":                   {nil, 0},
		"to=2999-01-01T00:00:00Z":                     {all, 7},
		"to=2000-01-01T00:00:00Z":                     {nil, 0},
		"service=order&changeType=CREATE&to=" + at(8): {all[5:6], 1},
	} {
		h.sub(query, func(h *house) {
			got := read[history](h.get(path + query).ok())
			var lines []string
			for _, e := range got.Events {
				lines = append(lines, line(e))
			}
			if !slices.Equal(lines, c.want) || got.TotalCount != c.total || got.Events == nil {
				h.Errorf("found %d\n%s\nnot %d\n%s", got.TotalCount, strings.Join(lines, "\n"), c.total, strings.Join(c.want, "\n"))
			}
		})
	}
}

func TestAHistoryShowsFiftyEventsUnlessAskedForMore(t *testing.T) {
	h := open(t)
	path := "/v1/projects/" + h.newProject("Long")
	for i := range 60 {
		h.post(path+"/services", fmt.Sprintf(`{"name":"s%d"}`, i)).ok()
	}
	got := read[history](h.get(path + "/history").ok())
	if len(got.Events) != 50 || got.TotalCount != 60 || got.Events[0].ServiceSlug != "s59" {
		t.Errorf("%d of %d events, first %+v", len(got.Events), got.TotalCount, got.Events[0])
	}
}
