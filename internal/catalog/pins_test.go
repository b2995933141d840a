package catalog

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"almanac/internal/store"
)

func (w *world) pin(id string) (Project, error) {
	return w.Pin(w.Context(), w.caller, PinInput{PinnedProject{id}})
}

func (w *world) pinnedNames() []string {
	w.Helper()
	names := []string{}
	for _, p := range must(w.ListPinned(w.Context(), w.caller, ListPinnedInput{}))(w) {
		names = append(names, p.Name)
	}
	return names
}

func TestAPinIsNotOnALaterProjectOfTheSameID(t *testing.T) {
	w := newWorld(t)
	must(w.pin(w.project))(w)
	if err := w.after(10).deleteProject(w.project); err != nil {
		t.Fatal(err)
	}
	if err := w.timeline.Maintain(t.Context(), projectScope(w.caller.Workspace, w.project)); err != nil {
		t.Fatal(err)
	}
	must(w.after(20).CreateProjectAs(t.Context(), w.caller, w.project, NewProject{Name: "Reborn"}))(w)
	got := must(w.GetProject(t.Context(), w.caller, GetProjectInput{w.project}))(w)
	if names := w.pinnedNames(); got.Pinned || len(names) != 0 || w.projects(ListProjectsInput{Pinned: new(true)}).Total != 0 {
		t.Errorf("the later project is %+v, pinned are %v", got, names)
	}
	must(w.pin(w.project))(w)
	if names := w.pinnedNames(); !slices.Equal(names, []string{"Reborn"}) {
		t.Errorf("pinned are %v", names)
	}
}

// pinAll marks projects without a read of all pins each.
func (w *world) pinAll(ids ...string) {
	w.Helper()
	heads := must(w.timeline.HeadsOf(w.Context(), projectsOf(w.caller.Workspace), ids))(w)
	for chunk := range slices.Chunk(heads, store.MaxOps) {
		var ops []store.Op
		for _, head := range chunk {
			body := must(json.Marshal(pin{ms(0), head.Birth()}))(w)
			ops = append(ops, store.Put(store.Item{Key: pinKey(w.caller, head.ID), Version: 1, Body: body}, store.Condition{}))
		}
		if err := w.store.Transact(w.Context(), ops...); err != nil {
			w.Fatal(err)
		}
	}
}

func TestACallerPinsAtMostAThousandProjectsThatAreThere(t *testing.T) {
	w := newWorld(t)
	w.maxProjects = 2000
	var ids []string
	for n := range maxPins {
		ids = append(ids, must(w.CreateProjectAs(t.Context(), w.caller, fmt.Sprintf("project-%04d", n), NewProject{Name: "One of many"}))(w).ID)
	}
	w.pinAll(ids...)
	_, err := w.pin(w.project)
	w.refused(err, ErrPinLimit)
	must(w.pin(ids[7]))(w) // it is pinned
	if n := len(w.pinnedNames()); n != maxPins {
		t.Errorf("%d projects are pinned", n)
	}
	// The pins of projects that are gone make room.
	for _, id := range ids[:2] {
		if err := w.deleteProject(id); err != nil {
			t.Fatal(err)
		}
	}
	must(w.pin(w.project))(w)
	pins := must(w.pins(t.Context(), w.caller))(w)
	if _, there := pins[w.project]; len(pins) != maxPins-1 || !there {
		t.Errorf("%d pins are kept, the new one: %v", len(pins), there)
	}
	if err := w.Unpin(t.Context(), w.caller, UnpinInput{ids[9]}); err != nil {
		t.Fatal(err)
	}
	if n := len(w.pinnedNames()); n != maxPins-2 {
		t.Errorf("%d projects are pinned", n)
	}
}

func TestUnitsOfPins(t *testing.T) {
	w := newWorld(t)
	var ids []string
	for n := range 9 {
		ids = append(ids, must(w.createProject(fmt.Sprint("Project ", n)))(w).ID)
	}
	w.pinAll(append(ids[1:], w.project)...)
	for _, c := range []struct {
		name          string
		operation     func(ctx context.Context) error
		reads, writes float64
	}{
		// The project, the caller's pins; one item.
		{"pin", func(ctx context.Context) error {
			_, err := w.Pin(ctx, w.caller, PinInput{PinnedProject{ids[0]}})
			return err
		}, 2, 2},
		{"pin of what is pinned", func(ctx context.Context) error {
			_, err := w.Pin(ctx, w.caller, PinInput{PinnedProject{ids[0]}})
			return err
		}, 2, 0},
		{"getProject, pinned or not", func(ctx context.Context) error {
			_, err := w.GetProject(ctx, w.caller, GetProjectInput{ids[0]})
			return err
		}, 2, 0},
		// The pins, and each project.
		{"listPinned of 10", func(ctx context.Context) error {
			projects, err := w.ListPinned(ctx, w.caller, ListPinnedInput{})
			if len(projects) != 10 {
				t.Errorf("%d projects are pinned", len(projects))
			}
			return err
		}, 11, 0},
		{"unpin", func(ctx context.Context) error { return w.Unpin(ctx, w.caller, UnpinInput{ids[0]}) }, 1, 2},
		{"getLimits", func(ctx context.Context) error {
			_, err := w.GetLimits(ctx, w.caller, GetLimitsInput{})
			return err
		}, 1, 0},
	} {
		m := w.metered(c.operation)
		t.Logf("%-26s %3.0f read units, %2.0f write units, %d calls", c.name, m.ReadUnits, m.WriteUnits, m.Calls)
		if m.ReadUnits != c.reads || m.WriteUnits != c.writes {
			t.Errorf("%s costs %v read and %v write units, not %v and %v", c.name, m.ReadUnits, m.WriteUnits, c.reads, c.writes)
		}
	}
}
