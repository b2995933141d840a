package network

import (
	"cmp"
	"encoding/json"
	"net/netip"
	"slices"

	"almanac/internal/fault"
	"almanac/internal/timeline"
)

// picture is all that clients see of a workspace's networks at one instant. Its
// rules are written from the contract's text, on sets of places, and share
// nothing with those of the program.
type picture struct {
	Networks []Network
	Subnets  []Subnet
	Hosts    []Host
	Tags     []Tag
}

func (p picture) clone() picture {
	text, err := json.Marshal(p)
	if err != nil {
		panic(err)
	}
	var c picture
	if err := json.Unmarshal(text, &c); err != nil {
		panic(err)
	}
	return c
}

// find gives what has an id.
func find[T any](list []T, id string, idOf func(*T) string) *T {
	for i := range list {
		if idOf(&list[i]) == id {
			return &list[i]
		}
	}
	return nil
}

func (p *picture) network(id string) *Network {
	return find(p.Networks, id, func(n *Network) string { return n.ID })
}

func (p *picture) subnet(id string) *Subnet {
	return find(p.Subnets, id, func(s *Subnet) string { return s.ID })
}

func (p *picture) tag(id string) *Tag { return find(p.Tags, id, func(t *Tag) string { return t.ID }) }

func (p *picture) host(id string) *Host {
	return find(p.Hosts, id, func(h *Host) string { return h.ID })
}

// holder gives the host that something is on.
func (p *picture) holder(on func(*Host) bool) *Host {
	for i := range p.Hosts {
		if on(&p.Hosts[i]) {
			return &p.Hosts[i]
		}
	}
	return nil
}

func (p *picture) hostOfPort(id string) *Host {
	return p.holder(func(h *Host) bool { return portOf(h, id) != nil })
}

func (p *picture) hostOfInterface(id string) *Host {
	return p.holder(func(h *Host) bool { return interfaceOf(h, id) != nil })
}

func (p *picture) hostOfService(id string) *Host {
	return p.holder(func(h *Host) bool { return serviceOf(h, id) != nil })
}

func (p *picture) hostOfBinding(id string) *Host {
	return p.holder(func(h *Host) bool { return holderOf(h, id) != nil })
}

func portOf(h *Host, id string) *Port {
	return find(h.Ports, id, func(p *Port) string { return p.ID })
}

func interfaceOf(h *Host, id string) *Interface {
	return find(h.Interfaces, id, func(i *Interface) string { return i.ID })
}

func serviceOf(h *Host, id string) *Service {
	return find(h.Services, id, func(s *Service) string { return s.ID })
}

// holderOf gives the service that has a binding.
func holderOf(h *Host, binding string) *Service {
	for i := range h.Services {
		if find(h.Services[i].Bindings, binding, func(b *Binding) string { return b.ID }) != nil {
			return &h.Services[i]
		}
	}
	return nil
}

// objections are what a request is refused for, of which the answer may name any.
type objections map[fault.Kind]bool

func (o objections) to(kind fault.Kind, is bool) {
	if is {
		o[kind] = true
	}
}

// anywhere stands for all interfaces of a host, also for those to come.
const anywhere = ""

// conflicts tells whether a service is on an interface with a port and without.
func conflicts(s Service) bool {
	for _, bare := range s.Bindings {
		for _, b := range s.Bindings {
			if bare.PortID == "" && b.PortID != "" && (b.InterfaceID == anywhere || b.InterfaceID == bare.InterfaceID) {
				return true
			}
		}
	}
	return false
}

// strays tells whether a service binds what its host has not got.
func strays(h *Host, s Service) bool {
	return slices.ContainsFunc(s.Bindings, func(b Binding) bool {
		return b.PortID != "" && portOf(h, b.PortID) == nil || b.InterfaceID != "" && interfaceOf(h, b.InterfaceID) == nil
	})
}

// clashes tells whether two services of a host hold one port on one interface.
func clashes(h *Host) bool {
	type spot struct{ port, on string }
	holders := map[spot]int{} // services from 1
	for n, s := range h.Services {
		for _, b := range s.Bindings {
			if b.PortID == "" {
				continue
			}
			spots := []spot{{b.PortID, b.InterfaceID}}
			if b.InterfaceID == anywhere {
				for _, i := range h.Interfaces {
					spots = append(spots, spot{b.PortID, i.ID})
				}
			} else if other := holders[spot{b.PortID, anywhere}]; other != 0 && other != n+1 {
				return true
			}
			for _, at := range spots {
				if other := holders[at]; other != 0 && other != n+1 {
					return true
				}
				holders[at] = n + 1
			}
		}
	}
	return false
}

// thin drops bindings that others of the service cover, and gives the others.
func thin(bindings []Binding) []Binding {
	kept := []Binding{}
	for _, b := range bindings {
		wider := slices.ContainsFunc(bindings, func(o Binding) bool { return b.PortID != "" && o.PortID == b.PortID && o.InterfaceID == anywhere })
		if wider && b.InterfaceID != anywhere {
			continue
		}
		same := slices.IndexFunc(kept, func(o Binding) bool { return o.PortID == b.PortID && o.InterfaceID == b.InterfaceID })
		switch {
		case same < 0:
			kept = append(kept, b)
		case kept[same].ID == "":
			kept[same] = b
		}
	}
	return kept
}

// judge holds a host, as it is to be, to all rules. Conflicts and claims are of a
// kind.
func (p *picture) judge(h *Host, o objections, clash fault.Kind) {
	for i := range h.Services {
		s := &h.Services[i]
		s.Bindings = thin(s.Bindings)
		o.to(clash, conflicts(*s))
		o.to(fault.Invalid, strays(h, *s))
	}
	o.to(clash, clashes(h))
	for i, port := range h.Ports {
		o.to(fault.Invalid, slices.ContainsFunc(h.Ports[:i], func(q Port) bool { return q.Number == port.Number && q.Protocol == port.Protocol }))
	}
	for i, on := range h.Interfaces {
		o.to(fault.Invalid, slices.ContainsFunc(h.Interfaces[:i], func(j Interface) bool { return j.SubnetID == on.SubnetID && j.IPAddress == on.IPAddress }))
		s := p.subnet(on.SubnetID)
		o.to(fault.NotFound, s == nil)
		o.to(fault.Invalid, s != nil && (s.NetworkID != h.NetworkID || !netip.MustParsePrefix(s.CIDR).Contains(netip.MustParseAddr(on.IPAddress))))
	}
}

// untagged objects to tags that there are not.
func (p *picture) untagged(o objections, ids []string) {
	for _, id := range ids {
		o.to(fault.Invalid, p.tag(id) == nil)
	}
}

// drops removes what a function says from a host, with all bindings to it.
func drops(h *Host, gone func(id string) bool) {
	h.Ports = slices.DeleteFunc(h.Ports, func(p Port) bool { return gone(p.ID) })
	h.Interfaces = slices.DeleteFunc(h.Interfaces, func(i Interface) bool { return gone(i.ID) })
	h.Services = slices.DeleteFunc(h.Services, func(s Service) bool { return gone(s.ID) })
	for i := range h.Services {
		s := &h.Services[i]
		s.Bindings = slices.DeleteFunc(s.Bindings, func(b Binding) bool { return gone(b.ID) || gone(b.PortID) || gone(b.InterfaceID) })
	}
}

// arrange gives everything its place and its order, and its times: what was
// there before and is as it was keeps them.
func (p *picture) arrange(before picture, now timeline.Instant) {
	was := before.all()
	for i := range p.Hosts {
		h := &p.Hosts[i]
		slices.SortStableFunc(h.Interfaces, func(a, b Interface) int { return cmp.Compare(a.Position, b.Position) })
		for i := range h.Interfaces {
			f := &h.Interfaces[i]
			f.HostID, f.NetworkID, f.Position = h.ID, h.NetworkID, i
			stamped(f, find(was.interfaces, f.ID, func(i *Interface) string { return i.ID }), now)
		}
		slices.SortFunc(h.Ports, func(a, b Port) int {
			return cmp.Or(cmp.Compare(a.Number, b.Number), cmp.Compare(a.Protocol, b.Protocol))
		})
		for i := range h.Ports {
			port := &h.Ports[i]
			port.HostID, port.NetworkID, port.Type = h.ID, h.NetworkID, portType(port.Number, port.Protocol)
			stamped(port, find(was.ports, port.ID, func(p *Port) string { return p.ID }), now)
		}
		slices.SortFunc(h.Services, func(a, b Service) int { return cmp.Compare(a.Position, b.Position) })
		for i := range h.Services {
			s := &h.Services[i]
			s.HostID, s.NetworkID = h.ID, h.NetworkID
			slices.SortFunc(s.Bindings, func(a, b Binding) int { return cmp.Compare(a.ID, b.ID) })
			for j := range s.Bindings {
				b := &s.Bindings[j]
				b.ServiceID, b.NetworkID = s.ID, h.NetworkID
				stamped(b, find(was.bindings, b.ID, func(b *Binding) string { return b.ID }), now)
			}
			stamped(s, find(was.services, s.ID, func(s *Service) string { return s.ID }), now)
		}
		stamped(h, before.host(h.ID), now)
	}
	for i := range p.Networks {
		stamped(&p.Networks[i], before.network(p.Networks[i].ID), now)
	}
	for i := range p.Subnets {
		stamped(&p.Subnets[i], before.subnet(p.Subnets[i].ID), now)
	}
	for i := range p.Tags {
		stamped(&p.Tags[i], before.tag(p.Tags[i].ID), now)
	}
}

// parts is what is on all hosts.
type parts struct {
	interfaces []Interface
	ports      []Port
	services   []Service
	bindings   []Binding
}

func (p picture) all() (all parts) {
	for _, h := range p.Hosts {
		all.interfaces = append(all.interfaces, h.Interfaces...)
		all.ports = append(all.ports, h.Ports...)
		all.services = append(all.services, h.Services...)
		for _, s := range h.Services {
			all.bindings = append(all.bindings, s.Bindings...)
		}
	}
	return all
}

// stamped sets the times of something that was something else before, or is new.
func stamped[T any, P timed[T]](is, was P, now timeline.Instant) {
	switch {
	case was == nil:
		*is.times() = Times{now, now}
	case timeless(is) == timeless(was):
		*is.times() = *was.times()
	default:
		*is.times() = Times{was.times().CreatedAt, now}
	}
}

// timeless is something in JSON without when, and of a host without what is on it.
func timeless(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	var members map[string]any
	if err := json.Unmarshal(text, &members); err != nil {
		panic(err)
	}
	strip := func(m map[string]any) { delete(m, "created_at"); delete(m, "updated_at") }
	strip(members)
	for _, name := range []string{"interfaces", "ports", "services"} {
		delete(members, name)
	}
	if bindings, ok := members["bindings"].([]any); ok {
		for _, b := range bindings {
			strip(b.(map[string]any))
		}
	}
	if text, err = json.Marshal(members); err != nil {
		panic(err)
	}
	return string(text)
}
