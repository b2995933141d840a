package network

import (
	"context"
	"reflect"
	"slices"
	"sync"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

// edit is one commit on a network, as operations see it: they take hosts and
// change them as values. When they are done, the final state is held to the
// rules as a whole, times are set where something changed, and all is written
// at one instant, or nothing.
type edit struct {
	tx      *timeline.Tx
	network string
	tags    func() (allTags, error) // the workspace's, read once
	hosts   map[string]*edited
	order   []string // ids of hosts, as they were taken
}

// edited is a host as it was, nil for a new one, and as it is to be, nil for one
// that goes.
type edited struct {
	was, is *Host
	stale   bool // what is stored has links to tags that there are not
}

// commit runs change and writes what it left behind. Change may run again, on a
// newer state, and must have no other effects. Errors: those of change, those
// of the rules as *Refusal, the timeline's.
func (n *Inventory) commit(ctx context.Context, p tenant.Principal, network string, change func(*edit) error) error {
	_, err := n.timeline.Commit(ctx, networkScope(p.Workspace, network), actorOf(p), func(tx *timeline.Tx) error {
		e := &edit{tx: tx, network: network, hosts: map[string]*edited{}}
		e.tags = sync.OnceValues(func() (allTags, error) { return n.tags(ctx, p.Workspace, nil) })
		if err := change(e); err != nil {
			return err
		}
		before := e.before()
		if err := e.checkDefinitions(ctx, n, p.Workspace, before); err != nil {
			return err
		}
		for _, id := range e.order {
			if err := e.write(e.hosts[id], before); err != nil {
				return err
			}
		}
		return n.pointReferences(ctx, p.Workspace, e)
	})
	return err
}

// host takes a host, as clients see it, to change it in place. Its error is
// ErrNoSuchDocument of the timeline where the network has none with that id.
func (e *edit) host(id string) (*Host, error) {
	if h, ok := e.hosts[id]; ok {
		if h.is == nil {
			return nil, timeline.ErrNoSuchDocument
		}
		return h.is, nil
	}
	snapshot, err := e.tx.Get(hostKey(id))
	if err != nil {
		return nil, err
	}
	was, err := decodeHost(e.network, id, snapshot.Body)
	if err != nil {
		return nil, err
	}
	is, err := decodeHost(e.network, id, snapshot.Body)
	if err != nil {
		return nil, err
	}
	h := &edited{was: was, is: is}
	if slices.ContainsFunc(linkedOn(was), hasTags) {
		all, err := e.tags()
		if err != nil {
			return nil, err
		}
		h.stale = all.show(linkedOn(was, is)...)
		if h.stale {
			e.tx.After(all.lastGone())
		}
	}
	e.take(id, h)
	return is, nil
}

// add puts a new host into the network.
func (e *edit) add(h *Host) { e.take(h.ID, &edited{is: h}) }

// remove takes a host out of the network with all that is on it.
func (e *edit) remove(id string) error {
	if _, err := e.host(id); err != nil {
		return err
	}
	e.hosts[id].is = nil
	return nil
}

func (e *edit) take(id string, h *edited) {
	e.hosts[id] = h
	e.order = append(e.order, id)
}

func (e *edit) write(h *edited, before *Host) error {
	if h.is == nil {
		_, err := e.tx.Delete(hostKey(h.was.ID))
		return err
	}
	if err := h.is.checkPlaces(); err != nil {
		return err
	}
	if refusal := settle(h.is); refusal != nil {
		return refusal
	}
	if err := h.is.checkBindings(); err != nil {
		return err
	}
	h.is.tidy()
	h.is.stamp(h.was, before, e.tx.At())
	if h.was != nil && !h.stale && reflect.DeepEqual(h.is, h.was) {
		return nil
	}
	body, err := encodeHost(h.is)
	if err != nil {
		return err
	}
	if h.was == nil {
		_, err = e.tx.Create(hostKey(h.is.ID), h.is.Name, body)
	} else {
		_, err = e.tx.Update(hostKey(h.is.ID), h.is.Name, body)
	}
	return err
}

// before collects all that was on the hosts of the edit on one, to be looked up by
// its id: what goes from one of them to another keeps the times that it had there.
func (e *edit) before() *Host {
	all := &Host{}
	for _, h := range e.hosts {
		if h.was != nil {
			all.Interfaces = append(all.Interfaces, h.was.Interfaces...)
			all.Ports = append(all.Ports, h.was.Ports...)
			all.Services = append(all.Services, h.was.Services...)
		}
	}
	return all
}

// tidy gives everything on a host its host, its network and its order, in which
// interfaces leave no gaps.
func (h *Host) tidy() {
	slices.SortStableFunc(h.Interfaces, func(a, b Interface) int { return a.Position - b.Position })
	for i := range h.Interfaces {
		f := &h.Interfaces[i]
		f.HostID, f.NetworkID, f.Position = h.ID, h.NetworkID, i
	}
	for i := range h.Ports {
		p := &h.Ports[i]
		p.HostID, p.NetworkID, p.Type = h.ID, h.NetworkID, portType(p.Number, p.Protocol)
	}
	slices.SortStableFunc(h.Ports, func(a, b Port) int {
		if a.Number != b.Number {
			return a.Number - b.Number
		}
		return slices.Index(protocols, a.Protocol) - slices.Index(protocols, b.Protocol)
	})
	for i := range h.Services {
		s := &h.Services[i]
		s.HostID, s.NetworkID = h.ID, h.NetworkID
		for j := range s.Bindings {
			b := &s.Bindings[j]
			b.ServiceID, b.NetworkID = s.ID, h.NetworkID
			if b.ID == "" {
				b.ID = newIDOn(h.ID)
			}
		}
	}
	slices.SortStableFunc(h.Services, func(a, b Service) int { return a.Position - b.Position })
	closeUp(h.Services)
}

// protocols are in the order in which ports of one number are shown.
var protocols = []Protocol{TCP, UDP}

// stamp sets the times of a host and of all on it: what is new was made at the
// instant, what is not as it was before was changed then. What changes on a host
// does not change the host; what a service binds is part of the service.
func (h *Host) stamp(was, before *Host, at timeline.Instant) {
	for i := range h.Interfaces {
		now := &h.Interfaces[i]
		stampOne(now, before.networkInterface(now.ID), at)
	}
	for i := range h.Ports {
		now := &h.Ports[i]
		stampOne(now, before.port(now.ID), at)
	}
	for i := range h.Services {
		now := &h.Services[i]
		for j := range now.Bindings {
			b := &now.Bindings[j]
			_, old := before.binding(b.ID)
			stampOne(b, old, at)
		}
		stampOne(now, before.service(now.ID), at)
	}
	if was == nil {
		stampOne(&h.BareHost, nil, at)
	} else {
		stampOne(&h.BareHost, &was.BareHost, at)
	}
}

// timed is a pointer to something that has Times.
type timed[T any] interface {
	*T
	times() *Times
}

func (t *Times) times() *Times { return t }

// stampOne keeps the times of what is as it was.
func stampOne[T any, P timed[T]](now, was P, at timeline.Instant) {
	if was == nil {
		*now.times() = Times{at, at}
		return
	}
	*now.times() = *was.times()
	if !reflect.DeepEqual(now, was) {
		now.times().UpdatedAt = at
	}
}
