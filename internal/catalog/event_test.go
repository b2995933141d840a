package catalog

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"almanac/internal/fault"
	"almanac/internal/shape"
	"almanac/internal/store"
	"almanac/internal/store/bolt"
	"almanac/internal/timeline"

	"github.com/google/uuid"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

var update = flag.Bool("update", false, "write the samples of events")

// outbox is a store that shows what it is given to tell.
type outbox struct {
	store.Store
	items []store.Item
}

func (o *outbox) Transact(ctx context.Context, ops ...store.Op) error {
	err := o.Store.Transact(ctx, ops...)
	for _, op := range ops {
		if err == nil && op.Kind == store.OpPut && IsOutbox(op.Item.Key) {
			o.items = append(o.items, op.Item)
		}
	}
	return err
}

// eventful does one of each kind of write, a second apart, and gives the events
// that the outbox tells of.
func eventful(t *testing.T) (w *world, events []Event) {
	t.Helper()
	st, err := bolt.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	w = newWorld(t)
	out := &outbox{Store: st}
	w.Catalog = New(out, func() time.Time { return w.clock }, 1000)
	w.project = "web-shop-a1b2c"
	for i, write := range []func() error{
		func() error {
			_, err := w.CreateProjectAs(w.Context(), w.caller, w.project, NewProject{Name: "Web shop"})
			return err
		},
		func() error { _, err := w.create(NewService{Name: "Order API"}); return err },
		func() error { _, err := w.update("order-api", described("Takes orders")); return err },
		func() error { _, err := w.update("order-api", described("Takes orders")); return err }, // nothing
		func() error { _, err := w.update("order-api", ServicePatch{Name: shape.Of("Orders")}); return err },
		func() error {
			_, err := w.UpdateProject(w.Context(), w.caller, UpdateProjectInput{w.project, ProjectPatch{Archived: shape.Of(true)}})
			return err
		},
		func() error { return w.delete("orders") },
		func() error { return w.deleteProject(w.project) },
	} {
		w.after(1000 * i)
		if err := write(); err != nil {
			t.Fatal(err)
		}
	}
	for _, item := range out.items {
		some, err := EventsOf(item)
		if err != nil {
			t.Fatal(err)
		}
		again, err := EventsOf(item)
		if err != nil || fmt.Sprint(again) != fmt.Sprint(some) {
			t.Errorf("told again it is %v, %v; not %v", again, err, some)
		}
		events = append(events, some...)
	}
	return w, events
}

func sampleOf(e Event) string {
	return strings.ReplaceAll(strings.ToLower(e.Title()), " ", "-") + ".json"
}

func TestEveryWriteIsToldOnceInOrder(t *testing.T) {
	_, events := eventful(t)
	var told []string
	for i, e := range events {
		if e.Data.Sequence != int64(i+1) || e.Data.Part != 1 || e.Data.Parts != 1 {
			t.Errorf("event %d is %+v", i, e.Data)
		}
		told = append(told, e.Title()+" "+e.Data.Links.Before+" "+e.Data.Links.After)
	}
	const services, at = "/v1/projects/web-shop-a1b2c/services/", "?at=2026-04-22T15:30:0"
	want := []string{
		"Project Created  /v1/projects/web-shop-a1b2c",
		"Service Created  " + services + "order-api" + at + "1.000Z",
		"Service Updated " + services + "order-api" + at + "1.999Z " + services + "order-api" + at + "2.000Z",
		"Service Renamed " + services + "order-api" + at + "3.999Z " + services + "orders" + at + "4.000Z",
		"Project Updated  /v1/projects/web-shop-a1b2c",
		"Service Deleted " + services + "orders" + at + "5.999Z ",
		"Project Deleted  ",
	}
	if !slices.Equal(told, want) {
		t.Errorf("told\n%s\nnot\n%s", strings.Join(told, "\n"), strings.Join(want, "\n"))
	}
}

// A sample is what a target of the bus gets. The test fills in what is random.
func TestSamplesAreWhatIsSentAndSchemasDescribeIt(t *testing.T) {
	_, events := eventful(t)
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	unsampled := files(t, "samples")
	for i, e := range events {
		name := sampleOf(e)
		delete(unsampled, name)
		if id, err := uuid.Parse(e.ID); err != nil || id.String() != e.ID {
			t.Errorf("%s has the id %q", e.Title(), e.ID)
		}
		e.ID = uuid.NewSHA1(uuid.NameSpaceOID, []byte(name)).String()
		sample := map[string]any{
			"version": "0", "id": uuid.NewSHA1(uuid.NameSpaceURL, []byte(name)).String(),
			"source": Source, "detail-type": e.Title(),
			"account": "123456789012", "region": "eu-central-1", "resources": []string{},
			"time": time.UnixMilli(int64(e.Time)).UTC().Format(time.RFC3339), "detail": e,
		}
		var text bytes.Buffer
		enc := json.NewEncoder(&text)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(sample); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("../../events/samples", name)
		if *update {
			if err := os.WriteFile(path, text.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		golden, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(golden, text.Bytes()) {
			t.Errorf("%s is not what is sent (write it with -update if that is meant): %v\n%s", path, err, &text)
		}
		schema, err := compiler.Compile(filepath.Join("../../events/schemas", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(plain(t, e)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		// What lacks any of its members, or is of another kind, does not match.
		for member := range plain(t, e).(map[string]any)["data"].(map[string]any) {
			broken := plain(t, e).(map[string]any)
			delete(broken["data"].(map[string]any), member)
			if schema.Validate(broken) == nil {
				t.Errorf("%s takes an event without %s", name, member)
			}
		}
		if schema.Validate(plain(t, events[(i+1)%len(events)])) == nil {
			t.Errorf("%s takes a %s", name, events[(i+1)%len(events)].Title())
		}
	}
	if len(unsampled) > 0 {
		t.Errorf("samples of what is never sent: %v", unsampled)
	}
}

func files(t *testing.T, folder string) map[string]bool {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join("../../events", folder))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, e := range entries {
		names[e.Name()] = true
	}
	return names
}

func plain(t *testing.T, e Event) any {
	t.Helper()
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestWhatTheOutboxCannotHoldIsAnError(t *testing.T) {
	for name, item := range map[string]store.Item{
		"another partition": {Key: store.Key{Partition: "S#WORKSPACE%23acme%23PROJECTS#p", Sort: "CUR#a"}, Body: []byte("{}\n")},
		"another directory": {Key: store.Key{Partition: "S#elsewhere#p#LOG", Sort: "000000000001"}, Body: []byte(`{"r":1,"t":"CREATE"}` + "\n{}")},
		"no facts":          {Key: store.Key{Partition: "S#WORKSPACE%23acme%23PROJECTS#p#LOG", Sort: "000000000001"}, Body: []byte(`{"r":1,"t":"CREATE"}` + "\n")},
	} {
		if events, err := EventsOf(item); err == nil {
			t.Errorf("%s gives %v", name, events)
		}
	}
}

func TestTheLogsOfOtherScopesAreNoOutbox(t *testing.T) {
	w := newWorld(t)
	out := &outbox{Store: w.store}
	tl := timeline.New(out, w.time)
	by := timeline.Actor{ID: "k-1", Name: "ci", Type: "API_KEY"}
	for directory, told := range map[string]int{
		"WORKSPACE#acme#PROJECTS": 2, "WORKSPACE#acme#NETWORKS": 0, "WORKSPACE#acme#INVENTORY": 0,
		"WORKSPACE#acme#PROJECTS#": 0, "PROJECTS": 0, "X#WORKSPACE#acme#PROJECTS": 0,
	} {
		out.items = nil
		scope := timeline.Scope{Directory: directory, ID: "p"}
		_, err := tl.CreateScope(t.Context(), scope, []byte("{}"), by)
		if err == nil {
			_, err = tl.Commit(t.Context(), scope, by, func(tx *timeline.Tx) error {
				_, err := tx.Create("host/1", "web", []byte("{}"))
				return err
			})
		}
		if err != nil || len(out.items) != told {
			t.Errorf("of %s %d writes are told, not %d; %v", directory, len(out.items), told, err)
		}
	}
}

func TestANetworkWithTheIdOfAProjectIsNotInItsEvents(t *testing.T) {
	w := newWorld(t)
	network := timeline.Scope{Directory: "WORKSPACE#" + w.caller.Workspace + "#NETWORKS", ID: w.project}
	if _, err := w.timeline.CreateScope(t.Context(), network, nil, timeline.Actor{}); err != nil {
		t.Fatal(err)
	}
	got := must(w.GetEvents(t.Context(), w.caller, GetEventsInput{ProjectID: w.project}))(w)
	if len(got.Events) != 1 || got.Events[0].Title() != "Project Created" {
		t.Errorf("the project's events are %+v", got.Events)
	}
	network.ID = "net-1"
	if _, err := w.timeline.CreateScope(t.Context(), network, nil, timeline.Actor{}); err != nil {
		t.Fatal(err)
	}
	_, err := w.GetEvents(t.Context(), w.caller, GetEventsInput{ProjectID: network.ID})
	w.refused(err, ErrProjectNotFound)
}

func TestEventsAfterASequence(t *testing.T) {
	w := newWorld(t)
	for i := range 3 {
		must(w.create(NewService{Name: fmt.Sprint("s", i)}))(w)
	}
	page := func(in GetEventsInput) EventPage {
		t.Helper()
		in.ProjectID = w.project
		return must(w.GetEvents(w.Context(), w.caller, in))(w)
	}
	for after, want := range []int{4, 3, 2, 1, 0} {
		got := page(GetEventsInput{After: int64(after), Wait: 20})
		if len(got.Events) != want || got.Next != 4 || (got.Wait() == 0) != (want > 0) {
			t.Errorf("after %d: %+v", after, got)
		}
	}
	if got := page(GetEventsInput{After: 9, LastEventID: new(int64(3))}); len(got.Events) != 1 {
		t.Errorf("Last-Event-ID does not go before after: %+v", got)
	}
	for _, in := range []GetEventsInput{{After: 5}, {LastEventID: new(int64(5))}} {
		in.ProjectID = w.project
		_, err := w.GetEvents(w.Context(), w.caller, in)
		if got := w.refused(err, fault.BadRequest("")); !strings.Contains(got.Details, "newest sequence is 4") {
			t.Errorf("the future: %v", got.Details)
		}
	}
	_, err := w.GetEvents(w.Context(), w.caller, GetEventsInput{ProjectID: "none"})
	w.refused(err, ErrProjectNotFound)
}

func TestAPageOfEventsEndsWithAWholeWrite(t *testing.T) {
	w := newWorld(t)
	for i := range eventPage + 10 {
		must(w.create(NewService{Name: fmt.Sprint("s", i)}))(w)
	}
	var sequence int64
	for _, want := range []int{eventPage, 11, 0} {
		got := must(w.GetEvents(w.Context(), w.caller, GetEventsInput{ProjectID: w.project, After: sequence}))(w)
		if len(got.Events) != want || want > 0 && got.Events[0].Data.Sequence != sequence+1 || got.Next != sequence+int64(want) {
			t.Errorf("%d events up to %d", len(got.Events), got.Next)
		}
		sequence = got.Next
	}
}
