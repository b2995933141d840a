package network

import (
	"context"
	"fmt"
	"testing"
)

func TestUnitsOfPortsInterfacesAndSubnets(t *testing.T) {
	w := setUp(t)
	office := w.makeSubnet("office", "10.0.0.0/16")
	h := w.lived(20)
	w.must(w.change(h.ID, func(h *Host) {
		for i := range h.Interfaces {
			h.Interfaces[i].SubnetID = office.ID
		}
	}))
	var port Port
	facts := PortFacts{Number: 22, Protocol: TCP}
	w.costs("open a port of a host of 20 services", 4, 16, func(ctx context.Context) (err error) {
		port, err = w.CreatePort(ctx, ann, CreatePortInput{NewPort{UUID(h.ID), UUID(w.network), facts}})
		return err
	})
	w.costs("get a port", 2, 0, func(ctx context.Context) error {
		_, err := w.GetPort(ctx, ann, GetPortInput{ID: UUID(port.ID)})
		return err
	})
	w.costs("a PUT of a port that changes nothing", 4, 0, func(ctx context.Context) error {
		_, err := w.UpdatePort(ctx, ann, UpdatePortInput{ID: UUID(port.ID), Body: PortState{PortFacts: facts}})
		return err
	})
	facts.Number = 2222
	w.costs("a PUT of a port", 4, 16, func(ctx context.Context) error {
		_, err := w.UpdatePort(ctx, ann, UpdatePortInput{ID: UUID(port.ID), Body: PortState{PortFacts: facts}})
		return err
	})
	w.costs("delete a port that is bound", 4, 16, func(ctx context.Context) error {
		return w.DeletePort(ctx, ann, DeletePortInput{ID: UUID(h.Ports[3].ID)})
	})
	var i Interface
	address := InterfaceFacts{SubnetID: UUID(office.ID), IPAddress: "10.0.7.7"}
	w.costs("make an interface", 5, 16, func(ctx context.Context) (err error) {
		i, err = w.CreateInterface(ctx, ann, CreateInterfaceInput{NewInterface{UUID(h.ID), UUID(w.network), address}})
		return err
	})
	w.costs("get an interface", 2, 0, func(ctx context.Context) error {
		_, err := w.GetInterface(ctx, ann, GetInterfaceInput{ID: UUID(i.ID)})
		return err
	})
	address.Name = new("eth2")
	w.costs("a PUT of an interface at its address", 4, 16, func(ctx context.Context) error {
		_, err := w.UpdateInterface(ctx, ann, UpdateInterfaceInput{ID: UUID(i.ID), Body: InterfaceState{InterfaceFacts: address}})
		return err
	})
	address.IPAddress = "10.0.7.8"
	w.costs("a PUT of an interface at another address", 5, 16, func(ctx context.Context) error {
		_, err := w.UpdateInterface(ctx, ann, UpdateInterfaceInput{ID: UUID(i.ID), Body: InterfaceState{InterfaceFacts: address}})
		return err
	})
	w.costs("delete an interface that is bound", 4, 16, func(ctx context.Context) error {
		return w.DeleteInterface(ctx, ann, DeleteInterfaceInput{ID: UUID(h.Interfaces[0].ID)})
	})
	for n := range 18 {
		w.makeSubnet(fmt.Sprint(n), fmt.Sprintf("10.%d.0.0/16", n+1))
	}
	var lab Subnet
	w.costs("make the 20th subnet of a network", 4, 12, func(ctx context.Context) (err error) {
		lab, err = w.CreateSubnet(ctx, ann, w.newSubnet("10.99.0.0/16"))
		return err
	})
	w.costs("get a subnet", 2, 0, func(ctx context.Context) error {
		_, err := w.GetSubnet(ctx, ann, GetSubnetInput{ID: UUID(lab.ID)})
		return err
	})
	w.costs("list 20 subnets", 6, 0, func(ctx context.Context) error {
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
	w.costs("a PUT of a subnet that changes nothing", 3, 0, put("new", "10.99.0.0/16"))
	w.costs("a PUT of a subnet's name", 3, 8, put("lab", "10.99.0.0/16"))
	w.costs("a PUT of a subnet's range to a wider one", 4, 12, put("lab", "10.98.0.0/15"))
	for range 49 {
		w.lived(20)
	}
	w.costs("a PUT of a subnet's range to another one, 50 hosts", 35, 12, put("lab", "10.97.0.0/16"))
	w.costs("delete a subnet of one of 50 hosts", 37, 22, func(ctx context.Context) error {
		return w.DeleteSubnet(ctx, ann, DeleteSubnetInput{ID: UUID(office.ID)})
	})
	w.costs("list 1000 ports of 50 hosts", 31, 0, func(ctx context.Context) error {
		list, err := w.ListPorts(ctx, ann, ListPortsInput{PortFilter: PortFilter{NetworkID: UUID(w.network)}})
		if list.Total != 1000 {
			t.Errorf("listed are %d", list.Total)
		}
		return err
	})
	w.costs("list the interfaces of a host", 2, 0, func(ctx context.Context) error {
		_, err := w.ListInterfaces(ctx, ann, ListInterfacesInput{InterfaceFilter: InterfaceFilter{HostID: UUID(h.ID)}})
		return err
	})
}
