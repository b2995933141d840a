package network

import (
	"fmt"
	"slices"
)

// Rule names one of the rules that bindings obey, as errors give it.
type Rule string

const (
	RuleConflict  Rule = "binding_conflict"   // inside one service
	RuleCrossHost Rule = "binding_cross_host" // of another host, or of none
	RuleClaim     Rule = "binding_claim"      // between services of one host
)

// Refusal is why the services of a host cannot bind what they would.
type Refusal struct {
	Rule    Rule
	Message string
}

func (r *Refusal) Error() string { return r.Message }

// settle normalises the bindings of each service of a host and holds all of
// them to the rules in their order: conflicts inside a service, then places of
// other hosts, then claims of two services on one place.
func settle(h *Host) *Refusal {
	for i := range h.Services {
		h.Services[i].Bindings = normalise(h.Services[i].Bindings)
	}
	for _, rule := range []func(*Host) *Refusal{conflict, crossHost, claimedTwice} {
		if refusal := rule(h); refusal != nil {
			return refusal
		}
	}
	return nil
}

// normalise drops bindings that others of the same service cover: first those of
// one interface whose port is bound on all, then repetitions, of which the
// first stays, or the first with an id. The rest keeps its order.
func normalise(bindings []Binding) []Binding {
	everywhere := map[string]bool{}
	for _, b := range bindings {
		if b.everywhere() {
			everywhere[b.PortID] = true
		}
	}
	type place struct{ portID, interfaceID string }
	kept := []Binding{}
	at := map[place]int{}
	for _, b := range bindings {
		if b.Type == OnPort && !b.everywhere() && everywhere[b.PortID] {
			continue
		}
		here := place{b.PortID, b.InterfaceID}
		i, seen := at[here]
		switch {
		case !seen:
			at[here] = len(kept)
			kept = append(kept, b)
		case kept[i].ID == "":
			kept[i] = b
		}
	}
	return kept
}

// conflict finds a service that is on an interface without a port and with one.
func conflict(h *Host) *Refusal {
	for _, s := range h.Services {
		for _, whole := range s.Bindings {
			if whole.Type != OnInterface {
				continue
			}
			i := slices.IndexFunc(s.Bindings, func(b Binding) bool {
				return b.Type == OnPort && overlap(b.InterfaceID, whole.InterfaceID)
			})
			if i >= 0 {
				return &Refusal{RuleConflict, fmt.Sprintf("the service %q binds %s without a port and also %s", s.Name, whole, s.Bindings[i])}
			}
		}
	}
	return nil
}

// crossHost finds a place that is none of the host's. What no host has is told
// in the same words, so that nobody learns what other hosts have.
func crossHost(h *Host) *Refusal {
	for _, s := range h.Services {
		for _, b := range s.Bindings {
			if b.Type == OnPort && !slices.ContainsFunc(h.Ports, func(p Port) bool { return p.ID == b.PortID }) {
				return &Refusal{RuleCrossHost, fmt.Sprintf("the port %s is not on the host of the service %q", b.PortID, s.Name)}
			}
			if b.InterfaceID != "" && !slices.ContainsFunc(h.Interfaces, func(i Interface) bool { return i.ID == b.InterfaceID }) {
				return &Refusal{RuleCrossHost, fmt.Sprintf("the interface %s is not on the host of the service %q", b.InterfaceID, s.Name)}
			}
		}
	}
	return nil
}

// claimedTwice finds a port that two services bind on one interface. Without a
// port, any number of services may share an interface.
func claimedTwice(h *Host) *Refusal {
	type holder struct {
		service     int
		interfaceID string
	}
	holders := map[string][]holder{}
	for n, s := range h.Services {
		for _, b := range s.Bindings {
			if b.Type != OnPort {
				continue
			}
			for _, other := range holders[b.PortID] {
				if other.service != n && overlap(other.interfaceID, b.InterfaceID) {
					return &Refusal{RuleClaim, fmt.Sprintf("the service %q cannot bind %s: the service %q does",
						s.Name, b, h.Services[other.service].Name)}
				}
			}
			holders[b.PortID] = append(holders[b.PortID], holder{n, b.InterfaceID})
		}
	}
	return nil
}

// overlap tells whether two sets of interfaces share one; empty is all of them.
func overlap(a, b string) bool { return a == b || a == "" || b == "" }

// everywhere tells whether a binding is of a port on all interfaces.
func (b Binding) everywhere() bool { return b.Type == OnPort && b.InterfaceID == "" }

// String names the place.
func (b Binding) String() string {
	switch {
	case b.Type == OnInterface:
		return "the interface " + b.InterfaceID
	case b.everywhere():
		return "the port " + b.PortID + " on all interfaces"
	}
	return "the port " + b.PortID + " on the interface " + b.InterfaceID
}
