package network

import (
	"slices"

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
