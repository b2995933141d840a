package network

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"almanac/internal/etag"
	"almanac/internal/fault"
	"almanac/internal/store"
	"almanac/internal/timeline"
)

// together is a store in which who reads something of a partition waits for another
// one to read there, too.
type together struct {
	store.Store
	partition string
	both      sync.WaitGroup
}

func (s *together) Get(ctx context.Context, key store.Key) (store.Item, error) {
	if key.Partition == s.partition {
		s.both.Done()
		met := make(chan struct{})
		go func() { s.both.Wait(); close(met) }()
		select {
		case <-met:
		case <-ctx.Done():
			return store.Item{}, ctx.Err()
		}
	}
	return s.Store.Get(ctx, key)
}

func TestManyNetworksAreLookedForTogether(t *testing.T) {
	w := setUp(t)
	tag := w.tag(1)[0]
	ids := []UUID{UUID(newID()), UUID(newID())}
	for name, operation := range map[string]func(context.Context, *Inventory) error{
		"a bulk delete": func(ctx context.Context, n *Inventory) error {
			_, err := n.BulkDeleteNetworks(ctx, ann, BulkDeleteInput{ids})
			return err
		},
		"a bulk add of a tag": func(ctx context.Context, n *Inventory) error {
			_, err := n.BulkAddTag(ctx, ann, BulkTagInput{TaggedEntities{EntityType: NetworkEntity, EntityIDs: ids, TagID: tag}})
			return err
		},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		both := &together{Store: w.store, partition: networksOf(ann.Workspace)}
		both.both.Add(len(ids))
		if err := operation(ctx, New(both, time.Now)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		cancel()
	}
}

// vacant is an inventory without a network.
func vacant(t *testing.T) *world {
	t.Helper()
	w := setUp(t)
	w.must(w.DeleteNetwork(t.Context(), ann, DeleteNetworkInput{ID: UUID(w.network)}))
	w.tick()
	return w
}

// found makes a network, and makes it that of the world.
func (w *world) found(name string, tags ...UUID) Network {
	w.Helper()
	w.tick()
	network, err := w.CreateNetwork(w.Context(), ann, CreateNetworkInput{NetworkFacts{Name: name, Tags: tags}})
	w.must(err)
	w.network = network.ID
	return network
}

func (w *world) networkAt(id string, at *timeline.Instant) Network {
	w.Helper()
	network, err := w.GetNetwork(w.Context(), ann, GetNetworkInput{UUID(id), at})
	w.must(err)
	return network
}

func replacement(network Network) UpdateNetworkInput {
	in := UpdateNetworkInput{ID: UUID(network.ID), Body: NetworkFacts{Name: network.Name}}
	for _, tag := range network.Tags {
		in.Body.Tags = append(in.Body.Tags, UUID(tag))
	}
	return in
}

func TestANetworkIsMadeOfANameAlone(t *testing.T) {
	w := vacant(t)
	got := w.found("office")
	want := Network{
		ID: got.ID, Times: Times{w.instant(), w.instant()}, Name: "office",
		OrganizationID: organizationID(ann.Workspace), Tags: []string{},
	}
	if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(w.networkAt(got.ID, nil), want) {
		t.Errorf("made %+v, read %+v", got, w.networkAt(got.ID, nil))
	}
	var id UUID
	if err := id.UnmarshalText([]byte(got.OrganizationID)); err != nil || organizationID("other") == got.OrganizationID {
		t.Errorf("the organization is %s, %v", got.OrganizationID, err)
	}
	tags := w.tag(2)
	if got := w.found("lab", tags[1], tags[0], tags[1]); !slices.Equal(got.Tags, []string{string(tags[1]), string(tags[0])}) {
		t.Errorf("its tags are %v", got.Tags)
	}
	if _, err := w.CreateNetwork(t.Context(), ann, CreateNetworkInput{NetworkFacts{Name: "new", Tags: []UUID{tags[0], UUID(newID())}}}); fault.Of(err).Code != "unknown_tag" {
		t.Errorf("with a tag of nothing: %v", err)
	}
	for name, in := range map[string]GetNetworkInput{
		"of nothing": {ID: UUID(newID())}, "before it was": {UUID(got.ID), new(got.CreatedAt - 1)},
	} {
		if _, err := w.GetNetwork(t.Context(), ann, in); kindOf(err) != fault.NotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.GetNetwork(t.Context(), stranger, GetNetworkInput{ID: UUID(got.ID)}); kindOf(err) != fault.NotFound {
		t.Errorf("another workspace: %v", err)
	}
	if l, err := w.ListNetworks(t.Context(), ann, ListNetworksInput{}); err != nil || l.Total != 2 {
		t.Errorf("there are %+v, %v", l, err)
	}
}

func TestAPutReplacesANetworksNameAndTags(t *testing.T) {
	w := vacant(t)
	tags := w.tag(2)
	made := w.found("office", tags...)
	w.tick()
	in := replacement(made)
	same, err := w.UpdateNetwork(t.Context(), ann, in)
	w.must(err)
	if !reflect.DeepEqual(same, made) {
		t.Errorf("what was read and sent back moved %+v", same)
	}
	head, err := w.timeline.Head(t.Context(), networkScope(ann.Workspace, made.ID))
	if err != nil || head.Revision != 1 {
		t.Errorf("it was written: %+v, %v", head, err)
	}
	in.Body.Name, in.Body.Tags = "head office", tags[1:]
	changed, err := w.UpdateNetwork(t.Context(), ann, in)
	w.must(err)
	want := made
	want.Name, want.Tags, want.UpdatedAt = "head office", []string{string(tags[1])}, w.instant()
	if !reflect.DeepEqual(changed, want) || !reflect.DeepEqual(w.networkAt(made.ID, nil), want) {
		t.Errorf("it is %+v", changed)
	}
	w.tick()
	in.Body.Tags = nil
	if bare, err := w.UpdateNetwork(t.Context(), ann, in); err != nil || len(bare.Tags) != 0 {
		t.Errorf("tags left out: %+v, %v", bare, err)
	}
	for at, want := range map[timeline.Instant]Network{made.CreatedAt: made, changed.UpdatedAt - 1: made, changed.UpdatedAt: changed, changed.UpdatedAt + 1: changed} {
		if got := w.networkAt(made.ID, &at); !reflect.DeepEqual(got, want) {
			t.Errorf("at %v it was %+v", at, got)
		}
	}
	before := w.networkAt(made.ID, nil)
	in.Body.Tags = []UUID{UUID(newID())}
	if _, err := w.UpdateNetwork(t.Context(), ann, in); fault.Of(err).Code != "unknown_tag" {
		t.Errorf("a tag of nothing: %v", err)
	}
	in.Body.Tags = nil
	w.must(in.IfMatch.UnmarshalText([]byte(made.ETag())))
	in.Body.Name = "not this"
	if _, err := w.UpdateNetwork(t.Context(), ann, in); kindOf(err) != fault.Precondition {
		t.Errorf("as it was: %v", err)
	}
	if !reflect.DeepEqual(w.networkAt(made.ID, nil), before) {
		t.Error("a refused PUT changed it")
	}
	w.must(in.IfMatch.UnmarshalText([]byte(before.ETag())))
	if _, err := w.UpdateNetwork(t.Context(), ann, in); err != nil {
		t.Errorf("as it is: %v", err)
	}
	in.IfMatch = etag.Condition{}
	if _, err := w.UpdateNetwork(t.Context(), stranger, in); kindOf(err) != fault.NotFound {
		t.Errorf("another workspace: %v", err)
	}
	in.ID = UUID(newID())
	if _, err := w.UpdateNetwork(t.Context(), ann, in); kindOf(err) != fault.NotFound {
		t.Errorf("of nothing: %v", err)
	}
}

// A tag that goes is on no network any more, now, and on those that had it then.
func TestANetworkShowsTheTagsThatThereAre(t *testing.T) {
	w := vacant(t)
	tags := w.tag(2)
	made := w.found("office", tags...)
	w.tick()
	then := w.instant()
	w.tick()
	w.must(w.DeleteTag(t.Context(), ann, DeleteTagInput{ID: tags[0]}))
	now := w.networkAt(made.ID, nil)
	if !slices.Equal(now.Tags, []string{string(tags[1])}) || now.UpdatedAt != w.instant() {
		t.Errorf("it is %+v", now)
	}
	if was := w.networkAt(made.ID, &then); !reflect.DeepEqual(was, made) {
		t.Errorf("it was %+v", was)
	}
	w.tick()
	if same, err := w.UpdateNetwork(t.Context(), ann, replacement(now)); err != nil || !reflect.DeepEqual(same, now) {
		t.Errorf("sent back as it is shown: %+v, %v", same, err)
	}
	if l, err := w.ListNetworks(t.Context(), ann, ListNetworksInput{}); err != nil || !reflect.DeepEqual(l.Items, []Network{now}) {
		t.Errorf("listed is %+v, %v", l, err)
	}
}

func TestNetworksAreListedByFilterAndPageNowAndThen(t *testing.T) {
	w := vacant(t)
	a, b := w.found("Alpha"), w.found("beta")
	then := w.instant()
	c := w.found("gamma")
	w.tick()
	in := replacement(b)
	in.Body.Name = "delta"
	_, err := w.UpdateNetwork(t.Context(), ann, in)
	w.must(err)
	w.must(w.DeleteNetwork(t.Context(), ann, DeleteNetworkInput{ID: UUID(a.ID)}))
	w.tick()
	for _, f := range []struct {
		name, want string
		total      int
		in         ListNetworksInput
	}{
		{"now", "delta gamma", 2, ListNetworksInput{}},
		{"a page", "gamma", 2, ListNetworksInput{Paging: Paging{Limit: 1, Offset: 1}}},
		{"after the last", "", 2, ListNetworksInput{Paging: Paging{Offset: 5}}},
		{"by a name", "delta", 1, ListNetworksInput{NetworkFilter: NetworkFilter{Search: Search{"ELT"}}}},
		{"by ids", "gamma", 1, ListNetworksInput{NetworkFilter: NetworkFilter{Filter: Filter{IDs: []UUID{UUID(c.ID), UUID(a.ID)}}}}},
		{"then", "Alpha beta", 2, ListNetworksInput{NetworkFilter: NetworkFilter{Filter: Filter{At: &then}}}},
		{"by a name of then", "beta", 1, ListNetworksInput{NetworkFilter: NetworkFilter{Filter{At: &then}, Search{"bet"}}}},
		{"before the first", "", 0, ListNetworksInput{NetworkFilter: NetworkFilter{Filter: Filter{At: new(a.CreatedAt - 1)}}}},
		{"from the first on", "Alpha", 1, ListNetworksInput{NetworkFilter: NetworkFilter{Filter: Filter{At: &a.CreatedAt}}}},
		{"in a time to come", "delta gamma", 2, ListNetworksInput{NetworkFilter: NetworkFilter{Filter: Filter{At: new(w.instant() + 1e9)}}}},
	} {
		l, err := w.ListNetworks(t.Context(), ann, f.in)
		w.must(err)
		var names []string
		for _, network := range l.Items {
			names = append(names, network.Name)
		}
		if got := strings.Join(names, " "); got != f.want || l.Total != f.total || l.HasMore() {
			t.Errorf("%s: %s, %d in all", f.name, got, l.Total)
		}
	}
	if l, err := w.ListNetworks(t.Context(), stranger, ListNetworksInput{}); err != nil || l.Total != 0 {
		t.Errorf("another workspace has %+v, %v", l, err)
	}
	table, err := w.ExportNetworks(t.Context(), ann, ExportNetworksInput{})
	w.must(err)
	if lines := strings.Split(strings.TrimSpace(table.Text()), "\r\n"); len(lines) != 3 || !strings.HasPrefix(lines[1], b.ID+",delta,") {
		t.Errorf("the table is %q", lines)
	}
}

func TestABulkDeleteOfNetworksSkipsWhatIsNotThere(t *testing.T) {
	w := vacant(t)
	a, b, c := w.found("a"), w.found("b"), w.found("c")
	ids := []UUID{UUID(b.ID), UUID(newID()), UUID(a.ID), UUID(b.ID)}
	if got, err := w.BulkDeleteNetworks(t.Context(), stranger, BulkDeleteInput{Body: ids}); err != nil || got != (BulkDeleted{0, 4}) {
		t.Errorf("another workspace: %+v, %v", got, err)
	}
	if got, err := w.BulkDeleteNetworks(t.Context(), ann, BulkDeleteInput{Body: ids}); err != nil || got != (BulkDeleted{2, 4}) {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := w.BulkDeleteNetworks(t.Context(), ann, BulkDeleteInput{Body: ids}); err != nil || got != (BulkDeleted{0, 4}) {
		t.Errorf("again: %+v, %v", got, err)
	}
	if l, err := w.ListNetworks(t.Context(), ann, ListNetworksInput{}); err != nil || len(l.Items) != 1 || l.Items[0].ID != c.ID {
		t.Errorf("left is %+v, %v", l, err)
	}
}

// What an operation on networks costs in DynamoDB's units.
func TestUnitsOfNetworks(t *testing.T) {
	w := vacant(t)
	made := w.found("office")
	for range 3 {
		w.put(busy(3))
	}
	then := w.instant()
	id := UUID(made.ID)
	for _, c := range []struct {
		name          string
		calls         int
		reads, writes float64
		do            func(ctx context.Context) error
	}{
		{"createNetwork", 1, 0, 6, func(ctx context.Context) error {
			_, err := w.CreateNetwork(ctx, ann, CreateNetworkInput{NetworkFacts{Name: "another"}})
			return err
		}},
		{"getNetwork", 1, 1, 0, func(ctx context.Context) error {
			_, err := w.GetNetwork(ctx, ann, GetNetworkInput{ID: id})
			return err
		}},
		{"getNetwork at an instant", 1, 1, 0, func(ctx context.Context) error {
			_, err := w.GetNetwork(ctx, ann, GetNetworkInput{id, &then})
			return err
		}},
		{"updateNetwork that changes nothing", 1, 1, 0, func(ctx context.Context) error {
			_, err := w.UpdateNetwork(ctx, ann, replacement(made))
			return err
		}},
		{"updateNetwork", 3, 2, 8, func(ctx context.Context) error {
			w.tick()
			_, err := w.UpdateNetwork(ctx, ann, UpdateNetworkInput{ID: id, Body: NetworkFacts{Name: "head office"}})
			return err
		}},
		{"getNetwork as it was", 3, 3, 0, func(ctx context.Context) error {
			_, err := w.GetNetwork(ctx, ann, GetNetworkInput{id, &then})
			return err
		}},
		{"listNetworks", 1, 1, 0, func(ctx context.Context) error {
			_, err := w.ListNetworks(ctx, ann, ListNetworksInput{})
			return err
		}},
		{"deleteNetwork with 3 hosts", 3, 2, 12, func(ctx context.Context) error {
			return w.DeleteNetwork(ctx, ann, DeleteNetworkInput{ID: id})
		}},
	} {
		ctx, meter := store.WithMeter(t.Context())
		w.must(c.do(ctx))
		t.Logf("%-36s %2d calls, %v read units, %v write units", c.name, meter.Calls, meter.ReadUnits, meter.WriteUnits)
		if meter.Calls != c.calls || meter.ReadUnits != c.reads || meter.WriteUnits != c.writes {
			t.Errorf("%s: %d calls of %v read and %v write units, not %d of %v and %v", c.name, meter.Calls, meter.ReadUnits, meter.WriteUnits, c.calls, c.reads, c.writes)
		}
	}
}

// gone fails unless a host of the network of the world is nowhere any more.
func (w *world) gone(h *Host) {
	w.Helper()
	ctx := w.Context()
	for _, id := range append([]string{h.ID}, idsOn(h)...) {
		if got := w.find(id, nil); got != nil {
			w.Fatalf("%s is found on %s", id, got.ID)
		}
	}
	for name, network := range map[string]UUID{"its network": UUID(w.network), "all networks": ""} {
		hosts, err := w.surveyHosts(ctx, ann.Workspace, network, nil)
		w.must(err)
		if slices.ContainsFunc(hosts, func(other *Host) bool { return other.ID == h.ID }) {
			w.Fatalf("it is a host of %s", name)
		}
	}
	if err := w.commit(func(e *edit) error { e.add(h); return nil }); !errors.Is(err, timeline.ErrNoSuchScope) {
		w.Fatalf("a host can be put there: %v", err)
	}
	if err := w.change(h.ID, func(h *Host) { h.Name = "new" }); !errors.Is(err, timeline.ErrNoSuchScope) {
		w.Fatalf("the host can be changed: %v", err)
	}
}

// idsOn are those of all on a host.
func idsOn(h *Host) (ids []string) {
	for _, i := range h.Interfaces {
		ids = append(ids, i.ID)
	}
	for _, p := range h.Ports {
		ids = append(ids, p.ID)
	}
	for _, s := range h.Services {
		ids = append(ids, s.ID)
		for _, b := range s.Bindings {
			ids = append(ids, b.ID)
		}
	}
	return ids
}

func TestADeletedNetworkTakesEverythingWithItButThePast(t *testing.T) {
	w := vacant(t)
	network := w.found("office")
	h := busy(3)
	w.put(h)
	then := w.instant()
	w.tick()
	w.must(w.DeleteNetwork(t.Context(), ann, DeleteNetworkInput{ID: UUID(network.ID)}))
	deleted := w.instant()
	w.gone(h)
	for name, err := range map[string]error{
		"read": func() error {
			_, err := w.GetNetwork(t.Context(), ann, GetNetworkInput{ID: UUID(network.ID)})
			return err
		}(),
		"read at the instant of its end": func() error {
			_, err := w.GetNetwork(t.Context(), ann, GetNetworkInput{UUID(network.ID), &deleted})
			return err
		}(),
		"changed":       func() error { _, err := w.UpdateNetwork(t.Context(), ann, replacement(network)); return err }(),
		"deleted again": w.DeleteNetwork(t.Context(), ann, DeleteNetworkInput{ID: UUID(network.ID)}),
		"made a service in": func() error {
			_, err := w.CreateService(t.Context(), ann, CreateServiceInput{NewService{HostID: UUID(h.ID), NetworkID: UUID(network.ID)}})
			return err
		}(),
	} {
		if kindOf(err) != fault.NotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, at := range map[string]timeline.Instant{"then": then, "just before": deleted - 1} {
		if got := w.networkAt(network.ID, &at); !reflect.DeepEqual(got, network) {
			t.Errorf("%s it was %+v", name, got)
		}
		for _, id := range append([]string{h.ID}, idsOn(h)...) {
			if got := w.find(id, &at); !reflect.DeepEqual(got, h) {
				t.Errorf("%s %s was on %+v", name, id, got)
			}
		}
		for _, of := range []UUID{UUID(network.ID), ""} {
			l, err := w.ListServices(t.Context(), ann, ListServicesInput{ServiceFilter: ServiceFilter{Filter: Filter{At: &at}, NetworkID: of}})
			if err != nil || l.Total != 3 {
				t.Errorf("%s there were %+v, %v", name, l, err)
			}
		}
	}
	if got := w.find(h.ID, &deleted); got != nil {
		t.Errorf("at the end there was %+v", got)
	}
	versions, err := w.GetServiceHistory(t.Context(), ann, GetServiceHistoryInput{ID: UUID(h.Services[0].ID)})
	w.must(err)
	if len(versions.Items) != 1 || *versions.Items[0].ValidUntil != deleted || !reflect.DeepEqual(versions.Items[0].Service, h.Services[0]) {
		t.Errorf("a service's history is %+v", versions.Items)
	}
}

func TestANetworkIsDeletedOnlyAsTheCallerHasSeenIt(t *testing.T) {
	w := vacant(t)
	network := w.found("office")
	in := DeleteNetworkInput{ID: UUID(network.ID)}
	w.must(in.IfMatch.UnmarshalText([]byte(`"` + strings.Repeat("x", 16) + `"`)))
	if err := w.DeleteNetwork(t.Context(), ann, in); kindOf(err) != fault.Precondition {
		t.Errorf("as it never was: %v", err)
	}
	w.networkAt(network.ID, nil)
	w.must(in.IfMatch.UnmarshalText([]byte(network.ETag())))
	w.must(w.DeleteNetwork(t.Context(), ann, in))
	if err := w.DeleteNetwork(t.Context(), ann, in); kindOf(err) != fault.NotFound {
		t.Errorf("again: %v", fmt.Sprint(err))
	}
}
