package network

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"almanac/internal/fault"
	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

func (w *world) newSubnet(cidr string) CreateSubnetInput {
	return CreateSubnetInput{NewSubnet{UUID(w.network), SubnetFacts{Name: "new", CIDR: CIDR(cidr)}}}
}

func (w *world) putSubnet(id string, facts SubnetFacts) (Subnet, error) {
	w.tick()
	return w.UpdateSubnet(w.Context(), ann, UpdateSubnetInput{ID: UUID(id), Body: SubnetState{SubnetFacts: facts}})
}

func (w *world) makeNetwork() string {
	w.Helper()
	id := newID()
	_, err := w.timeline.CreateScope(w.Context(), networkScope(ann.Workspace, id), nil, actorOf(ann))
	w.must(err)
	return id
}

func TestASubnetIsMadeReplacedAndDeleted(t *testing.T) {
	w := newWired(t)
	w.tick()
	in := w.newSubnet("192.168.7.0/24")
	in.Body.Description = new("printers")
	made, err := w.CreateSubnet(t.Context(), ann, in)
	w.must(err)
	want := Subnet{
		ID: made.ID, Times: Times{w.instant(), w.instant()}, NetworkID: w.network, Name: "new", CIDR: "192.168.7.0/24", Description: new("printers"),
	}
	if etagOf(made) != etagOf(want) {
		t.Errorf("made is  %+v\nand not %+v", made, want)
	}
	then := w.instant()
	put, err := w.putSubnet(made.ID, SubnetFacts{Name: "printers", CIDR: "192.168.0.0/16"})
	w.must(err)
	want.Name, want.CIDR, want.Description, want.UpdatedAt = "printers", "192.168.0.0/16", nil, w.instant()
	if put != want {
		t.Errorf("replaced it is %+v", put)
	}
	for at, want := range map[*timeline.Instant]Subnet{nil: put, &then: made} {
		if got, err := w.GetSubnet(t.Context(), ann, GetSubnetInput{UUID(made.ID), at}); err != nil || etagOf(got) != etagOf(want) {
			t.Errorf("it is %+v, %v", got, err)
		}
	}
	w.refused("what it is already", -1, "", func() error {
		_, err := w.UpdateSubnet(t.Context(), ann, UpdateSubnetInput{ID: UUID(made.ID), Body: SubnetState{new(UUID(w.network)), SubnetFacts{Name: "printers", CIDR: "192.168.0.0/16"}}})
		return err
	})
	w.tick()
	w.must(w.DeleteSubnet(t.Context(), ann, DeleteSubnetInput{ID: UUID(made.ID)}))
	if got, err := w.GetSubnet(t.Context(), ann, GetSubnetInput{UUID(made.ID), &then}); err != nil || etagOf(got) != etagOf(made) {
		t.Errorf("it was %+v, %v", got, err)
	}
	w.makeSubnet("again", "192.168.7.0/24")
	stranger := tenant.Principal{Workspace: "other", ID: "k", Role: tenant.Owner}
	there := UUID(w.lab.ID)
	facts := SubnetFacts{Name: "x", CIDR: "172.16.0.0/12"}
	for name, operation := range map[string]func() error{
		"get":    func() error { _, err := w.GetSubnet(t.Context(), ann, GetSubnetInput{ID: UUID(made.ID)}); return err },
		"put":    func() error { _, err := w.putSubnet(made.ID, facts); return err },
		"delete": func() error { return w.DeleteSubnet(t.Context(), ann, DeleteSubnetInput{ID: UUID(made.ID)}) },
		"get of a host": func() error {
			_, err := w.GetSubnet(t.Context(), ann, GetSubnetInput{ID: UUID(w.host.ID)})
			return err
		},
		"delete of nothing": func() error { return w.DeleteSubnet(t.Context(), ann, DeleteSubnetInput{ID: UUID(newID())}) },
		"put of nothing":    func() error { _, err := w.putSubnet(newID(), facts); return err },
		"post to nothing": func() error {
			_, err := w.CreateSubnet(t.Context(), ann, CreateSubnetInput{NewSubnet{UUID(newID()), facts}})
			return err
		},
		"a stranger's get": func() error {
			_, err := w.GetSubnet(t.Context(), stranger, GetSubnetInput{ID: there})
			return err
		},
		"a stranger's delete": func() error { return w.DeleteSubnet(t.Context(), stranger, DeleteSubnetInput{ID: there}) },
		"a stranger's put": func() error {
			_, err := w.UpdateSubnet(t.Context(), stranger, UpdateSubnetInput{ID: there, Body: SubnetState{SubnetFacts: facts}})
			return err
		},
		"a stranger's post": func() error {
			_, err := w.CreateSubnet(t.Context(), stranger, w.newSubnet("172.16.0.0/12"))
			return err
		},
		"a put to a network of nothing": func() error {
			_, err := w.UpdateSubnet(t.Context(), ann, UpdateSubnetInput{ID: there, Body: SubnetState{new(UUID(newID())), facts}})
			return err
		},
	} {
		w.refused(name, fault.NotFound, "", operation)
	}
	away := w.makeNetwork()
	w.refused("a put to another network", fault.Invalid, "stays_in_network", func() error {
		_, err := w.UpdateSubnet(t.Context(), ann, UpdateSubnetInput{ID: there, Body: SubnetState{new(UUID(away)), facts}})
		return err
	})
}

func TestNoTwoSubnetsOfANetworkShareAnAddress(t *testing.T) {
	w := newWired(t) // with 10.0.0.0/16 and 2001:db8::/64
	for _, c := range []struct{ cidr, taken string }{
		{"10.0.0.0/16", w.office.ID},
		{"10.0.255.255/32", w.office.ID},
		{"10.0.3.0/24", w.office.ID},
		{"10.0.0.0/8", w.office.ID},
		{"0.0.0.0/0", w.office.ID},
		{"2001:db8::/64", w.lab.ID},
		{"2001:db8::/32", w.lab.ID},
		{"2001:db8:0:0:ffff::/80", w.lab.ID},
		{"::/0", w.lab.ID},
		{"10.1.0.0/16", ""},
		{"9.255.0.0/16", ""},
		{"2001:db8:0:1::/64", ""},
		{"::a00:0/112", ""}, // the bits of 10.0.0.0, in IPv6
		{"fd00::/8", ""},
	} {
		in := w.newSubnet(spelt[CIDR](c.cidr))
		if c.taken == "" {
			if _, err := w.CreateSubnet(t.Context(), ann, in); err != nil {
				t.Errorf("%s: %v", c.cidr, err)
			}
			continue
		}
		w.refused(c.cidr, fault.Invalid, "overlapping_subnets", func() error {
			_, err := w.CreateSubnet(t.Context(), ann, in)
			if !strings.Contains(fmt.Sprint(err), c.taken) {
				t.Errorf("%s: the error does not name %s: %v", c.cidr, c.taken, err)
			}
			return err
		})
	}
	w.refused("a PUT", fault.Invalid, "overlapping_subnets", func() error {
		_, err := w.putSubnet(w.lab.ID, SubnetFacts{Name: "lab", CIDR: "10.0.3.0/24"})
		return err
	})
	if _, err := w.putSubnet(w.lab.ID, SubnetFacts{Name: "lab", CIDR: "2001:db8::/80"}); err != nil {
		t.Errorf("a PUT to a part of what it has: %v", err)
	}
	in := w.newSubnet("10.0.0.0/16")
	in.Body.NetworkID = UUID(w.makeNetwork())
	if _, err := w.CreateSubnet(t.Context(), ann, in); err != nil {
		t.Errorf("in another network: %v", err)
	}
}

func TestARangeChangesWhileAllInterfacesAreInIt(t *testing.T) {
	w := newWired(t) // whose interfaces in 10.0.0.0/16 have 10.0.0.1 and 10.0.0.2
	put := func(cidr string) error {
		_, err := w.putSubnet(w.office.ID, SubnetFacts{Name: "office", CIDR: CIDR(cidr)})
		return err
	}
	for _, cidr := range []string{"10.0.0.0/8", "10.0.0.0/30", "10.0.0.0/24"} {
		if err := put(cidr); err != nil {
			t.Errorf("%s: %v", cidr, err)
		}
	}
	for _, cidr := range []string{"10.0.0.0/31", "10.1.0.0/16", "10.0.0.2/32", "fd00::/8"} {
		w.refused(cidr, fault.Invalid, "stranded_interface", func() error {
			err := put(cidr)
			named := fmt.Sprint(err)
			if !strings.Contains(named, w.ids["e0"]) && !strings.Contains(named, w.ids["e1"]) && !strings.Contains(named, w.ids["ex"]) {
				t.Errorf("%s: the error names no interface: %v", cidr, err)
			}
			return err
		})
	}
	for _, id := range []string{w.ids["e0"], w.ids["ex"]} {
		w.must(w.DeleteInterface(t.Context(), ann, DeleteInterfaceInput{ID: UUID(id)}))
	}
	if err := put("10.0.0.2/32"); err != nil {
		t.Errorf("without them: %v", err)
	}
	w.refused("an address where the range was", fault.Invalid, "address_outside_subnet", func() error {
		_, err := w.CreateInterface(t.Context(), ann, w.newInterface(w.facts(w.office, "10.0.0.1")))
		return err
	})
}

func TestTheBodyOfASubnetIsHeldToItsMembers(t *testing.T) {
	const some = `"network_id":"` + someID + `","name":"office"`
	for body, good := range map[string]bool{
		`{` + some + `,"cidr":"10.0.3.0/24"}`:                                                            true,
		`{` + some + `,"cidr":"2001:DB8:0::/64","description":null}`:                                     true,
		`{` + some + `,"cidr":"10.0.3.0/24","description":"","id":1,"more":{}}`:                          true,
		`{` + some + `,"cidr":"10.0.3.0/24","description":"` + strings.Repeat("ü", 500) + `"}`:           true,
		`{` + some + `,"cidr":"10.0.3.0/24","description":"` + strings.Repeat("ü", 501) + `"}`:           false,
		`{` + some + `,"cidr":"10.0.3.1/24"}`:                                                            false,
		`{` + some + `,"cidr":"10.0.3.0"}`:                                                               false,
		`{` + some + `,"cidr":""}`:                                                                       false,
		`{` + some + `,"cidr":null}`:                                                                     false,
		`{` + some + `}`:                                                                                 false,
		`{"network_id":"` + someID + `","cidr":"10.0.3.0/24"}`:                                           false,
		`{"network_id":"` + someID + `","cidr":"10.0.3.0/24","name":" "}`:                                false,
		`{"network_id":"` + someID + `","cidr":"10.0.3.0/24","name":"` + strings.Repeat("x", 101) + `"}`: false,
		`{"name":"office","cidr":"10.0.3.0/24"}`:                                                         false,
	} {
		if _, err := decoded[NewSubnet](t, body); (err == nil) != good {
			t.Errorf("%.200s: %v", body, err)
		}
	}
	for body, good := range map[string]bool{
		`{` + some + `,"cidr":"10.0.3.0/24"}`:                     true,
		`{"name":"office","cidr":"10.0.3.0/24"}`:                  true,
		`{"name":"office"}`:                                       false,
		`{"cidr":"10.0.3.0/24"}`:                                  false,
		`{"name":"office","cidr":"10.0.3.0/24","network_id":"x"}`: false,
	} {
		if _, err := decoded[SubnetState](t, body); (err == nil) != good {
			t.Errorf("PUT %s: %v", body, err)
		}
	}
}

func TestSubnetsAreListedByNetworkNowAndThen(t *testing.T) {
	w := newWired(t)
	then := w.instant()
	w.must(w.DeleteSubnet(t.Context(), ann, DeleteSubnetInput{ID: UUID(w.lab.ID)}))
	home := w.network
	away := w.makeNetwork()
	w.network = away
	w.makeSubnet("Offsite", "10.0.0.0/16")
	w.network = home
	cellar := w.makeSubnet("cellar", "10.1.0.0/16")
	on := func(f SubnetFilter) ListSubnetsInput { return ListSubnetsInput{SubnetFilter: f} }
	for _, c := range []struct {
		name string
		in   ListSubnetsInput
		want string
	}{
		{"all", on(SubnetFilter{}), "office Offsite cellar"},
		{"of a network", on(SubnetFilter{NetworkID: UUID(home)}), "office cellar"},
		{"of another network", on(SubnetFilter{NetworkID: UUID(away)}), "Offsite"},
		{"of a network of nothing", on(SubnetFilter{NetworkID: UUID(newID())}), ""},
		{"then", on(SubnetFilter{Filter: Filter{At: &then}}), "office lab"},
		{"by name", on(SubnetFilter{Search: Search{"OFF"}}), "office Offsite"},
		{"with ids", on(SubnetFilter{Filter: Filter{IDs: []UUID{UUID(cellar.ID), UUID(w.lab.ID)}}}), "cellar"},
	} {
		list, err := w.ListSubnets(t.Context(), ann, c.in)
		w.must(err)
		var names []string
		for _, s := range list.Items {
			names = append(names, s.Name)
		}
		if got := strings.Join(names, " "); got != c.want || list.Total != len(names) {
			t.Errorf("%s: %s of %d", c.name, got, list.Total)
		}
	}
	if list, err := w.ListSubnets(t.Context(), ann, ListSubnetsInput{Paging: Paging{Limit: 1, Offset: 1}}); err != nil || list.Total != 3 || list.Items[0].Name != "Offsite" || !list.HasMore() {
		t.Errorf("a page is %+v, %v", list, err)
	}
	if list, err := w.ListSubnets(t.Context(), tenant.Principal{Workspace: "other"}, on(SubnetFilter{NetworkID: UUID(home)})); err != nil || list.Total != 0 {
		t.Errorf("a stranger sees %+v, %v", list, err)
	}
}

func TestANetworkHasSoManySubnetsAndNoMore(t *testing.T) {
	w := setUp(t)
	w.makeSubnet("first", "255.0.0.0/32")
	w.must(w.commit(func(e *edit) error {
		r, made, err := e.ranges()
		for i := range mostSubnets - 2 {
			r[newID()] = fmt.Sprintf("10.%d.%d.0/24", i/256, i%256)
		}
		if err != nil {
			return err
		}
		return e.setRanges(r, made)
	}))
	last := w.makeSubnet("last", "255.0.0.1/32")
	if _, err := w.CreateSubnet(t.Context(), ann, w.newSubnet("255.0.0.2/32")); kindOf(err) != fault.Invalid || fault.Of(err).Code != "too_many_subnets" || !strings.Contains(err.Error(), "1000") {
		t.Errorf("one more: %v", err)
	}
	if _, err := w.putSubnet(last.ID, SubnetFacts{Name: "last", CIDR: "255.0.0.2/32"}); err != nil {
		t.Errorf("another range of the last: %v", err)
	}
	w.must(w.DeleteSubnet(t.Context(), ann, DeleteSubnetInput{ID: UUID(last.ID)}))
	w.makeSubnet("next", "255.0.0.1/32")
}

func TestASubnetTakesItsInterfacesAndTheirBindingsWithIt(t *testing.T) {
	w := newWired(t)
	kept := w.plug(w.facts(w.lab, "2001:db8::1"))
	w.ids["lab"] = kept.ID
	bound := w.created("bound", "P(p80,e0) P(p443,e1) I(lab)")
	aside := w.created("aside", "P(p80,lab)")
	then := w.instant()
	w.tick()
	w.must(w.DeleteSubnet(t.Context(), ann, DeleteSubnetInput{ID: UUID(w.office.ID)}))
	for _, h := range w.hosts() {
		for _, i := range h.Interfaces {
			if i.ID != kept.ID || i.Position != 0 {
				t.Errorf("%s has %+v", h.Name, i)
			}
		}
	}
	if got := w.service(bound.ID); w.shown(got.Bindings) != "I(lab)" || got.UpdatedAt != w.instant() {
		t.Errorf("a service is %+v", got)
	}
	if got := w.service(aside.ID); w.shown(got.Bindings) != "P(p80,lab)" || got.UpdatedAt != aside.UpdatedAt {
		t.Errorf("another service is %+v", got)
	}
	was, err := w.ListInterfaces(t.Context(), ann, ListInterfacesInput{InterfaceFilter: InterfaceFilter{SubnetID: UUID(w.office.ID), Filter: Filter{At: &then}}})
	if err != nil || was.Total != 3 {
		t.Errorf("its interfaces were %+v, %v", was, err)
	}
	if is, err := w.ListInterfaces(t.Context(), ann, ListInterfacesInput{InterfaceFilter: InterfaceFilter{SubnetID: UUID(w.office.ID)}}); err != nil || is.Total != 0 {
		t.Errorf("its interfaces are %+v, %v", is, err)
	}
	head, err := w.timeline.Head(t.Context(), networkScope(ann.Workspace, w.network))
	if err != nil || head.Updated.At != w.instant() {
		t.Errorf("it took more than one commit: %v, %v", head.Updated.At, err)
	}
}

func TestASubnetIsDeletedOnlyAsItWasSeen(t *testing.T) {
	w := newWired(t)
	seen := w.lab.ETag()
	changed, err := w.putSubnet(w.lab.ID, SubnetFacts{Name: "laboratory", CIDR: "2001:db8::/64"})
	w.must(err)
	for _, c := range []struct {
		etag string
		kind fault.Kind
	}{{seen, fault.Precondition}, {changed.ETag(), -1}} {
		g := guarded(t, c.etag)
		if _, err := w.UpdateSubnet(t.Context(), ann, UpdateSubnetInput{UUID(w.lab.ID), g, SubnetState{SubnetFacts: SubnetFacts{Name: "laboratory", CIDR: "2001:db8::/64"}}}); kindOf(err) != c.kind {
			t.Errorf("a PUT gives %v", err)
		}
		if err := w.DeleteSubnet(t.Context(), ann, DeleteSubnetInput{UUID(w.lab.ID), g}); kindOf(err) != c.kind {
			t.Errorf("a DELETE gives %v", err)
		}
	}
}

// guarded is the condition that an If-Match header puts.
func guarded(t *testing.T, etag string) (g Guard) {
	t.Helper()
	if err := g.IfMatch.UnmarshalText([]byte(etag)); err != nil {
		t.Fatal(err)
	}
	return g
}

func TestSubnetsOfSeveralNetworksGoInOneRequest(t *testing.T) {
	w := newWired(t)
	home := w.network
	w.network = w.makeNetwork()
	away := w.makeSubnet("away", "10.0.0.0/16")
	w.network = home
	gone := w.makeSubnet("gone", "10.7.0.0/16")
	w.must(w.DeleteSubnet(t.Context(), ann, DeleteSubnetInput{ID: UUID(gone.ID)}))
	var ids []UUID
	for _, id := range []string{w.office.ID, away.ID, gone.ID, newID(), w.host.ID, w.ids["e0"], w.lab.ID, w.office.ID} {
		ids = append(ids, UUID(id))
	}
	got, err := w.BulkDeleteSubnets(t.Context(), ann, BulkDeleteInput{ids})
	if err != nil || got != (BulkDeleted{3, 8}) {
		t.Errorf("it did %+v, %v", got, err)
	}
	if list, err := w.ListSubnets(t.Context(), ann, ListSubnetsInput{}); err != nil || list.Total != 0 {
		t.Errorf("left are %+v, %v", list, err)
	}
	if slices.ContainsFunc(w.hosts(), func(h *Host) bool { return len(h.Interfaces) > 0 }) {
		t.Error("there are interfaces left")
	}
	w.refused("again", -1, "", func() error {
		got, err := w.BulkDeleteSubnets(t.Context(), ann, BulkDeleteInput{ids})
		if got.DeletedCount != 0 {
			t.Errorf("again it did %+v", got)
		}
		return err
	})
	w.makeSubnet("again", "10.0.0.0/16")
}

func TestThePastOfADeletedNetworkShowsWhatWasInIt(t *testing.T) {
	w := newWired(t)
	then := w.instant()
	w.tick()
	w.must(w.DeleteNetwork(t.Context(), ann, DeleteNetworkInput{ID: UUID(w.network)}))
	for at, some := range map[*timeline.Instant]int{nil: 0, &then: 1} {
		kind := fault.NotFound
		if at != nil {
			kind = -1
		}
		past := Filter{At: at}
		_, subnet := w.GetSubnet(t.Context(), ann, GetSubnetInput{UUID(w.lab.ID), at})
		_, port := w.GetPort(t.Context(), ann, GetPortInput{UUID(w.ids["p80"]), at})
		_, wire := w.GetInterface(t.Context(), ann, GetInterfaceInput{UUID(w.ids["e0"]), at})
		for _, err := range []error{subnet, port, wire} {
			if kindOf(err) != kind {
				t.Errorf("at %v: %v", at, err)
			}
		}
		subnets, err := w.ListSubnets(t.Context(), ann, ListSubnetsInput{SubnetFilter: SubnetFilter{Filter: past}})
		w.must(err)
		ports, err := w.ListPorts(t.Context(), ann, ListPortsInput{PortFilter: PortFilter{Filter: past, NetworkID: UUID(w.network)}})
		w.must(err)
		wires, err := w.ListInterfaces(t.Context(), ann, ListInterfacesInput{InterfaceFilter: InterfaceFilter{Filter: past, SubnetID: UUID(w.office.ID)}})
		w.must(err)
		if subnets.Total != 2*some || ports.Total != 3*some || wires.Total != 3*some {
			t.Errorf("at %v there are %d subnets, %d ports, %d interfaces", at, subnets.Total, ports.Total, wires.Total)
		}
	}
	in := w.newInterface(w.facts(w.office, "10.0.9.9"))
	for name, operation := range map[string]func() error{
		"a subnet":   func() error { _, err := w.CreateSubnet(t.Context(), ann, w.newSubnet("10.9.0.0/16")); return err },
		"a port":     func() error { _, err := w.CreatePort(t.Context(), ann, w.newPort(22, TCP)); return err },
		"a put":      func() error { _, err := w.putSubnet(w.lab.ID, SubnetFacts{Name: "x", CIDR: "10.9.0.0/16"}); return err },
		"a delete":   func() error { return w.DeleteSubnet(t.Context(), ann, DeleteSubnetInput{ID: UUID(w.lab.ID)}) },
		"interfaces": func() error { _, err := w.CreateInterface(t.Context(), ann, in); return err },
	} {
		if err := operation(); kindOf(err) != fault.NotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got, err := w.BulkDeleteSubnets(t.Context(), ann, BulkDeleteInput{[]UUID{UUID(w.lab.ID), UUID(w.office.ID)}}); err != nil || got.DeletedCount != 0 {
		t.Errorf("a bulk delete gives %+v, %v", got, err)
	}
}
