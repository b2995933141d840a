package network

import (
	"fmt"
	"slices"
)

// Place is where a service listens: on a port of one interface; on a port of
// all interfaces, where Interface is empty; or on an interface without a port,
// where Port is empty.
type Place struct{ Port, Interface string }

// Binding says that a service listens at a place. One that a client sends may
// have no id yet.
type Binding struct {
	ID string
	Place
}

// Claims are what one service binds.
type Claims struct {
	Service  string // its id, or its name while it has none
	Bindings []Binding
}

// Ground is what the services of a host can bind.
type Ground struct{ Ports, Interfaces []string }

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
	Service string
	Place   Place
	Message string
}

func (r *Refusal) Error() string { return r.Message }

// Settle takes the bindings that the services of a host would have, normalises
// those of each, and holds all of them to the rules in their order: conflicts
// inside a service, then places of other hosts, then claims of two services on
// one place. It changes nothing it is given.
func Settle(on Ground, services []Claims) ([]Claims, *Refusal) {
	settled := make([]Claims, len(services))
	for i, s := range services {
		settled[i] = Claims{s.Service, normalise(s.Bindings)}
	}
	for _, rule := range []func() *Refusal{
		func() *Refusal { return conflict(settled) },
		func() *Refusal { return crossHost(on, settled) },
		func() *Refusal { return claimedTwice(settled) },
	} {
		if refusal := rule(); refusal != nil {
			return nil, refusal
		}
	}
	return settled, nil
}

// normalise drops bindings that others of the same service cover: first those of
// one interface whose port is bound on all, then repetitions, of which the
// first stays, or the first with an id. The rest keeps its order.
func normalise(bindings []Binding) []Binding {
	everywhere := map[string]bool{}
	for _, b := range bindings {
		if b.everywhere() {
			everywhere[b.Port] = true
		}
	}
	kept := []Binding{}
	at := map[Place]int{}
	for _, b := range bindings {
		if b.Port != "" && b.Interface != "" && everywhere[b.Port] {
			continue
		}
		i, seen := at[b.Place]
		switch {
		case !seen:
			at[b.Place] = len(kept)
			kept = append(kept, b)
		case kept[i].ID == "":
			kept[i] = b
		}
	}
	return kept
}

// conflict finds a service that is on an interface without a port and with one.
func conflict(services []Claims) *Refusal {
	for _, s := range services {
		for _, whole := range s.Bindings {
			if whole.Port != "" {
				continue
			}
			i := slices.IndexFunc(s.Bindings, func(b Binding) bool { return b.Port != "" && overlap(b.Interface, whole.Interface) })
			if i >= 0 {
				return &Refusal{RuleConflict, s.Service, whole.Place, fmt.Sprintf(
					"the service %q binds %s without a port and also %s", s.Service, whole.Place, s.Bindings[i].Place)}
			}
		}
	}
	return nil
}

// crossHost finds a place that is none of the host's. What no host has is told
// in the same words, so that nobody learns what other hosts have.
func crossHost(on Ground, services []Claims) *Refusal {
	for _, s := range services {
		for _, b := range s.Bindings {
			if b.Port != "" && !slices.Contains(on.Ports, b.Port) {
				return &Refusal{RuleCrossHost, s.Service, b.Place, fmt.Sprintf("the port %s is not on the service's host", b.Port)}
			}
			if b.Interface != "" && !slices.Contains(on.Interfaces, b.Interface) {
				return &Refusal{RuleCrossHost, s.Service, b.Place, fmt.Sprintf("the interface %s is not on the service's host", b.Interface)}
			}
		}
	}
	return nil
}

// claimedTwice finds a port that two services bind on one interface. Without a
// port, any number of services may share an interface.
func claimedTwice(services []Claims) *Refusal {
	type holder struct {
		service   int
		Interface string
	}
	holders := map[string][]holder{}
	for n, s := range services {
		for _, b := range s.Bindings {
			if b.Port == "" {
				continue
			}
			for _, h := range holders[b.Port] {
				if h.service != n && overlap(h.Interface, b.Interface) {
					return &Refusal{RuleClaim, s.Service, b.Place, fmt.Sprintf(
						"%s is bound by the service %q already", b.Place, services[h.service].Service)}
				}
			}
			holders[b.Port] = append(holders[b.Port], holder{n, b.Interface})
		}
	}
	return nil
}

// overlap tells whether two sets of interfaces share one; empty is all of them.
func overlap(a, b string) bool { return a == b || a == "" || b == "" }

// everywhere tells whether a place is a port of all interfaces.
func (p Place) everywhere() bool { return p.Port != "" && p.Interface == "" }

func (p Place) String() string {
	switch {
	case p.Port == "":
		return "the interface " + p.Interface
	case p.Interface == "":
		return "the port " + p.Port + " on all interfaces"
	}
	return "the port " + p.Port + " on the interface " + p.Interface
}
