package network

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"almanac/internal/fault"
	"almanac/internal/timeline"
)

// same compares two answers as clients see them.
func (m *model) same(what string, got, want any) {
	m.Helper()
	texts := [2]string{}
	for i, v := range []any{got, want} {
		text, err := json.MarshalIndent(v, "", " ")
		if err != nil {
			m.Fatal(err)
		}
		texts[i] = string(text)
	}
	if texts[0] != texts[1] {
		m.Fatalf("%s:\n%s", what, difference(texts[0], texts[1]))
	}
}

// difference shows the first lines that two texts have not in common.
func difference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	around := func(lines []string) string { return strings.Join(lines[max(i-12, 0):min(i+6, len(lines))], "\n") }
	return "got\n" + around(a) + "\nwant\n" + around(b)
}

// read compares all lists with the picture of an instant, nil for now.
func (m *model) read(at *timeline.Instant, want picture) {
	m.Helper()
	var got picture
	ctx := m.Context()
	networks, err := m.ListNetworks(ctx, m.caller, ListNetworksInput{NetworkFilter: NetworkFilter{Filter: Filter{At: at}}})
	m.must(err)
	subnets, err := m.ListSubnets(ctx, m.caller, ListSubnetsInput{SubnetFilter: SubnetFilter{Filter: Filter{At: at}}})
	m.must(err)
	hosts, err := m.ListHosts(ctx, m.caller, ListHostsInput{HostFilter: HostFilter{Filter: Filter{At: at}}})
	m.must(err)
	tags, err := m.ListTags(ctx, m.caller, ListTagsInput{TagFilter: TagFilter{Filter: Filter{At: at}}})
	m.must(err)
	got.Networks, got.Subnets, got.Hosts, got.Tags = networks.Items, subnets.Items, hosts.Items, tags.Items
	want = want.clone()
	got.sort()
	want.sort()
	m.same(fmt.Sprint("what there is at ", at), got, want)
}

// sort puts lists into their order, and bindings into that of their ids, as no
// order is promised of them.
func (p *picture) sort() {
	sortByTime(p.Networks, func(n Network) (Times, string) { return n.Times, n.ID })
	sortByTime(p.Subnets, func(s Subnet) (Times, string) { return s.Times, s.ID })
	sortByTime(p.Hosts, func(h Host) (Times, string) { return h.Times, h.ID })
	sortByTime(p.Tags, func(t Tag) (Times, string) { return t.Times, t.ID })
	for _, h := range p.Hosts {
		for _, s := range h.Services {
			slices.SortFunc(s.Bindings, func(a, b Binding) int { return cmp.Compare(a.ID, b.ID) })
		}
	}
}

func sortByTime[T any](list []T, of func(T) (Times, string)) {
	slices.SortFunc(list, func(a, b T) int {
		x, i := of(a)
		y, j := of(b)
		return cmp.Or(cmp.Compare(x.CreatedAt, y.CreatedAt), cmp.Compare(i, j))
	})
}

// check compares what is, and one thing that is or was, with what it should be,
// then and at an instant of the past.
func (m *model) check() {
	m.read(nil, m.is)
	if len(m.past) > 0 {
		i := m.random.IntN(len(m.past))
		at := m.past[i].from
		if m.chance(50) {
			at += 999 // all is done a second after the last
		}
		m.read(&at, m.past[i].picture)
		m.look(&at, m.past[i].picture)
		m.listen(&at, m.past[i].picture)
	}
	m.look(nil, m.is)
	m.listen(nil, m.is)
}

// listen compares what refers to a service of the catalog.
func (m *model) listen(at *timeline.Instant, p picture) {
	m.Helper()
	slugs := oneOf(m, []CatalogID{"a"}, []CatalogID{"b"}, []CatalogID{"b", "a"})
	page, err := m.Listening(m.Context(), m.caller, ListeningInput{ProjectID: "shop", Slugs: slugs, At: at, ListeningPage: ListeningPage{Limit: 1000}})
	m.must(err)
	var want []string
	for _, h := range p.Hosts {
		for _, s := range h.Services {
			if s.Catalog != nil && slices.Contains(slugs, s.Catalog.Slug) {
				want = append(want, fmt.Sprint(p.network(h.NetworkID).Name, h.ID, s.ID, len(s.Bindings)))
			}
		}
	}
	got := idsOf(page.items, func(l Listener) string { return fmt.Sprint(l.Network.Name, l.Host.ID, l.ServiceID, len(l.Bindings)) })
	slices.Sort(got)
	slices.Sort(want)
	m.same(fmt.Sprint("what listens at ", at), got, want)
}

// look reads one thing by its id, which may be of another time.
func (m *model) look(at *timeline.Instant, p picture) {
	ids := append(slices.Clone(m.gone), m.serviceIDs()...)
	ids = append(append(ids, m.portIDs()...), m.interfaceIDs()...)
	if len(ids) == 0 {
		return
	}
	id := oneOf(m, ids...)
	var got, want any
	var err error
	ctx := m.Context()
	switch {
	case p.hostOfService(id) != nil:
		want = serviceOf(p.hostOfService(id), id)
		s, e := m.GetService(ctx, m.caller, GetServiceInput{ID: UUID(id), At: at})
		slices.SortFunc(s.Bindings, func(a, b Binding) int { return cmp.Compare(a.ID, b.ID) })
		got, err = s, e
	case p.hostOfPort(id) != nil:
		want = portOf(p.hostOfPort(id), id)
		got, err = m.GetPort(ctx, m.caller, GetPortInput{ID: UUID(id), At: at})
	case p.hostOfInterface(id) != nil:
		want = interfaceOf(p.hostOfInterface(id), id)
		got, err = m.GetInterface(ctx, m.caller, GetInterfaceInput{ID: UUID(id), At: at})
	case p.hostOfBinding(id) != nil:
		want = find(holderOf(p.hostOfBinding(id), id).Bindings, id, func(b *Binding) string { return b.ID })
		got, err = m.GetBinding(ctx, m.caller, GetBindingInput{ID: UUID(id), At: at})
	default:
		if s, err := m.GetService(ctx, m.caller, GetServiceInput{ID: UUID(id), At: at}); err == nil || fault.Of(err).Kind != fault.NotFound {
			m.Fatalf("%s at %v is %+v, %v", id, at, s, err)
		}
		return
	}
	m.must(err)
	m.same(fmt.Sprint(id, " at ", at), got, want)
}
