package network

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"almanac/internal/fault"
	"almanac/internal/store"
)

// Four swap the ports of two services in one request, while four try to get one
// of the ports for services of their own: none ever can, in no read.
func TestServicesThatSwapTheirPortsUnderClaimsAlwaysHoldBoth(t *testing.T) {
	whereWritersMeet(t, raceOfSwaps)
}

func raceOfSwaps(t *testing.T, on store.Store) {
	s := newSiteOn(t, on)
	a, b := s.created("a", "P(p80)"), s.created("b", "P(p443)")
	swap := func(ports ...string) UpdateHostInput {
		in := UpdateHostInput{ID: UUID(s.host.ID), Body: HostState{HostFacts: HostFacts{Name: "H"}}}
		for i, service := range []Service{a, b} {
			in.Body.Services = append(in.Body.Services, SentService{
				ID: new(UUID(service.ID)), ServiceFacts: ServiceFacts{ServiceDefinition: "Caddy", Name: service.Name}, Bindings: s.bindings(ports[i]),
			})
		}
		return in
	}
	swaps := []UpdateHostInput{swap("P(p80)", "P(p443)"), swap("P(p443)", "P(p80)")}
	claims := []CreateServiceInput{s.input("thief", "P(p80,e0)"), s.input("thief", "P(p443)")}
	s.race(9, func(n int) {
		own := s.process()
		for round := range 6 {
			switch {
			case n == 8:
				h, err := own.GetHost(t.Context(), ann, GetHostInput{ID: UUID(s.host.ID)})
				var held []string
				for _, service := range h.Services {
					for _, b := range service.Bindings {
						held = append(held, b.PortID)
					}
				}
				slices.Sort(held)
				if len(slices.Compact(held)) != 2 || err != nil {
					t.Errorf("a read shows %+v, %v", h.Services, err)
				}
			case n%2 == 0:
				if _, err := own.UpdateHost(t.Context(), ann, swaps[(n/2+round)%2]); err != nil {
					t.Errorf("a swap: %v", err)
				}
			default:
				if _, err := own.CreateService(t.Context(), ann, claims[round%2]); kindOf(err) != fault.Invalid || fault.Of(err).Code != "binding_claim" {
					t.Errorf("a claim: %v", err)
				}
			}
		}
	})
}

// Hosts go while others put things on them, and move them there.
func TestHostsThatGoUnderTheirWritersLeaveNoOrphan(t *testing.T) {
	whereWritersMeet(t, raceForHosts)
}

func raceForHosts(t *testing.T, on store.Store) {
	s := newSiteOn(t, on)
	var hosts []Host
	for n := range 4 {
		h, err := s.CreateHost(t.Context(), ann, CreateHostInput{NewHost{UUID(s.network), HostFacts{Name: fmt.Sprint("h", n)}, HostParts{Ports: []SentPort{{PortFacts: PortFacts{Number: 80, Protocol: TCP}}}}}})
		s.must(err)
		hosts = append(hosts, h)
	}
	mover := s.created("mover", "")
	var deleted atomic.Int64
	s.race(8, func(n int) {
		own := s.process()
		for round, h := range hosts {
			var err error
			switch n % 4 {
			case 0:
				if err = own.DeleteHost(t.Context(), ann, DeleteHostInput{ID: UUID(h.ID)}); err == nil {
					deleted.Add(1)
				}
			case 1:
				in := s.input(fmt.Sprint("on ", round), "")
				in.Body.HostID = UUID(h.ID)
				in.Body.Bindings = []SentBinding{{Type: OnPort, PortID: new(UUID(h.Ports[0].ID))}}
				_, err = own.CreateService(t.Context(), ann, in)
			case 2:
				_, err = own.CreatePort(t.Context(), ann, CreatePortInput{NewPort{HostID: UUID(h.ID), NetworkID: UUID(s.network), PortFacts: PortFacts{Number: 443, Protocol: TCP}}})
			default:
				move := stateOf(mover)
				move.Body.HostID = UUID(h.ID)
				_, err = own.UpdateService(t.Context(), ann, move)
			}
			if kind := kindOf(err); err != nil && kind != fault.NotFound && kind != fault.Invalid {
				t.Errorf("writer %d: %v", n, err)
			}
		}
	})
	if deleted.Load() != int64(len(hosts)) {
		t.Errorf("%d deletes found %d hosts", deleted.Load(), len(hosts))
	}
	services, err := s.ListServices(t.Context(), ann, ListServicesInput{})
	s.must(err)
	ports, err := s.ListPorts(t.Context(), ann, ListPortsInput{})
	s.must(err)
	for _, h := range hosts {
		if slices.ContainsFunc(services.Items, func(service Service) bool { return service.HostID == h.ID }) ||
			slices.ContainsFunc(ports.Items, func(p Port) bool { return p.HostID == h.ID }) || s.find(h.Ports[0].ID, nil) != nil {
			t.Errorf("something is left of the host %s", h.ID)
		}
	}
	// The one that moved is where it was last, or gone with that.
	if got := s.find(mover.ID, nil); got != nil && got.ID != s.host.ID {
		t.Errorf("it is on %+v", got)
	}
}
