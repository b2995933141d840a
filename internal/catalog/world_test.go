package catalog

import (
	"context"
	"errors"
	"testing"
	"time"

	"almanac/internal/fault"
	"almanac/internal/store/bolt"
	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

// world is a catalog on an empty laptop, whose clock stands still until it is set.
type world struct {
	*testing.T
	*Catalog
	clock   time.Time
	caller  tenant.Principal
	project string
}

var start = time.Date(2026, 4, 22, 15, 30, 0, 0, time.UTC)

func newWorld(t *testing.T) *world {
	t.Helper()
	st, err := bolt.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &world{T: t, clock: start, caller: tenant.Principal{Workspace: "acme", ID: "key-1", Label: "ci", Role: tenant.Owner}}
	w.Catalog = New(st, func() time.Time { return w.clock }, 1000)
	project, err := w.CreateProject(t.Context(), w.caller, CreateProjectInput{NewProject{Name: "Web shop"}})
	if err != nil {
		t.Fatal(err)
	}
	w.project = project.ID
	return w
}

// after moves the clock to so many milliseconds after the project was created.
func (w *world) after(ms int) *world {
	w.clock = start.Add(time.Duration(ms) * time.Millisecond)
	return w
}

// ms is the instant so many milliseconds after the project was created.
func ms(n int) timeline.Instant {
	return timeline.InstantOf(start.Add(time.Duration(n) * time.Millisecond))
}

func (w *world) create(body NewService) (Service, error) {
	return w.CreateService(w.Context(), w.caller, CreateServiceInput{w.project, body})
}

func (w *world) get(slug string, at ...timeline.Instant) (Service, error) {
	in := GetServiceInput{ProjectID: w.project, ServiceSlug: slug}
	if len(at) > 0 {
		in.At = &at[0]
	}
	return w.GetService(w.Context(), w.caller, in)
}

func (w *world) update(slug string, patch ServicePatch) (Service, error) {
	return w.UpdateService(w.Context(), w.caller, UpdateServiceInput{ProjectID: w.project, ServiceSlug: slug, Body: patch})
}

func (w *world) delete(slug string) error {
	return w.DeleteService(w.Context(), w.caller, DeleteServiceInput{ProjectID: w.project, ServiceSlug: slug})
}

func (w *world) list(in ListServicesInput) (ServiceList, error) {
	in.ProjectID = w.project
	if in.Limit == 0 {
		in.Limit = 1000
	}
	return w.ListServices(w.Context(), w.caller, in)
}

func (w *world) history(in GetHistoryInput) History {
	w.Helper()
	in.ProjectID = w.project
	if in.Size == 0 {
		in.Size = 50
	}
	return must(w.GetHistory(w.Context(), w.caller, in))(w)
}

// must gives the value of a call that may not fail.
func must[T any](value T, err error) func(w *world) T {
	return func(w *world) T {
		w.Helper()
		if err != nil {
			w.Fatal(err)
		}
		return value
	}
}

// refused checks that err is the refusal want, whatever its details.
func (w *world) refused(err error, want *fault.Error) *fault.Error {
	w.Helper()
	got, ok := errors.AsType[*fault.Error](err)
	if !ok || got.Kind != want.Kind || got.Code != want.Code {
		w.Fatalf("got the error %v, want %v", err, want)
	}
	return got
}

func slugsOf(l ServiceList) []string {
	slugs := []string{}
	for _, s := range l.services {
		slugs = append(slugs, s.Slug)
	}
	return slugs
}

func (w *world) Context() context.Context { return w.T.Context() }
