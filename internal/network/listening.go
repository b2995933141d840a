package network

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"almanac/internal/fault"
	"almanac/internal/store"
	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type ListeningInput struct {
	ProjectID CatalogID
	Slugs     []CatalogID       // of one service of the catalog: what it is or was called
	SlugsAt   timeline.Instant  // when these were its slugs, for the pages that follow
	At        *timeline.Instant // that of the page
	ListeningPage
}

// ListeningPage says which page.
type ListeningPage struct {
	Limit  int             `query:"limit" check:"minimum=1,maximum=1000" default:"1000" doc:"Services of the network on a page; the Link header leads to the next one"`
	Cursor ListeningCursor `query:"cursor" doc:"Where the page begins, from the Link header"`
}

// Instants are what the network and the slugs are read at for the page, given what
// the client asks for: those of the page before it, if there is one.
func (p ListeningPage) Instants(asked *timeline.Instant) (at, slugsAt *timeline.Instant, err error) {
	if !p.Cursor.set() {
		return asked, asked, nil
	}
	if asked != nil && *asked != p.Cursor.At {
		return nil, nil, fault.BadRequest("cursor must be taken from a Link header of the same list, read %.100q", p.Cursor.text())
	}
	return &p.Cursor.At, &p.Cursor.SlugsAt, nil
}

// Listener is a service of the network that refers to one of the catalog.
type Listener struct {
	ServiceID         string            `json:"serviceId" doc:"UUID of the network's service"`
	Name              string            `json:"name" doc:"The name that it has in the network"`
	ServiceDefinition string            `json:"serviceDefinition" doc:"What kind of service it is, from the registry"`
	Slug              CatalogID         `json:"slug" doc:"The slug that it refers to: the service's, or one that this had before" example:"order-api"`
	Host              ListenerHost      `json:"host" doc:"What it runs on"`
	Network           ListenerNetwork   `json:"network" doc:"What the host is in"`
	Bindings          []ListenerBinding `json:"bindings" doc:"Where it listens"`
}

// ListenerHost is the host of a Listener.
type ListenerHost struct {
	ID       string  `json:"id" doc:"UUID"`
	Name     string  `json:"name" doc:"The name people read"`
	Hostname *string `json:"hostname,omitzero" doc:"The name it has in the network"`
}

// ListenerNetwork is the network of a Listener.
type ListenerNetwork struct {
	ID   string `json:"id" doc:"UUID"`
	Name string `json:"name" doc:"The name people read"`
}

// ListenerBinding is a place where a Listener listens.
type ListenerBinding struct {
	Type        BindingType `json:"type" doc:"Port, or Interface: there, on no port that is known"`
	Port        int         `json:"port,omitzero" doc:"The port's number; absent with Interface" example:"8080"`
	Protocol    Protocol    `json:"protocol,omitzero" doc:"Tcp or Udp; absent with Interface"`
	PortID      string      `json:"portId,omitzero" doc:"UUID of the port; absent with Interface"`
	InterfaceID string      `json:"interfaceId,omitzero" doc:"UUID of the interface; absent where that is every one of the host"`
	Addresses   []string    `json:"addresses" doc:"IP addresses of the interface, or of all" example:"10.0.3.17"`
}

// Listening is a page of listeners.
type Listening struct {
	items []Listener
	next  string
}

func (l Listening) Body() any          { return l.items }
func (l Listening) NextCursor() string { return l.next }

// Listening finds the services of the network that referred to one of the
// catalog's at an instant, in the order of the ids of their networks and hosts,
// and where they listened. It costs a read of each host that ever referred to
// it, or of all hosts of a network where they are fewer.
func (n *Inventory) Listening(ctx context.Context, p tenant.Principal, in ListeningInput) (Listening, error) {
	places, err := n.referring(ctx, p.Workspace, in)
	if err != nil {
		return Listening{}, err
	}
	heads, pinned, err := n.referringNetworks(ctx, p.Workspace, places, in.At)
	if err != nil {
		return Listening{}, err
	}
	page := &listeningPage{in: in, pinned: pinned, items: []Listener{}}
	for _, head := range heads {
		when := head.Updated.At
		if in.At != nil {
			when = *in.At
		}
		if err := n.listeners(ctx, p.Workspace, head, when, places[head.ID], page); err != nil {
			return Listening{}, err
		}
	}
	return Listening{page.items, page.next}, nil
}

// referring gives, by network, the documents that may refer to the service, from
// where a page begins.
func (n *Inventory) referring(ctx context.Context, workspace string, in ListeningInput) (map[string][]string, error) {
	first := pointerFrom(workspace, CatalogRef{}, place{in.Cursor.Network, hostKey(in.Cursor.Host)}).Sort
	places := map[string][]string{}
	for _, slug := range in.Slugs {
		pointers, err := n.store.Range(ctx, store.Query{Partition: references(workspace, CatalogRef{in.ProjectID, slug}), From: first})
		if err != nil {
			return nil, err
		}
		for _, pointer := range pointers {
			at := referringPlace(pointer)
			places[at.network] = append(places[at.network], at.key)
		}
	}
	for network, keys := range places {
		slices.Sort(keys)
		places[network] = slices.Compact(keys)
	}
	return places, nil
}

// referringNetworks reads the heads of the networks, together, and gives the
// last of their instants.
func (n *Inventory) referringNetworks(ctx context.Context, workspace string, places map[string][]string, at *timeline.Instant) (heads []timeline.Head, last timeline.Instant, err error) {
	for _, network := range slices.Sorted(maps.Keys(places)) {
		found, err := n.heads(ctx, workspace, UUID(network), at)
		if err != nil {
			return nil, 0, err
		}
		for _, head := range found {
			heads, last = append(heads, head), max(last, head.Updated.At)
		}
	}
	return heads, last, nil
}

// listeners adds those of a network to a page.
func (n *Inventory) listeners(ctx context.Context, workspace string, head timeline.Head, at timeline.Instant, keys []string, page *listeningPage) error {
	if page.next != "" {
		return nil
	}
	network, err := n.networkOf(ctx, workspace, head, page.in.At)
	if err != nil {
		return err
	}
	page.network = ListenerNetwork{network.ID, network.Name}
	if len(keys) > head.Live {
		var refused error
		err := n.timeline.Page(ctx, networkScope(workspace, head.ID), head, at, keys[0][:len(keys[0])-1], head.Live, func(s timeline.Snapshot) bool {
			id, ok := hostIDOf(s.Key)
			if !ok || s.Key < keys[0] {
				return ok
			}
			var h *Host
			if h, refused = decodeHost(head.ID, id, s.Body); refused == nil {
				refused = page.take(h)
			}
			return refused == nil && page.next == ""
		})
		return cmp.Or(refused, err)
	}
	for some := range slices.Chunk(keys, atATime) {
		hosts := make([]*Host, len(some))
		if err := inParallel(ctx, len(some), func(ctx context.Context, i int) (err error) {
			id, _ := hostIDOf(some[i])
			hosts[i], err = n.host(ctx, workspace, head.ID, id, &at)
			return err
		}); err != nil {
			return err
		}
		for _, h := range hosts {
			if h == nil {
				continue
			}
			if err := page.take(h); err != nil || page.next != "" {
				return err
			}
		}
	}
	return nil
}

// listeningPage is a page that is being filled.
type listeningPage struct {
	in      ListeningInput
	pinned  timeline.Instant // what the next page is read at, unless a client said that
	network ListenerNetwork  // of the hosts that are taken
	items   []Listener
	size    int
	next    string
}

// take adds the listeners of a host, as far as the page carries them.
func (l *listeningPage) take(h *Host) error {
	seen := 0
	for i := range h.Services {
		s := &h.Services[i]
		if s.Catalog == nil || s.Catalog.ProjectID != l.in.ProjectID || !slices.Contains(l.in.Slugs, s.Catalog.Slug) {
			continue
		}
		if seen++; h.ID == l.in.Cursor.Host && seen <= l.in.Cursor.Seen {
			continue
		}
		size := h.listenerSize(s)
		if size > mostListed {
			return fault.BadRequest("the service %s listens on more addresses than one answer carries; read it as /api/v1/services/%s", s.ID, s.ID)
		}
		if l.size += size; len(l.items) == l.in.Limit || l.size > mostListed {
			at := l.pinned
			if l.in.At != nil {
				at = *l.in.At
			}
			l.next = ListeningCursor{at, l.in.SlugsAt, h.NetworkID, h.ID, seen - 1}.text()
			return nil
		}
		l.items = append(l.items, h.listener(s, l.network))
	}
	return nil
}

// listener shows a service of a host.
func (h *Host) listener(s *Service, in ListenerNetwork) Listener {
	l := Listener{
		ServiceID: s.ID, Name: s.Name, ServiceDefinition: s.ServiceDefinition, Slug: s.Catalog.Slug,
		Host: ListenerHost{h.ID, h.Name, h.Hostname}, Network: in, Bindings: []ListenerBinding{},
	}
	for _, b := range s.Bindings {
		shown := ListenerBinding{Type: b.Type, InterfaceID: b.InterfaceID, PortID: b.PortID, Addresses: []string{}}
		if p := h.port(b.PortID); p != nil {
			shown.Port, shown.Protocol = p.Number, p.Protocol
		}
		for i := range h.Interfaces {
			if on := &h.Interfaces[i]; overlap(on.ID, b.InterfaceID) {
				shown.Addresses = append(shown.Addresses, on.IPAddress)
			}
		}
		l.Bindings = append(l.Bindings, shown)
	}
	return l
}

// listenerSize is how many bytes a listener takes as JSON, about.
func (h *Host) listenerSize(s *Service) int {
	const bare, binding, address = 900, 250, 20
	size := bare
	for _, b := range s.Bindings {
		size += binding
		if b.InterfaceID == "" {
			size += address * len(h.Interfaces)
		}
	}
	return size
}
