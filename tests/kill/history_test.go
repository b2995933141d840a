package kill

import (
	"fmt"
	"maps"
	"slices"
)

type event struct {
	ServiceSlug string
	ChangeType  string
	Timestamp   string
}

// lookedBack is at how many of the last instants the project is listed.
const lookedBack = 5

// checkHistory does again what the history tells and compares the outcome with
// the list, and the last steps on the way with the list at their instants.
func (r *run) checkHistory() {
	r.Helper()
	var events []event // oldest first
	for page := 0; ; page++ {
		got := ask[struct {
			Events     []event
			TotalCount int
		}](r, fmt.Sprintf("%s/history?size=1000&page=%d", r.project, page))
		if got.TotalCount != r.events {
			r.Errorf("the history counts %d events of %d", got.TotalCount, r.events)
		}
		if events = append(events, got.Events...); len(got.Events) < 1000 {
			break
		}
	}
	slices.Reverse(events)
	if len(events) != r.events {
		r.Errorf("the history shows %d events of %d", len(events), r.events)
	}
	var instants []string
	for _, e := range events {
		instants = append(instants, e.Timestamp)
	}
	if !slices.IsSorted(instants) {
		r.Errorf("the history goes back: %v", instants)
	}
	instants = slices.Compact(instants)
	recent := instants[max(0, len(instants)-lookedBack):]

	since := map[string]string{} // by slug, when its snapshot began
	for i, e := range events {
		_, there := since[e.ServiceSlug]
		_, before := since[renamed(e.ServiceSlug)]
		switch {
		case e.ChangeType == "CREATE" && !there:
			since[e.ServiceSlug] = e.Timestamp
		case e.ChangeType == "UPDATE" && there:
			since[e.ServiceSlug] = e.Timestamp
		case e.ChangeType == "UPDATE" && before:
			delete(since, renamed(e.ServiceSlug))
			since[e.ServiceSlug] = e.Timestamp
		case e.ChangeType == "DELETE" && there:
			delete(since, e.ServiceSlug)
		default:
			r.Errorf("event %d, %+v, cannot follow those before it", i, e)
		}
		last := i == len(events)-1 || events[i+1].Timestamp != e.Timestamp
		if last && slices.Contains(recent, e.Timestamp) {
			r.compare("?at="+e.Timestamp, since)
		}
	}
	r.compare("", since)
}

func (r *run) compare(query string, since map[string]string) {
	r.Helper()
	listed := map[string]string{}
	for _, s := range ask[[]service](r, r.project+"/services"+query) {
		listed[s.Slug] = s.ValidFrom
	}
	if !maps.Equal(listed, since) {
		r.Errorf("by its history the project holds\n%v\nthe list %s says\n%v", since, query, listed)
	}
}
