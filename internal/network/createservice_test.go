package network

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"almanac/internal/fault"
	"almanac/internal/shape"
	"almanac/internal/tenant"
)

// decoded reads a body as the API does.
func decoded[T any](t *testing.T, text string) (body T, err error) {
	t.Helper()
	if violations := shape.NewBody(reflect.TypeFor[T]()).Decode([]byte(text), &body); violations != nil {
		return body, fault.ValidationFailed(violations...)
	}
	return body, nil
}

// tag makes tags.
func (w *world) tag(n int) []UUID {
	w.Helper()
	var ids []UUID
	for i := range n {
		tag, err := w.CreateTag(w.Context(), ann, CreateTagInput{TagFacts{Name: fmt.Sprint("tag ", i)}})
		w.must(err)
		ids = append(ids, UUID(tag.ID))
	}
	return ids
}

func TestAServiceIsMadeAfterTheOthersOfItsHost(t *testing.T) {
	s := newSite(t)
	tags := s.tag(2)
	first := s.created("first", "P(p80,e0)")
	if first.Position != 0 {
		t.Errorf("the first is at %d", first.Position)
	}
	last := stateOf(first)
	last.Body.Position = new(6)
	_, err := s.update(last)
	s.must(err)
	in := s.input("second", "P(p443) I(e1)=own")
	in.Body.Bindings = in.Body.Bindings[:1]
	in.Body.Tags = []UUID{tags[1], tags[0], tags[1]}
	in.Body.Virtualization = &SentVirtualization{Type: "Docker", Details: SentDocker{ContainerName: new("db")}}
	in.Body.Catalog = shape.Of(CatalogRef{"shop-a1b2c", "orders"})
	s.tick()
	got, err := s.CreateService(t.Context(), ann, in)
	s.must(err)
	now := Times{s.instant(), s.instant()}
	want := Service{
		ID: got.ID, Times: now, HostID: s.host.ID, NetworkID: s.network, ServiceDefinition: "PostgreSQL", Name: "second",
		Bindings:       []Binding{{ID: got.Bindings[0].ID, Times: now, ServiceID: got.ID, NetworkID: s.network, Type: OnPort, PortID: s.ids["p443"]}},
		Virtualization: &Virtualization{"Docker", json.RawMessage(`{"container_name":"db","container_id":null,"service_id":null}`)},
		Source:         Source{"Manual"}, Tags: []string{string(tags[1]), string(tags[0])}, Position: 7, Catalog: &CatalogRef{"shop-a1b2c", "orders"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if stored := s.service(got.ID); !reflect.DeepEqual(stored, want) {
		t.Errorf("stored is %+v", stored)
	}
	if s.find(s.host.ID, nil).UpdatedAt != s.host.UpdatedAt {
		t.Error("its host's time moved")
	}
	text, err := json.Marshal(s.created("bare", ""))
	s.must(err)
	for _, member := range []string{`"virtualization":null`, `"tags":[]`, `"bindings":[]`, `"source":{"type":"Manual"}`} {
		if !strings.Contains(string(text), member) {
			t.Errorf("%s is not in %s", member, text)
		}
	}
	text, err = json.Marshal(got.Bindings[0])
	s.must(err)
	if strings.Contains(string(text), "interface_id") {
		t.Errorf("a binding to all interfaces is %s", text)
	}
}

func TestWhatAServiceCannotBeMadeOfStoresNothing(t *testing.T) {
	s := newSite(t)
	_, err := s.timeline.CreateScope(t.Context(), networkScope(ann.Workspace, "7c9e6679-7425-40de-944b-e07fc1f90ae7"), nil, actorOf(ann))
	s.must(err)
	for _, c := range []struct {
		name   string
		kind   fault.Kind
		code   string
		change func(*NewService)
	}{
		{"a host of nothing", fault.NotFound, "", func(n *NewService) { n.HostID = UUID(newID()) }},
		{"the id of a port as a host", fault.NotFound, "", func(n *NewService) { n.HostID = UUID(s.ids["p80"]) }},
		{"a network of nothing", fault.NotFound, "", func(n *NewService) { n.NetworkID = UUID(newID()) }},
		{"a host on another network", fault.Invalid, "host_on_another_network", func(n *NewService) { n.NetworkID = "7c9e6679-7425-40de-944b-e07fc1f90ae7" }},
		{"a definition of nothing", fault.Invalid, "unknown_service_definition", func(n *NewService) { n.ServiceDefinition = "Missing Service" }},
		{"a definition in another case", fault.Invalid, "unknown_service_definition", func(n *NewService) { n.ServiceDefinition = "postgresql" }},
		{"a tag of nothing", fault.Invalid, "unknown_tag", func(n *NewService) { n.Tags = []UUID{UUID(newID())} }},
	} {
		in := s.input("new", "P(p80)")
		c.change(&in.Body)
		s.refused(c.name, c.kind, c.code, func() error { _, err := s.CreateService(t.Context(), ann, in); return err })
		// The same of one that is there.
		there := s.created("there", "")
		put := stateOf(there)
		put.Body.HostID, put.Body.NetworkID, put.Body.ServiceFacts = in.Body.HostID, in.Body.NetworkID, in.Body.ServiceFacts
		s.refused("PUT: "+c.name, c.kind, c.code, func() error { _, err := s.UpdateService(t.Context(), ann, put); return err })
	}
	stranger := tenant.Principal{Workspace: "other", ID: "k", Role: tenant.Owner}
	s.refused("another workspace's host", fault.NotFound, "", func() error {
		_, err := s.CreateService(t.Context(), stranger, s.input("new", ""))
		return err
	})
}

const (
	someID  = "0d5a4a4e-3c1c-4f5e-9b9f-6a2f1d2c3b4a"
	someOf  = `"host_id":"` + someID + `","network_id":"` + someID + `"`
	someNew = someOf + `,"service_definition":"Caddy","name":"web"`
)

func TestTheBodyOfAServiceIsHeldToItsMembers(t *testing.T) {
	long := strings.Repeat("ü", 100)
	binding := `{"type":"Port","port_id":"` + someID + `"}`
	many := func(n int) string {
		return `{` + someNew + `,"bindings":[` + binding + strings.Repeat(","+binding, n-1) + `]}`
	}
	for body, good := range map[string]bool{
		many(1000): true, many(1001): false,
		`{` + someNew + `}`: true,
		`{` + someNew + `,"bindings":[],"tags":[],"virtualization":null}`:                                                                         true,
		`{` + someNew + `,"id":"x","created_at":5,"source":7,"position":"p","more":{}}`:                                                           true,
		`{` + someOf + `,"service_definition":"Caddy","name":"` + long + `"}`:                                                                     true,
		`{` + someOf + `,"service_definition":"Caddy","name":"` + long + `x"}`:                                                                    false,
		`{` + someOf + `,"service_definition":"Caddy","name":" \t\u2003"}`:                                                                        false,
		`{` + someOf + `,"service_definition":"Caddy","name":""}`:                                                                                 false,
		`{` + someOf + `,"service_definition":"Caddy","name":null}`:                                                                               false,
		`{` + someOf + `,"service_definition":"Caddy"}`:                                                                                           false,
		`{` + someOf + `,"name":"web"}`:                                                                                                           false,
		`{"host_id":"` + someID + `","service_definition":"Caddy","name":"web"}`:                                                                  false,
		`{"network_id":"` + someID + `","service_definition":"Caddy","name":"web"}`:                                                               false,
		`{` + someNew + `,"tags":["x"]}`:                                                                                                          false,
		`{` + someNew + `,"tags":[{}]}`:                                                                                                           false,
		`{` + someNew + `,"bindings":{}}`:                                                                                                         false,
		`{` + someNew + `,"bindings":[{"type":"Port","port_id":"` + someID + `"}]}`:                                                               true,
		`{` + someNew + `,"bindings":[{"type":"port","port_id":"` + someID + `"}]}`:                                                               false,
		`{` + someNew + `,"bindings":[{"port_id":"` + someID + `"}]}`:                                                                             false,
		`{` + someNew + `,"bindings":[{"type":"Port","port_id":"{` + someID + `}"}]}`:                                                             false,
		`{` + someNew + `,"bindings":[{"type":"Port","port_id":80}]}`:                                                                             false,
		`{` + someNew + `,"virtualization":{"type":"Docker","details":{}}}`:                                                                       true,
		`{` + someNew + `,"virtualization":{"type":"Docker","details":{"container_name":"a","container_id":null,"service_id":"` + someID + `"}}}`: true,
		`{` + someNew + `,"virtualization":{"type":"Docker"}}`:                                                                                    false,
		`{` + someNew + `,"virtualization":{"type":"LXC","details":{}}}`:                                                                          false,
		`{` + someNew + `,"virtualization":{"details":{}}}`:                                                                                       false,
		`{` + someNew + `,"virtualization":{"type":"Docker","details":{"container_name":5}}}`:                                                     false,
		`{` + someNew + `,"virtualization":"Docker"}`:                                                                                             false,
		`{` + someNew: false, `[]`: false, ``: false,
	} {
		if _, err := decoded[NewService](t, body); (err == nil) != good {
			t.Errorf("%.200s: %v", body, err)
		}
	}
	for body, good := range map[string]bool{
		many(1000): true, many(1001): false,
		`{` + someNew + `,"bindings":[]}`:                                true,
		`{` + someNew + `}`:                                              false,
		`{` + someNew + `,"bindings":null}`:                              false,
		`{` + someNew + `,"bindings":[],"position":0}`:                   true,
		`{` + someNew + `,"bindings":[],"position":-1}`:                  false,
		`{` + someNew + `,"bindings":[],"position":1.5}`:                 false,
		`{` + someNew + `,"bindings":[],"position":1000001}`:             false,
		`{` + someNew + `,"bindings":[],"created_at":1,"updated_at":{}}`: true,
	} {
		if _, err := decoded[ServiceState](t, body); (err == nil) != good {
			t.Errorf("PUT %.200s: %v", body, err)
		}
	}
}

func TestAHostThatWouldBeTooLargeIsABadRequestAndStoresNothing(t *testing.T) {
	s := newSite(t)
	var h *Host
	s.must(s.change(s.host.ID, func(host *Host) {
		h = host
		for i := range 2200 {
			h.Services = append(h.Services, Service{ID: newIDOn(h.ID), ServiceDefinition: "Caddy", Name: strings.Repeat("x", 80), Source: manual, Tags: []string{}, Bindings: []Binding{}, Position: i})
		}
	}))
	var err error
	for range 400 {
		if _, err = s.create(strings.Repeat("y", 100), "I(e0)"); err != nil {
			break
		}
	}
	if kindOf(err) != fault.Invalid || fault.Of(err).Code != "host_too_large" || !strings.Contains(fault.Of(err).Details, "393216 bytes") {
		t.Fatalf("got %v", err)
	}
	s.refused("one more", fault.Invalid, "host_too_large", func() error { _, err := s.create(strings.Repeat("y", 100), "I(e0)"); return err })
}
