package network

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"almanac/internal/fault"
	"almanac/internal/store"
	"almanac/internal/store/dynamo/dynamotest"
	"almanac/internal/tenant"
	"almanac/internal/timeline"

	"pgregory.net/rapid"
)

// model is an inventory and what it should hold: a picture of now, and one of
// each instant at which it changed.
type model struct {
	*rapid.T
	*Inventory
	caller tenant.Principal
	now    time.Time
	is     picture
	past   []moment
	gone   []string // ids of what was
	names  int
	random *rand.Rand
	asked  any
}

type moment struct {
	from timeline.Instant
	picture
}

// instant is when the next request is done.
func (m *model) instant() timeline.Instant { return timeline.InstantOf(m.now) }

// name is a new one, so that what is made is told apart by it.
func (m *model) name() string {
	m.names++
	return fmt.Sprint("n", m.names)
}

func (m *model) chance(percent int) bool { return m.random.IntN(100) < percent }

func oneOf[T any](m *model, from ...T) T { return from[m.random.IntN(len(from))] }

// pick draws one of some ids, and seldom one of something that is no more.
func (m *model) pick(ids []string) UUID {
	if len(ids) == 0 || m.chance(2) {
		ids = append(slices.Clone(m.gone), "00000000-0000-4000-8000-000000000000")
	}
	return UUID(oneOf(m, ids...))
}

// picks draws some ids for a bulk request, or one. What is in one network comes
// together, so that it is done at one instant.
func (m *model) picks(ids []string) (list []UUID) {
	for range oneOf(m, 1, 1, 2, 3) {
		list = append(list, m.pick(ids))
	}
	network := func(id UUID) string {
		h := m.is.holder(func(h *Host) bool { return h.has(string(id)) })
		if h == nil {
			return ""
		}
		return h.NetworkID
	}
	slices.SortStableFunc(list, func(a, b UUID) int { return cmp.Compare(network(a), network(b)) })
	return list
}

// asking notes what is asked for, for who looks at a failure.
func asking[T any](m *model, in T) T {
	m.asked = in
	return in
}

func idsOf[T any](list []T, id func(T) string) []string {
	var ids []string
	for _, one := range list {
		ids = append(ids, id(one))
	}
	return ids
}

func (m *model) networkIDs() []string {
	return idsOf(m.is.Networks, func(n Network) string { return n.ID })
}
func (m *model) subnetIDs() []string {
	return idsOf(m.is.Subnets, func(s Subnet) string { return s.ID })
}
func (m *model) hostIDs() []string { return idsOf(m.is.Hosts, func(h Host) string { return h.ID }) }
func (m *model) tagIDs() []string  { return idsOf(m.is.Tags, func(t Tag) string { return t.ID }) }
func (m *model) portIDs() []string {
	return idsOf(m.is.all().ports, func(p Port) string { return p.ID })
}
func (m *model) interfaceIDs() []string {
	return idsOf(m.is.all().interfaces, func(i Interface) string { return i.ID })
}
func (m *model) serviceIDs() []string {
	return idsOf(m.is.all().services, func(s Service) string { return s.ID })
}
func (m *model) bindingIDs() []string {
	return idsOf(m.is.all().bindings, func(b Binding) string { return b.ID })
}

// tags draws tags to give something.
func (m *model) tags() (ids []UUID) {
	if m.chance(30) {
		ids = append(ids, m.pick(m.tagIDs()))
	}
	return ids
}

// outcome holds a request that was answered with an error, or none, to what the
// model objects to. If it was done, next is what is from now on.
func (m *model) outcome(what string, err error, o objections, next picture) {
	m.Helper()
	if len(o) > 0 {
		if err == nil || !o[fault.Of(err).Kind] {
			m.Fatalf("%s, %s, is answered %v; the model objects %v", what, m.question(), err, o)
		}
		return
	}
	if err != nil {
		m.Fatalf("%s, %s, is answered %v, %s", what, m.question(), err, fault.Of(err).Details)
	}
	next.arrange(m.is, m.instant())
	before := m.is.ids()
	m.is = next
	after := m.is.ids()
	for id := range before {
		if !after[id] {
			m.gone = append(m.gone, id)
		}
	}
	m.past = append(m.past, moment{m.instant(), next.clone()})
}

func (m *model) question() string {
	text, err := json.Marshal(m.asked)
	m.must(err)
	return string(text)
}

func (p picture) ids() map[string]bool {
	all := map[string]bool{}
	parts := p.all()
	for _, list := range [][]string{
		idsOf(p.Networks, func(n Network) string { return n.ID }), idsOf(p.Subnets, func(s Subnet) string { return s.ID }),
		idsOf(p.Hosts, func(h Host) string { return h.ID }), idsOf(p.Tags, func(t Tag) string { return t.ID }),
		idsOf(parts.interfaces, func(i Interface) string { return i.ID }), idsOf(parts.ports, func(p Port) string { return p.ID }),
		idsOf(parts.services, func(s Service) string { return s.ID }), idsOf(parts.bindings, func(b Binding) string { return b.ID }),
	} {
		for _, id := range list {
			all[id] = true
		}
	}
	return all
}

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

func (m *model) must(err error) {
	m.Helper()
	if err != nil {
		m.Fatal(err)
	}
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

// evenly draws what is as often one number as another, where rapid itself draws
// small ones mostly.
func evenly(t *rapid.T) *rand.Rand {
	seed := sha256.Sum256(rapid.SliceOfN(rapid.Byte(), 64, 64).Draw(t, "seed"))
	return rand.New(rand.NewChaCha8(seed))
}

func property(s store.Store) func(*rapid.T) {
	workspaces := 0
	return func(t *rapid.T) {
		workspaces++
		m := &model{T: t, caller: tenant.Principal{Workspace: fmt.Sprint("w", workspaces), ID: "k", Label: "ann", Role: tenant.Owner}, now: time.Date(2026, 4, 22, 15, 30, 0, 0, time.UTC)}
		m.random = evenly(t)
		m.Inventory = New(s, func() time.Time { return m.now })
		m.is = picture{[]Network{}, []Subnet{}, []Host{}, []Tag{}}
		// The first tag makes the scope of tags, too.
		_, err := m.CreateTag(t.Context(), m.caller, CreateTagInput{TagFacts{Name: "first"}})
		m.must(err)
		tags, err := m.ListTags(t.Context(), m.caller, ListTagsInput{})
		m.must(err)
		m.is.Tags = tags.Items
		request := func(t *rapid.T, do ...func()) {
			m.T, m.now = t, m.now.Add(time.Second)
			oneOf(m, do...)()
		}
		for _, do := range []func(){m.createNetwork, m.createNetwork, m.createSubnet, m.createSubnet, m.createSubnet, m.createHost, m.createHost, m.createHost, m.createHost} {
			request(t, do)
		}
		t.Repeat(map[string]func(*rapid.T){
			"": func(t *rapid.T) { m.T = t; m.check() },
			"request": func(t *rapid.T) {
				request(t, m.createService, m.createService, m.createService, m.updateService, m.updateService, m.updateService, m.updateService,
					m.createBinding, m.createBinding, m.createBinding, m.updateBinding, m.updateBinding, m.deleteParts, m.deleteParts, m.deleteParts, m.deleteParts,
					m.createPort, m.createPort, m.updatePort, m.createInterface, m.createInterface, m.updateInterface,
					m.createHost, m.updateHost, m.updateHost, m.updateHost, m.updateHost, m.deleteHosts, m.consolidate,
					m.createSubnet, m.updateSubnet, m.deleteSubnets, m.createNetwork, m.updateNetwork, m.deleteNetworks,
					m.createTag, m.updateTag, m.deleteTags, m.linkTags, m.linkTags)
			},
		})
	}
}

// TestAnInventoryIsAPictureThatEveryRequestChanges makes requests at random in
// two networks and more, and compares all that is, and was, with a plain model.
func TestAnInventoryIsAPictureThatEveryRequestChanges(t *testing.T) {
	t.Run("bolt", func(t *testing.T) {
		few(t, "10", "200")
		rapid.Check(t, property(setUp(t).store))
	})
	t.Run("dynamo", func(t *testing.T) {
		few(t, "3", "50")
		rapid.Check(t, property(dynamotest.Open(t)))
	})
}

// few lets rapid make only so many checks of so many steps until the test ends.
func few(t *testing.T, checks, steps string) {
	for name, value := range map[string]string{"rapid.checks": checks, "rapid.steps": steps} {
		f := flag.Lookup(name)
		old := f.Value.String()
		t.Cleanup(func() { f.Value.Set(old) })
		if err := f.Value.Set(value); err != nil {
			t.Fatal(err)
		}
	}
}
