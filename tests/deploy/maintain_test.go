package deploy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"almanac/internal/store"
	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

// project is the scope of the world's project.
func (w *world) project(t *testing.T) timeline.Scope {
	t.Helper()
	owner, err := tenant.NewKeys(stack.Table(), time.Now).Authenticate(t.Context(), []string{"Bearer " + w.key})
	if err != nil {
		t.Fatal(err)
	}
	return timeline.Scope{Directory: "WORKSPACE#" + owner.Workspace + "#PROJECTS", ID: "eshop-sample"}
}

// fill puts more services into the project than one transaction removes.
func (w *world) fill(t *testing.T) {
	t.Helper()
	tl, scope := timeline.New(stack.Table(), time.Now), w.project(t)
	for n := range 4 {
		_, err := tl.Commit(t.Context(), scope, timeline.Actor{ID: "k", Name: "filler", Type: "API_KEY"}, func(tx *timeline.Tx) error {
			for i := range 30 {
				if _, err := tx.Create(fmt.Sprintf("filler-%d-%d", n, i), "Filler", []byte(`{"name":"Filler"}`)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// Nobody asks for it: the table's stream does.
func TestOfADeletedProjectNothingIsLeftInTheTableAWhileLater(t *testing.T) {
	w := newWorld(t, "standard")
	w.fill(t)
	scope := w.project(t)
	table := stack.Table()
	tl := timeline.New(table, time.Now)
	if _, list, err := tl.List(t.Context(), scope); err != nil || len(list) < 120 {
		t.Fatalf("%d services, %v", len(list), err)
	}
	e := w.event(t, "deleteProject")
	if a := call(t, e.Request(t, stack.Address(e.Path))); a.StatusCode != 204 {
		t.Fatalf("answers %d %s", a.StatusCode, a.Body)
	}
	if _, err := tl.Get(t.Context(), scope, "filler-3-29"); !errors.Is(err, timeline.ErrNoSuchScope) {
		t.Errorf("a service of a deleted project: %v", err)
	}
	for end := time.Now().Add(2 * patience); ; {
		hidden, err := tl.Pending(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(hidden, func(h timeline.Hidden) bool { return h.Scope == scope }) {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("pending is %v", hidden)
		}
		select {
		case <-t.Context().Done():
			return
		case <-time.After(time.Second):
		}
	}
	if _, err := table.Get(t.Context(), store.Key{Partition: scope.Directory, Sort: scope.ID}); store.KindOf(err) != store.NotFound {
		t.Errorf("its head is there: %v", err)
	}
	own := "S#" + strings.ReplaceAll(scope.Directory, "#", "%23") + "#" + scope.ID
	for _, partition := range []string{own, own + "#LOG", own + "#KEY#basket-api", own + "#KEY#filler-0-0"} {
		if items, err := table.Range(t.Context(), store.Query{Partition: partition}); err != nil || len(items) > 0 {
			t.Errorf("%d items are left in %q, %v", len(items), partition, err)
		}
	}
}
