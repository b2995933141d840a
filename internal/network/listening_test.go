package network

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"almanac/internal/fault"
	"almanac/internal/shape"
	"almanac/internal/store"
	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

// refer makes a service of the host H that refers to orders, or to another slug.
func (s *site) refer(name, bindings string, slug CatalogID) Service {
	s.Helper()
	s.tick()
	in := s.input(name, bindings)
	in.Body.Catalog = shape.Of(CatalogRef{"shop-a1b2c", slug})
	service, err := s.CreateService(s.Context(), ann, in)
	s.must(err)
	return service
}

// listening lists the names of what refers to orders or sales, in order.
func (s *site) listening(at *timeline.Instant) string {
	s.Helper()
	var names []string
	for _, l := range s.listeners(ListeningInput{Slugs: []CatalogID{"orders", "sales"}, At: at}) {
		names = append(names, l.Name)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// listeners follows the pages to the end.
func (s *site) listeners(in ListeningInput) (all []Listener) {
	s.Helper()
	in.ProjectID, in.SlugsAt = "shop-a1b2c", s.instant()
	if in.Limit == 0 {
		in.Limit = 1000
	}
	asked := in.At
	for {
		var err error
		in.At, _, err = in.Instants(asked)
		s.must(err)
		page, err := s.Listening(s.Context(), ann, in)
		s.must(err)
		if len(page.items) > in.Limit || len(page.items) == 0 && len(all) > 0 {
			s.Fatalf("a page of %d has %d", in.Limit, len(page.items))
		}
		all = append(all, page.items...)
		if page.next == "" {
			return all
		}
		in.Cursor = ListeningCursor{}
		s.must(in.Cursor.UnmarshalText([]byte(page.next)))
	}
}

func TestAListenerHasItsPlacesAsPortsAndAddresses(t *testing.T) {
	s := newSite(t)
	s.must(s.change(s.host.ID, func(h *Host) {
		h.Hostname = new("h.example.com")
		h.Ports = append(h.Ports, Port{ID: newIDOn(h.ID), Number: 53, Protocol: UDP})
		s.ids["p53"] = h.Ports[2].ID
	}))
	service := s.refer("api", "P(p80) P(p53,e1)", "orders")
	s.created("other", "P(p443)")
	s.refer("another's", "", "carts")
	want := []Listener{{
		ServiceID: service.ID, Name: "api", ServiceDefinition: "PostgreSQL", Slug: "orders",
		Host: ListenerHost{s.host.ID, "H", new("h.example.com")}, Network: ListenerNetwork{s.network, "office"},
		Bindings: []ListenerBinding{
			{Type: OnPort, Port: 80, Protocol: TCP, PortID: s.ids["p80"], Addresses: []string{"10.0.0.1", "10.0.0.2"}},
			{Type: OnPort, Port: 53, Protocol: UDP, PortID: s.ids["p53"], InterfaceID: s.ids["e1"], Addresses: []string{"10.0.0.2"}},
		},
	}}
	if got := s.listeners(ListeningInput{Slugs: []CatalogID{"orders"}}); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	s.refer("agent", "I(e0)", "sales")
	got := s.listeners(ListeningInput{Slugs: []CatalogID{"sales"}})[0].Bindings
	if want := []ListenerBinding{{Type: OnInterface, InterfaceID: s.ids["e0"], Addresses: []string{"10.0.0.1"}}}; !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestWhatListensIsSeenAsItWasAtEveryInstant(t *testing.T) {
	s := newSite(t)
	type state struct {
		at   timeline.Instant
		want string
	}
	states := []state{{s.instant(), ""}}
	seen := func(want string) {
		t.Helper()
		states = append(states, state{s.instant(), want})
		if got := s.listening(nil); got != want {
			t.Errorf("now it is %q, not %q", got, want)
		}
	}
	api := s.refer("api", "P(p80)", "orders")
	seen("api")
	s.refer("old", "P(p443)", "sales")
	seen("api old")
	moved := stateOf(api)
	moved.Body.HostID, moved.Body.Bindings = UUID(s.other.ID), nil
	_, err := s.update(moved)
	s.must(err)
	seen("api old")
	moved.Body.Catalog = shape.Of(CatalogRef{"shop-a1b2c", "carts"})
	_, err = s.update(moved)
	s.must(err)
	seen("old")
	moved.Body.Catalog = shape.Of(CatalogRef{"shop-zzzzz", "orders"})
	_, err = s.update(moved)
	s.must(err)
	seen("old")
	moved.Body.Catalog = shape.Of(CatalogRef{"shop-a1b2c", "orders"})
	_, err = s.update(moved)
	s.must(err)
	seen("api old")
	moved.Body.Catalog = shape.Null[CatalogRef]()
	_, err = s.update(moved)
	s.must(err)
	seen("old")
	s.tick()
	_, err = s.UpdateNetwork(t.Context(), ann, UpdateNetworkInput{ID: UUID(s.network), Body: NetworkFacts{Name: "home"}})
	s.must(err)
	before := states[2].at
	if got := s.listeners(ListeningInput{Slugs: []CatalogID{"sales"}, At: &before}); got[0].Network.Name != "office" {
		t.Errorf("its network was %q", got[0].Network.Name)
	}
	s.must(s.commit(func(e *edit) error { return e.remove(s.host.ID) }))
	seen("")
	moved.Body.Catalog = shape.Of(CatalogRef{"shop-a1b2c", "sales"})
	_, err = s.update(moved)
	s.must(err)
	seen("api")
	s.tick()
	s.must(s.DeleteNetwork(t.Context(), ann, DeleteNetworkInput{ID: UUID(s.network)}))
	seen("")
	for _, state := range states {
		if got := s.listening(&state.at); got != state.want {
			t.Errorf("at %v it was %q, not %q", state.at, got, state.want)
		}
	}
	stranger := tenant.Principal{Workspace: "other", ID: "k", Role: tenant.Owner}
	page, err := s.Listening(t.Context(), stranger, ListeningInput{ProjectID: "shop-a1b2c", Slugs: []CatalogID{"orders"}, At: &states[2].at, ListeningPage: ListeningPage{Limit: 10}})
	if err != nil || page.items == nil || len(page.items) != 0 {
		t.Errorf("another workspace sees %+v, %v", page, err)
	}
}

// The pages are read whichever way is cheaper: by the hosts that referred to the
// service, or by all of the network.
func TestPagesOfListenersHaveEachOnceAndAllOfOneInstant(t *testing.T) {
	s := newSite(t)
	put := func(services int) *Host {
		h := busy(services)
		for i := range h.Services {
			h.Services[i].Catalog = &CatalogRef{"shop-a1b2c", "orders"}
		}
		s.put(h)
		return h
	}
	want := 0
	for services := range 5 {
		put(services)
		want += services
	}
	for range 20 {
		gone := put(1)
		s.must(s.commit(func(e *edit) error { return e.remove(gone.ID) }))
	}
	check := func(want int) {
		t.Helper()
		for limit := range 12 {
			all := s.listeners(ListeningInput{Slugs: []CatalogID{"orders", "sales"}, ListeningPage: ListeningPage{Limit: limit + 1}})
			distinct := map[string]bool{}
			for _, l := range all {
				distinct[l.ServiceID] = true
			}
			if len(all) != want || len(distinct) != want {
				t.Errorf("in pages of %d there are %d of %d", limit+1, len(distinct), want)
			}
		}
	}
	check(want)
	for range 40 {
		put(1)
	}
	check(want + 40)

	in := ListeningInput{ProjectID: "shop-a1b2c", Slugs: []CatalogID{"orders"}, SlugsAt: s.instant(), ListeningPage: ListeningPage{Limit: 30}}
	first, err := s.Listening(t.Context(), ann, in)
	s.must(err)
	s.must(in.Cursor.UnmarshalText([]byte(first.next)))
	for range 30 {
		put(1)
	}
	if _, _, err := in.Instants(new(in.Cursor.At - 1)); kindOf(err) != fault.Invalid {
		t.Errorf("a cursor of another instant: %v", err)
	}
	in.At, _, err = in.Instants(nil)
	s.must(err)
	last, err := s.Listening(t.Context(), ann, in)
	if err != nil || len(first.items)+len(last.items) != want+40 || last.next != "" {
		t.Errorf("the pages have %d and %d of %d, %v", len(first.items), len(last.items), want+40, err)
	}
}

func TestACursorOfListenersIsTakenFromALinkAlone(t *testing.T) {
	cursor := ListeningCursor{At: 1767776880000, SlugsAt: 1767776880001, Network: newID(), Host: newID(), Seen: 3}
	var read ListeningCursor
	if err := read.UnmarshalText([]byte(cursor.text())); err != nil || read != cursor {
		t.Errorf("read is %+v, %v", read, err)
	}
	for _, text := range []string{"", "e30", "x", cursor.text() + "A", cursor.text()[1:], ListeningCursor{At: 5}.text()} {
		if err := new(ListeningCursor).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is read", text)
		}
	}
}

// A reference is seen wherever it is committed, so its pointer is there before.
func TestAReferenceLeadsToItsHostBeforeItIsCommitted(t *testing.T) {
	s := newSite(t)
	service := s.refer("api", "", "orders")
	failing := &failingWrites{Store: s.store}
	s.Inventory = New(failing, func() time.Time { return s.now })
	in := stateOf(service)
	in.Body.HostID = UUID(s.other.ID)
	failing.refuse = func(op store.Op) bool { return strings.Contains(op.Item.Partition, "#REFERENCES#") }
	if _, err := s.update(in); !errors.Is(err, errRefused) {
		t.Errorf("got %v", err)
	}
	if got := s.service(service.ID); got.HostID != s.host.ID {
		t.Error("it moved without a pointer")
	}
	failing.refuse = nil
	_, err := s.update(in)
	s.must(err)
	failing.refuse = func(op store.Op) bool { return strings.Contains(op.Item.Partition, "#REFERENCES#") }
	in.Body.Name = "renamed"
	if _, err := s.update(in); err != nil {
		t.Errorf("a pointer that is there is written again: %v", err)
	}
	if got := s.listening(nil); got != "renamed" {
		t.Errorf("listening is %q", got)
	}
}

var errRefused = errors.New("refused")

// failingWrites is a store that refuses some writes.
type failingWrites struct {
	store.Store
	refuse func(store.Op) bool
}

func (f *failingWrites) Transact(ctx context.Context, ops ...store.Op) error {
	if f.refuse != nil && slices.ContainsFunc(ops, f.refuse) {
		return errRefused
	}
	return f.Store.Transact(ctx, ops...)
}

func TestWhatOneAnswerCannotCarryIsNeverBuilt(t *testing.T) {
	h := &Host{BareHost: BareHost{ID: newID(), NetworkID: newID()}}
	for i := range 1000 {
		h.Interfaces = append(h.Interfaces, Interface{ID: newIDOn(h.ID), IPAddress: fmt.Sprint("10.0.", i/250, ".", i%250)})
		h.Ports = append(h.Ports, Port{ID: newIDOn(h.ID), Number: 1000 + i, Protocol: TCP})
	}
	service := func(bindings int) Service {
		s := Service{ID: newIDOn(h.ID), Catalog: &CatalogRef{"shop", "orders"}}
		for i := range bindings {
			s.Bindings = append(s.Bindings, Binding{Type: OnPort, PortID: h.Ports[i].ID})
		}
		return s
	}
	h.Services = []Service{service(100), service(100), service(100)}
	page := &listeningPage{in: ListeningInput{ProjectID: "shop", Slugs: []CatalogID{"orders"}, ListeningPage: ListeningPage{Limit: 1000}}}
	if err := page.take(h); err != nil || len(page.items) != 2 || page.next == "" {
		t.Errorf("%d on the page, %v", len(page.items), err)
	}
	h.Services = []Service{service(1000)}
	if err := page.take(h); kindOf(err) != fault.Invalid {
		t.Errorf("got %v", err)
	}
}

func TestAReferenceIsOfWhatTheCatalogCouldHaveMade(t *testing.T) {
	for ref, good := range map[string]bool{
		`{"project_id":"shop-a1b2c","slug":"order-api"}`: true,
		`null`: true,
		`{"project_id":"shop-a1b2c","slug":"Order API"}`:                  false,
		`{"project_id":"shop#1","slug":"order-api"}`:                      false,
		`{"project_id":"shop-a1b2c"}`:                                     false,
		`{"slug":"order-api"}`:                                            false,
		`{"project_id":"","slug":"order-api"}`:                            false,
		`{"project_id":null,"slug":"order-api"}`:                          false,
		`{"project_id":"shop","slug":"` + strings.Repeat("s", 120) + `"}`: true,
		`{"project_id":"shop","slug":"` + strings.Repeat("s", 121) + `"}`: false,
		`"order-api"`: false,
	} {
		if _, err := decoded[NewService](t, `{`+someNew+`,"catalog":`+ref+`}`); (err == nil) != good {
			t.Errorf("%s: %v", ref, err)
		}
	}
}
