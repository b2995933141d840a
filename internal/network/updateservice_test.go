package network

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"almanac/internal/fault"
	"almanac/internal/shape"
	"almanac/internal/tenant"
)

// full is a service with everything that a service can have.
func (s *site) full(name, bindings string) Service {
	s.Helper()
	in := s.input(name, bindings)
	in.Body.Tags = s.tag(2)
	in.Body.Virtualization = &SentVirtualization{Type: "Docker", Details: SentDocker{ContainerID: new("c0ffee")}}
	in.Body.Catalog = shape.Of(CatalogRef{"shop-a1b2c", "orders"})
	s.tick()
	service, err := s.CreateService(s.Context(), ann, in)
	s.must(err)
	return service
}

func TestTheBodyOfAGetSentBackChangesNothing(t *testing.T) {
	s := newSite(t)
	s.created("before", "")
	for _, service := range []Service{s.full("all", "P(p80,e0) P(p443,e0) I(e1)"), s.created("bare", ""), s.created("last", "P(p80,e1)")} {
		text, err := json.Marshal(s.service(service.ID))
		s.must(err)
		body, err := decoded[ServiceState](t, string(text))
		s.must(err)
		s.refused("the same", -1, "", func() error {
			got, err := s.update(UpdateServiceInput{ID: UUID(service.ID), Body: body})
			if !reflect.DeepEqual(got, service) {
				t.Errorf("got  %+v\nwant %+v", got, service)
			}
			return err
		})
	}
}

func TestAPutReplacesWhatCanBeEdited(t *testing.T) {
	s := newSite(t)
	service := s.full("all", "P(p80,e0) P(p443,e1)")
	body := stateOf(service).Body
	body.Name, body.ServiceDefinition = "renamed", "Caddy"
	body.Tags = body.Tags[1:]
	body.Virtualization = &SentVirtualization{Type: "Docker", Details: SentDocker{ContainerName: new("web")}}
	got, err := s.update(UpdateServiceInput{ID: UUID(service.ID), Body: body})
	s.must(err)
	want := service
	want.Name, want.ServiceDefinition, want.Tags, want.UpdatedAt = "renamed", "Caddy", service.Tags[1:], s.instant()
	want.Virtualization = &Virtualization{"Docker", json.RawMessage(`{"container_name":"web","container_id":null,"service_id":null}`)}
	if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(s.service(service.ID), want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	body.Catalog = shape.Null[CatalogRef]()
	if got, err := s.update(UpdateServiceInput{ID: UUID(service.ID), Body: body}); err != nil || got.Catalog != nil {
		t.Errorf("the catalog's service is %v, %v", got.Catalog, err)
	}
}

func TestWhatAPutLeavesOutIsCleared(t *testing.T) {
	for _, text := range []string{``, `,"virtualization":null,"tags":[]`} {
		s := newSite(t)
		s.created("before", "")
		service := s.full("all", "P(p80,e0)")
		body, err := decoded[ServiceState](t, `{"host_id":"`+s.host.ID+`","network_id":"`+s.network+`","service_definition":"Caddy","name":"web","bindings":[]`+text+`}`)
		s.must(err)
		got, err := s.update(UpdateServiceInput{ID: UUID(service.ID), Body: body})
		s.must(err)
		if got.Virtualization != nil || len(got.Tags) != 0 || len(got.Bindings) != 0 {
			t.Errorf("%q left %+v", text, got)
		}
		if got.Position != 1 || got.CreatedAt != service.CreatedAt || got.Source != manual || !reflect.DeepEqual(got.Catalog, service.Catalog) {
			t.Errorf("%q changed %+v", text, got)
		}
	}
}

func TestABindingSentWithItsIdStaysAndOneLeftOutIsNoMore(t *testing.T) {
	s := newSite(t)
	stranger := s.created("stranger", "I(e0)")
	service := s.created("web", "P(p80,e0) P(p443,e0)")
	made := service.CreatedAt
	s.ids["first"], s.ids["second"], s.ids["stranger's"] = service.Bindings[0].ID, service.Bindings[1].ID, stranger.Bindings[0].ID
	in := stateOf(service)
	in.Body.Bindings = s.bindings("P(p80,e1)=first P(p80,e0) P(p443,e0)=unknown P(p443,e1)=stranger's")
	got, err := s.update(in)
	s.must(err)
	if len(got.Bindings) != 4 {
		t.Fatalf("it has %+v", got.Bindings)
	}
	if b := got.Bindings[0]; b.ID != s.ids["first"] || b.CreatedAt != made || b.UpdatedAt != s.instant() || b.InterfaceID != s.ids["e1"] {
		t.Errorf("sent with its id: %+v", b)
	}
	for i, b := range got.Bindings[1:] {
		if b.CreatedAt != s.instant() || slices.Contains([]string{s.ids["first"], s.ids["second"], s.ids["unknown"], s.ids["stranger's"], ""}, b.ID) {
			t.Errorf("sent without an id of its own, %d: %+v", i, b)
		}
	}
	if _, err := s.GetBinding(t.Context(), ann, GetBindingInput{ID: UUID(s.ids["second"])}); kindOf(err) != fault.NotFound {
		t.Errorf("what was left out: %v", err)
	}
	if got := s.service(stranger.ID); !reflect.DeepEqual(got, stranger) {
		t.Errorf("the other service became %+v", got)
	}
	// One id is of one binding.
	in = stateOf(got)
	in.Body.Bindings = s.bindings("P(p80,e0)=first P(p443,e0)=first")
	got, err = s.update(in)
	if err != nil || len(got.Bindings) != 2 || got.Bindings[0].ID != s.ids["first"] || got.Bindings[1].ID == s.ids["first"] {
		t.Errorf("one id twice: %+v, %v", got.Bindings, err)
	}
	// Of repetitions the one with an id stays.
	in.Body.Bindings = s.bindings("P(p80,e0) P(p80,e0)=first")
	got, err = s.update(in)
	if err != nil || len(got.Bindings) != 1 || got.Bindings[0].ID != s.ids["first"] || got.Bindings[0].CreatedAt != made {
		t.Errorf("repeated: %+v, %v", got.Bindings, err)
	}
}

func TestATakenPositionIsMadeRoomFor(t *testing.T) {
	s := newSite(t)
	var all []Service
	for _, name := range []string{"a", "b", "c", "d"} {
		all = append(all, s.created(name, ""))
	}
	s.must(s.DeleteService(t.Context(), ann, DeleteServiceInput{ID: UUID(all[2].ID)})) // deletes leave gaps
	at := func() map[string]int {
		found := map[string]int{}
		for _, service := range s.find(s.host.ID, nil).Services {
			found[service.Name] = service.Position
		}
		return found
	}
	if got := at(); !reflect.DeepEqual(got, map[string]int{"a": 0, "b": 1, "d": 3}) {
		t.Fatalf("after the delete: %v", got)
	}
	in := stateOf(s.service(all[3].ID))
	in.Body.Position = new(0)
	got, err := s.update(in)
	s.must(err)
	if got.Position != 0 || !reflect.DeepEqual(at(), map[string]int{"d": 0, "a": 1, "b": 2}) {
		t.Errorf("after the move: %v", at())
	}
	for _, name := range []int{0, 1} { // those that made room
		if shifted := s.service(all[name].ID); shifted.UpdatedAt != s.instant() || shifted.CreatedAt != all[name].CreatedAt {
			t.Errorf("what was shifted has the times %v", shifted.Times)
		}
	}
	moved := s.instant()
	in.Body.Position = new(40)
	if got, err := s.update(in); err != nil || got.Position != 40 || s.service(all[0].ID).UpdatedAt != moved {
		t.Errorf("a free one: %+v, %v", got, err)
	}
	in.Body.Position = nil
	s.refused("leaving it out", -1, "", func() error {
		if got, err := s.update(in); err != nil || got.Position != 40 {
			t.Errorf("left out: %+v, %v", got, err)
		}
		return nil
	})
}

func TestAServiceMovesToAnotherHostWithAllThatItKeeps(t *testing.T) {
	s := newSite(t)
	s.created("stays", "")
	service := s.full("moves", "P(p80) P(p443,e0)")
	then := s.instant()
	s.ids["first"] = service.Bindings[0].ID
	in := stateOf(service)
	in.Body.Catalog = shape.Field[CatalogRef]{}
	in.Body.HostID = UUID(s.other.ID)
	s.refused("what it binds on the old host", fault.Invalid, "binding_cross_host", func() error { _, err := s.update(in); return err })
	in.Body.Bindings = s.bindings("P(px,ex)=first")
	in.Body.Virtualization = &SentVirtualization{Type: "Docker", Details: SentDocker{ContainerID: new("c0ffee")}}
	got, err := s.update(in)
	s.must(err)
	want := service
	want.HostID, want.UpdatedAt = s.other.ID, s.instant()
	want.Bindings = []Binding{service.Bindings[0]}
	want.Bindings[0].PortID, want.Bindings[0].InterfaceID, want.Bindings[0].UpdatedAt = s.ids["px"], s.ids["ex"], s.instant()
	if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(s.service(service.ID), want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if b, err := s.GetBinding(t.Context(), ann, GetBindingInput{ID: UUID(s.ids["first"])}); err != nil || b != want.Bindings[0] {
		t.Errorf("its binding is %+v, %v", b, err)
	}
	if was, err := s.GetService(t.Context(), ann, GetServiceInput{UUID(service.ID), &then}); err != nil || was.HostID != s.host.ID {
		t.Errorf("it was %+v, %v", was, err)
	}
	if h := s.find(s.host.ID, nil); len(h.Services) != 1 {
		t.Errorf("on the old host are %d services", len(h.Services))
	}
	// From there it goes on, and is deleted where it is.
	back := stateOf(got)
	back.Body.HostID, back.Body.Bindings = UUID(s.host.ID), nil
	if got, err := s.update(back); err != nil || got.HostID != s.host.ID || got.Position != 1 || got.CreatedAt != service.CreatedAt {
		t.Errorf("back: %+v, %v", got, err)
	}
	s.must(s.DeleteService(t.Context(), ann, DeleteServiceInput{ID: UUID(service.ID)}))
	if _, err := s.GetService(t.Context(), ann, GetServiceInput{ID: UUID(service.ID)}); kindOf(err) != fault.NotFound {
		t.Errorf("after the delete: %v", err)
	}
}

func TestAServiceThatIsNotThereCannotBeReplaced(t *testing.T) {
	s := newSite(t)
	service := s.created("web", "P(p80)")
	stranger := tenant.Principal{Workspace: "other", ID: "k", Role: tenant.Owner}
	s.refused("another workspace", fault.NotFound, "", func() error {
		_, err := s.UpdateService(t.Context(), stranger, stateOf(service))
		return err
	})
	for _, id := range []string{newID(), newIDOn(s.host.ID), s.host.ID, s.ids["p80"], service.Bindings[0].ID} {
		in := stateOf(service)
		in.ID = UUID(id)
		s.refused(id, fault.NotFound, "", func() error { _, err := s.update(in); return err })
	}
}
