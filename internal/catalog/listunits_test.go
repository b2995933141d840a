package catalog

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/metrics"
	"testing"

	"almanac/internal/shape"
	"almanac/internal/timeline"
)

// thousand is a project with 1,000 services of 2 KB.
func thousand(t *testing.T) *world {
	w := newWorld(t).after(10)
	for i := 0; i < 1000; i += 25 {
		in := UpsertServicesInput{ProjectID: w.project}
		for n := i; n < i+25; n++ {
			in.Body = append(in.Body, twoKB(fmt.Sprintf("Service %03d", n)))
		}
		must(w.UpsertServices(w.Context(), w.caller, in))(w)
	}
	return w.after(100_000)
}

// A page costs the live versions that it shows, two reads of the project's head,
// of which one waits for commits under way and costs twice, the keys vacated between, and one unit for each of its services that has
// changed since the first page.
func TestAPageOfAThousandServicesCostsWhatItShows(t *testing.T) {
	w := thousand(t)
	list := func(in ListServicesInput) (page ServiceList, units float64) {
		in.ProjectID = w.project
		m := w.metered(func(ctx context.Context) (err error) {
			page, err = w.ListServices(ctx, w.caller, in)
			return err
		})
		return page, m.ReadUnits
	}
	for _, c := range []struct {
		name          string
		in            ListServicesInput
		changed       int     // services of each page that are updated before it is read
		first, others float64 // units of the first page, and of each other at most
	}{
		{"100 a page", ListServicesInput{Limit: 100}, 0, 17, 17},
		{"100 a page, 5 changed meanwhile", ListServicesInput{Limit: 100}, 5, 17, 28},
		{"10 a page", ListServicesInput{Limit: 10}, 0, 5, 5},
		{"10 a page, all changed meanwhile", ListServicesInput{Limit: 10}, 10, 5, 17},
		{"all on one page", ListServicesInput{Limit: 1000}, 0, 123, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			page, units := list(c.in)
			if units > c.first {
				t.Errorf("the first page costs %v units, more than %v", units, c.first)
			}
			most, seen := 0.0, len(page.services)
			for in := c.in; page.next != ""; seen += len(page.services) {
				for i := range c.changed {
					must(w.update(fmt.Sprintf("service-%03d", seen+i), described(fmt.Sprint(c.name, seen))))(w)
				}
				in.Cursor = serviceCursor{}
				if err := in.Cursor.UnmarshalText([]byte(page.next)); err != nil {
					t.Fatal(err)
				}
				page, units = list(in)
				most = max(most, units)
			}
			if most > c.others || seen != 1000 {
				t.Errorf("later pages cost %v units at most, more than %v; %d services", most, c.others, seen)
			}
		})
	}
}

// However many of a thousand services have changed since an instant, their list
// at it costs no more than that of now, on one page or on many, filtered or not.
func TestAListOfTheThousandAtAnInstantCostsNoMoreThanNow(t *testing.T) {
	w := thousand(t)
	now := w.metered(func(ctx context.Context) error {
		_, err := w.ListServices(ctx, w.caller, ListServicesInput{ProjectID: w.project, Limit: 1000})
		return err
	}).ReadUnits
	for _, changed := range []int{25, 200, 1000} {
		for i := 0; i < changed; i += 25 {
			in := UpsertServicesInput{ProjectID: w.project}
			for n := i; n < i+25; n++ {
				in.Body = append(in.Body, NewService{Name: fmt.Sprintf("Service %03d", n), ServiceFacts: ServiceFacts{Owner: shape.Of(fmt.Sprint("team-", changed))}})
			}
			must(w.UpsertServices(w.Context(), w.caller, in))(w)
		}
		if err := w.timeline.Maintain(w.Context(), projectScope(w.caller.Workspace, w.project)); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			name     string
			in       ListServicesInput
			services int
			most     float64
		}{
			{"all", ListServicesInput{Limit: 1000}, 1000, now},
			{"all but one", ListServicesInput{Limit: 999}, 999, now},
			{"the first ten", ListServicesInput{Limit: 10}, 10, 20},
			{"the first ten of a team of a thousand", ListServicesInput{Limit: 10, Owner: "orders-team"}, 10, 20},
			// Each of five stretches waits for commits under way.
			{"a team of none", ListServicesInput{Limit: 10, Owner: "nobody"}, 0, now + 5*2},
		} {
			c.in.ProjectID, c.in.At = w.project, new(ms(99_999))
			var page ServiceList
			got := w.metered(func(ctx context.Context) (err error) {
				page, err = w.ListServices(ctx, w.caller, c.in)
				return err
			}).ReadUnits
			if len(page.services) != c.services || got > c.most {
				t.Errorf("%d changed: %s: %d services for %v units, more than %v", changed, c.name, len(page.services), got, c.most)
			}
		}
	}
}

// The cheapest Lambdas have 128 MB. What a list allocates from end to end is more
// than what it holds at any moment.
func TestAListOfAThousandServicesTakesLessThan64MB(t *testing.T) {
	w := thousand(t)
	for i := 0; i < 1000; i += 25 {
		in := UpsertServicesInput{ProjectID: w.project}
		for n := i; n < i+25; n++ {
			in.Body = append(in.Body, NewService{Name: fmt.Sprintf("Service %03d", n), ServiceFacts: ServiceFacts{Owner: shape.Of("others")}})
		}
		must(w.UpsertServices(w.Context(), w.caller, in))(w)
	}
	for name, at := range map[string]*timeline.Instant{"now": nil, "before all of them changed": new(ms(99_999))} {
		t.Run(name, func(t *testing.T) {
			before := allocated()
			page := must(w.list(ListServicesInput{At: at}))(w)
			body, err := json.Marshal(page.Body())
			grown := allocated() - before
			t.Logf("%.1f MB for %d services, %.1f MB of JSON", float64(grown)/(1<<20), len(page.services), float64(len(body))/(1<<20))
			if err != nil || len(page.services) != 1000 || grown > 64<<20 {
				t.Errorf("%d bytes for %d services, %v", grown, len(page.services), err)
			}
		})
	}
}

// allocated is how many bytes the program ever allocated.
func allocated() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}
