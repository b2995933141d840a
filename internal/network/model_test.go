package network

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
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

func (m *model) must(err error) {
	m.Helper()
	if err != nil {
		m.Fatal(err)
	}
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
