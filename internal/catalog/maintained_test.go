package catalog

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"almanac/internal/fault"
	"almanac/internal/store"
	"almanac/internal/store/storetest"
	"almanac/internal/timeline"
)

// frail is a world whose store can be made to fail, and knows all that was put
// into it since its second project was made.
type frail struct {
	*world
	faulty *storetest.Faulty
	ledger *storetest.Ledger
}

func newFrail(t *testing.T, services int) frail {
	t.Helper()
	w := newWorld(t)
	ledger := storetest.NewLedger(w.store)
	f := frail{w, storetest.NewFaulty(ledger), ledger}
	w.Catalog = New(f.faulty, w.time, w.maxProjects)
	w.project = must(w.createProject("Source"))(w).ID
	for n := range services {
		must(w.create(named(fmt.Sprintf("Service %03d", n))))(w)
	}
	f.faulty.Reset()
	return f
}

func (w *world) time() time.Time { return w.clock }

// maintain does what the background does, so much later.
func (f frail) maintain(later int) {
	f.Helper()
	now := f.clock
	f.after(later)
	defer func() { f.clock = now }()
	hidden, err := f.timeline.Pending(f.Context())
	if err != nil {
		f.Fatal(err)
	}
	for _, h := range hidden {
		if err := f.timeline.Maintain(f.Context(), h.Scope); err != nil {
			f.Fatal(err)
		}
	}
}

const minutes = 60_000

// counts checks the project count against the list.
func (f frail) counts(want int) {
	f.Helper()
	count, err := f.projectCount(f.Context(), projectCountKey(f.caller.Workspace))
	if err != nil || int(count) != want || f.projects(ListProjectsInput{}).Total != want {
		f.Fatalf("the count is %d, listed are %d, not %d: %v", count, f.projects(ListProjectsInput{}).Total, want, err)
	}
}

// clean fails if anything is left but the count.
func (f frail) clean() {
	f.Helper()
	left, err := f.ledger.Left(f.Context())
	if err != nil {
		f.Fatal(err)
	}
	for _, item := range left {
		if item.Key != projectCountKey(f.caller.Workspace) {
			f.Fatalf("%d items are left, one is %v", len(left), item.Key)
		}
	}
}

var crashes = map[string]storetest.Fault{
	"not done":            {Kind: store.Damaged},
	"done, but not told":  {Kind: store.Damaged, AfterEffect: true},
	"no answer, not done": {Kind: store.Unavailable},
	"no answer, but done": {Kind: store.Unavailable, AfterEffect: true},
}

func TestADeleteOfAProjectDiesAtAnyStoreCall(t *testing.T) {
	for kind, crash := range crashes {
		for _, services := range []int{3, 120} {
			if services > 100 && crash.Kind != store.Damaged {
				continue
			}
			t.Run(fmt.Sprintf("%s, %d services", kind, services), func(t *testing.T) {
				for n := 1; ; n++ {
					f := newFrail(t, services)
					must(f.update("service-001", described("changed")))(f.world)
					must(f.share())(f.world)
					f.faulty.Reset()
					f.faulty.FailCall(n, crash)
					err := f.deleteProject(f.project)
					calls := f.faulty.Calls()
					f.faulty.Reset()
					_, gone := f.GetProject(f.Context(), f.caller, GetProjectInput{f.project})
					if err == nil && gone == nil {
						t.Fatalf("call %d: deleted, and still there", n)
					}
					if gone == nil {
						f.counts(2)
						must(f.get("service-001"))(f.world)
						if err := f.deleteProject(f.project); err != nil {
							t.Fatal(err)
						}
					} else if services > 100 {
						f.counts(1)
						if err := f.deleteProject(f.project); err != nil && !errors.Is(err, ErrProjectNotFound) {
							t.Fatal(err)
						}
					}
					f.unseen()
					f.counts(1)
					f.maintain(1)
					f.unseen()
					f.counts(1)
					f.clean()
					if n > calls {
						return
					}
				}
			})
		}
	}
}

// unseen fails unless every read of the project is told that there is none.
func (f frail) unseen() {
	f.Helper()
	at := new(ms(1))
	for name, read := range map[string]func() error{
		"project": func() error { _, err := f.GetProject(f.Context(), f.caller, GetProjectInput{f.project}); return err },
		"now":     func() error { _, err := f.get("service-001"); return err },
		"at":      func() error { _, err := f.get("service-001", *at); return err },
		"last":    func() error { _, err := f.get("service-119"); return err },
		"raw": func() error {
			_, err := f.GetServiceRaw(f.Context(), f.caller, GetServiceInput{ProjectID: f.project, ServiceSlug: "service-000"})
			return err
		},
		"list":    func() error { _, err := f.list(ListServicesInput{}); return err },
		"list at": func() error { _, err := f.list(ListServicesInput{At: at}); return err },
		"history": func() error {
			_, err := f.GetHistory(f.Context(), f.caller, GetHistoryInput{ProjectID: f.project, Size: 9})
			return err
		},
		"events": func() error {
			_, err := f.GetEvents(f.Context(), f.caller, GetEventsInput{ProjectID: f.project})
			return err
		},
		"copy":   func() error { _, err := f.duplicate(); return err },
		"share":  func() error { _, err := f.share(); return err },
		"write":  func() error { _, err := f.create(named("New")); return err },
		"delete": func() error { return f.deleteProject(f.project) },
	} {
		if err := read(); !errors.Is(err, ErrProjectNotFound) {
			f.Fatalf("%s of a deleted project: %v", name, err)
		}
	}
}

func (w *world) duplicate() (Project, error) {
	return w.DuplicateProject(w.Context(), w.caller, DuplicateProjectInput{ProjectID: w.project})
}

// whole checks that a copy holds what its source does.
func (f frail) whole(id string) {
	f.Helper()
	of := func(id string) (text string) {
		list := must(f.ListServices(f.Context(), f.caller, ListServicesInput{ProjectID: id, Limit: 1000}))(f.world)
		for _, s := range list.services {
			text += fmt.Sprintf("%s %+v\n", s.Slug, s.ServiceRaw)
		}
		return text
	}
	if got, want := of(id), of(f.project); got != want {
		f.Fatalf("the copy holds\n%s\nand its source\n%s", got, want)
	}
}

func TestACopyOfAProjectDiesAtAnyStoreCall(t *testing.T) {
	for kind, crash := range crashes {
		t.Run(kind, func(t *testing.T) {
			for n := 1; ; n++ {
				f := newFrail(t, 120)
				f.faulty.FailCall(n, crash)
				got, err := f.duplicate()
				calls := f.faulty.Calls()
				f.faulty.Reset()
				page := f.projects(ListProjectsInput{Query: "source copy"})
				switch {
				case page.Total == 1:
					f.counts(3)
					f.whole(page.Data[0].ID)
					if err := f.deleteProject(page.Data[0].ID); err != nil {
						t.Fatal(err)
					}
				case err == nil:
					t.Fatalf("call %d: it is made, and there is none: %+v", n, got)
				}
				f.counts(2)
				if err := f.deleteProject(f.project); err != nil {
					t.Fatal(err)
				}
				f.maintain(3 * minutes)
				f.counts(1)
				f.clean()
				if n > calls {
					return
				}
			}
		})
	}
}

func TestTwoCopiesAtOnceAreTwoProjects(t *testing.T) {
	f := newFrail(t, 120)
	var wg sync.WaitGroup
	var made [2]Project
	for i := range made {
		wg.Go(func() { made[i] = must(f.duplicate())(f.world) })
	}
	wg.Wait()
	if made[0].ID == made[1].ID || made[0].ServiceCount != 120 || made[1].ServiceCount != 120 {
		t.Errorf("they are %+v", made)
	}
	f.whole(made[0].ID)
	f.whole(made[1].ID)
	f.counts(4)
}

// meddling is a store that lets others in before each transaction.
type meddling struct {
	store.Store
	others func()
}

func (s *meddling) Transact(ctx context.Context, ops ...store.Op) error {
	if others := s.others; others != nil {
		s.others = nil
		others()
		s.others = others
	}
	return s.Store.Transact(ctx, ops...)
}

func TestTheSourceOfACopyChangesMeanwhile(t *testing.T) {
	for name, change := range map[string]func(f frail) error{
		"a service is changed": func(f frail) error { _, err := f.update("service-000", described("later")); return err },
		"a service is added":   func(f frail) error { _, err := f.create(named("Later")); return err },
		"a service is deleted": func(f frail) error { return f.delete("service-000") },
		"it is deleted":        func(f frail) error { return f.deleteProject(f.project) },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFrail(t, 120)
			others := New(f.faulty, f.time, f.maxProjects)
			copier := New(&meddling{f.faulty, func() {
				mine := f
				w := *f.world
				w.Catalog = others
				mine.world = &w
				// Only the first time is there something to be deleted.
				_ = change(mine)
			}}, f.time, f.maxProjects)
			before := must(f.list(ListServicesInput{}))(f.world)
			got := must(copier.DuplicateProject(t.Context(), f.caller, DuplicateProjectInput{ProjectID: f.project}))(f.world)
			list := must(f.ListServices(t.Context(), f.caller, ListServicesInput{ProjectID: got.ID, Limit: 1000}))(f.world)
			if fmt.Sprint(slugsOf(list)) != fmt.Sprint(slugsOf(before)) || list.services[0].Description != nil {
				t.Errorf("the copy holds %v", slugsOf(list))
			}
		})
	}
}

func TestTheLimitIsReachedBeforeACopyIsWhole(t *testing.T) {
	f := newFrail(t, 120)
	other := New(f.faulty, f.time, 3)
	copier := New(&meddling{f.faulty, func() {
		// Refused, too, from the second time on.
		_, _ = other.CreateProject(t.Context(), f.caller, CreateProjectInput{NewProject{Name: "In between"}})
	}}, f.time, 3)
	_, err := copier.DuplicateProject(t.Context(), f.caller, DuplicateProjectInput{ProjectID: f.project})
	f.refused(err, ErrProjectLimit)
	f.counts(3)
	hidden, err := f.timeline.Pending(t.Context())
	if err != nil || len(hidden) > 0 {
		t.Errorf("left to be removed are %v, %v", hidden, err)
	}
	for _, name := range []string{"In between", "Source"} {
		if err := f.deleteProject(f.projects(ListProjectsInput{Query: name}).Data[0].ID); err != nil {
			t.Fatal(err)
		}
	}
	f.maintain(0)
	f.clean()
}

func TestACopyOfMoreThanItCarriesIsRefused(t *testing.T) {
	f := newFrail(t, 0)
	documents := make([]timeline.Document, timeline.MaxDraft)
	for i := range documents {
		documents[i] = timeline.Document{Key: fmt.Sprintf("s-%05d", i), Name: fmt.Sprintf("S %d", i), Body: []byte(`{"name":"S"}`)}
	}
	full, err := f.timeline.Draft(t.Context(), projectScope(f.caller.Workspace, "full-abcde"), []byte(`{"name":"Full"}`), actorOf(f.caller), documents)
	if err == nil {
		_, err = full.Reveal(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	f.project = "full-abcde"
	if got := must(f.duplicate())(f.world); got.ServiceCount != timeline.MaxDraft {
		t.Errorf("it has %d services", got.ServiceCount)
	}
	must(f.create(named("One more")))(f.world)
	f.faulty.Reset()
	_, err = f.duplicate()
	if refusal, ok := errors.AsType[*fault.Error](err); !ok || refusal.Kind != fault.Invalid || refusal.Details != "the project has 9001 services; a copy carries at most 9000" {
		t.Errorf("got %v", err)
	}
}

func TestTheNameOfACopy(t *testing.T) {
	for name, want := range map[string]string{
		"Web shop":                         "Web shop copy",
		"Web shop copy":                    "Web shop copy copy",
		strings.Repeat("é", 55):            strings.Repeat("é", 55) + " copy",
		strings.Repeat("é", 56):            strings.Repeat("é", 55) + " copy",
		strings.Repeat("x", 54) + " yyyyy": strings.Repeat("x", 54) + " copy",
	} {
		if got := nameOfCopy(name); got != want {
			t.Errorf("the copy of %q is called %q", name, got)
		}
	}
}

// A copy writes 2 units for each service of 2 KB, compressed, twice its head and what says
// that it is hidden, a check, its log and the count; a delete as many for each
// service, and reads all of them and its share. What goes in the background is
// no part of either.
func TestUnitsOfCopyAndDelete(t *testing.T) {
	w := newWorld(t)
	for i := range 20 {
		must(w.create(twoKB(fmt.Sprintf("Service %d", i))))(w)
	}
	for _, c := range []struct {
		name          string
		do            func(ctx context.Context) error
		reads, writes float64
	}{
		{"duplicateProject of 20 x 2 KB", func(ctx context.Context) error {
			_, err := w.DuplicateProject(ctx, w.caller, DuplicateProjectInput{ProjectID: w.project})
			return err
		}, 5, 56},
		{"deleteProject of 20 x 2 KB", func(ctx context.Context) error {
			return w.DeleteProject(ctx, w.caller, DeleteProjectInput{w.project})
		}, 7, 50},
	} {
		m := w.metered(c.do)
		t.Logf("%-30s %v read units, %v write units, %d calls", c.name, m.ReadUnits, m.WriteUnits, m.Calls)
		if m.ReadUnits != c.reads || m.WriteUnits != c.writes {
			t.Errorf("%s costs %v read and %v write units, not %v and %v", c.name, m.ReadUnits, m.WriteUnits, c.reads, c.writes)
		}
	}
}

func TestEveryEventOfALargeCopyIsFound(t *testing.T) {
	f := newFrail(t, 0)
	documents := make([]timeline.Document, 250)
	for i := range documents {
		documents[i] = timeline.Document{Key: fmt.Sprintf("s-%03d", i), Name: fmt.Sprintf("S %d", i), Body: fmt.Appendf(nil, `{"name":"S %d"}`, i)}
	}
	full, err := f.timeline.Draft(t.Context(), projectScope(f.caller.Workspace, "full-abcde"), []byte(`{"name":"Full"}`), actorOf(f.caller), documents)
	if err == nil {
		_, err = full.Reveal(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	f.project = "full-abcde"
	f.project = must(f.duplicate())(f.world).ID
	past := f.history(GetHistoryInput{Size: 1000})
	for i, e := range past.Events {
		diff := must(f.GetSnapshotDiff(t.Context(), f.caller, GetSnapshotDiffInput{ProjectID: f.project, SnapshotID: e.SnapshotID}))(f.world)
		if diff.Before != nil || diff.After == nil || diff.After.Name != fmt.Sprintf("S %d", i) {
			t.Fatalf("event %d, %+v, has the diff %+v", i, e, diff)
		}
	}
	if len(past.Events) != 250 {
		t.Errorf("%d events", len(past.Events))
	}
}
