package network

import (
	"context"
	"fmt"
	"testing"

	"almanac/internal/store"
)

// What the operations cost in DynamoDB's units: strong reads of 4 KB and
// transactional writes of 1 KB.
func TestUnitsOfPortsInterfacesAndSubnets(t *testing.T) {
	w := setUp(t)
	office := w.makeSubnet("office", "10.0.0.0/16")
	h := busy(20)
	for i := range h.Interfaces {
		h.Interfaces[i].SubnetID = office.ID
	}
	w.put(h)
	assert := func(what string, reads, writes float64, operation func(ctx context.Context) error) {
		t.Helper()
		w.tick()
		ctx, m := store.WithMeter(t.Context())
		w.must(operation(ctx))
		t.Logf("%-50s %4.0f read units, %3.0f write units, %d calls", what, m.ReadUnits, m.WriteUnits, m.Calls)
		if m.ReadUnits > reads || m.WriteUnits > writes {
			t.Errorf("%s costs %v read and %v write units, at most %v and %v are allowed", what, m.ReadUnits, m.WriteUnits, reads, writes)
		}
	}
	var port Port
	facts := PortFacts{Number: 22, Protocol: TCP}
	assert("open a port of a host of 20 services", 6, 36, func(ctx context.Context) (err error) {
		port, err = w.CreatePort(ctx, ann, CreatePortInput{NewPort{UUID(h.ID), UUID(w.network), facts}})
		return err
	})
	assert("get a port", 3, 0, func(ctx context.Context) error {
		_, err := w.GetPort(ctx, ann, GetPortInput{ID: UUID(port.ID)})
		return err
	})
	assert("a PUT of a port that changes nothing", 6, 0, func(ctx context.Context) error {
		_, err := w.UpdatePort(ctx, ann, UpdatePortInput{ID: UUID(port.ID), Body: PortState{PortFacts: facts}})
		return err
	})
	facts.Number = 2222
	assert("a PUT of a port", 6, 36, func(ctx context.Context) error {
		_, err := w.UpdatePort(ctx, ann, UpdatePortInput{ID: UUID(port.ID), Body: PortState{PortFacts: facts}})
		return err
	})
	assert("delete a port that is bound", 6, 36, func(ctx context.Context) error {
		return w.DeletePort(ctx, ann, DeletePortInput{ID: UUID(h.Ports[3].ID)})
	})
	var i Interface
	address := InterfaceFacts{SubnetID: UUID(office.ID), IPAddress: "10.0.7.7"}
	assert("make an interface", 7, 34, func(ctx context.Context) (err error) {
		i, err = w.CreateInterface(ctx, ann, CreateInterfaceInput{NewInterface{UUID(h.ID), UUID(w.network), address}})
		return err
	})
	assert("get an interface", 3, 0, func(ctx context.Context) error {
		_, err := w.GetInterface(ctx, ann, GetInterfaceInput{ID: UUID(i.ID)})
		return err
	})
	address.Name = new("eth2")
	assert("a PUT of an interface at its address", 6, 36, func(ctx context.Context) error {
		_, err := w.UpdateInterface(ctx, ann, UpdateInterfaceInput{ID: UUID(i.ID), Body: InterfaceState{InterfaceFacts: address}})
		return err
	})
	address.IPAddress = "10.0.7.8"
	assert("a PUT of an interface at another address", 7, 36, func(ctx context.Context) error {
		_, err := w.UpdateInterface(ctx, ann, UpdateInterfaceInput{ID: UUID(i.ID), Body: InterfaceState{InterfaceFacts: address}})
		return err
	})
	assert("delete an interface that is bound", 6, 36, func(ctx context.Context) error {
		return w.DeleteInterface(ctx, ann, DeleteInterfaceInput{ID: UUID(h.Interfaces[0].ID)})
	})
	for n := range 18 {
		w.makeSubnet(fmt.Sprint(n), fmt.Sprintf("10.%d.0.0/16", n+1))
	}
	var lab Subnet
	assert("make the 20th subnet of a network", 4, 16, func(ctx context.Context) (err error) {
		lab, err = w.CreateSubnet(ctx, ann, w.newSubnet("10.99.0.0/16"))
		return err
	})
	assert("get a subnet", 2, 0, func(ctx context.Context) error {
		_, err := w.GetSubnet(ctx, ann, GetSubnetInput{ID: UUID(lab.ID)})
		return err
	})
	assert("list 20 subnets", 5, 0, func(ctx context.Context) error {
		list, err := w.ListSubnets(ctx, ann, ListSubnetsInput{SubnetFilter: SubnetFilter{NetworkID: UUID(w.network)}})
		if list.Total != 20 {
			t.Errorf("listed are %d", list.Total)
		}
		return err
	})
	put := func(name, cidr string) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			_, err := w.UpdateSubnet(ctx, ann, UpdateSubnetInput{ID: UUID(lab.ID), Body: SubnetState{SubnetFacts: SubnetFacts{Name: name, CIDR: CIDR(cidr)}}})
			return err
		}
	}
	assert("a PUT of a subnet that changes nothing", 3, 0, put("new", "10.99.0.0/16"))
	assert("a PUT of a subnet's name", 3, 8, put("lab", "10.99.0.0/16"))
	assert("a PUT of a subnet's range to a wider one", 4, 16, put("lab", "10.98.0.0/15"))
	for range 49 {
		w.put(busy(20))
	}
	assert("a PUT of a subnet's range to another one, 50 hosts", 97, 16, put("lab", "10.97.0.0/16"))
	assert("delete a subnet of one of 50 hosts", 100, 42, func(ctx context.Context) error {
		return w.DeleteSubnet(ctx, ann, DeleteSubnetInput{ID: UUID(office.ID)})
	})
	assert("list 1000 ports of 50 hosts", 93, 0, func(ctx context.Context) error {
		list, err := w.ListPorts(ctx, ann, ListPortsInput{PortFilter: PortFilter{NetworkID: UUID(w.network)}})
		if list.Total != 1000 {
			t.Errorf("listed are %d", list.Total)
		}
		return err
	})
	assert("list the interfaces of a host", 3, 0, func(ctx context.Context) error {
		_, err := w.ListInterfaces(ctx, ann, ListInterfacesInput{InterfaceFilter: InterfaceFilter{HostID: UUID(h.ID)}})
		return err
	})
}
