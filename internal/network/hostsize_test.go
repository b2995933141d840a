package network

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"almanac/internal/fault"
	"almanac/internal/shape"
	"almanac/internal/store"
)

// rack is what is sent of a host with ports and services, each of which binds
// one port on one of two interfaces, or on all.
func rack(ports, services int) HostParts {
	var p HostParts
	lan := UUID("$lan")
	for i := range 2 {
		p.Interfaces = append(p.Interfaces, SentInterface{ID: new(UUID(newID())), InterfaceFacts: InterfaceFacts{
			SubnetID: lan, IPAddress: IP(fmt.Sprint("10.0.3.", i+1)), MACAddress: new(MAC("52:54:00:12:34:56")), Name: new(fmt.Sprint("eth", i)),
		}})
	}
	for i := range ports {
		p.Ports = append(p.Ports, SentPort{new(UUID(newID())), PortFacts{Number: 1000 + i, Protocol: TCP}})
	}
	for i := range services {
		b := SentBinding{Type: OnPort, PortID: p.Ports[i].ID}
		if i%2 == 0 {
			b.InterfaceID = p.Interfaces[0].ID
		}
		p.Services = append(p.Services, SentService{
			ID: new(UUID(newID())), ServiceFacts: ServiceFacts{ServiceDefinition: definitions()[i%len(definitions())].ID, Name: fmt.Sprint("service-", i)},
			Bindings: []SentBinding{b},
		})
	}
	return p
}

func (s *site) sendRack(p HostParts) (Host, error) {
	for i := range p.Interfaces {
		p.Interfaces[i].SubnetID = UUID(s.ids["lan"])
	}
	s.tick()
	return s.CreateHost(s.Context(), ann, CreateHostInput{NewHost{NetworkID: UUID(s.network), HostFacts: HostFacts{Name: "rack"}, HostParts: p}})
}

func TestAHostWith160PortsAnd100ServicesIsMadeReadAndReplaced(t *testing.T) {
	s := withLan(t)
	made, err := s.sendRack(rack(160, 100))
	s.must(err)
	if got := s.hostNow(made.ID); len(got.Ports) != 160 || len(got.Services) != 100 || len(got.Services[99].Bindings) != 1 {
		t.Errorf("it has %d ports and %d services", len(got.Ports), len(got.Services))
	}
	// Each service takes the port of the next one.
	var parts HostParts
	for i, service := range made.Services {
		parts.Services = append(parts.Services, SentService{
			ID: new(UUID(service.ID)), ServiceFacts: ServiceFacts{ServiceDefinition: service.ServiceDefinition, Name: service.Name},
			Bindings: []SentBinding{{Type: OnPort, PortID: new(UUID(made.Services[(i+1)%100].Bindings[0].PortID))}},
		})
	}
	s.tick()
	got, err := s.UpdateHost(t.Context(), ann, UpdateHostInput{ID: UUID(made.ID), Body: HostState{HostFacts: HostFacts{Name: "rack"}, HostParts: parts}})
	if err != nil || got.Services[0].Bindings[0].PortID != made.Services[1].Bindings[0].PortID || len(got.Ports) != 160 {
		t.Errorf("%v", err)
	}
}

// mostServices is how many services with a port each fit a host: what the docs say.
const mostServices = 1100

func TestAHostThatIsTooLargeIsABadRequestThatNamesTheLimit(t *testing.T) {
	s := withLan(t)
	made, err := s.sendRack(rack(mostServices, mostServices))
	s.must(err)
	s.refused("twice as much", fault.Invalid, "host_too_large", func() error {
		parts := rack(2*mostServices, 2*mostServices)
		before := s.pointersNow(string(*parts.Ports[0].ID))
		_, err := s.sendRack(parts)
		if left := s.pointersNow(string(*parts.Ports[0].ID)) - before; left > 0 {
			t.Errorf("it leaves %d pointers", left)
		}
		if !strings.Contains(fault.Of(err).Details, "393216 bytes") {
			t.Errorf("it says %q", fault.Of(err).Details)
		}
		return err
	})
	s.refused("twice as many services", fault.Invalid, "host_too_large", func() error {
		parts := rack(mostServices, mostServices)
		for i := range parts.Services {
			parts.Services[i].Bindings, parts.Services[i].Name = nil, strings.Repeat("x", 100)
		}
		parts.Services = append(parts.Services, rack(mostServices, mostServices).Services...)
		for i := range parts.Services {
			parts.Services[i].Bindings = nil
		}
		_, err := s.UpdateHost(t.Context(), ann, UpdateHostInput{ID: UUID(made.ID), Body: HostState{HostFacts: HostFacts{Name: "rack"}, HostParts: HostParts{Services: parts.Services}}})
		return err
	})
	// How many fit is found by trying.
	fit := 0
	for step := 1024; step > 0; step /= 2 {
		parts := rack(fit+step, fit+step)
		h, err := (NewHost{HostParts: parts}).host(newID())
		s.must(err)
		h.tidy()
		h.stamp(nil, &Host{}, s.instant())
		body, err := encodeHost(h)
		s.must(err)
		if len(body) <= 384<<10 {
			fit += step
		}
	}
	t.Logf("%d services with a port and a binding each fit a host", fit)
	if fit < mostServices || fit > mostServices+200 {
		t.Errorf("%d fit", fit)
	}
}

// What the operations cost in DynamoDB's units: strong reads of 4 KB and
// transactional writes of 1 KB.
func TestUnitsOfHosts(t *testing.T) {
	s := withLan(t)
	assert := func(what string, reads, writes float64, operation func(ctx context.Context) error) {
		t.Helper()
		s.tick()
		ctx, m := store.WithMeter(t.Context())
		s.must(operation(ctx))
		t.Logf("%-62s %4.0f read units, %3.0f write units, %d calls", what, m.ReadUnits, m.WriteUnits, m.Calls)
		if m.ReadUnits > reads || m.WriteUnits > writes {
			t.Errorf("%s costs %v read and %v write units, at most %v and %v are allowed", what, m.ReadUnits, m.WriteUnits, reads, writes)
		}
	}
	var h Host
	create := func(parts HostParts) func(context.Context) error {
		for i := range parts.Interfaces {
			parts.Interfaces[i].SubnetID = UUID(s.ids["lan"])
		}
		return func(ctx context.Context) error {
			var err error
			h, err = s.CreateHost(ctx, ann, CreateHostInput{NewHost{NetworkID: UUID(s.network), HostFacts: HostFacts{Name: "rack"}, HostParts: parts}})
			return err
		}
	}
	assert("create a bare host", 2, 8, create(HostParts{}))
	parts := rack(50, 50)
	assert("create a host with 50 services, whose ids are sent", 105, 221, create(parts))
	for i := range parts.Services {
		parts.Services[i].ID, parts.Services[i].Bindings = nil, nil
	}
	for i := range parts.Ports {
		parts.Ports[i].ID = nil
	}
	for i := range parts.Interfaces {
		parts.Interfaces[i].ID = nil
	}
	assert("create a host with 50 services", 3, 13, create(parts))
	assert("get it", 2, 0, func(ctx context.Context) error {
		_, err := s.GetHost(ctx, ann, GetHostInput{ID: UUID(h.ID)})
		return err
	})
	put := UpdateHostInput{ID: UUID(h.ID), Body: HostState{HostFacts: HostFacts{Name: "rack"}}}
	for _, service := range h.Services {
		put.Body.Services = append(put.Body.Services, SentService{
			ID: new(UUID(service.ID)), ServiceFacts: ServiceFacts{ServiceDefinition: service.ServiceDefinition, Name: service.Name, Catalog: shape.Field[CatalogRef]{}},
		})
	}
	assert("a PUT of it with 50 services that changes nothing", 4, 0, func(ctx context.Context) error { _, err := s.UpdateHost(ctx, ann, put); return err })
	for i := range put.Body.Services {
		put.Body.Services[i].Name += "-renamed"
	}
	assert("a PUT of it with 50 services that all change", 4, 18, func(ctx context.Context) error { _, err := s.UpdateHost(ctx, ann, put); return err })
	other := h.ID
	assert("create another one", 2, 11, create(HostParts{Services: parts.Services}))
	assert("consolidate two hosts with 50 services each", 8, 34, func(ctx context.Context) error {
		_, err := s.ConsolidateHosts(ctx, ann, ConsolidateHostsInput{Destination: UUID(h.ID), Other: UUID(other)})
		return err
	})
	assert("delete a host with 100 services", 5, 24, func(ctx context.Context) error { return s.DeleteHost(ctx, ann, DeleteHostInput{ID: UUID(h.ID)}) })
	for range 100 {
		s.put(busy(10))
	}
	assert("list 100 hosts with 10 services each", 35, 0, func(ctx context.Context) error {
		list, err := s.ListHosts(ctx, ann, ListHostsInput{HostFilter: HostFilter{NetworkID: UUID(s.network)}})
		if list.Total < 100 {
			t.Errorf("listed are %d", list.Total)
		}
		return err
	})
}
