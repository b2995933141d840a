package network

import (
	"reflect"
	"strings"
	"testing"

	"almanac/internal/fault"
	"almanac/internal/tenant"
)

func (s *site) consolidate(destination, other string) (Host, error) {
	s.tick()
	return s.ConsolidateHosts(s.Context(), ann, ConsolidateHostsInput{Destination: UUID(destination), Other: UUID(other)})
}

func TestWhatIsOnTheOtherHostGoesToTheDestinationUnderItsIds(t *testing.T) {
	s := withLan(t)
	to := s.newHost(oneTier + `,"hostname":"to"`)
	from := s.newHost(`,"hostname":"from","description":"d","interfaces":[{"id":"$eth9","subnet_id":"$lan","ip_address":"10.0.3.9"}],
		"ports":[{"number":9,"protocol":"Tcp"},{"id":"$udp1","number":1,"protocol":"Udp"}],
		"services":[{"id":"$d","service_definition":"Caddy","name":"d","bindings":[{"type":"Port","port_id":"$udp1","interface_id":"$eth9"}]},{"service_definition":"Caddy","name":"e"}]`)
	s.ids["made"], s.ids["e"], s.ids["bound"] = from.Ports[1].ID, from.Services[1].ID, from.Services[0].Bindings[0].ID
	then := s.instant()
	got, err := s.consolidate(to.ID, from.ID)
	s.must(err)
	if want := "eth0 eth1 eth9 | p1 udp1 p2 p3 made | a(p1) b(p2@eth0 p3@eth1) c(eth0) d(udp1@eth9) e()"; s.shape(got) != want {
		t.Errorf("it is   %s\nand not %s", s.shape(got), want)
	}
	if got.ID != to.ID || *got.Hostname != "to" || got.Description != nil || got.UpdatedAt != to.UpdatedAt {
		t.Errorf("the destination is %+v", got)
	}
	if !reflect.DeepEqual(s.hostNow(to.ID), got) {
		t.Errorf("stored is %+v", s.hostNow(to.ID))
	}
	if d := got.service(s.ids["d"]); d.CreatedAt != from.CreatedAt || d.UpdatedAt != s.instant() || d.HostID != to.ID || d.Position != 3 || d.Bindings[0].ID != s.ids["bound"] {
		t.Errorf("a service that came is %+v", d)
	}
	if a := got.service(s.ids["a"]); !reflect.DeepEqual(a, to.service(s.ids["a"])) {
		t.Errorf("a service that was there is %+v", a)
	}
	if _, err := s.GetHost(t.Context(), ann, GetHostInput{ID: UUID(from.ID)}); kindOf(err) != fault.NotFound {
		t.Errorf("the other is still there: %v", err)
	}
	for _, name := range []string{"eth9", "udp1", "made", "d", "e", "bound"} {
		if h := s.find(s.ids[name], nil); h == nil || h.ID != to.ID {
			t.Errorf("%s leads to %+v", name, h)
		}
		if h := s.find(s.ids[name], &then); h == nil || h.ID != from.ID {
			t.Errorf("%s led to %+v", name, h)
		}
	}
	// And on from there, with what had come before.
	last := s.newHost("")
	got, err = s.consolidate(last.ID, to.ID)
	s.must(err)
	for id := range got.ids() {
		if h := s.find(id, nil); h == nil || h.ID != last.ID {
			t.Errorf("%s leads to %+v", id, h)
		}
	}
	if len(got.Interfaces) != 3 || len(got.Ports) != 5 || len(got.Services) != 5 {
		t.Errorf("it is %s", s.shape(got))
	}
}

func TestAPortAndAnAddressThatBothHostsHaveBecomeTheDestinations(t *testing.T) {
	s := withLan(t)
	to := s.newHost(`,"interfaces":[{"id":"$eth0","subnet_id":"$lan","ip_address":"10.0.3.1"}],"ports":[{"id":"$p1","number":1,"protocol":"Tcp"},{"id":"$p2","number":2,"protocol":"Tcp"}],
		"services":[{"id":"$a","service_definition":"Caddy","name":"a","bindings":[{"type":"Port","port_id":"$p1","interface_id":"$eth0"}]}]`)
	from := s.newHost(`,"interfaces":[{"id":"$same","subnet_id":"$lan","ip_address":"10.0.3.1"},{"id":"$eth1","subnet_id":"$lan","ip_address":"10.0.3.2"}],
		"ports":[{"id":"$same1","number":1,"protocol":"Tcp"},{"id":"$same2","number":2,"protocol":"Tcp"}],
		"services":[{"id":"$b","service_definition":"Caddy","name":"b","bindings":[{"type":"Port","port_id":"$same1","interface_id":"$eth1"},{"type":"Port","port_id":"$same2","interface_id":"$same"}]},
			{"id":"$c","service_definition":"Caddy","name":"c","bindings":[{"type":"Interface","interface_id":"$same"}]}]`)
	got, err := s.consolidate(to.ID, from.ID)
	s.must(err)
	if want := "eth0 eth1 | p1 p2 | a(p1@eth0) b(p1@eth1 p2@eth0) c(eth0)"; s.shape(got) != want {
		t.Errorf("it is   %s\nand not %s", s.shape(got), want)
	}
	for _, name := range []string{"same", "same1"} {
		if h := s.find(s.ids[name], nil); h != nil {
			t.Errorf("%s leads to %+v", name, h)
		}
	}
}

func TestHostsThatCannotBeOneStayTwo(t *testing.T) {
	s := withLan(t)
	away := &world{T: t, Inventory: s.Inventory, network: newID(), now: s.now}
	_, err := s.timeline.CreateScope(t.Context(), networkScope(ann.Workspace, away.network), nil, actorOf(ann))
	s.must(err)
	far := busy(1)
	away.put(far)
	to := s.newHost(oneTier)
	rival := s.newHost(`,"ports":[{"id":"$mine","number":1,"protocol":"Tcp"}],"services":[{"service_definition":"Caddy","name":"rival","bindings":[{"type":"Port","port_id":"$mine"}]}]`)
	// Each takes more than half of what a host may.
	var large [2]Host
	for i := range large {
		large[i] = s.newHost("")
		s.must(s.change(large[i].ID, func(h *Host) {
			for i := range 1100 {
				h.Services = append(h.Services, Service{ID: newIDOn(h.ID), ServiceDefinition: "Caddy", Name: strings.Repeat("x", 100), Source: manual, Tags: []string{}, Bindings: []Binding{}, Position: i})
			}
		}))
	}
	for _, c := range []struct {
		name, destination, other string
		kind                     fault.Kind
		code                     string
	}{
		{"two services claim one port", to.ID, rival.ID, fault.Invalid, "binding_claim"},
		{"two networks", to.ID, far.ID, fault.Invalid, "host_on_another_network"},
		{"a host and itself", to.ID, to.ID, fault.Invalid, "same_host"},
		{"a destination of nothing", newID(), to.ID, fault.NotFound, ""},
		{"another of nothing", to.ID, newID(), fault.NotFound, ""},
		{"a port as a host", to.ID, s.ids["mine"], fault.NotFound, ""},
		{"two that are too large together", large[0].ID, large[1].ID, fault.Invalid, "host_too_large"},
	} {
		s.refused(c.name, c.kind, c.code, func() error { _, err := s.consolidate(c.destination, c.other); return err })
	}
	stranger := tenant.Principal{Workspace: "other", ID: "k", Role: tenant.Owner}
	s.refused("another workspace's", fault.NotFound, "", func() error {
		_, err := s.ConsolidateHosts(t.Context(), stranger, ConsolidateHostsInput{Destination: UUID(to.ID), Other: UUID(rival.ID)})
		return err
	})
}
