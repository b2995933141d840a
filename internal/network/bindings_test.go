package network

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// onH puts services on the host H, which has two ports and two interfaces; the
// other host has px and ex.
func onH(services ...Service) *Host {
	return &Host{
		Ports:      []Port{{ID: "p80"}, {ID: "p443"}},
		Interfaces: []Interface{{ID: "e0"}, {ID: "e1"}},
		Services:   services,
	}
}

// parse reads places as the contract's table writes them: P(port,interface),
// P(port) for all interfaces, I(interface).
func parse(text string) []Binding {
	bindings := []Binding{}
	for _, word := range strings.Fields(text) {
		kind, args, _ := strings.Cut(strings.TrimSuffix(word, ")"), "(")
		port, on, _ := strings.Cut(args, ",")
		if kind == "I" {
			port, on = "", port
		}
		bindings = append(bindings, binding("", port, on))
	}
	return bindings
}

func binding(id, port, on string) Binding {
	b := Binding{ID: id, Type: OnPort, PortID: port, InterfaceID: on}
	if port == "" {
		b.Type = OnInterface
	}
	return b
}

func TestBindingsAreSettledAsTheContractsTableSays(t *testing.T) {
	for _, c := range append(slices.Clone(theTable),
		ruling{sent: "I(ex) P(p80)", rule: RuleConflict}, // before the hosts are looked at
		ruling{sent: "P(px) P(p80)", other: "P(p80)", rule: RuleCrossHost},
	) {
		t.Run(c.sent+" beside "+c.other, func(t *testing.T) {
			for sent := range permutations(parse(c.sent)) {
				h := onH(Service{Name: "other", Bindings: parse(c.other)}, Service{Name: "s", Bindings: sent})
				refusal := settle(h)
				if c.rule != "" {
					if refusal == nil || refusal.Rule != c.rule {
						t.Errorf("%v gives %v, not a refusal by %s", sent, refusal, c.rule)
					}
					continue
				}
				if refusal != nil || places(h.Services[1].Bindings) != places(parse(c.kept)) {
					t.Errorf("%v gives %v, %v", sent, h.Services[1].Bindings, refusal)
				}
			}
		})
	}
}

// permutations yields all orders of a list.
func permutations(list []Binding) func(func([]Binding) bool) {
	return func(yield func([]Binding) bool) {
		var from func(i int) bool
		from = func(i int) bool {
			if i == len(list) {
				return yield(slices.Clone(list))
			}
			for j := i; j < len(list); j++ {
				list[i], list[j] = list[j], list[i]
				more := from(i + 1)
				list[i], list[j] = list[j], list[i]
				if !more {
					return false
				}
			}
			return true
		}
		from(0)
	}
}

// places shows bindings without their order.
func places(bindings []Binding) string {
	var all []string
	for _, b := range bindings {
		all = append(all, b.String())
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func TestOfRepetitionsTheFirstWithAnIDStays(t *testing.T) {
	for _, c := range []struct{ ids, kept string }{
		{"- a", "a"}, {"a -", "a"}, {"a b", "a"}, {"- - b a", "b"}, {"- -", "-"},
	} {
		var sent []Binding
		for id := range strings.FieldsSeq(c.ids) {
			sent = append(sent, binding(strings.Trim(id, "-"), "p80", "e0"))
		}
		if kept := normalise(sent); len(kept) != 1 || kept[0].ID != strings.Trim(c.kept, "-") {
			t.Errorf("of %s stays %v", c.ids, kept)
		}
	}
}

func TestARefusalSaysWhoAndWhere(t *testing.T) {
	for _, c := range []struct{ first, second, want string }{
		{"I(e0) P(p80)", "", `the service "first" binds the interface e0 without a port and also the port p80 on all interfaces`},
		{"", "P(p80,ex)", `the interface ex is not on the host of the service "second"`},
		{"", "P(px,e0)", `the port px is not on the host of the service "second"`},
		{"P(p80,e0)", "P(p80)", `the service "second" cannot bind the port p80 on all interfaces: the service "first" does`},
	} {
		h := onH(Service{Name: "first", Bindings: parse(c.first)}, Service{Name: "second", Bindings: parse(c.second)})
		if refusal := settle(h); refusal == nil || refusal.Error() != c.want {
			t.Errorf("%s, %s: %v", c.first, c.second, refusal)
		}
	}
}

var anyPlace = rapid.Custom(func(t *rapid.T) Binding {
	port := rapid.SampledFrom([]string{"p80", "p443", "px", ""}).Draw(t, "port")
	on := rapid.SampledFrom([]string{"e0", "e1", "ex", ""}).Draw(t, "interface")
	if port == "" && on == "" {
		on = "e0" // a binding is of something
	}
	return binding(rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "id"), port, on)
})

var anyServices = rapid.Custom(func(t *rapid.T) []Service {
	services := []Service{}
	for n := range rapid.IntRange(1, 3).Draw(t, "services") {
		services = append(services, Service{Name: fmt.Sprint("s", n), Bindings: rapid.SliceOfN(anyPlace, 0, 4).Draw(t, "bindings")})
	}
	return services
})

func TestNormalisingTwiceIsNormalisingOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		once := normalise(rapid.SliceOf(anyPlace).Draw(t, "bindings"))
		if twice := normalise(once); !slices.Equal(once, twice) {
			t.Fatalf("%v became %v", once, twice)
		}
	})
}

func TestTheOrderOfBindingsAndServicesDecidesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		services := anyServices.Draw(t, "services")
		refusal := settle(onH(slices.Clone(services)...))
		mixed := rapid.Permutation(services).Draw(t, "order of services")
		for i := range mixed {
			mixed[i].Bindings = rapid.Permutation(mixed[i].Bindings).Draw(t, "order of bindings")
		}
		other := settle(onH(mixed...))
		if (refusal == nil) != (other == nil) || refusal != nil && refusal.Rule != other.Rule {
			t.Fatalf("%v in one order, %v in another", refusal, other)
		}
	})
}

func TestWithoutOneBindingWhatStoodStillStands(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := onH(anyServices.Draw(t, "services")...)
		if settle(h) != nil {
			return
		}
		n := rapid.IntRange(0, len(h.Services)-1).Draw(t, "service")
		if len(h.Services[n].Bindings) == 0 {
			return
		}
		i := rapid.IntRange(0, len(h.Services[n].Bindings)-1).Draw(t, "binding")
		h.Services[n].Bindings = slices.Delete(slices.Clone(h.Services[n].Bindings), i, i+1)
		if refusal := settle(h); refusal != nil {
			t.Fatalf("%v: %v", h.Services, refusal)
		}
	})
}

// In what stands no two services reach one port of one interface, whatever
// interfaces the host has, and no service has an interface with and without a port.
func TestNothingThatStandsOverlaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := onH(anyServices.Draw(t, "services")...)
		if settle(h) != nil {
			return
		}
		type socket struct{ port, on string }
		holder := map[socket]string{}
		for _, s := range h.Services {
			whole, ported := map[string]bool{}, map[string]bool{}
			for _, b := range s.Bindings {
				if b.Type == OnInterface {
					whole[b.InterfaceID] = true
					continue
				}
				for _, on := range []string{"e0", "e1"} {
					if b.InterfaceID != "" && b.InterfaceID != on {
						continue
					}
					ported[on] = true
					at := socket{b.PortID, on}
					if holder[at] != "" {
						t.Fatalf("%s and %s have %v", holder[at], s.Name, at)
					}
					holder[at] = s.Name
				}
			}
			for on := range whole {
				if ported[on] {
					t.Fatalf("%s has %s with and without a port", s.Name, on)
				}
			}
		}
	})
}
