package network

import (
	"reflect"
	"strings"
	"testing"

	"almanac/internal/fault"
	"almanac/internal/shape"
	"almanac/internal/tenant"
)

// bind sends one binding for a service.
func (s *site) bind(service Service, place string) (Binding, error) {
	s.tick()
	b := s.bindings(place)[0]
	return s.CreateBinding(s.Context(), ann, CreateBindingInput{NewBinding{UUID(service.ID), BindingPlace{Type: b.Type, PortID: b.PortID, InterfaceID: b.InterfaceID}}})
}

// rebind sends a binding another place.
func (s *site) rebind(id, place string) (Binding, error) {
	s.tick()
	b := s.bindings(place)[0]
	return s.UpdateBinding(s.Context(), ann, UpdateBindingInput{ID: UUID(id), Body: BindingPlace{Type: b.Type, PortID: b.PortID, InterfaceID: b.InterfaceID}})
}

func TestABindingIsMadeReplacedAndDeletedOnItsOwn(t *testing.T) {
	s := newSite(t)
	service := s.created("web", "P(p443,e1)")
	made, err := s.bind(service, "P(p80)")
	s.must(err)
	now := Times{s.instant(), s.instant()}
	want := Binding{ID: made.ID, Times: now, ServiceID: service.ID, NetworkID: s.network, Type: OnPort, PortID: s.ids["p80"]}
	if made != want || family(made.ID) != family(s.host.ID) {
		t.Errorf("made is %+v", made)
	}
	if got := s.service(service.ID); got.UpdatedAt != s.instant() || s.shown(got.Bindings) != "P(p443,e1) P(p80)" {
		t.Errorf("the service is %+v", got)
	}
	then := s.instant()
	put, err := s.rebind(made.ID, "I(e0)")
	s.must(err)
	want.Type, want.PortID, want.InterfaceID, want.UpdatedAt = OnInterface, "", s.ids["e0"], s.instant()
	if put != want || s.service(service.ID).UpdatedAt != s.instant() {
		t.Errorf("replaced it is %+v", put)
	}
	for name, c := range map[string]struct {
		in   GetBindingInput
		want Binding
	}{"now": {GetBindingInput{ID: UUID(made.ID)}, put}, "then": {GetBindingInput{UUID(made.ID), &then}, made}} {
		if got, err := s.GetBinding(t.Context(), ann, c.in); err != nil || got != c.want {
			t.Errorf("%s it is %+v, %v", name, got, err)
		}
	}
	s.refused("the same place", -1, "", func() error { _, err := s.rebind(made.ID, "I(e0)"); return err })
	s.tick()
	s.must(s.DeleteBinding(t.Context(), ann, DeleteBindingInput{ID: UUID(made.ID)}))
	if got := s.service(service.ID); got.UpdatedAt != s.instant() || s.shown(got.Bindings) != "P(p443,e1)" {
		t.Errorf("after the delete the service is %+v", got)
	}
	for name, operation := range map[string]func() error{
		"get":    func() error { _, err := s.GetBinding(t.Context(), ann, GetBindingInput{ID: UUID(made.ID)}); return err },
		"put":    func() error { _, err := s.rebind(made.ID, "P(p80)"); return err },
		"delete": func() error { return s.DeleteBinding(t.Context(), ann, DeleteBindingInput{ID: UUID(made.ID)}) },
		"post":   func() error { _, err := s.bind(Service{ID: newID()}, "P(p80)"); return err },
		"post to another workspace's service": func() error {
			_, err := s.CreateBinding(t.Context(), tenant.Principal{Workspace: "other", ID: "k"}, CreateBindingInput{NewBinding{UUID(service.ID), BindingPlace{Type: OnInterface, InterfaceID: new(UUID(s.ids["e0"]))}}})
			return err
		},
	} {
		s.refused(name+" of what is not there", fault.NotFound, "", operation)
	}
}

func TestABindingThatAStoredOneCoversIsAnsweredByThatOneAndStoresNothing(t *testing.T) {
	s := newSite(t)
	service := s.created("web", "P(p80) P(p443,e0)")
	whole := s.created("agent", "I(e1)")
	for _, c := range []struct {
		of      Service
		place   string
		covered Binding
	}{
		{service, "P(p80)", service.Bindings[0]},
		{service, "P(p80,e0)", service.Bindings[0]},
		{service, "P(p80,ex)", service.Bindings[0]}, // what is dropped is not looked at further
		{service, "P(p443,e0)", service.Bindings[1]},
		{whole, "I(e1)", whole.Bindings[0]},
	} {
		s.refused(c.place, -1, "", func() error {
			got, err := s.bind(c.of, c.place)
			if got != c.covered {
				t.Errorf("%s is answered by %+v", c.place, got)
			}
			return err
		})
	}
}

func TestABindingToAllInterfacesReplacesThoseOfItsPort(t *testing.T) {
	s := newSite(t)
	service := s.created("web", "P(p80,e0) P(p443,e0) P(p80,e1)")
	made, err := s.bind(service, "P(p80)")
	if err != nil || made.InterfaceID != "" {
		t.Fatalf("%+v, %v", made, err)
	}
	got := s.service(service.ID)
	if s.shown(got.Bindings) != "P(p443,e0) P(p80)" || got.Bindings[0] != service.Bindings[1] || got.Bindings[1] != made {
		t.Errorf("it binds %+v", got.Bindings)
	}
	put, err := s.rebind(got.Bindings[0].ID, "P(p80,e1)")
	if err != nil || put != made || s.shown(s.service(service.ID).Bindings) != "P(p80)" {
		t.Errorf("a PUT of what another one covers gives %+v, %v", put, err)
	}
}

func TestBindingsAreListedByWhatTheyAreOf(t *testing.T) {
	s := newSite(t)
	a := s.created("a", "P(p80,e0) P(p443,e0)")
	b := s.created("b", "P(p80,e1)")
	then := s.instant()
	c := s.created("c", "I(e0)")
	in := stateOf(s.created("d", ""))
	in.Body.HostID, in.Body.Bindings = UUID(s.other.ID), s.bindings("P(px)")
	d, err := s.update(in)
	s.must(err)
	all := strings.Join([]string{a.Name, a.Name, b.Name, c.Name, d.Name}, " ")
	names := map[string]string{a.ID: "a", b.ID: "b", c.ID: "c", d.ID: "d"}
	for _, f := range []struct {
		query string
		want  string
		total int
	}{
		{"", all, 5},
		{"limit=2&offset=1", "a b", 5},
		{"service_id=" + a.ID, "a a", 2},
		{"service_id=" + d.ID, "d", 1},
		{"port_id=" + s.ids["p80"], "a b", 2},
		{"interface_id=" + s.ids["e0"], "a a c", 3},
		{"interface_id=" + s.ids["e0"] + "&port_id=" + s.ids["p443"], "a", 1},
		{"service_id=" + b.ID + "&port_id=" + s.ids["p443"], "", 0},
		{"service_id=" + b.ID + "&port_id=" + s.ids["px"], "", 0},
		{"network_id=" + s.network, all, 5},
		{"network_id=" + newID(), "", 0},
		{"service_id=" + a.ID + "&network_id=" + newID(), "", 0},
		{"service_id=" + newID(), "", 0},
		{"port_id=" + a.ID, "", 0},
		{"ids=" + b.Bindings[0].ID + "&ids=" + d.Bindings[0].ID + "&ids=" + newID(), "b d", 2},
		{"at=" + then.String(), "a a b", 3},
	} {
		in, err := query[ListBindingsInput](t, f.query)
		s.must(err)
		list, err := s.ListBindings(t.Context(), ann, in)
		var got []string
		for _, b := range list.Items {
			got = append(got, names[b.ServiceID])
		}
		if err != nil || strings.Join(got, " ") != f.want || list.Total != f.total {
			t.Errorf("%q gives %v of %d, %v", f.query, got, list.Total, err)
		}
	}
	list, err := s.ListBindings(t.Context(), tenant.Principal{Workspace: "other", ID: "k"}, ListBindingsInput{BindingFilter: BindingFilter{PortID: UUID(s.ids["p80"])}})
	if err != nil || list.Total != 0 {
		t.Errorf("another workspace sees %+v, %v", list, err)
	}
}

func TestABulkDeleteCountsWhatThereWasAndSkipsTheRest(t *testing.T) {
	s := newSite(t)
	a, b := s.created("a", "P(p80,e0) P(p80,e1)"), s.created("b", "P(p443)")
	other := setUpStranger(s)
	ids := []UUID{UUID(a.Bindings[1].ID), UUID(newID()), UUID(b.Bindings[0].ID), UUID(a.Bindings[1].ID), UUID(a.ID), UUID(newIDOn(s.host.ID)), other}
	s.tick()
	got, err := s.BulkDeleteBindings(t.Context(), ann, BulkDeleteInput{ids})
	if err != nil || got != (BulkDeleted{2, 7}) {
		t.Errorf("bindings: %+v, %v", got, err)
	}
	if left := s.find(s.host.ID, nil); s.shown(left.Services[0].Bindings) != "P(p80,e0)" || len(left.Services[1].Bindings) != 0 {
		t.Errorf("left is %+v", left.Services)
	}
	s.refused("again", -1, "", func() error {
		got, err := s.BulkDeleteBindings(t.Context(), ann, BulkDeleteInput{ids})
		if got != (BulkDeleted{0, 7}) {
			t.Errorf("again: %+v", got)
		}
		return err
	})
	ids = []UUID{UUID(b.ID), UUID(b.ID), UUID(s.host.ID), UUID(a.ID), UUID(newID()), other}
	if got, err := s.BulkDeleteServices(t.Context(), ann, BulkDeleteInput{ids}); err != nil || got != (BulkDeleted{2, 6}) {
		t.Errorf("services: %+v, %v", got, err)
	}
	if left := s.find(s.host.ID, nil); len(left.Services) != 0 || len(left.Ports) != 2 {
		t.Errorf("left is %+v", left)
	}
}

// setUpStranger gives the id of a service of another workspace.
func setUpStranger(s *site) UUID {
	h := busy(1)
	h.NetworkID = newID()
	_, err := s.timeline.CreateScope(s.Context(), networkScope("other", h.NetworkID), nil, actorOf(ann))
	s.must(err)
	stranger := tenant.Principal{Workspace: "other", ID: "k"}
	s.must(s.point(s.Context(), "other", place{h.NetworkID, hostKey(h.ID)}, h.ID))
	s.must(s.Inventory.commit(s.Context(), stranger, h.NetworkID, func(e *edit) error { e.add(h); return nil }))
	return UUID(h.Services[0].ID)
}

func TestABulkDeleteThatNoCommitHoldsIsDoneInParts(t *testing.T) {
	w := setUp(t)
	var ids []UUID
	for range 2*mostHosts + 3 {
		h := busy(2)
		w.put(h)
		ids = append(ids, UUID(h.Services[0].ID), UUID(h.Services[1].ID))
	}
	// Some that are too large for one commit together.
	const large = 14
	for range large {
		h := bulky(500)
		w.put(h)
		ids = append(ids, UUID(h.Services[7].ID))
	}
	head, err := w.timeline.Head(t.Context(), networkScope(ann.Workspace, w.network))
	w.must(err)
	got, err := w.BulkDeleteServices(t.Context(), ann, BulkDeleteInput{ids})
	if err != nil || got != (BulkDeleted{len(ids), len(ids)}) {
		t.Fatalf("%+v, %v", got, err)
	}
	after, err := w.timeline.Head(t.Context(), networkScope(ann.Workspace, w.network))
	if err != nil || after.Revision-head.Revision != 4 {
		t.Errorf("it took %d commits, %v", after.Revision-head.Revision, err)
	}
	list, err := w.ListServices(t.Context(), ann, ListServicesInput{})
	if err != nil || list.Total != large*499 {
		t.Errorf("left are %d, %v", list.Total, err)
	}
}

func TestABulkDeleteIsOfOneTo10000Ids(t *testing.T) {
	field, _ := reflect.TypeFor[BulkDeleteInput]().FieldByName("Body")
	id := `"` + newID() + `"`
	many := func(n int) string { return "[" + strings.TrimSuffix(strings.Repeat(id+",", n), ",") + "]" }
	for body, good := range map[string]bool{
		many(1): true, many(10_000): true, many(10_001): false, `[]`: false, `{}`: false, `null`: false, `["x"]`: false, `[5]`: false, ``: false,
		`{"ids":` + many(1) + `}`: false,
	} {
		var ids []UUID
		if violations := shape.FieldBody(field).Decode([]byte(body), &ids); (violations == nil) != good {
			t.Errorf("%.60s: %v", body, violations)
		}
	}
}
