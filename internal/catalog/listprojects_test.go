package catalog

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"almanac/internal/store"
	"almanac/internal/store/bolt"
	"almanac/internal/tenant"
)

// A list reads the heads of all projects, 4 KB a unit, and the caller's pins.
func TestUnitsOfAListOfProjects(t *testing.T) {
	w := newWorld(t)
	w.maxProjects = 2000
	for n := 1; n < 1000; n++ {
		must(w.CreateProject(t.Context(), w.caller, CreateProjectInput{NewProject{Name: fmt.Sprintf("Project %03d of the team", n), Description: strings.Repeat("d", 100)}}))(w)
	}
	for _, c := range []struct {
		name string
		in   ListProjectsInput
	}{
		{"the first page of 1,000", ListProjectsInput{Size: 20}},
		{"the last page of 1,000", ListProjectsInput{Size: 20, Page: 49}},
		{"a search in 1,000", ListProjectsInput{Size: 20, Query: "777"}},
	} {
		m := w.metered(func(ctx context.Context) error {
			_, err := w.ListProjects(ctx, w.caller, c.in)
			return err
		})
		t.Logf("listProjects, %s: %v read units, %d calls", c.name, m.ReadUnits, m.Calls)
		if m.ReadUnits > 110 || m.WriteUnits != 0 {
			t.Errorf("listProjects, %s, costs %v read units, at most 110 are allowed", c.name, m.ReadUnits)
		}
	}
}

func TestProjectsOfOneInstantAreListedByTheirIDs(t *testing.T) {
	w := newWorld(t)
	ids := []string{w.project}
	for n := range 9 {
		ids = append(ids, must(w.createProject(fmt.Sprint("Project ", n)))(w).ID)
	}
	slices.Sort(ids)
	for page := range 4 {
		var found []string
		for _, p := range w.projects(ListProjectsInput{Page: page, Size: 3}).Data {
			found = append(found, p.ID)
		}
		if want := ids[3*page : min(3*page+3, 10)]; !slices.Equal(found, want) {
			t.Errorf("page %d has %v, not %v", page, found, want)
		}
	}
}

func BenchmarkListProjects(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			st, err := bolt.Open(b.TempDir())
			if err != nil {
				b.Fatal(err)
			}
			defer st.Close()
			c := New(st, time.Now, n+1)
			p := tenant.Principal{Workspace: "acme", ID: "key-1", Label: "ci"}
			if _, err := c.CreateProjectAs(b.Context(), p, "first-project", NewProject{Name: "A project of the team", Description: strings.Repeat("d", 100)}); err != nil {
				b.Fatal(err)
			}
			// What the timeline keeps of it, under other ids.
			first, err := st.Range(b.Context(), store.Query{Partition: projectsOf(p.Workspace)})
			if err != nil {
				b.Fatal(err)
			}
			for from := 0; from < n; from += store.MaxOps {
				var ops []store.Op
				for i := from; i < from+store.MaxOps; i++ {
					item := first[0]
					item.Sort = fmt.Sprintf("project-of-the-team-%06d", i)
					ops = append(ops, store.Put(item, store.Condition{}))
				}
				if err := st.Transact(b.Context(), ops...); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				page, err := c.ListProjects(b.Context(), p, ListProjectsInput{Size: 20})
				if err != nil || page.Total != n+1 {
					b.Fatal(page.Total, err)
				}
			}
		})
	}
}
