package network

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"almanac/internal/fault"
	"almanac/internal/store"
	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

// wired is a site with the subnets office, 10.0.0.0/16 in which its interfaces
// are, and lab, 2001:db8::/64.
type wired struct {
	*site
	office, lab Subnet
}

func newWired(t *testing.T) *wired {
	t.Helper()
	return newWiredOn(t, onDisk(t))
}

func newWiredOn(t *testing.T, on store.Store) *wired {
	t.Helper()
	s := newSiteOn(t, on)
	w := &wired{site: s, office: s.makeSubnet("office", "10.0.0.0/16"), lab: s.makeSubnet("lab", "2001:db8::/64")}
	for _, h := range []*Host{s.host, s.other} {
		s.must(s.change(h.ID, func(h *Host) {
			for i := range h.Interfaces {
				h.Interfaces[i].SubnetID = w.office.ID
			}
		}))
	}
	s.host, s.other = s.find(s.host.ID, nil), s.find(s.other.ID, nil)
	return w
}

func (w *world) makeSubnet(name, cidr string) Subnet {
	w.Helper()
	w.tick()
	s, err := w.CreateSubnet(w.Context(), ann, CreateSubnetInput{NewSubnet{UUID(w.network), SubnetFacts{Name: name, CIDR: CIDR(cidr)}}})
	w.must(err)
	return s
}

func (w *wired) facts(subnet Subnet, ip string) InterfaceFacts {
	return InterfaceFacts{SubnetID: UUID(subnet.ID), IPAddress: IP(ip)}
}

func (w *wired) newInterface(facts InterfaceFacts) CreateInterfaceInput {
	return CreateInterfaceInput{NewInterface{UUID(w.host.ID), UUID(w.network), facts}}
}

func (w *wired) plug(facts InterfaceFacts) Interface {
	w.Helper()
	w.tick()
	i, err := w.CreateInterface(w.Context(), ann, w.newInterface(facts))
	w.must(err)
	return i
}

func (w *wired) putInterface(id string, facts InterfaceFacts, position *int) (Interface, error) {
	w.tick()
	return w.UpdateInterface(w.Context(), ann, UpdateInterfaceInput{ID: UUID(id), Body: InterfaceState{InterfaceFacts: facts, Position: position}})
}

func TestAnInterfaceIsMadeReplacedAndDeleted(t *testing.T) {
	w := newWired(t)
	facts := w.facts(w.lab, "2001:db8::17")
	facts.MACAddress, facts.Name = new(MAC("52:54:00:12:34:56")), new("eth2")
	made := w.plug(facts)
	want := Interface{
		ID: made.ID, Times: Times{w.instant(), w.instant()}, NetworkID: w.network, HostID: w.host.ID, SubnetID: w.lab.ID,
		IPAddress: "2001:db8::17", MACAddress: new("52:54:00:12:34:56"), Name: new("eth2"), Position: 2,
	}
	if !reflect.DeepEqual(made, want) || family(made.ID) != family(w.host.ID) {
		t.Errorf("made is  %+v\nand not %+v", made, want)
	}
	then := w.instant()
	put, err := w.putInterface(made.ID, w.facts(w.office, "10.0.7.7"), nil)
	w.must(err)
	want.SubnetID, want.IPAddress, want.MACAddress, want.Name, want.UpdatedAt = w.office.ID, "10.0.7.7", nil, nil, w.instant()
	if !reflect.DeepEqual(put, want) {
		t.Errorf("replaced it is %+v", put)
	}
	for at, want := range map[*timeline.Instant]Interface{nil: put, &then: made} {
		if got, err := w.GetInterface(t.Context(), ann, GetInterfaceInput{UUID(made.ID), at}); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("it is %+v, %v", got, err)
		}
	}
	w.refused("what it is already", -1, "", func() error {
		_, err := w.putInterface(made.ID, w.facts(w.office, "10.0.7.7"), &put.Position)
		return err
	})
	w.tick()
	w.must(w.DeleteInterface(t.Context(), ann, DeleteInterfaceInput{ID: UUID(made.ID)}))
	if h := w.find(w.host.ID, nil); h.networkInterface(made.ID) != nil || h.UpdatedAt != w.host.UpdatedAt {
		t.Errorf("the host is %+v", h)
	}
	stranger := tenant.Principal{Workspace: "other", ID: "k", Role: tenant.Owner}
	there := UUID(w.ids["e0"])
	for name, operation := range map[string]func() error{
		"get": func() error {
			_, err := w.GetInterface(t.Context(), ann, GetInterfaceInput{ID: UUID(made.ID)})
			return err
		},
		"put":    func() error { _, err := w.putInterface(made.ID, facts, nil); return err },
		"delete": func() error { return w.DeleteInterface(t.Context(), ann, DeleteInterfaceInput{ID: UUID(made.ID)}) },
		"put of a port": func() error {
			_, err := w.putInterface(w.ids["p80"], facts, nil)
			return err
		},
		"a stranger's get": func() error {
			_, err := w.GetInterface(t.Context(), stranger, GetInterfaceInput{ID: there})
			return err
		},
		"a stranger's delete": func() error { return w.DeleteInterface(t.Context(), stranger, DeleteInterfaceInput{ID: there}) },
		"a stranger's put": func() error {
			_, err := w.UpdateInterface(t.Context(), stranger, UpdateInterfaceInput{ID: there, Body: InterfaceState{InterfaceFacts: facts}})
			return err
		},
		"a stranger's post": func() error {
			_, err := w.CreateInterface(t.Context(), stranger, w.newInterface(facts))
			return err
		},
	} {
		w.refused(name, fault.NotFound, "", operation)
	}
}

func TestWhatAnInterfaceCannotBeStoresNothing(t *testing.T) {
	w := newWired(t)
	home := w.network
	w.network = newID()
	_, err := w.timeline.CreateScope(t.Context(), networkScope(ann.Workspace, w.network), nil, actorOf(ann))
	w.must(err)
	away := w.makeSubnet("away", "10.0.0.0/16")
	w.network = home
	for name, c := range w.parentless() {
		facts := w.facts(w.office, "10.0.9.9")
		w.refused(name, c.kind, c.code, func() error {
			_, err := w.CreateInterface(t.Context(), ann, CreateInterfaceInput{NewInterface{c.host, c.network, facts}})
			return err
		})
		code := c.code
		if c.kind == fault.Invalid {
			code = "stays_on_host"
		}
		w.refused("PUT: "+name, c.kind, code, func() error {
			_, err := w.UpdateInterface(t.Context(), ann, UpdateInterfaceInput{ID: UUID(w.ids["e0"]), Body: InterfaceState{Stays{&c.host, &c.network}, facts, nil}})
			return err
		})
	}
	for _, c := range []struct {
		name   string
		subnet string
		ip     string
		kind   fault.Kind
		code   string
	}{
		{"a subnet of nothing", newID(), "10.0.9.9", fault.NotFound, ""},
		{"the host as a subnet", w.host.ID, "10.0.9.9", fault.NotFound, ""},
		{"a subnet of another network", away.ID, "10.0.9.9", fault.Invalid, "subnet_on_another_network"},
		{"an address outside the subnet", w.office.ID, "10.1.0.0", fault.Invalid, "address_outside_subnet"},
		{"an address of the other kind", w.lab.ID, "10.0.9.9", fault.Invalid, "address_outside_subnet"},
		{"an address that the host has", w.office.ID, "10.0.0.2", fault.Invalid, "duplicate_address"},
	} {
		facts := InterfaceFacts{SubnetID: UUID(c.subnet), IPAddress: IP(c.ip)}
		w.refused(c.name, c.kind, c.code, func() error { _, err := w.CreateInterface(t.Context(), ann, w.newInterface(facts)); return err })
		w.refused("PUT: "+c.name, c.kind, c.code, func() error { _, err := w.putInterface(w.ids["e0"], facts, nil); return err })
	}
	w.refused("a PUT to another host", fault.Invalid, "stays_on_host", func() error {
		_, err := w.UpdateInterface(t.Context(), ann, UpdateInterfaceInput{ID: UUID(w.ids["e0"]), Body: InterfaceState{Stays: Stays{HostID: new(UUID(w.other.ID))}, InterfaceFacts: w.facts(w.office, "10.0.9.9")}})
		return err
	})
}

func TestAnAddressMayStandOnSeveralHostsAndBeFreeAgain(t *testing.T) {
	w := newWired(t)
	in := w.newInterface(w.facts(w.office, "10.0.0.2"))
	in.Body.HostID = UUID(w.other.ID)
	if _, err := w.CreateInterface(t.Context(), ann, in); err != nil {
		t.Errorf("on another host: %v", err)
	}
	w.must(w.DeleteInterface(t.Context(), ann, DeleteInterfaceInput{ID: UUID(w.ids["e1"])}))
	w.plug(w.facts(w.office, "10.0.0.2"))
}

func TestInterfacesAreAppendedMoveAndCloseUp(t *testing.T) {
	w := newWired(t)
	for _, name := range []string{"c", "d"} {
		facts := w.facts(w.office, "10.0.8."+fmt.Sprint(len(name)+int(name[0])))
		facts.Name = &name
		w.ids[name] = w.plug(facts).ID
	}
	order := func() (all string) {
		for i, f := range w.find(w.host.ID, nil).Interfaces {
			if f.Position != i {
				t.Errorf("%s is at %d", f.ID, f.Position)
			}
			for name, id := range w.ids {
				if id == f.ID {
					all += name + " "
				}
			}
		}
		return strings.TrimSpace(all)
	}
	if got := order(); got != "e0 e1 c d" {
		t.Errorf("they are appended as %s", got)
	}
	put := func(name string, position int) {
		i := w.find(w.host.ID, nil).networkInterface(w.ids[name])
		got, err := w.putInterface(i.ID, InterfaceFacts{SubnetID: UUID(i.SubnetID), IPAddress: IP(i.IPAddress), MACAddress: (*MAC)(i.MACAddress), Name: i.Name}, &position)
		w.must(err)
		if got.Position != min(position, 3) || got.UpdatedAt != w.instant() {
			t.Errorf("%s is at %d", name, got.Position)
		}
	}
	aside := func(name string) timeline.Instant {
		return w.find(w.host.ID, nil).networkInterface(w.ids[name]).UpdatedAt
	}
	before := aside("e0")
	put("d", 1)
	if got := order(); got != "e0 d e1 c" {
		t.Errorf("moved they are %s", got)
	}
	if aside("e0") != before || aside("c") != w.instant() {
		t.Error("not those that shifted have a new time")
	}
	put("e0", 1000000)
	if got := order(); got != "d e1 c e0" {
		t.Errorf("moved they are %s", got)
	}
	w.tick()
	w.must(w.DeleteInterface(t.Context(), ann, DeleteInterfaceInput{ID: UUID(w.ids["e1"])}))
	if got := order(); got != "d c e0" {
		t.Errorf("closed up they are %s", got)
	}
	if aside("d") == w.instant() || aside("c") != w.instant() {
		t.Error("not those that closed up have a new time")
	}
}

func TestAnInterfaceTakesItsBindingsWithItAndWidensNone(t *testing.T) {
	w := newWired(t)
	pinned := w.created("pinned", "P(p80,e0) P(p80,e1)")
	present := w.created("present", "I(e0) P(p443,e1)")
	aside := w.created("aside", "I(e1)")
	then := w.instant()
	w.tick()
	w.must(w.DeleteInterface(t.Context(), ann, DeleteInterfaceInput{ID: UUID(w.ids["e0"])}))
	for _, c := range []struct {
		was   Service
		binds string
		moved bool
	}{{pinned, "P(p80,e1)", true}, {present, "P(p443,e1)", true}, {aside, "I(e1)", false}} {
		got := w.service(c.was.ID)
		want := c.was.UpdatedAt
		if c.moved {
			want = w.instant()
		}
		if w.shown(got.Bindings) != c.binds || got.UpdatedAt != want {
			t.Errorf("%s binds %s since %v", got.Name, w.shown(got.Bindings), got.UpdatedAt)
		}
		was, err := w.GetService(t.Context(), ann, GetServiceInput{ID: UUID(c.was.ID), At: &then})
		if err != nil || !reflect.DeepEqual(was, c.was) {
			t.Errorf("%s was %+v, %v", got.Name, was, err)
		}
	}
}

func TestTheBodyOfAnInterfaceIsHeldToItsMembers(t *testing.T) {
	const some = someOf + `,"subnet_id":"` + someID + `","ip_address":"10.0.3.17"`
	for body, good := range map[string]bool{
		`{` + some + `}`: true,
		`{` + some + `,"mac_address":null,"name":null}`:                                      true,
		`{` + some + `,"mac_address":"52-54-00-AB-CD-EF","name":"eth0"}`:                     true,
		`{` + some + `,"id":5,"position":-1,"created_at":{},"more":1}`:                       true,
		`{` + some + `,"mac_address":""}`:                                                    false,
		`{` + some + `,"mac_address":"router"}`:                                              false,
		`{` + some + `,"name":""}`:                                                           false,
		`{` + some + `,"name":" \u2003"}`:                                                    false,
		`{` + some + `,"name":"` + strings.Repeat("ü", 100) + `"}`:                           true,
		`{` + some + `,"name":"` + strings.Repeat("ü", 101) + `"}`:                           false,
		`{` + some + `,"name":7}`:                                                            false,
		`{` + someOf + `,"subnet_id":"` + someID + `","ip_address":"2001:DB8::1"}`:           true,
		`{` + someOf + `,"subnet_id":"` + someID + `","ip_address":"10.0.3"}`:                false,
		`{` + someOf + `,"subnet_id":"` + someID + `","ip_address":"fe80::1%eth0"}`:          false,
		`{` + someOf + `,"subnet_id":"` + someID + `","ip_address":null}`:                    false,
		`{` + someOf + `,"subnet_id":"` + someID + `"}`:                                      false,
		`{` + someOf + `,"ip_address":"10.0.3.17"}`:                                          false,
		`{` + someOf + `,"subnet_id":"x","ip_address":"10.0.3.17"}`:                          false,
		`{"subnet_id":"` + someID + `","ip_address":"10.0.3.17"}`:                            false,
		`{"host_id":"` + someID + `","subnet_id":"` + someID + `","ip_address":"10.0.3.17"}`: false,
	} {
		if _, err := decoded[NewInterface](t, body); (err == nil) != good {
			t.Errorf("%s: %v", body, err)
		}
	}
	for body, good := range map[string]bool{
		`{` + some + `}`:                    true,
		`{` + some + `,"position":0}`:       true,
		`{` + some + `,"position":null}`:    true,
		`{` + some + `,"position":-1}`:      false,
		`{` + some + `,"position":"0"}`:     false,
		`{` + some + `,"position":1000001}`: false,
		`{"ip_address":"10.0.3.17"}`:        false,
	} {
		if _, err := decoded[InterfaceState](t, body); (err == nil) != good {
			t.Errorf("PUT %s: %v", body, err)
		}
	}
	err := func() error { _, err := decoded[NewInterface](t, `{`+some+`,"mac_address":"router"}`); return err }()
	if v := fault.Of(err).Violations; len(v) != 1 || v[0].Field != "mac_address" || !strings.Contains(v[0].Message, "MAC address") {
		t.Errorf("the violations are %+v", v)
	}
}

func TestInterfacesAreListedByHostSubnetAndNetworkNowAndThen(t *testing.T) {
	w := newWired(t)
	facts := w.facts(w.lab, "2001:db8::1")
	facts.Name = new("Uplink")
	up := w.plug(facts)
	then := w.instant()
	moved, err := w.putInterface(up.ID, InterfaceFacts{SubnetID: UUID(w.office.ID), IPAddress: "10.0.99.1", Name: new("Uplink")}, nil)
	w.must(err)
	empty := w.makeSubnet("empty", "10.9.0.0/16")
	on := func(f InterfaceFilter) ListInterfacesInput { return ListInterfacesInput{InterfaceFilter: f} }
	office, lab := UUID(w.office.ID), UUID(w.lab.ID)
	all := []string{"10.0.0.1", "10.0.0.1", "10.0.0.2", "10.0.99.1"}
	for _, c := range []struct {
		name string
		in   ListInterfacesInput
		want []string
	}{
		{"all", on(InterfaceFilter{}), all},
		{"of a host", on(InterfaceFilter{HostID: UUID(w.other.ID)}), all[:1]},
		{"of a subnet", on(InterfaceFilter{SubnetID: office}), all},
		{"of a subnet that has none any more", on(InterfaceFilter{SubnetID: lab}), nil},
		{"of a subnet then", on(InterfaceFilter{SubnetID: lab, Filter: Filter{At: &then}}), []string{"2001:db8::1"}},
		{"of an empty subnet", on(InterfaceFilter{SubnetID: UUID(empty.ID)}), nil},
		{"of a subnet of nothing", on(InterfaceFilter{SubnetID: UUID(newID())}), nil},
		{"of a subnet in its network", on(InterfaceFilter{SubnetID: office, NetworkID: UUID(w.network)}), all},
		{"of a subnet in another network", on(InterfaceFilter{SubnetID: office, NetworkID: UUID(newID())}), nil},
		{"of a subnet and a host", on(InterfaceFilter{SubnetID: office, HostID: UUID(w.other.ID)}), all[:1]},
		{"of a network of nothing", on(InterfaceFilter{NetworkID: UUID(newID())}), nil},
		{"by name", on(InterfaceFilter{Search: Search{"UPL"}}), []string{"10.0.99.1"}},
		{"with an id", on(InterfaceFilter{Filter: Filter{IDs: []UUID{UUID(moved.ID)}}}), []string{"10.0.99.1"}},
	} {
		list, err := w.ListInterfaces(t.Context(), ann, c.in)
		w.must(err)
		var addresses []string
		for _, i := range list.Items {
			addresses = append(addresses, i.IPAddress)
		}
		if !slices.IsSortedFunc(list.Items, func(a, b Interface) int { return int(a.CreatedAt - b.CreatedAt) }) {
			t.Errorf("%s: not by creation", c.name)
		}
		if slices.Sort(addresses); !slices.Equal(addresses, c.want) || list.Total != len(c.want) {
			t.Errorf("%s: %v of %d", c.name, addresses, list.Total)
		}
	}
	page, err := w.ListInterfaces(t.Context(), ann, ListInterfacesInput{Paging: Paging{Limit: 1, Offset: 3}})
	if err != nil || len(page.Items) != 1 || page.Items[0].ID != up.ID || page.Total != 4 || page.HasMore() {
		t.Errorf("the last page is %+v, %v", page, err)
	}
	if list, err := w.ListInterfaces(t.Context(), tenant.Principal{Workspace: "other"}, on(InterfaceFilter{SubnetID: office})); err != nil || list.Total != 0 {
		t.Errorf("a stranger sees %+v, %v", list, err)
	}
}

func TestManyInterfacesGoAtOnceWithWhatBindsThem(t *testing.T) {
	w := newWired(t)
	bound := w.created("bound", "P(p80,e0) P(p80,e1) P(p443)")
	w.tick()
	ids := []UUID{UUID(w.ids["e0"]), UUID(w.ids["ex"]), UUID(newID()), UUID(w.ids["p80"]), UUID(w.ids["e0"])}
	got, err := w.BulkDeleteInterfaces(t.Context(), ann, BulkDeleteInput{ids})
	if err != nil || got != (BulkDeleted{2, 5}) {
		t.Errorf("it did %+v, %v", got, err)
	}
	service := w.service(bound.ID)
	if w.shown(service.Bindings) != "P(p80,e1) P(p443)" || service.UpdatedAt != w.instant() {
		t.Errorf("the service is %+v", service)
	}
	if left := w.find(w.host.ID, nil).Interfaces; len(left) != 1 || left[0].ID != w.ids["e1"] || left[0].Position != 0 {
		t.Errorf("left are %+v", left)
	}
	w.refused("again", -1, "", func() error {
		got, err := w.BulkDeleteInterfaces(t.Context(), ann, BulkDeleteInput{ids})
		if got.DeletedCount != 0 {
			t.Errorf("again it did %+v", got)
		}
		return err
	})
}
