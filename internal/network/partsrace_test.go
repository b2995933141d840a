package network

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"almanac/internal/fault"
	"almanac/internal/store"
)

// Ports are opened, bound and closed by all at once, and interfaces with them:
// no read shows a binding to what is not there.
func TestPortsAndInterfacesGoUnderThoseWhoBindThem(t *testing.T) {
	onBothStores(t, raceForPlaces)
}

func raceForPlaces(t *testing.T, on store.Store) {
	w := newWiredOn(t, on)
	service := UUID(w.created("web", "").ID)
	var bound atomic.Int64
	w.race(4, func(n int) {
		// Each has a process of its own.
		own := New(w.store, time.Now)
		may := func(what string, err error, kinds ...fault.Kind) bool {
			for _, kind := range kinds {
				if err != nil && kindOf(err) == kind {
					return false
				}
			}
			if err != nil {
				t.Errorf("writer %d: %s: %v", n, what, err)
			}
			return err == nil
		}
		for round := range 4 {
			port, err := own.CreatePort(t.Context(), ann, w.newPort(1000+round, TCP))
			may("open", err, fault.Invalid)
			i, err := own.CreateInterface(t.Context(), ann, w.newInterface(w.facts(w.office, fmt.Sprintf("10.0.%d.%d", n+1, round))))
			if !may("plug", err) {
				return
			}
			ports, err := own.ListPorts(t.Context(), ann, ListPortsInput{PortFilter: PortFilter{HostID: UUID(w.host.ID)}})
			may("list", err)
			for _, p := range ports.Items {
				_, err := own.CreateBinding(t.Context(), ann, CreateBindingInput{NewBinding{service, BindingPlace{Type: OnPort, PortID: new(UUID(p.ID)), InterfaceID: new(UUID(i.ID))}}})
				if may("bind", err, fault.Invalid) {
					bound.Add(1)
				}
			}
			if port.ID != "" {
				may("close", own.DeletePort(t.Context(), ann, DeletePortInput{ID: UUID(port.ID)}))
			}
			if round%2 == n%2 {
				may("unplug", own.DeleteInterface(t.Context(), ann, DeleteInterfaceInput{ID: UUID(i.ID)}))
			}
		}
	})
	if bound.Load() == 0 {
		t.Error("nothing was ever bound")
	}
	if left := len(w.find(w.host.ID, nil).Ports); left != 2 {
		t.Errorf("%d ports are left", left)
	}
}

// Interfaces come into subnets that go at the same time, by one commit or by
// several: in the end none is in a subnet that is not there.
func TestSubnetsGoUnderThoseWhoPlugIntoThem(t *testing.T) {
	for name, hosts := range map[string]int{"by one commit": 4, "by several": mostHosts + 4} {
		t.Run(name, func(t *testing.T) {
			onBothStores(t, func(t *testing.T, on store.Store) { raceForASubnet(t, on, hosts) })
		})
	}
}

func raceForASubnet(t *testing.T, on store.Store, hosts int) {
	w := newCrowdOn(t, on, hosts, 1)
	all := w.hosts()
	s := &site{world: w.world}
	var plugged atomic.Int64
	begun := make(chan struct{})
	begin := sync.OnceFunc(func() { close(begun) })
	s.race(6, func(n int) {
		own := New(w.store, time.Now)
		if n == 0 {
			<-begun
			if err := own.DeleteSubnet(t.Context(), ann, DeleteSubnetInput{ID: UUID(w.subnets[0].ID)}); err != nil {
				t.Error(err)
			}
			return
		}
		defer begin()
		for round := 1; ; round++ {
			h := all[(n+7*round)%len(all)]
			_, err := own.CreateInterface(t.Context(), ann, CreateInterfaceInput{NewInterface{UUID(h.ID), UUID(w.network), InterfaceFacts{
				SubnetID: UUID(w.subnets[0].ID), IPAddress: IP(fmt.Sprintf("10.0.%d.%d", 10*n+round/250, round%250)),
			}}})
			if kindOf(err) == fault.NotFound {
				return
			}
			if err != nil || round == 2000 {
				t.Errorf("writer %d after %d: %v", n, round, err)
				return
			}
			if plugged.Add(1) == 3 {
				begin()
			}
		}
	})
	if shown, interfaces := w.whole(w.head().Updated.At, hosts); shown != 0 || interfaces != 0 {
		t.Errorf("there are %d subnets and %d interfaces left", shown, interfaces)
	}
}

// Of many who would have one range one gets it, and a narrowed range strands
// nobody who plugs in meanwhile.
func TestRangesAreNeverSharedNorInterfacesStranded(t *testing.T) {
	onBothStores(t, raceForRanges)
}

func raceForRanges(t *testing.T, on store.Store) {
	w := newWiredOn(t, on)
	var won atomic.Int64
	w.race(8, func(n int) {
		own := New(w.store, time.Now)
		_, err := own.CreateSubnet(t.Context(), ann, w.newSubnet(fmt.Sprintf("172.16.0.0/%d", 12+n)))
		switch {
		case err == nil:
			won.Add(1)
		case kindOf(err) != fault.Invalid || fault.Of(err).Code != "overlapping_subnets":
			t.Errorf("writer %d: %v", n, err)
		}
		cidr := CIDR("10.0.0.0/16")
		for round := range 6 {
			if n == 0 {
				if cidr = CIDR("10.0.0.0/17"); round%2 == 1 {
					cidr = CIDR("10.0.0.0/16")
				}
				_, err = own.UpdateSubnet(t.Context(), ann, UpdateSubnetInput{ID: UUID(w.office.ID), Body: SubnetState{SubnetFacts: SubnetFacts{Name: "office", CIDR: cidr}}})
				if err != nil && fault.Of(err).Code != "stranded_interface" {
					t.Errorf("the range: %v", err)
				}
				continue
			}
			i, err := own.CreateInterface(t.Context(), ann, w.newInterface(w.facts(w.office, fmt.Sprintf("10.0.200.%d", n))))
			if err != nil {
				if fault.Of(err).Code != "address_outside_subnet" {
					t.Errorf("writer %d: %v", n, err)
				}
				continue
			}
			if err := own.DeleteInterface(t.Context(), ann, DeleteInterfaceInput{ID: UUID(i.ID)}); err != nil && round < 5 {
				t.Errorf("writer %d: %v", n, err)
			}
		}
	})
	if won.Load() != 1 {
		t.Errorf("%d have the range", won.Load())
	}
	office, err := w.GetSubnet(t.Context(), ann, GetSubnetInput{ID: UUID(w.office.ID)})
	w.must(err)
	for _, h := range w.hosts() {
		for _, i := range h.Interfaces {
			if !addressIn(office.CIDR, i.IPAddress) {
				t.Errorf("%s is not in %s", i.IPAddress, office.CIDR)
			}
		}
	}
}
