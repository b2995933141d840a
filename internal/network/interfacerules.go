package network

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"

	"almanac/internal/timeline"
)

// IP is an address in canonical form. What IPv6 writes of an IPv4 address is
// that one.
type IP string

// UnmarshalText takes every spelling of an address but those with a zone.
func (ip *IP) UnmarshalText(text []byte) error {
	a, err := netip.ParseAddr(string(text))
	if err != nil || a.Zone() != "" {
		return errors.New("must be an IP address without a zone, such as 10.0.3.17 or 2001:db8::17")
	}
	*ip = IP(a.Unmap().String())
	return nil
}

// MAC is a hardware address of 6, 8 or 20 bytes in lower case with colons.
type MAC string

// UnmarshalText takes its bytes with colons, with hyphens and with nothing
// between them, and pairs of them with dots.
func (m *MAC) UnmarshalText(text []byte) error {
	a, err := net.ParseMAC(string(text))
	if err != nil {
		return errors.New("must be a MAC address, such as 52:54:00:12:34:56")
	}
	*m = MAC(a.String())
	return nil
}

// addressIn tells whether a CIDR holds an address, both in canonical form.
func addressIn(cidr, ip string) bool {
	prefix, err := netip.ParsePrefix(cidr)
	if err != nil {
		return false
	}
	a, err := netip.ParseAddr(ip)
	return err == nil && prefix.Contains(a)
}

// mostBindings is how many a service can be sent with, so that whatever is shown
// can be sent back.
const mostBindings = 1000

// checkBindings holds a host to services that have not too many bindings.
func (h *Host) checkBindings() error {
	for _, s := range h.Services {
		if len(s.Bindings) > mostBindings {
			return invalid("too_many_bindings", "the service %s would have more than %d bindings", s.Name, mostBindings)
		}
	}
	return nil
}

// checkPlaces holds a host to having no port and no address twice. Every commit
// asks for it.
func (h *Host) checkPlaces() error {
	type listener struct {
		number   int
		protocol Protocol
	}
	ports := map[listener]bool{}
	for _, p := range h.Ports {
		l := listener{p.Number, p.Protocol}
		if ports[l] {
			return invalid("duplicate_port", "the host %q has the port %d/%s already", h.Name, p.Number, p.Protocol)
		}
		ports[l] = true
	}
	type address struct{ subnet, ip string }
	addresses := map[address]bool{}
	for _, i := range h.Interfaces {
		a := address{i.SubnetID, i.IPAddress}
		if addresses[a] {
			return invalid("duplicate_address", "the host %q has the address %s in the subnet %s already", h.Name, i.IPAddress, i.SubnetID)
		}
		addresses[a] = true
	}
	return nil
}

// moveInterface gives an interface of a host a position among the others, which make
// room and close up: past the last is the last.
func (h *Host) moveInterface(id string, position int) {
	from := slices.IndexFunc(h.Interfaces, func(i Interface) bool { return i.ID == id })
	moved := h.Interfaces[from]
	h.Interfaces = slices.Delete(h.Interfaces, from, from+1)
	h.Interfaces = slices.Insert(h.Interfaces, min(position, len(h.Interfaces)), moved)
	for i := range h.Interfaces {
		h.Interfaces[i].Position = i
	}
}

// checkAddresses holds the interfaces of a host that the edit has to the subnets
// that they name, but for those that some host had there before. Errors:
// *noSubnet, invalid.
func (e *edit) checkAddresses(h *Host) error {
	before := e.before()
	for _, i := range h.Interfaces {
		was := before.networkInterface(i.ID)
		if was != nil && was.SubnetID == i.SubnetID && was.IPAddress == i.IPAddress {
			continue
		}
		s, err := e.subnet(i.SubnetID)
		if errors.Is(err, timeline.ErrNoSuchDocument) {
			return &noSubnet{i.SubnetID, e.network}
		}
		if err != nil {
			return err
		}
		if !addressIn(s.CIDR, i.IPAddress) {
			return invalid("address_outside_subnet", "the address %s is not in %s, the subnet %s", i.IPAddress, s.CIDR, s.ID)
		}
	}
	return nil
}

// noSubnet is a subnet that a network has not got.
type noSubnet struct{ id, network string }

func (e *noSubnet) Error() string {
	return fmt.Sprintf("the network %s has no subnet %s", e.network, e.id)
}

func (e *noSubnet) Unwrap() error { return notFound("Subnet", UUID(e.id)) }

// addressFault is faultOf for what checkAddresses may have refused: a subnet of
// another network is wrong where it stands, one of no network is unknown.
func (n *Inventory) addressFault(ctx context.Context, workspace string, err error) error {
	missed, ok := errors.AsType[*noSubnet](err)
	if !ok {
		return faultOf(err)
	}
	s, err := n.subnet(ctx, workspace, missed.id, nil)
	if err != nil {
		return err
	}
	if s != nil && s.NetworkID != missed.network {
		return invalid("subnet_on_another_network", "the subnet %s is not in the network %s", missed.id, missed.network)
	}
	return missed
}
