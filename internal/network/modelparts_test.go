package network

import (
	"slices"

	"almanac/internal/fault"
)

// hostNamed draws a host to put something on, with the network to name with it.
func (m *model) hostNamed() (host, network UUID) {
	host, network = m.pick(m.hostIDs()), m.pick(m.networkIDs())
	if h := m.is.host(string(host)); h != nil && m.chance(95) {
		network = UUID(h.NetworkID)
	}
	return host, network
}

// on gives that host, and objects where it is none.
func (p *picture) on(host, network UUID, o objections) *Host {
	h := p.host(string(host))
	o.to(fault.NotFound, h == nil || p.network(string(network)) == nil)
	o.to(fault.Invalid, h != nil && h.NetworkID != string(network))
	return h
}

func (m *model) createPort() {
	host, network := m.hostNamed()
	facts := m.portFacts()
	made, err := m.CreatePort(m.Context(), m.caller, asking(m, CreatePortInput{NewPort{host, network, facts}}))
	o, next := objections{}, m.is.clone()
	if h := next.on(host, network, o); h != nil {
		h.Ports = append(h.Ports, Port{ID: made.ID, Number: facts.Number, Protocol: facts.Protocol})
		next.judge(h, o, fault.Invalid)
	}
	m.outcome("create port", err, o, next)
}

func (m *model) updatePort() {
	id, facts := m.pick(m.portIDs()), m.portFacts()
	_, err := m.UpdatePort(m.Context(), m.caller, asking(m, UpdatePortInput{ID: id, Body: PortState{PortFacts: facts}}))
	o, next := objections{}, m.is.clone()
	if h := next.hostOfPort(string(id)); h != nil {
		p := portOf(h, string(id))
		p.Number, p.Protocol = facts.Number, facts.Protocol
		next.judge(h, o, fault.Invalid)
	} else {
		o.to(fault.NotFound, true)
	}
	m.outcome("update port", err, o, next)
}

func (m *model) createInterface() {
	host, network := m.hostNamed()
	facts := m.interfaceFacts(m.subnetsOf(string(network)))
	made, err := m.CreateInterface(m.Context(), m.caller, asking(m, CreateInterfaceInput{NewInterface{host, network, facts}}))
	o, next := objections{}, m.is.clone()
	if h := next.on(host, network, o); h != nil {
		h.Interfaces = append(h.Interfaces, Interface{ID: made.ID, SubnetID: string(facts.SubnetID), IPAddress: string(facts.IPAddress), Position: len(h.Interfaces)})
		next.judge(h, o, fault.Invalid)
	}
	m.outcome("create interface", err, o, next)
}

func (m *model) updateInterface() {
	id := m.pick(m.interfaceIDs())
	o, next := objections{}, m.is.clone()
	h := next.hostOfInterface(string(id))
	network := ""
	if h != nil {
		network = h.NetworkID
	}
	facts, position := m.interfaceFacts(m.subnetsOf(network)), oneOf(m, nil, new(0), new(1), new(9))
	_, err := m.UpdateInterface(m.Context(), m.caller, asking(m, UpdateInterfaceInput{ID: id, Body: InterfaceState{InterfaceFacts: facts, Position: position}}))
	if h == nil {
		m.outcome("update interface", err, objections{fault.NotFound: true}, next)
		return
	}
	f := interfaceOf(h, string(id))
	f.SubnetID, f.IPAddress = string(facts.SubnetID), string(facts.IPAddress)
	if position != nil {
		// The others in their order, with a gap where it goes.
		at := min(*position, len(h.Interfaces)-1)
		n := 0
		for i := range h.Interfaces {
			if h.Interfaces[i].ID == f.ID {
				continue
			}
			if n == at {
				n++
			}
			h.Interfaces[i].Position = n
			n++
		}
		f.Position = at
	}
	next.judge(h, o, fault.Invalid)
	m.outcome("update interface", err, o, next)
}

func (m *model) createService() {
	host, network := m.hostNamed()
	facts, places := m.serviceFacts(), m.places(m.is.host(string(host)), nil)
	answer, err := m.CreateService(m.Context(), m.caller, asking(m, CreateServiceInput{NewService{HostID: host, NetworkID: network, ServiceFacts: facts, Bindings: places}}))
	o, next := objections{}, m.is.clone()
	m.is.untagged(o, distinct(facts.Tags))
	if h := next.on(host, network, o); h != nil {
		s := Service{ID: answer.ID, Source: manual, Bindings: bound(nil, places)}
		for _, other := range h.Services {
			s.Position = max(s.Position, other.Position+1)
		}
		tell(&s, facts)
		m.adoptBindings(&s, answer)
		h.Services = append(h.Services, s)
		next.judge(h, o, fault.Invalid)
	}
	m.outcome("create service", err, o, next)
}

func (m *model) updateService() {
	id := m.pick(m.serviceIDs())
	o, next := objections{}, m.is.clone()
	from := next.hostOfService(string(id))
	host, network := m.hostNamed()
	if from != nil && m.chance(60) {
		host, network = UUID(from.ID), UUID(from.NetworkID)
	}
	var was *Service
	if from != nil {
		was = serviceOf(from, string(id))
	}
	facts, places := m.serviceFacts(), m.places(m.is.host(string(host)), was)
	position := oneOf(m, nil, nil, new(0), new(1), new(4))
	answer, err := m.UpdateService(m.Context(), m.caller, asking(m, UpdateServiceInput{ID: id, Body: ServiceState{HostID: host, NetworkID: network, ServiceFacts: facts, Bindings: places, Position: position}}))
	m.is.untagged(o, distinct(facts.Tags))
	o.to(fault.NotFound, from == nil)
	to := next.on(host, network, o)
	o.to(fault.Invalid, from != nil && to != nil && from.NetworkID != to.NetworkID)
	if from == nil || to == nil {
		m.outcome("update service", err, o, next)
		return
	}
	s := *was
	tell(&s, facts)
	s.Bindings = bound(s.Bindings, places)
	m.adoptBindings(&s, answer)
	from.Services = slices.DeleteFunc(from.Services, func(other Service) bool { return other.ID == s.ID })
	if position != nil {
		s.Position = *position
	}
	// Whoever stands there goes one further, and so on up to the first gap.
	slices.SortFunc(to.Services, func(a, b Service) int { return a.Position - b.Position })
	taken := s.Position
	for i := range to.Services {
		if to.Services[i].Position == taken {
			taken++
			to.Services[i].Position = taken
		}
	}
	to.Services = append(to.Services, s)
	next.judge(to, o, fault.Invalid)
	m.outcome("update service", err, o, next)
}

// covered gives the binding of a service, but for one, that leaves nothing for
// another one to say.
func covered(s *Service, b Binding, except string) *Binding {
	for i := range s.Bindings {
		if o := &s.Bindings[i]; o.ID != except && o.PortID == b.PortID && (o.InterfaceID == b.InterfaceID || b.PortID != "" && o.InterfaceID == anywhere) {
			return o
		}
	}
	return nil
}

func (m *model) createBinding() {
	id := m.pick(m.serviceIDs())
	o, next := objections{}, m.is.clone()
	h := next.hostOfService(string(id))
	place := m.place(h)
	got, err := m.CreateBinding(m.Context(), m.caller, asking(m, CreateBindingInput{NewBinding{id, BindingPlace{Type: place.Type, PortID: place.PortID, InterfaceID: place.InterfaceID}}}))
	if h == nil {
		m.outcome("create binding", err, objections{fault.NotFound: true}, next)
		return
	}
	s := serviceOf(h, string(id))
	b := bound(nil, []SentBinding{place})[0]
	if there := covered(s, b, ""); there != nil {
		m.same("the binding that covers another one", got.ID, there.ID)
	} else {
		b.ID = got.ID
		s.Bindings = append(s.Bindings, b)
		next.judge(h, o, fault.Conflict)
	}
	m.outcome("create binding", err, o, next)
}

func (m *model) updateBinding() {
	id := m.pick(m.bindingIDs())
	o, next := objections{}, m.is.clone()
	h := next.hostOfBinding(string(id))
	place := m.place(h)
	got, err := m.UpdateBinding(m.Context(), m.caller, asking(m, UpdateBindingInput{ID: id, Body: BindingPlace{Type: place.Type, PortID: place.PortID, InterfaceID: place.InterfaceID}}))
	if h == nil {
		m.outcome("update binding", err, objections{fault.NotFound: true}, next)
		return
	}
	s := holderOf(h, string(id))
	b := bound(nil, []SentBinding{place})[0]
	if there := covered(s, b, string(id)); there != nil {
		m.same("the binding that covers another one", got.ID, there.ID)
		s.Bindings = slices.DeleteFunc(s.Bindings, func(b Binding) bool { return b.ID == string(id) })
	} else {
		i := slices.IndexFunc(s.Bindings, func(b Binding) bool { return b.ID == string(id) })
		s.Bindings[i].Type, s.Bindings[i].PortID, s.Bindings[i].InterfaceID = b.Type, b.PortID, b.InterfaceID
		next.judge(h, o, fault.Conflict)
	}
	m.outcome("update binding", err, o, next)
}
