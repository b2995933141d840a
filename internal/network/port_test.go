package network

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"almanac/internal/fault"
	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

func (s *site) newPort(number int, protocol Protocol) CreatePortInput {
	return CreatePortInput{NewPort{UUID(s.host.ID), UUID(s.network), PortFacts{Number: number, Protocol: protocol}}}
}

func (s *site) openPort(number int, protocol Protocol) Port {
	s.Helper()
	s.tick()
	port, err := s.CreatePort(s.Context(), ann, s.newPort(number, protocol))
	s.must(err)
	return port
}

func (s *site) putPort(id string, number int, protocol Protocol) (Port, error) {
	s.tick()
	return s.UpdatePort(s.Context(), ann, UpdatePortInput{ID: UUID(id), Body: PortState{PortFacts: PortFacts{Number: number, Protocol: protocol}}})
}

func TestAPortIsOpenedReplacedAndClosed(t *testing.T) {
	s := newSite(t)
	made := s.openPort(22, TCP)
	want := Port{ID: made.ID, Times: Times{s.instant(), s.instant()}, NetworkID: s.network, HostID: s.host.ID, Number: 22, Protocol: TCP, Type: "Ssh"}
	if made != want || family(made.ID) != family(s.host.ID) {
		t.Errorf("made is  %+v\nand not %+v", made, want)
	}
	then := s.instant()
	put, err := s.putPort(made.ID, 2222, UDP)
	s.must(err)
	want.Number, want.Protocol, want.Type, want.UpdatedAt = 2222, UDP, "Custom", s.instant()
	if put != want {
		t.Errorf("replaced it is %+v", put)
	}
	for at, want := range map[*timeline.Instant]Port{nil: put, &then: made} {
		if got, err := s.GetPort(t.Context(), ann, GetPortInput{UUID(made.ID), at}); err != nil || got != want {
			t.Errorf("it is %+v, %v", got, err)
		}
	}
	s.refused("what it is already", -1, "", func() error { _, err := s.putPort(made.ID, 2222, UDP); return err })
	s.tick()
	s.must(s.DeletePort(t.Context(), ann, DeletePortInput{ID: UUID(made.ID)}))
	if h := s.find(s.host.ID, nil); h.port(made.ID) != nil || h.UpdatedAt != s.host.UpdatedAt {
		t.Errorf("the host is %+v", h)
	}
	stranger := tenant.Principal{Workspace: "other", ID: "k", Role: tenant.Owner}
	there := UUID(s.ids["p80"])
	for name, operation := range map[string]func() error{
		"get":    func() error { _, err := s.GetPort(t.Context(), ann, GetPortInput{ID: UUID(made.ID)}); return err },
		"put":    func() error { _, err := s.putPort(made.ID, 22, TCP); return err },
		"delete": func() error { return s.DeletePort(t.Context(), ann, DeletePortInput{ID: UUID(made.ID)}) },
		"put of an interface": func() error {
			_, err := s.putPort(s.ids["e0"], 22, TCP)
			return err
		},
		"a stranger's get":    func() error { _, err := s.GetPort(t.Context(), stranger, GetPortInput{ID: there}); return err },
		"a stranger's delete": func() error { return s.DeletePort(t.Context(), stranger, DeletePortInput{ID: there}) },
		"a stranger's put": func() error {
			_, err := s.UpdatePort(t.Context(), stranger, UpdatePortInput{ID: there, Body: PortState{PortFacts: PortFacts{Number: 1, Protocol: TCP}}})
			return err
		},
		"a stranger's post": func() error { _, err := s.CreatePort(t.Context(), stranger, s.newPort(1, TCP)); return err },
	} {
		s.refused(name, fault.NotFound, "", operation)
	}
}

func TestAPortIsOnceAHostAndProtocol(t *testing.T) {
	s := newSite(t)
	taken := s.openPort(53, TCP)
	other := s.openPort(53, UDP)
	s.refused("a second one", fault.Invalid, "duplicate_port", func() error {
		_, err := s.CreatePort(t.Context(), ann, s.newPort(53, TCP))
		return err
	})
	s.refused("another one that would be it", fault.Invalid, "duplicate_port", func() error { _, err := s.putPort(other.ID, 53, TCP); return err })
	in := s.newPort(53, TCP)
	in.Body.HostID = UUID(s.other.ID)
	if _, err := s.CreatePort(t.Context(), ann, in); err != nil {
		t.Errorf("on another host: %v", err)
	}
	s.must(s.DeletePort(t.Context(), ann, DeletePortInput{ID: UUID(taken.ID)}))
	if _, err := s.putPort(other.ID, 53, TCP); err != nil {
		t.Errorf("when it is free again: %v", err)
	}
}

// parentless are bodies that name no place where something could be.
func (s *site) parentless() map[string]struct {
	host, network UUID
	kind          fault.Kind
	code          string
} {
	away := newID()
	_, err := s.timeline.CreateScope(s.Context(), networkScope(ann.Workspace, away), nil, actorOf(ann))
	s.must(err)
	return map[string]struct {
		host, network UUID
		kind          fault.Kind
		code          string
	}{
		"a host of nothing":            {UUID(newID()), UUID(s.network), fault.NotFound, ""},
		"the id of a port as a host":   {UUID(s.ids["p80"]), UUID(s.network), fault.NotFound, ""},
		"a network of nothing":         {UUID(s.host.ID), UUID(newID()), fault.NotFound, ""},
		"a host on another network":    {UUID(s.host.ID), UUID(away), fault.Invalid, "host_on_another_network"},
		"a host as its own network":    {UUID(s.host.ID), UUID(s.host.ID), fault.NotFound, ""},
		"nothing on a network of none": {UUID(newID()), UUID(newID()), fault.NotFound, ""},
	}
}

func TestAPortNeedsItsHostInItsNetworkAndStaysThere(t *testing.T) {
	s := newSite(t)
	for name, c := range s.parentless() {
		s.refused(name, c.kind, c.code, func() error {
			_, err := s.CreatePort(t.Context(), ann, CreatePortInput{NewPort{c.host, c.network, PortFacts{Number: 1, Protocol: TCP}}})
			return err
		})
		code := c.code
		if c.kind == fault.Invalid {
			code = "stays_on_host"
		}
		s.refused("PUT: "+name, c.kind, code, func() error {
			_, err := s.UpdatePort(t.Context(), ann, UpdatePortInput{ID: UUID(s.ids["p443"]), Body: PortState{Stays{&c.host, &c.network}, PortFacts{Number: 1, Protocol: TCP}}})
			return err
		})
	}
	elsewhere := *s.world
	elsewhere.network = s.makeNetwork()
	away := busy(1)
	elsewhere.put(away)
	for name, stays := range map[string]Stays{
		"another host": {HostID: new(UUID(s.other.ID))}, "another host of the network": {new(UUID(s.other.ID)), new(UUID(s.network))},
		"another network": {NetworkID: new(UUID(away.NetworkID))}, "a host of another network": {HostID: new(UUID(away.ID))},
		"another network with its host": {new(UUID(away.ID)), new(UUID(away.NetworkID))},
	} {
		s.refused(name, fault.Invalid, "stays_on_host", func() error {
			_, err := s.UpdatePort(t.Context(), ann, UpdatePortInput{ID: UUID(s.ids["p443"]), Body: PortState{stays, PortFacts{Number: 1, Protocol: TCP}}})
			return err
		})
	}
	if _, err := s.UpdatePort(t.Context(), ann, UpdatePortInput{ID: UUID(s.ids["p443"]), Body: PortState{Stays{new(UUID(s.host.ID)), new(UUID(s.network))}, PortFacts{Number: 1, Protocol: TCP}}}); err != nil {
		t.Errorf("its own place: %v", err)
	}
}

func TestAPortTakesItsBindingsWithIt(t *testing.T) {
	s := newSite(t)
	bound := s.created("bound", "P(p80,e0) P(p443)")
	everywhere := s.created("everywhere", "P(p80,e1) I(e0)")
	aside := s.created("aside", "I(e1)")
	then := s.instant()
	s.tick()
	s.must(s.DeletePort(t.Context(), ann, DeletePortInput{ID: UUID(s.ids["p80"])}))
	for _, c := range []struct {
		was   Service
		binds string
		moved bool
	}{{bound, "P(p443)", true}, {everywhere, "I(e0)", true}, {aside, "I(e1)", false}} {
		got := s.service(c.was.ID)
		want := c.was.UpdatedAt
		if c.moved {
			want = s.instant()
		}
		if s.shown(got.Bindings) != c.binds || got.UpdatedAt != want {
			t.Errorf("%s binds %s since %v", got.Name, s.shown(got.Bindings), got.UpdatedAt)
		}
		was, err := s.GetService(t.Context(), ann, GetServiceInput{ID: UUID(c.was.ID), At: &then})
		if err != nil || !reflect.DeepEqual(was, c.was) {
			t.Errorf("%s was %+v, %v", got.Name, was, err)
		}
	}
	if h := s.find(s.host.ID, nil); h.UpdatedAt != s.host.UpdatedAt {
		t.Error("the host's time moved")
	}
	if again := s.openPort(80, TCP); again.ID == s.ids["p80"] {
		t.Error("a port has the id of one that was")
	}
}

func TestTheBodyOfAPortIsHeldToItsMembers(t *testing.T) {
	for body, good := range map[string]bool{
		`{` + someOf + `,"number":1,"protocol":"Tcp"}`:                                                    true,
		`{` + someOf + `,"number":65535,"protocol":"Udp"}`:                                                true,
		`{` + someOf + `,"number":80,"protocol":"Tcp","id":"x","type":"Custom","created_at":5,"more":[]}`: true,
		`{` + someOf + `,"number":0,"protocol":"Tcp"}`:                                                    false,
		`{` + someOf + `,"number":65536,"protocol":"Tcp"}`:                                                false,
		`{` + someOf + `,"number":-1,"protocol":"Tcp"}`:                                                   false,
		`{` + someOf + `,"number":80.5,"protocol":"Tcp"}`:                                                 false,
		`{` + someOf + `,"number":"80","protocol":"Tcp"}`:                                                 false,
		`{` + someOf + `,"number":null,"protocol":"Tcp"}`:                                                 false,
		`{` + someOf + `,"number":18446744073709551617,"protocol":"Tcp"}`:                                 false,
		`{` + someOf + `,"number":80,"protocol":"tcp"}`:                                                   false,
		`{` + someOf + `,"number":80,"protocol":"Sctp"}`:                                                  false,
		`{` + someOf + `,"number":80}`:                                                                    false,
		`{` + someOf + `,"protocol":"Tcp"}`:                                                               false,
		`{"number":80,"protocol":"Tcp"}`:                                                                  false,
		`{"host_id":"` + someID + `","number":80,"protocol":"Tcp"}`:                                       false,
		`[]`: false, ``: false, `{`: false,
	} {
		if _, err := decoded[NewPort](t, body); (err == nil) != good {
			t.Errorf("%s: %v", body, err)
		}
	}
	for body, good := range map[string]bool{
		`{` + someOf + `,"number":80,"protocol":"Tcp","updated_at":1}`:               true,
		`{"number":80,"protocol":"Tcp"}`:                                             true,
		`{"number":80}`:                                                              false,
		`{"protocol":"Udp"}`:                                                         false,
		`{"number":80,"protocol":"Tcp","host_id":"{` + someID + `}"}`:                false,
		`{"number":80,"protocol":"Tcp","network_id":null}`:                           false,
		`{"number":80,"protocol":"Tcp","host_id":"` + strings.ToUpper(someID) + `"}`: true,
	} {
		if _, err := decoded[PortState](t, body); (err == nil) != good {
			t.Errorf("PUT %s: %v", body, err)
		}
	}
}

func TestPortsAreListedByHostAndNetworkNowAndThen(t *testing.T) {
	s := newSite(t)
	ssh := s.openPort(22, TCP)
	then := s.instant()
	dns := s.openPort(53, UDP)
	s.must(s.DeletePort(t.Context(), ann, DeletePortInput{ID: UUID(ssh.ID)}))
	first := "80 81" // made at one instant, so they go by their ids
	if s.ids["p80"] > s.ids["p443"] {
		first = "81 80"
	}
	for _, c := range []struct {
		name  string
		in    ListPortsInput
		want  string
		total int
	}{
		{"all", ListPortsInput{Paging: Paging{Limit: 50}}, first + " 80 53", 4},
		{"of the host", ListPortsInput{PortFilter: PortFilter{HostID: UUID(s.host.ID)}}, first + " 53", 3},
		{"of the host in its network", ListPortsInput{PortFilter: PortFilter{HostID: UUID(s.host.ID), NetworkID: UUID(s.network)}}, first + " 53", 3},
		{"of the host in another network", ListPortsInput{PortFilter: PortFilter{HostID: UUID(s.host.ID), NetworkID: UUID(newID())}}, "", 0},
		{"of a host of nothing", ListPortsInput{PortFilter: PortFilter{HostID: UUID(newID())}}, "", 0},
		{"of the id of a port", ListPortsInput{PortFilter: PortFilter{HostID: UUID(dns.ID)}}, "", 0},
		{"of the network", ListPortsInput{PortFilter: PortFilter{NetworkID: UUID(s.network)}}, first + " 80 53", 4},
		{"of a network of nothing", ListPortsInput{PortFilter: PortFilter{NetworkID: UUID(newID())}}, "", 0},
		{"with ids", ListPortsInput{PortFilter: PortFilter{Filter: Filter{IDs: []UUID{UUID(dns.ID), UUID(ssh.ID), UUID(s.ids["p443"])}}}}, "81 53", 2},
		{"then", ListPortsInput{PortFilter: PortFilter{Filter: Filter{At: &then}, HostID: UUID(s.host.ID)}}, first + " 22", 3},
		{"a page", ListPortsInput{Paging: Paging{Limit: 2, Offset: 1}, PortFilter: PortFilter{HostID: UUID(s.host.ID)}}, first[3:] + " 53", 3},
		{"beyond the last", ListPortsInput{Paging: Paging{Limit: 2, Offset: 9}}, "", 4},
	} {
		list, err := s.ListPorts(t.Context(), ann, c.in)
		s.must(err)
		var numbers []string
		for _, p := range list.Items {
			numbers = append(numbers, fmt.Sprint(p.Number))
		}
		if got := strings.Join(numbers, " "); got != c.want || list.Total != c.total {
			t.Errorf("%s: %s of %d", c.name, got, list.Total)
		}
	}
	if list, err := s.ListPorts(t.Context(), tenant.Principal{Workspace: "other"}, ListPortsInput{PortFilter: PortFilter{HostID: UUID(s.host.ID)}}); err != nil || list.Total != 0 {
		t.Errorf("a stranger sees %+v, %v", list, err)
	}
}

func TestManyPortsAreClosedAtOnceWithWhatBindsThem(t *testing.T) {
	s := newSite(t)
	bound := s.created("bound", "P(p80,e0) P(p443)")
	far := UUID(s.ids["px"])
	gone := UUID(s.openPort(22, TCP).ID)
	s.must(s.DeletePort(t.Context(), ann, DeletePortInput{ID: gone}))
	s.tick()
	ids := []UUID{UUID(s.ids["p80"]), far, gone, UUID(newID()), UUID(s.ids["e0"]), UUID(s.ids["p80"]), UUID(s.ids["p443"])}
	got, err := s.BulkDeletePorts(t.Context(), ann, BulkDeleteInput{ids})
	if err != nil || got != (BulkDeleted{3, 7}) {
		t.Errorf("it did %+v, %v", got, err)
	}
	service := s.service(bound.ID)
	if len(service.Bindings) != 0 || service.UpdatedAt != s.instant() {
		t.Errorf("the service is %+v", service)
	}
	if list, err := s.ListPorts(t.Context(), ann, ListPortsInput{}); err != nil || list.Total != 0 {
		t.Errorf("left are %+v, %v", list, err)
	}
	s.refused("again", -1, "", func() error {
		got, err := s.BulkDeletePorts(t.Context(), ann, BulkDeleteInput{ids})
		if got.DeletedCount != 0 {
			t.Errorf("again it did %+v", got)
		}
		return err
	})
}
