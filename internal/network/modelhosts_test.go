package network

import (
	"slices"

	"almanac/internal/fault"
	"almanac/internal/shape"
)

func (m *model) hostFacts() HostFacts {
	return HostFacts{Name: m.name(), Hostname: oneOf(m, nil, new("h.example")), Hidden: m.chance(10), Tags: m.tags()}
}

func (m *model) portFacts() PortFacts {
	return PortFacts{Number: oneOf(m, 22, 80, 443, 8080), Protocol: oneOf(m, TCP, TCP, UDP)}
}

// addresses are in one of the ranges of subnetFacts, or in two.
func (m *model) interfaceFacts(subnets []string) InterfaceFacts {
	facts := InterfaceFacts{SubnetID: m.pick(subnets), IPAddress: oneOf[IP](m, "10.0.0.1", "10.0.0.2", "10.0.0.200", "10.0.1.1", "fd00::1")}
	if s := m.is.subnet(string(facts.SubnetID)); s != nil && m.chance(90) {
		for !addressIn(s.CIDR, string(facts.IPAddress)) {
			facts.IPAddress = oneOf[IP](m, "10.0.0.1", "10.0.0.2", "10.0.0.200", "10.0.1.1", "fd00::1")
		}
	}
	return facts
}

// subnetsOf are the subnets of a network, and seldom those of all.
func (m *model) subnetsOf(network string) (ids []string) {
	if m.chance(4) {
		return m.subnetIDs()
	}
	for _, s := range m.is.Subnets {
		if s.NetworkID == network {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

// serviceFacts refer to one of two services of a catalog.
func (m *model) serviceFacts() ServiceFacts {
	facts := ServiceFacts{ServiceDefinition: oneOf(m, "PostgreSQL", "Nginx"), Name: m.name(), Tags: m.tags()}
	switch oneOf(m, "absent", "absent", "null", "a", "b") {
	case "null":
		facts.Catalog = shape.Null[CatalogRef]()
	case "a":
		facts.Catalog = shape.Of(CatalogRef{"shop", "a"})
	case "b":
		facts.Catalog = shape.Of(CatalogRef{"shop", "b"})
	}
	return facts
}

// tell makes a service what was said of it.
func tell(s *Service, f ServiceFacts) {
	s.ServiceDefinition, s.Name, s.Tags, s.Virtualization = f.ServiceDefinition, f.Name, distinct(f.Tags), nil
	f.Catalog.SetOptional(&s.Catalog)
}

// place draws where on a host to listen.
func (m *model) place(h *Host) SentBinding {
	var ports, interfaces []string
	if h != nil {
		ports, interfaces = idsOf(h.Ports, func(p Port) string { return p.ID }), idsOf(h.Interfaces, func(i Interface) string { return i.ID })
	}
	if m.chance(3) {
		ports, interfaces = m.portIDs(), m.interfaceIDs()
	}
	kind := oneOf(m, OnPort, OnPort, OnPort, OnInterface)
	if len(ports) == 0 && m.chance(90) {
		kind = OnInterface
	}
	b := SentBinding{Type: kind}
	if kind == OnPort {
		b.PortID = new(m.pick(ports))
	}
	if kind == OnInterface || len(interfaces) > 0 && m.chance(60) {
		b.InterfaceID = new(m.pick(interfaces))
	}
	return b
}

// places draws some, of which some have ids that the service's bindings have.
func (m *model) places(h *Host, s *Service) []SentBinding {
	list := []SentBinding{}
	if s != nil {
		for _, b := range s.Bindings {
			if m.chance(70) {
				sent := SentBinding{ID: new(UUID(b.ID)), Type: b.Type}
				if b.PortID != "" {
					sent.PortID = new(UUID(b.PortID))
				}
				if b.InterfaceID != "" {
					sent.InterfaceID = new(UUID(b.InterfaceID))
				}
				list = append(list, sent)
			}
		}
	}
	for range m.random.IntN(3) {
		if h != nil && len(h.Ports)+len(h.Interfaces) > 0 || m.chance(10) {
			list = append(list, m.place(h))
		}
	}
	if ids := m.bindingIDs(); len(list) > 0 && m.chance(5) && len(ids) > 0 {
		list[len(list)-1].ID = new(UUID(oneOf(m, ids...)))
	}
	for _, b := range slices.Clone(list) {
		if m.chance(10) {
			list = append(list, SentBinding{Type: b.Type, PortID: b.PortID, InterfaceID: b.InterfaceID})
		}
	}
	m.random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
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

// parts draws what is to be on a host: nil lists keep what is there. Most of what
// is there stays under its id.
func (m *model) parts(network string, h *Host) (p HostParts) {
	brought := func() *UUID {
		if !m.chance(10) {
			return nil
		}
		return new(UUID(oneOf(m, append(slices.Clone(m.gone), newID())...)))
	}
	if m.chance(50) {
		p.Interfaces = []SentInterface{}
		for _, f := range h.Interfaces {
			if m.chance(75) {
				p.Interfaces = append(p.Interfaces, SentInterface{ID: new(UUID(f.ID)), InterfaceFacts: InterfaceFacts{SubnetID: UUID(f.SubnetID), IPAddress: IP(f.IPAddress)}})
			}
		}
		if m.chance(50) {
			if subnets := m.subnetsOf(network); len(subnets) > 0 {
				p.Interfaces = append(p.Interfaces, SentInterface{ID: brought(), InterfaceFacts: m.interfaceFacts(subnets)})
			}
		}
	}
	if m.chance(60) {
		p.Ports = []SentPort{}
		for _, port := range h.Ports {
			if m.chance(75) {
				p.Ports = append(p.Ports, SentPort{ID: new(UUID(port.ID)), PortFacts: PortFacts{Number: port.Number, Protocol: port.Protocol}})
			}
		}
		for range oneOf(m, 0, 1, 1, 2) {
			p.Ports = append(p.Ports, SentPort{ID: brought(), PortFacts: m.portFacts()})
		}
	}
	if m.chance(60) {
		p.Services = []SentService{}
		for _, s := range h.Services {
			if m.chance(75) {
				sent := SentService{ID: new(UUID(s.ID)), ServiceFacts: m.serviceFacts()}
				if m.chance(70) {
					sent.Bindings = m.places(h, &s)
				}
				p.Services = append(p.Services, sent)
			}
		}
		if m.chance(50) {
			p.Services = append(p.Services, SentService{ID: brought(), ServiceFacts: m.serviceFacts(), Bindings: m.places(h, nil)})
		}
		m.random.Shuffle(len(p.Services), func(i, j int) { p.Services[i], p.Services[j] = p.Services[j], p.Services[i] })
		if m.chance(40) {
			positions := m.random.Perm(20)
			for i := range p.Services[:min(len(p.Services), len(positions))] {
				p.Services[i].Position = &positions[i]
			}
		}
	}
	return p
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
	next.Hosts = append(next.Hosts, Host{ID: answer.ID, NetworkID: string(network), Source: manual, Interfaces: []Interface{}, Ports: []Port{}, Services: []Service{}})
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
