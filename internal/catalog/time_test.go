package catalog

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"almanac/internal/shape"
	"almanac/internal/timeline"
)

func named(name string) NewService { return NewService{Name: name} }

func renamed(name string) ServicePatch { return ServicePatch{Name: shape.Of(name)} }

func described(text string) ServicePatch {
	return ServicePatch{ServiceFacts: ServiceFacts{Description: shape.Of(text)}}
}

// lived gives a world whose service "orders" was created at 10, updated at 20
// and deleted at 30, and created again at 40.
func lived(t *testing.T) *world {
	w := newWorld(t)
	must(w.after(10).create(named("Orders")))(w)
	must(w.after(20).update("orders", described("second")))(w)
	if err := w.after(30).delete("orders"); err != nil {
		t.Fatal(err)
	}
	must(w.after(40).create(named("Orders")))(w)
	w.after(100)
	return w
}

// The contract's table of the rules of time, line by line.
func TestTimeRules(t *testing.T) {
	t.Run("reading at an instant", func(t *testing.T) {
		w := lived(t)
		for _, c := range []struct {
			name      string
			at        int
			validFrom int // -1: 404, and not in the list
		}{
			{"at = validFrom is that snapshot", 10, 10},
			{"inside the interval is that snapshot", 15, 10},
			{"at = validUntil is the next snapshot", 20, 20},
			{"at = validUntil is 404 when it was deleted then", 30, -1},
			{"before creation is 404", 9, -1},
			{"in a gap is 404", 35, -1},
			{"after the slug was used again is the new service", 40, 40},
			{"in the future is as now", 1_000_000, 40},
		} {
			t.Run(c.name, func(t *testing.T) {
				got, err := w.get("orders", ms(c.at))
				list := must(w.list(ListServicesInput{At: new(ms(c.at))}))(w)
				if c.validFrom < 0 {
					w.refused(err, ErrServiceNotFound)
					if len(list.services) != 0 {
						t.Errorf("the list at %d holds %v", c.at, slugsOf(list))
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if got.ValidFrom != ms(c.validFrom) {
					t.Errorf("validFrom is %v, want %v", got.ValidFrom, ms(c.validFrom))
				}
				if len(list.services) != 1 || list.services[0].ETag() != got.ETag() {
					t.Errorf("the list at %d holds %v, not what one read gives", c.at, slugsOf(list))
				}
			})
		}
	})

	t.Run("two writes in one millisecond are one millisecond apart", func(t *testing.T) {
		w := newWorld(t).after(10)
		first := must(w.create(named("Orders")))(w)
		second := must(w.update("orders", described("second")))(w)
		third := must(w.create(named("Billing")))(w)
		if first.ValidFrom != ms(10) || second.ValidFrom != ms(11) || third.ValidFrom != ms(12) {
			t.Errorf("validFrom are %v, %v and %v", first.ValidFrom, second.ValidFrom, third.ValidFrom)
		}
	})

	t.Run("a clock that goes back refuses nothing and makes nothing of zero length", func(t *testing.T) {
		w := newWorld(t)
		must(w.after(1000).create(named("Orders")))(w)
		second := must(w.after(-5000).update("orders", described("second")))(w)
		first := must(w.get("orders", ms(1000)))(w)
		if first.ValidUntil != ms(1001) || second.ValidFrom != ms(1001) {
			t.Errorf("the first ends at %v, the second begins at %v", first.ValidUntil, second.ValidFrom)
		}
	})

	t.Run("an update keeps who created it and when, and validFrom = updatedAt = validUntil of the old one", func(t *testing.T) {
		w := newWorld(t)
		created := must(w.after(10).create(named("Orders")))(w)
		w.caller.ID, w.caller.Label = "key-2", "someone else"
		updated := must(w.after(20).update("orders", described("second")))(w)
		old := must(w.get("orders", ms(10)))(w)
		if updated.CreatedAt != created.CreatedAt || updated.CreatedBy != "ci" {
			t.Errorf("created at %v by %s", updated.CreatedAt, updated.CreatedBy)
		}
		if updated.UpdatedBy != "someone else" || updated.UpdatedAt != ms(20) || updated.ValidFrom != ms(20) || old.ValidUntil != ms(20) {
			t.Errorf("updated %v by %s from %v, the old one until %v", updated.UpdatedAt, updated.UpdatedBy, updated.ValidFrom, old.ValidUntil)
		}
		if updated.ValidUntil != 0 {
			t.Errorf("the open snapshot ends at %v", updated.ValidUntil)
		}
	})

	t.Run("a rename", func(t *testing.T) {
		w := newWorld(t)
		must(w.after(10).create(named("Orders")))(w)
		moved := must(w.after(20).update("orders", renamed("Order API")))(w)
		w.after(30)
		if moved.Slug != "order-api" || moved.CreatedAt != ms(10) {
			t.Errorf("the renamed service is %s, created at %v", moved.Slug, moved.CreatedAt)
		}
		t.Run("is one UPDATE that carries the new slug and name", func(t *testing.T) {
			h := w.history(GetHistoryInput{})
			if h.TotalCount != 2 || h.Events[0].ChangeType != timeline.Update ||
				h.Events[0].ServiceSlug != "order-api" || h.Events[0].ServiceName != "Order API" {
				t.Errorf("the history is %+v", h)
			}
		})
		t.Run("makes the old slug now a 404 that names the next slug", func(t *testing.T) {
			_, err := w.get("orders")
			if got := w.refused(err, ErrServiceNotFound); !strings.Contains(got.Details, `"order-api"`) {
				t.Errorf("the details are %q", got.Details)
			}
		})
		t.Run("leaves the old slug before it as it was", func(t *testing.T) {
			if old := must(w.get("orders", ms(19)))(w); old.Slug != "orders" || old.Name != "Orders" || old.ValidUntil != ms(20) {
				t.Errorf("it is %+v", old)
			}
		})
		t.Run("leaves the new slug before it a 404", func(t *testing.T) {
			_, err := w.get("order-api", ms(19))
			w.refused(err, ErrServiceNotFound)
		})
		t.Run("shows in lists each under the slug of its time", func(t *testing.T) {
			before := must(w.list(ListServicesInput{At: new(ms(19))}))(w)
			after := must(w.list(ListServicesInput{At: new(ms(20))}))(w)
			if !slices.Equal(slugsOf(before), []string{"orders"}) || !slices.Equal(slugsOf(after), []string{"order-api"}) {
				t.Errorf("before %v, after %v", slugsOf(before), slugsOf(after))
			}
		})
		t.Run("frees the old slug at once", func(t *testing.T) {
			again := must(w.create(named("Orders")))(w)
			if again.CreatedAt != ms(30) {
				t.Errorf("the new one was created at %v", again.CreatedAt)
			}
			if old := must(w.get("orders", ms(19)))(w); old.CreatedAt != ms(10) {
				t.Errorf("the old one was created at %v", old.CreatedAt)
			}
		})
	})

	t.Run("a rename to a slug in use is a conflict and changes nothing", func(t *testing.T) {
		w := newWorld(t).after(10)
		must(w.create(named("Orders")))(w)
		must(w.create(named("Billing")))(w)
		_, err := w.update("orders", renamed("billing!"))
		w.refused(err, ErrServiceNameConflict)
		if h := w.history(GetHistoryInput{}); h.TotalCount != 2 {
			t.Errorf("there are %d events", h.TotalCount)
		}
	})

	t.Run("a new name with the same slug stays where it is", func(t *testing.T) {
		w := newWorld(t).after(10)
		must(w.create(named("Orders")))(w)
		if got := must(w.update("orders", renamed("ORDERS")))(w); got.Slug != "orders" || got.Name != "ORDERS" {
			t.Errorf("it is %+v", got)
		}
	})

	t.Run("a service created again after its delete has its own creation", func(t *testing.T) {
		w := lived(t)
		if now := must(w.get("orders"))(w); now.CreatedAt != ms(40) || now.Description != nil {
			t.Errorf("it is %+v", now)
		}
	})

	t.Run("a delete closes the snapshot, keeps the history and is an event of its own", func(t *testing.T) {
		w := newWorld(t)
		must(w.after(10).create(named("Orders")))(w)
		if err := w.after(20).delete("orders"); err != nil {
			t.Fatal(err)
		}
		_, err := w.get("orders")
		w.refused(err, ErrServiceNotFound)
		if old := must(w.get("orders", ms(19)))(w); old.ValidUntil != ms(20) {
			t.Errorf("it ends at %v", old.ValidUntil)
		}
		h := w.history(GetHistoryInput{})
		if h.TotalCount != 2 || h.Events[0].ChangeType != timeline.Delete || h.Events[0].Timestamp != ms(20) ||
			h.Events[0].ServiceSlug != "orders" || h.Events[0].SnapshotID == h.Events[1].SnapshotID {
			t.Errorf("the history is %+v", h)
		}
		w.refused(w.delete("orders"), ErrServiceNotFound)
	})

	t.Run("concurrent writers are each applied once", func(t *testing.T) {
		w := newWorld(t).after(10)
		must(w.create(named("Orders")))(w)
		const writers = 16
		var wg sync.WaitGroup
		for n := range writers {
			wg.Go(func() {
				if _, err := w.update("orders", described(fmt.Sprint(n))); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		h := w.history(GetHistoryInput{})
		if h.TotalCount != writers+1 {
			t.Errorf("%d events, want %d", h.TotalCount, writers+1)
		}
		for i, e := range h.Events[:writers] {
			s := must(w.get("orders", e.Timestamp))(w)
			if s.ValidFrom != e.Timestamp || i > 0 && s.ValidUntil != h.Events[i-1].Timestamp {
				t.Errorf("the snapshot of %v holds from %v until %v", e.Timestamp, s.ValidFrom, s.ValidUntil)
			}
		}
	})

	t.Run("a list at an instant after the last write is the state of the last write", func(t *testing.T) {
		w := lived(t)
		list := must(w.list(ListServicesInput{At: new(ms(99))}))(w)
		if list.Final() || len(list.services) != 1 {
			t.Errorf("the list is final: %v, and holds %v", list.Final(), slugsOf(list))
		}
	})
}

func TestAnUpdateThatChangesNothingWritesNothing(t *testing.T) {
	w := newWorld(t)
	body := NewService{Name: "Orders", ServiceFacts: ServiceFacts{
		Description: shape.Of(""),
		Flows:       shape.Of([]string{"b", "a"}),
		Produces:    shape.Of([]Topic{{Name: "order.created", Extras: map[string]string{"k": "<&>"}}}),
		Extras:      shape.Of(map[string]string{"team": "x"}),
	}}
	created := must(w.after(10).create(body))(w)
	for name, patch := range map[string]ServicePatch{
		"the same body":          {Name: shape.Of("Orders"), ServiceFacts: body.ServiceFacts},
		"an empty body":          {},
		"null for what is unset": {ServiceFacts: ServiceFacts{Owner: shape.Null[string](), Category: shape.Null[string]()}},
	} {
		t.Run(name, func(t *testing.T) {
			got := must(w.after(20).update("orders", patch))(w)
			if got.ETag() != created.ETag() || got.UpdatedAt != ms(10) {
				t.Errorf("it made the snapshot %s at %v", got.ETag(), got.UpdatedAt)
			}
		})
	}
	for name, patch := range map[string]ServicePatch{
		"a reordered array":      {ServiceFacts: ServiceFacts{Flows: shape.Of([]string{"a", "b"})}},
		"null for an empty text": {ServiceFacts: ServiceFacts{Description: shape.Null[string]()}},
		"null for flows":         {ServiceFacts: ServiceFacts{Flows: shape.Null[[]string]()}},
	} {
		t.Run(name+" is a change", func(t *testing.T) {
			before := must(w.get("orders"))(w)
			w.clock = w.clock.Add(time.Second)
			if got := must(w.update("orders", patch))(w); got.ETag() == before.ETag() {
				t.Error("it made no snapshot")
			}
		})
	}
}
