package network

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"almanac/internal/fault"
	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

// oneTier is what most tests begin with.
const oneTier = `,
	"interfaces":[{"id":"$eth0","subnet_id":"$lan","ip_address":"10.0.3.1"},{"id":"$eth1","subnet_id":"$lan","ip_address":"10.0.3.2"}],
	"ports":[{"id":"$p1","number":1,"protocol":"Tcp"},{"id":"$p2","number":2,"protocol":"Tcp"},{"id":"$p3","number":3,"protocol":"Tcp"}],
	"services":[
		{"id":"$a","service_definition":"Caddy","name":"a","bindings":[{"type":"Port","port_id":"$p1"}]},
		{"id":"$b","service_definition":"Caddy","name":"b","bindings":[{"type":"Port","port_id":"$p2","interface_id":"$eth0"},{"type":"Port","port_id":"$p3","interface_id":"$eth1"}]},
		{"id":"$c","service_definition":"Caddy","name":"c","bindings":[{"type":"Interface","interface_id":"$eth0"}]}]`

func TestTheBodyOfAGetOfAHostSentBackChangesNothing(t *testing.T) {
	s := withLan(t)
	tags := s.tag(2)
	s.ids["red"], s.ids["blue"] = string(tags[0]), string(tags[1])
	full := s.newHost(oneTier + `,"hostname":"h","description":"","hidden":true,"tags":["$red","$blue"],"virtualization":{"type":"Docker","details":{"container_id":"c0ffee"}}`)
	put := stateOf(full.Services[1])
	put.Body.Position, put.Body.Tags = new(7), tags
	put.Body.Virtualization = &SentVirtualization{Type: "Docker", Details: SentDocker{ContainerName: new("c")}}
	_, err := s.update(put)
	s.must(err)
	for _, id := range []string{full.ID, s.newHost("").ID} {
		h := s.hostNow(id)
		text, err := json.Marshal(h)
		s.must(err)
		body, err := decoded[HostState](t, string(text))
		s.must(err)
		s.refused("the same", -1, "", func() error {
			s.tick()
			got, err := s.UpdateHost(t.Context(), ann, UpdateHostInput{ID: UUID(id), Body: body})
			if !reflect.DeepEqual(got, h) {
				t.Errorf("got  %+v\nwant %+v", got, h)
			}
			return err
		})
	}
}

func TestAPutReplacesTheFactsOfAHostAndWhatItLeavesOutIsCleared(t *testing.T) {
	s := withLan(t)
	tags := s.tag(2)
	s.ids["red"], s.ids["blue"] = string(tags[0]), string(tags[1])
	made := s.newHost(oneTier + `,"hostname":"h","description":"d","hidden":true,"tags":["$red"],"virtualization":{"type":"Docker","details":{}}`)
	got := s.replacedHost(made.ID, `,"hostname":"g","description":null,"tags":["$blue"],"id":"$nowhere","source":{"type":"X"},"created_at":0`)
	want := made
	want.Hostname, want.Description, want.Hidden, want.Virtualization, want.Tags = new("g"), nil, false, nil, []string{s.ids["blue"]}
	want.UpdatedAt = s.instant()
	if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(s.hostNow(made.ID), want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	got = s.replacedHost(made.ID, "")
	want.Hostname, want.Tags, want.UpdatedAt = nil, []string{}, s.instant()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestWhatIsAbsentIsKeptAndAnArraySyncs(t *testing.T) {
	for _, c := range []struct{ name, members, want string }{
		{"nothing is sent", ``, "eth0 eth1 | p1 p2 p3 | a(p1) b(p2@eth0 p3@eth1) c(eth0)"},
		{"all services go", `,"services":[]`, "eth0 eth1 | p1 p2 p3 |"},
		{"all ports go and take their bindings", `,"ports":[]`, "eth0 eth1 | | a() b() c(eth0)"},
		{"all interfaces go and take what is pinned to them, which is never widened", `,"interfaces":[]`, "| p1 p2 p3 | a(p1) b() c()"},
		{"a bound port goes", `,"ports":[{"id":"$p1","number":1,"protocol":"Tcp"},{"id":"$p3","number":3,"protocol":"Tcp"}]`,
			"eth0 eth1 | p1 p3 | a(p1) b(p3@eth1) c(eth0)"},
		{"an interface goes", `,"interfaces":[{"id":"$eth1","subnet_id":"$lan","ip_address":"10.0.3.2"}]`, "eth1 | p1 p2 p3 | a(p1) b(p3@eth1) c()"},
		{"a port is new by its id", `,"ports":[{"id":"$p2","number":2,"protocol":"Tcp"},{"id":"$p9","number":9,"protocol":"Udp"}]`,
			"eth0 eth1 | p2 p9 | a() b(p2@eth0) c(eth0)"},
		{"ports without ids are new, though they have the same numbers", `,"ports":[{"number":1,"protocol":"Tcp"}]`, "eth0 eth1 | Tcp1 | a() b() c(eth0)"},
		{"a port changes and what binds it stays", `,"ports":[{"id":"$p1","number":80,"protocol":"Tcp"},{"id":"$p2","number":1,"protocol":"Tcp"},{"id":"$p3","number":3,"protocol":"Tcp"}]`,
			"eth0 eth1 | p2 p3 p1 | a(p1) b(p2@eth0 p3@eth1) c(eth0)"},
		{"a service goes and one comes", `,"services":[{"id":"$a","service_definition":"Caddy","name":"a"},{"service_definition":"Caddy","name":"n","bindings":[{"type":"Port","port_id":"$p2"}]}]`,
			"eth0 eth1 | p1 p2 p3 | a(p1) n(p2)"},
		{"bindings that are absent are kept, and an array syncs", `,"services":[{"id":"$a","service_definition":"Caddy","name":"a"},{"id":"$b","service_definition":"Caddy","name":"b","bindings":[]}]`,
			"eth0 eth1 | p1 p2 p3 | a(p1) b()"},
		{"kept bindings go with their port, though services are sent", `,"ports":[],"services":[{"id":"$b","service_definition":"Caddy","name":"b"},{"id":"$a","service_definition":"Caddy","name":"a"}]`,
			"eth0 eth1 | | a() b()"},
		{"a service binds a port that is sent with it", `,"ports":[{"id":"$new","number":9,"protocol":"Tcp"}],"services":[{"id":"$s","service_definition":"Caddy","name":"s","bindings":[{"type":"Port","port_id":"$new"}]}]`,
			"eth0 eth1 | new | s(new)"},
		{"two ports swap their services", `,"services":[
			{"id":"$a","service_definition":"Caddy","name":"a","bindings":[{"type":"Port","port_id":"$p2","interface_id":"$eth0"}]},
			{"id":"$b","service_definition":"Caddy","name":"b","bindings":[{"type":"Port","port_id":"$p1"}]},
			{"id":"$c","service_definition":"Caddy","name":"c"}]`, "eth0 eth1 | p1 p2 p3 | a(p2@eth0) b(p1) c(eth0)"},
		{"a port moves from one service to another", `,"services":[
			{"id":"$a","service_definition":"Caddy","name":"a","bindings":[]},
			{"id":"$b","service_definition":"Caddy","name":"b","bindings":[{"type":"Port","port_id":"$p1"},{"type":"Port","port_id":"$p2"}]},
			{"id":"$c","service_definition":"Caddy","name":"c","bindings":[{"type":"Port","port_id":"$p3"}]}]`, "eth0 eth1 | p1 p2 p3 | a() b(p1 p2) c(p3)"},
		{"ports swap their numbers", `,"ports":[{"id":"$p1","number":2,"protocol":"Tcp"},{"id":"$p2","number":1,"protocol":"Tcp"},{"id":"$p3","number":3,"protocol":"Tcp"}]`,
			"eth0 eth1 | p2 p1 p3 | a(p1) b(p2@eth0 p3@eth1) c(eth0)"},
		{"interfaces swap their addresses", `,"interfaces":[{"id":"$eth0","subnet_id":"$lan","ip_address":"10.0.3.2"},{"id":"$eth1","subnet_id":"$lan","ip_address":"10.0.3.1"}]`,
			"eth0 eth1 | p1 p2 p3 | a(p1) b(p2@eth0 p3@eth1) c(eth0)"},
		{"interfaces without positions stay in their order and new ones follow", `,"interfaces":[{"id":"$x","subnet_id":"$lan","ip_address":"10.0.3.8"},{"id":"$eth1","subnet_id":"$lan","ip_address":"10.0.3.2"},{"id":"$eth0","subnet_id":"$lan","ip_address":"10.0.3.1"},{"id":"$y","subnet_id":"$lan","ip_address":"10.0.3.9"}]`,
			"eth0 eth1 x y | p1 p2 p3 | a(p1) b(p2@eth0 p3@eth1) c(eth0)"},
		{"services with positions are in their order", `,"services":[{"id":"$a","service_definition":"Caddy","name":"a","position":5},{"id":"$c","service_definition":"Caddy","name":"c","position":1},{"id":"$n","service_definition":"Caddy","name":"n","position":3}]`,
			"eth0 eth1 | p1 p2 p3 | c(eth0) n() a(p1)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := withLan(t)
			made := s.newHost(oneTier)
			got := s.replacedHost(made.ID, c.members)
			if s.shape(got) != c.want {
				t.Errorf("it is   %s\nand not %s", s.shape(got), c.want)
			}
			if now := s.hostNow(made.ID); !reflect.DeepEqual(now, got) {
				t.Errorf("stored is %+v, answered %+v", now, got)
			}
			for i, f := range got.Interfaces {
				if f.Position != i {
					t.Errorf("the interface %d is at %d", i, f.Position)
				}
			}
			// What stays on the host is as old as it was.
			for _, p := range got.Ports {
				if was := made.port(p.ID); was != nil && p.CreatedAt != was.CreatedAt || was == nil && p.CreatedAt != s.instant() {
					t.Errorf("the port %d was made at %v", p.Number, p.CreatedAt)
				}
			}
			for _, service := range got.Services {
				was := made.service(service.ID)
				if was != nil && service.CreatedAt != was.CreatedAt {
					t.Errorf("the service %s was made at %v", service.Name, service.CreatedAt)
				}
				// With its bindings it changed, and with nothing else.
				if was != nil && (service.UpdatedAt == was.UpdatedAt) != (reflect.DeepEqual(service.Bindings, was.Bindings) && service.Position == was.Position) {
					t.Errorf("the service %s was changed at %v", service.Name, service.UpdatedAt)
				}
			}
			if got.UpdatedAt != made.UpdatedAt {
				t.Error("what is on a host moved its time")
			}
		})
	}
}

func TestWhatAHostCannotBecomeStoresNothing(t *testing.T) {
	s := withLan(t)
	made := s.newHost(oneTier)
	service := func(name, bindings string) string {
		return `{"id":"$` + name + `","service_definition":"Caddy","name":"` + name + `","bindings":[` + bindings + `]}`
	}
	for _, c := range []struct {
		name, members, code string
	}{
		{"a sent service binds a removed port", `,"ports":[{"id":"$p2","number":2,"protocol":"Tcp"}],"services":[` + service("a", `{"type":"Port","port_id":"$p1"}`) + `]`, "binding_cross_host"},
		{"a sent service binds a removed interface", `,"interfaces":[],"services":[` + service("a", `{"type":"Interface","interface_id":"$eth0"}`) + `]`, "binding_cross_host"},
		{"a sent service takes a port that one holds that is sent too", `,"services":[` + service("a", `{"type":"Port","port_id":"$p1"}`) + `,` + service("b", `{"type":"Port","port_id":"$p1","interface_id":"$eth0"}`) + `]`, "binding_claim"},
		{"a port becomes another one", `,"ports":[{"id":"$p1","number":2,"protocol":"Tcp"},{"id":"$p2","number":2,"protocol":"Tcp"}]`, "duplicate_port"},
		{"an interface becomes another one", `,"interfaces":[{"id":"$eth0","subnet_id":"$lan","ip_address":"10.0.3.2"},{"id":"$eth1","subnet_id":"$lan","ip_address":"10.0.3.2"}]`, "duplicate_address"},
		{"a service has the id of a port that stays", `,"services":[{"id":"$p1","service_definition":"Caddy","name":"a"}]`, "duplicate_id"},
		{"a port has the id of its host", `,"ports":[{"id":"$self","number":1,"protocol":"Tcp"}]`, "duplicate_id"},
		{"the network is another one", `,"network_id":"$away"`, "host_on_another_network"},
	} {
		s.ids["self"] = made.ID
		if s.ids["away"] == "" {
			s.ids["away"] = newID()
			_, err := s.timeline.CreateScope(t.Context(), networkScope(ann.Workspace, s.ids["away"]), nil, actorOf(ann))
			s.must(err)
		}
		s.refused(c.name, fault.Invalid, c.code, func() error { _, err := s.replaceHost(made.ID, c.members); return err })
	}
	s.refused("a network of nothing", fault.NotFound, "", func() error { _, err := s.replaceHost(made.ID, `,"network_id":"$nowhere"`); return err })
	for _, id := range []string{newID(), s.ids["p1"], s.ids["a"], newIDOn(made.ID)} {
		s.refused("a host of nothing", fault.NotFound, "", func() error { _, err := s.replaceHost(id, ``); return err })
	}
	stranger := tenant.Principal{Workspace: "other", ID: "k", Role: tenant.Owner}
	s.refused("another workspace's host", fault.NotFound, "", func() error {
		_, err := s.UpdateHost(t.Context(), stranger, UpdateHostInput{ID: UUID(made.ID)})
		return err
	})
}

func TestAHostThatWasChangedSinceIsNotReplaced(t *testing.T) {
	s := withLan(t)
	made := s.newHost(oneTier)
	expecting := func(at timeline.Instant) string { return fmt.Sprintf(`,"hidden":true,"expected_updated_at":%q`, at) }
	s.refused("another instant", fault.Conflict, "conflict", func() error { _, err := s.replaceHost(made.ID, expecting(made.UpdatedAt-1)); return err })
	s.replacedHost(made.ID, `,"hidden":true,"services":[]`)
	last := s.instant()
	s.refused("that of before", fault.Conflict, "conflict", func() error { _, err := s.replaceHost(made.ID, expecting(made.UpdatedAt)); return err })
	// What is on the host does not move it.
	s.replacedHost(made.ID, `,"hidden":true,"ports":[]`)
	s.replacedHost(made.ID, expecting(last)+`,"expected":1`)
	s.replacedHost(made.ID, `,"expected_updated_at":null`)
}

func TestAnETagOfAHostSeesWhatIsOnIt(t *testing.T) {
	s := withLan(t)
	made := s.newHost(oneTier)
	guard := func(h Host) (g Guard) {
		s.must(g.IfMatch.UnmarshalText([]byte(h.ETag())))
		return g
	}
	body, err := decoded[HostState](t, `{"name":"guarded"}`)
	s.must(err)
	for name, operation := range map[string]func(Guard) error{
		"put": func(g Guard) error {
			_, err := s.UpdateHost(t.Context(), ann, UpdateHostInput{UUID(made.ID), g, body})
			return err
		},
		"delete": func(g Guard) error { return s.DeleteHost(t.Context(), ann, DeleteHostInput{UUID(made.ID), g}) },
		"consolidate": func(g Guard) error {
			_, err := s.ConsolidateHosts(t.Context(), ann, ConsolidateHostsInput{UUID(made.ID), UUID(s.other.ID), g})
			return err
		},
	} {
		old := guard(s.hostNow(made.ID))
		s.must(s.change(made.ID, func(h *Host) { h.Ports[0].Number += 1000 }))
		s.refused(name, fault.Precondition, "conflict", func() error { return operation(old) })
	}
	_, err = s.UpdateHost(t.Context(), ann, UpdateHostInput{UUID(made.ID), guard(s.hostNow(made.ID)), body})
	s.must(err)
	s.must(s.DeleteHost(t.Context(), ann, DeleteHostInput{UUID(made.ID), guard(s.hostNow(made.ID))}))
}

// Whoever has which ports, any other valid way to share them is one PUT away.
func TestPortsMoveBetweenServicesInOneCallHoweverTheyAreShared(t *testing.T) {
	s := withLan(t)
	made := s.newHost(oneTier)
	const ports, services = 3, 3
	rapid.Check(t, func(t *rapid.T) {
		owner := rapid.SliceOfN(rapid.IntRange(-1, services-1), ports, ports).Draw(t, "owner of each port")
		pinned := rapid.SliceOfN(rapid.Bool(), ports, ports).Draw(t, "on one interface alone")
		var sent, want []string
		for i, name := range []string{"a", "b", "c"} {
			var bindings, places []string
			for p := range ports {
				if owner[p] != i {
					continue
				}
				place, at := "", ""
				if pinned[p] {
					place, at = `,"interface_id":"$eth1"`, "@eth1"
				}
				bindings = append(bindings, fmt.Sprintf(`{"type":"Port","port_id":"$p%d"%s}`, p+1, place))
				places = append(places, fmt.Sprintf("p%d%s", p+1, at))
			}
			sent = append(sent, fmt.Sprintf(`{"id":"$%s","service_definition":"Caddy","name":"%s","bindings":[%s]}`, name, name, strings.Join(bindings, ",")))
			want = append(want, name+"("+strings.Join(places, " ")+")")
		}
		got, err := s.replaceHost(made.ID, `,"services":[`+strings.Join(sent, ",")+`]`)
		if err != nil || s.shape(got) != "eth0 eth1 | p1 p2 p3 | "+strings.Join(want, " ") {
			t.Fatalf("%v: %s, %v", want, s.shape(got), err)
		}
	})
}

// What is on a host after any PUT is what was sent, and what was absent and
// still has its place; the same PUT again changes nothing.
func TestASyncIsWhatWasSent(t *testing.T) {
	s := withLan(t)
	made := s.newHost("")
	rapid.Check(t, func(t *rapid.T) {
		before := s.hostNow(made.ID)
		members := ""
		var ports, services []int
		sendPorts, sendServices := rapid.Bool().Draw(t, "ports are sent"), rapid.Bool().Draw(t, "services are sent")
		distinctOf := func(name string) []int {
			return rapid.SliceOfNDistinct(rapid.IntRange(1, 6), 0, 6, rapid.ID).Draw(t, name)
		}
		if sendPorts {
			ports = distinctOf("ports")
			var sent []string
			for _, p := range ports {
				sent = append(sent, fmt.Sprintf(`{"id":"$sync%d","number":%d,"protocol":"Tcp"}`, p, p))
			}
			members += `,"ports":[` + strings.Join(sent, ",") + `]`
		} else {
			for _, p := range before.Ports {
				ports = append(ports, p.Number)
			}
		}
		bound := map[int][]int{} // of each service
		if sendServices {
			services = distinctOf("services")
			free := slices.Clone(ports)
			var sent []string
			for _, n := range services {
				binds := ""
				if rapid.Bool().Draw(t, "bindings are sent") {
					count := rapid.IntRange(0, len(free)).Draw(t, "bindings")
					bound[n] = free[:count]
					free = free[count:]
					var all []string
					for _, p := range bound[n] {
						all = append(all, fmt.Sprintf(`{"type":"Port","port_id":"$sync%d"}`, p))
					}
					binds = `,"bindings":[` + strings.Join(all, ",") + `]`
				} else {
					// Nobody else may take what it keeps.
					for _, p := range portsOf(before, s.ids[fmt.Sprint("svc", n)]) {
						if i := slices.Index(free, p); i >= 0 {
							bound[n] = append(bound[n], p)
							free = slices.Delete(slices.Clone(free), i, i+1)
						} else if slices.Contains(ports, p) {
							t.Skip("it is taken")
						}
					}
				}
				sent = append(sent, fmt.Sprintf(`{"id":"$svc%d","service_definition":"Caddy","name":"svc%d"%s}`, n, n, binds))
			}
			members += `,"services":[` + strings.Join(sent, ",") + `]`
		} else {
			for _, service := range before.Services {
				n := int(service.Name[len("svc")] - '0')
				services = append(services, n)
				for _, p := range portsOf(before, service.ID) {
					if slices.Contains(ports, p) {
						bound[n] = append(bound[n], p)
					}
				}
			}
		}
		got, err := s.replaceHost(made.ID, members)
		if err != nil {
			t.Fatalf("%s: %v", members, err)
		}
		var numbers, present []int
		for _, p := range got.Ports {
			numbers = append(numbers, p.Number)
		}
		for _, service := range got.Services {
			n := int(service.Name[len("svc")] - '0')
			present = append(present, n)
			if p := portsOf(got, service.ID); !slices.Equal(p, bound[n]) {
				t.Fatalf("%s: %s binds %v, not %v", members, service.Name, p, bound[n])
			}
		}
		if !slices.Equal(numbers, slices.Sorted(slices.Values(ports))) || !slices.Equal(slices.Sorted(slices.Values(present)), slices.Sorted(slices.Values(services))) {
			t.Fatalf("%s: it has %v and %v", members, numbers, present)
		}
		if err := disjoint([]*Host{&got}); err != nil {
			t.Fatal(err)
		}
		// A binding that is sent without its id is another one each time.
		if !strings.Contains(members, `"bindings":[{`) {
			again, err := s.replaceHost(made.ID, members)
			if err != nil || !reflect.DeepEqual(again, got) {
				t.Fatalf("again: %+v, %v", again, err)
			}
		}
	})
}

// portsOf are the numbers of the ports that a service binds, in order.
func portsOf(h Host, service string) []int {
	var numbers []int
	if s := h.service(service); s != nil {
		for _, b := range s.Bindings {
			numbers = append(numbers, h.port(b.PortID).Number)
		}
	}
	return numbers
}
