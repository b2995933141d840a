package network

import (
	"slices"

	"almanac/internal/fault"
)

// tell makes a service what was said of it.
func tell(s *Service, f ServiceFacts) {
	s.ServiceDefinition, s.Name, s.Tags, s.Virtualization = f.ServiceDefinition, f.Name, distinct(f.Tags), nil
	f.Catalog.SetOptional(&s.Catalog)
}

// bound are bindings as a service that had some has them when they are sent.
func bound(had []Binding, sent []SentBinding) []Binding {
	var list []Binding
	for _, s := range sent {
		b := Binding{Type: s.Type}
		if s.PortID != nil {
			b.PortID = string(*s.PortID)
		}
		if s.InterfaceID != nil {
			b.InterfaceID = string(*s.InterfaceID)
		}
		if s.ID != nil && slices.ContainsFunc(had, func(h Binding) bool { return h.ID == string(*s.ID) }) {
			b.ID = string(*s.ID)
		}
		list = append(list, b)
	}
	list = thin(list)
	for i := range list {
		if slices.ContainsFunc(list[:i], func(b Binding) bool { return b.ID == list[i].ID }) {
			list[i].ID = ""
		}
	}
	return list
}

// adopt takes over from an answer the ids that the server made: of what is told
// apart by something else.
func (m *model) adopt(h *Host, answer Host) {
	for i := range h.Interfaces {
		if f := &h.Interfaces[i]; f.ID == "" {
			for _, a := range answer.Interfaces {
				if a.SubnetID == f.SubnetID && a.IPAddress == f.IPAddress {
					f.ID = a.ID
				}
			}
		}
	}
	for i := range h.Ports {
		if p := &h.Ports[i]; p.ID == "" {
			for _, a := range answer.Ports {
				if a.Number == p.Number && a.Protocol == p.Protocol {
					p.ID = a.ID
				}
			}
		}
	}
	for i := range h.Services {
		s := &h.Services[i]
		if s.ID == "" {
			for _, a := range answer.Services {
				if a.Name == s.Name {
					s.ID = a.ID
				}
			}
		}
		if a := serviceOf(&answer, s.ID); a != nil {
			m.adoptBindings(s, *a)
		}
	}
}

func (m *model) adoptBindings(s *Service, answer Service) {
	for i := range s.Bindings {
		b := &s.Bindings[i]
		for _, a := range answer.Bindings {
			if b.ID == "" && a.PortID == b.PortID && a.InterfaceID == b.InterfaceID {
				b.ID = a.ID
				if m.is.ids()[a.ID] {
					m.Fatalf("the new binding has the id %s of another one", a.ID)
				}
			}
		}
	}
}

func textOf(id *UUID) string {
	if id == nil {
		return ""
	}
	return string(*id)
}

// furnish makes what is on a host what was sent.
func (p *picture) furnish(h *Host, sent HostParts, o objections) {
	for _, id := range append(sent.sentIDs(), h.ID) {
		twice := 0
		for _, other := range append(sent.sentIDs(), h.ID) {
			if other == id {
				twice++
			}
		}
		o.to(fault.Invalid, twice > 1)
		mine := h.ID == id || portOf(h, id) != nil || interfaceOf(h, id) != nil || serviceOf(h, id) != nil
		o.to(fault.Invalid, !mine && p.ids()[id])
	}
	if sent.Interfaces != nil {
		was := h.Interfaces
		h.Interfaces = []Interface{}
		for _, s := range sent.Interfaces {
			f := Interface{ID: textOf(s.ID), Position: len(was)}
			if old := find(was, f.ID, func(i *Interface) string { return i.ID }); old != nil && f.ID != "" {
				f = *old
			}
			f.SubnetID, f.IPAddress = string(s.SubnetID), string(s.IPAddress)
			h.Interfaces = append(h.Interfaces, f)
		}
	}
	if sent.Ports != nil {
		h.Ports = []Port{}
		for _, s := range sent.Ports {
			h.Ports = append(h.Ports, Port{ID: textOf(s.ID), Number: s.Number, Protocol: s.Protocol})
		}
	}
	was := h.Services
	if sent.Services != nil {
		h.Services = []Service{}
		next := 0
		for _, one := range sent.Services {
			if old := find(was, textOf(one.ID), func(s *Service) string { return s.ID }); one.Position != nil {
				next = max(next, *one.Position+1)
			} else if old != nil {
				next = max(next, old.Position+1)
			}
		}
		for _, one := range sent.Services {
			s := Service{ID: textOf(one.ID), Source: manual, Bindings: []Binding{}, Position: -1}
			if old := find(was, s.ID, func(s *Service) string { return s.ID }); old != nil && s.ID != "" {
				s = *old
			}
			tell(&s, one.ServiceFacts)
			switch {
			case one.Position != nil:
				s.Position = *one.Position
			case s.Position < 0:
				s.Position = next
				next++
			}
			if one.Bindings != nil {
				s.Bindings = bound(s.Bindings, one.Bindings)
			} else {
				s.Bindings = slices.DeleteFunc(s.Bindings, func(b Binding) bool { return strays(h, Service{Bindings: []Binding{b}}) })
			}
			h.Services = append(h.Services, s)
		}
		return
	}
	for i := range h.Services {
		s := &h.Services[i]
		s.Bindings = slices.DeleteFunc(s.Bindings, func(b Binding) bool { return strays(h, Service{Bindings: []Binding{b}}) })
	}
}

// furnished holds a request that sent a host as a whole to what it comes to.
func (m *model) furnished(what string, next picture, h *Host, facts HostFacts, parts HostParts, answer Host, err error, o objections) {
	h.Name, h.Hostname, h.Description, h.Hidden, h.Tags = facts.Name, facts.Hostname, facts.Description, facts.Hidden, distinct(facts.Tags)
	m.is.untagged(o, parts.sentTags(facts))
	next.furnish(h, parts, o)
	next.judge(h, o, fault.Invalid)
	if err == nil {
		m.adopt(h, answer)
	}
	m.outcome(what, err, o, next)
}

func (m *model) createHost() {
	network, facts := m.pick(m.networkIDs()), m.hostFacts()
	parts := m.parts(string(network), &Host{})
	answer, err := m.CreateHost(m.Context(), m.caller, asking(m, CreateHostInput{NewHost{network, facts, parts}}))
	o, next := objections{}, m.is.clone()
	o.to(fault.NotFound, m.is.network(string(network)) == nil)
	next.Hosts = append(next.Hosts, Host{BareHost: BareHost{ID: answer.ID, NetworkID: string(network), Source: manual}, Interfaces: []Interface{}, Ports: []Port{}, Services: []Service{}})
	m.furnished("create host", next, &next.Hosts[len(next.Hosts)-1], facts, parts, answer, err, o)
}

func (m *model) updateHost() {
	id, facts := m.pick(m.hostIDs()), m.hostFacts()
	next := m.is.clone()
	h := next.host(string(id))
	if h == nil {
		_, err := m.UpdateHost(m.Context(), m.caller, asking(m, UpdateHostInput{ID: id, Body: HostState{HostFacts: facts}}))
		m.outcome("update host", err, objections{fault.NotFound: true}, next)
		return
	}
	parts := m.parts(h.NetworkID, h)
	answer, err := m.UpdateHost(m.Context(), m.caller, asking(m, UpdateHostInput{ID: id, Body: HostState{HostFacts: facts, HostParts: parts}}))
	m.furnished("update host", next, h, facts, parts, answer, err, objections{})
}

func (m *model) consolidate() {
	to, other := m.pick(m.hostIDs()), m.pick(m.hostIDs())
	_, err := m.ConsolidateHosts(m.Context(), m.caller, asking(m, ConsolidateHostsInput{Destination: to, Other: other}))
	o, next := objections{}, m.is.clone()
	h, from := next.host(string(to)), next.host(string(other))
	o.to(fault.Invalid, to == other)
	o.to(fault.NotFound, h == nil || from == nil)
	if h == nil || from == nil || to == other {
		m.outcome("consolidate", err, o, next)
		return
	}
	o.to(fault.Invalid, h.NetworkID != from.NetworkID)
	is := map[string]string{}
	for _, p := range from.Ports {
		if i := slices.IndexFunc(h.Ports, func(q Port) bool { return q.Number == p.Number && q.Protocol == p.Protocol }); i >= 0 {
			is[p.ID] = h.Ports[i].ID
		} else {
			is[p.ID] = p.ID
			h.Ports = append(h.Ports, p)
		}
	}
	for _, f := range from.Interfaces {
		if i := slices.IndexFunc(h.Interfaces, func(g Interface) bool { return g.SubnetID == f.SubnetID && g.IPAddress == f.IPAddress }); i >= 0 {
			is[f.ID] = h.Interfaces[i].ID
		} else {
			is[f.ID] = f.ID
			f.Position = len(h.Interfaces)
			h.Interfaces = append(h.Interfaces, f)
		}
	}
	for _, s := range from.Services {
		for i := range s.Bindings {
			b := &s.Bindings[i]
			b.PortID, b.InterfaceID = is[b.PortID], is[b.InterfaceID]
		}
		s.Position = 0
		for _, mine := range h.Services {
			s.Position = max(s.Position, mine.Position+1)
		}
		h.Services = append(h.Services, s)
	}
	next.judge(h, o, fault.Invalid)
	next.Hosts = slices.DeleteFunc(next.Hosts, func(h Host) bool { return h.ID == string(other) })
	m.outcome("consolidate", err, o, next)
}
