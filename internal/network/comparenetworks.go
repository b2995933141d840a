package network

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
)

// diff compares two states of a network.
func (s networkState) diff(later networkState) NetworkDiff {
	d := NetworkDiff{Network: []MemberChange{}}
	if s.network != nil && later.network != nil {
		d.Network = memberChanges(s.network, later.network)
	}
	was, is := s.things(), later.things()

	subnets := compare(was.subnets, is.subnets, func(s Subnet) (id, host string) { return s.ID, "" })
	d.Subnets = SubnetsDiff{subnets.added, subnets.removed, subnets.changed}
	hosts := compare(was.hosts, is.hosts, func(h BareHost) (id, host string) { return h.ID, "" })
	d.Hosts = HostsDiff{hosts.added, hosts.removed, hosts.changed}
	interfaces := compare(was.interfaces, is.interfaces, func(i Interface) (id, host string) { return i.ID, i.HostID })
	d.Interfaces = InterfacesDiff{interfaces.added, interfaces.removed, interfaces.moved, interfaces.changed}
	ports := compare(was.ports, is.ports, func(p Port) (id, host string) { return p.ID, p.HostID })
	d.Ports = PortsDiff{ports.added, ports.removed, ports.moved, ports.changed}
	services := compare(was.services, is.services, func(s Service) (id, host string) { return s.ID, s.HostID })
	d.Services = NetworkServicesDiff{services.added, services.removed, services.moved, services.changed}
	bindings := compare(was.bindings, is.bindings, func(b Binding) (id, host string) { return b.ID, "" })
	d.Bindings = BindingsDiff{bindings.added, bindings.removed, bindings.changed}
	return d
}

// things are what is in a network, each sort by itself.
type things struct {
	subnets    []Subnet
	hosts      []BareHost
	interfaces []Interface
	ports      []Port
	services   []Service
	bindings   []Binding
}

func (s networkState) things() things {
	t := things{subnets: s.subnets}
	for _, h := range s.hosts {
		t.hosts = append(t.hosts, h.BareHost)
		t.interfaces = append(t.interfaces, h.Interfaces...)
		t.ports = append(t.ports, h.Ports...)
		t.services = append(t.services, h.Services...)
		for _, s := range h.Services {
			t.bindings = append(t.bindings, s.Bindings...)
		}
	}
	return t
}

// comparison is of all of one sort.
type comparison[T any] struct {
	added, removed []T
	moved          []Move
	changed        []EntityChange
}

// compare matches things by their ids, and tells by their hosts what moved.
func compare[T any](before, after []T, identity func(T) (id, host string)) comparison[T] {
	c := comparison[T]{added: []T{}, removed: []T{}, moved: []Move{}, changed: []EntityChange{}}
	was := make(map[string]T, len(before))
	for _, thing := range before {
		id, _ := identity(thing)
		was[id] = thing
	}
	for _, thing := range after {
		id, host := identity(thing)
		old, ok := was[id]
		if !ok {
			c.added = append(c.added, thing)
			continue
		}
		delete(was, id)
		if _, from := identity(old); from != host {
			c.moved = append(c.moved, Move{id, from, host})
		}
		if changes := memberChanges(old, thing); len(changes) > 0 {
			c.changed = append(c.changed, EntityChange{id, changes})
		}
	}
	for _, thing := range before {
		id, _ := identity(thing)
		if _, gone := was[id]; gone {
			c.removed = append(c.removed, thing)
		}
	}
	return c
}

// toldElsewhere are members whose changes say nothing, or what is told of by
// itself.
var toldElsewhere = []string{"created_at", "updated_at", "host_id", "bindings"}

// memberChanges lists the members by which two states of one thing differ.
func memberChanges(before, after any) []MemberChange {
	changes := []MemberChange{}
	if reflect.DeepEqual(before, after) {
		return changes
	}
	was, is := membersOf(before), membersOf(after)
	names := maps.Clone(was)
	maps.Copy(names, is)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !bytes.Equal(was[name], is[name]) && !slices.Contains(toldElsewhere, name) {
			changes = append(changes, MemberChange{name, was[name], is[name]})
		}
	}
	return changes
}

// membersOf is something as it is shown.
func membersOf(shown any) map[string]json.RawMessage {
	text, err := json.Marshal(shown)
	var members map[string]json.RawMessage
	if err == nil {
		err = json.Unmarshal(text, &members)
	}
	if err != nil {
		panic(err) // what is shown is plain data
	}
	return members
}
