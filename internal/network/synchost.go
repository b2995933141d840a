package network

import (
	"iter"
	"slices"
)

// setOn makes what is on a host what a client said. What is sent with the id of
// something of its sort is that; what is left out of a list is no more. Ids that
// are sent twice are refused, also where another sort of thing has one.
func (p HostParts) setOn(h *Host) error {
	if p.Interfaces != nil {
		h.setInterfaces(p.Interfaces)
	}
	if p.Ports != nil {
		h.setPorts(p.Ports)
	}
	if p.Services != nil {
		if err := h.setServices(p.Services); err != nil {
			return err
		}
	}
	// A binding that is sent must hold, or the edit refuses it. One that nobody
	// sent goes with its port or its interface, where the host has lost that.
	sent := func(i int) bool { return p.Services != nil && p.Services[i].Bindings != nil }
	for i := range h.Services {
		if !sent(i) {
			h.unbind(&h.Services[i])
		}
	}
	return h.checkIDs()
}

// unbind drops what a service binds on ports and interfaces that its host has
// not got.
func (h *Host) unbind(s *Service) {
	s.Bindings = slices.DeleteFunc(s.Bindings, func(b Binding) bool {
		return b.PortID != "" && h.port(b.PortID) == nil || b.InterfaceID != "" && h.networkInterface(b.InterfaceID) == nil
	})
}

// idFor is the id that was sent for something on a host, or a new one.
func (h *Host) idFor(sent *UUID) string {
	if sent == nil {
		return newIDOn(h.ID)
	}
	return string(*sent)
}

// setInterfaces leaves it to the edit to count them from 0.
func (h *Host) setInterfaces(sent []SentInterface) {
	is := make([]Interface, 0, len(sent))
	for _, s := range sent {
		i := Interface{ID: h.idFor(s.ID), Position: len(h.Interfaces)}
		if was := h.networkInterface(i.ID); was != nil {
			i = *was
		}
		s.setOn(&i)
		if s.Position != nil {
			i.Position = *s.Position
		}
		is = append(is, i)
	}
	h.Interfaces = is
}

func (h *Host) setPorts(sent []SentPort) {
	ports := make([]Port, 0, len(sent))
	for _, s := range sent {
		p := Port{ID: h.idFor(s.ID)}
		if was := h.port(p.ID); was != nil {
			p = *was
		}
		p.Number, p.Protocol = s.Number, s.Protocol
		ports = append(ports, p)
	}
	h.Ports = ports
}

// setServices keeps the order that is sent.
func (h *Host) setServices(sent []SentService) error {
	const last = -1
	services := make([]Service, 0, len(sent))
	for _, one := range sent {
		s := Service{ID: h.idFor(one.ID), Source: manual, Bindings: []Binding{}, Position: last}
		if was := h.service(s.ID); was != nil {
			s = *was
		}
		if err := one.ServiceFacts.setOn(&s); err != nil {
			return err
		}
		if one.Bindings != nil {
			bindings, err := sentBindings("bindings", one.Bindings)
			if err != nil {
				return err
			}
			s.bind(bindings)
		}
		if one.Position != nil {
			s.Position = *one.Position
		}
		services = append(services, s)
	}
	next := nextPosition(services)
	for i := range services {
		if services[i].Position == last {
			services[i].Position = next
			next++
		}
	}
	h.Services = services
	return nil
}

// checkIDs refuses an id of two things.
func (h *Host) checkIDs() error {
	seen := map[string]bool{h.ID: true}
	for id := range h.ids() {
		if seen[id] {
			return invalid("duplicate_id", "the id %s is that of two things", id)
		}
		seen[id] = id != "" // bindings get theirs later
	}
	return nil
}

// ids are those of all on a host, but not its own.
func (h *Host) ids() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, i := range h.Interfaces {
			if !yield(i.ID) {
				return
			}
		}
		for _, p := range h.Ports {
			if !yield(p.ID) {
				return
			}
		}
		for _, s := range h.Services {
			if !yield(s.ID) {
				return
			}
			for _, b := range s.Bindings {
				if !yield(b.ID) {
					return
				}
			}
		}
	}
}
