package network

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"almanac/internal/store"
	"almanac/internal/store/bolt"
	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

var ann = tenant.Principal{Workspace: "acme", ID: "k-ann", Label: "ann", Role: tenant.Administrator}

// world is an inventory with one network and a clock that moves by hand.
type world struct {
	*testing.T
	*Inventory
	network string
	now     time.Time
}

func setUp(t *testing.T) *world {
	t.Helper()
	return setUpOn(t, onDisk(t))
}

func onDisk(t *testing.T) store.Store {
	t.Helper()
	s, err := bolt.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func setUpOn(t *testing.T, s store.Store) *world {
	t.Helper()
	w := &world{T: t, network: newID(), now: time.Date(2026, 4, 22, 15, 30, 0, 0, time.UTC)}
	w.Inventory = New(s, func() time.Time { return w.now })
	_, err := w.createNetworkAs(t.Context(), ann, w.network, NetworkFacts{Name: "office"})
	w.must(err)
	return w
}

func (w *world) instant() timeline.Instant { return timeline.InstantOf(w.now) }

func (w *world) commit(change func(*edit) error) error {
	w.Helper()
	w.now = w.now.Add(time.Minute)
	return w.Inventory.commit(w.Context(), ann, w.network, change)
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// put adds a host with pointers to it.
func (w *world) put(h *Host) {
	w.Helper()
	h.NetworkID = w.network
	w.must(w.point(w.Context(), ann.Workspace, place{w.network, hostKey(h.ID)}, h.ID))
	w.must(w.commit(func(e *edit) error { e.add(h); return nil }))
}

func (w *world) find(id string, at *timeline.Instant) *Host {
	w.Helper()
	h, err := w.locate(w.Context(), ann.Workspace, id, at)
	w.must(err)
	return h
}

// change commits one function on a host.
func (w *world) change(id string, f func(*Host)) error {
	w.Helper()
	return w.commit(func(e *edit) error {
		h, err := e.host(id)
		if err == nil {
			f(h)
		}
		return err
	})
}

func TestEverythingOnAHostIsFoundByItsIdNowAndThen(t *testing.T) {
	w := setUp(t)
	h := busy(3)
	w.put(h)
	then := w.instant()
	ids := []string{h.ID, h.Interfaces[0].ID, h.Ports[1].ID, h.Services[2].ID, h.Services[2].Bindings[0].ID}
	for _, id := range ids {
		if got := w.find(id, nil); !reflect.DeepEqual(got, h) {
			t.Errorf("%s leads to %+v", id, got)
		}
	}
	for _, id := range []string{newID(), newIDOn(h.ID), w.network} {
		if got := w.find(id, nil); got != nil {
			t.Errorf("%s leads to %+v", id, got)
		}
	}
	w.must(w.commit(func(e *edit) error { return e.remove(h.ID) }))
	for _, id := range ids {
		if got := w.find(id, nil); got != nil {
			t.Errorf("%s of what is gone leads to %+v", id, got)
		}
		if got := w.find(id, &then); !reflect.DeepEqual(got, h) {
			t.Errorf("%s led to %+v", id, got)
		}
	}
	if got, err := w.locate(t.Context(), "other", h.ID, nil); got != nil || err != nil {
		t.Errorf("another workspace finds %v, %v", got, err)
	}
}

func TestTimesMoveWithWhatChangesAndWithNothingElse(t *testing.T) {
	w := setUp(t)
	h := busy(3)
	w.put(h)
	made := w.instant()
	for _, c := range []struct {
		name    string
		change  func(*Host)
		changed []string // of what is named in seen
	}{
		{"nothing", func(*Host) {}, nil},
		{"the host", func(h *Host) { h.Description = new("front") }, []string{"host"}},
		{"a service", func(h *Host) { h.Services[0].Name = "web" }, []string{"service 0"}},
		{"what a service binds", func(h *Host) { h.Services[1].Bindings[0].InterfaceID = h.Interfaces[1].ID }, []string{"service 1", "binding 1"}},
		{"a service that unbinds", func(h *Host) { h.Services[2].Bindings = nil }, []string{"service 2"}},
		{"a position", func(h *Host) { h.Services[2].Position = 7 }, []string{"service 2"}},
		{"a port", func(h *Host) { h.Ports[0].Number = 4000 }, []string{"port 0"}},
		{"a tag", func(h *Host) { h.Services[0].Tags = []string{newID()} }, []string{"service 0"}},
		{"an address", func(h *Host) { h.Interfaces[0].IPAddress = "10.0.3.9" }, []string{"interface 0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := seen(w.find(h.ID, nil))
			w.must(w.change(h.ID, c.change))
			got := w.find(h.ID, nil)
			for what, times := range seen(got) {
				want := before[what]
				for _, changed := range c.changed {
					if changed == what {
						want.UpdatedAt = w.instant()
					}
				}
				if times != want || times.CreatedAt != made {
					t.Errorf("%s has the times %v, not %v", what, times, want)
				}
			}
		})
	}
	head, err := w.timeline.Head(t.Context(), networkScope(ann.Workspace, w.network))
	if err != nil || head.Sequence != 10 {
		t.Errorf("after 11 commits, one of which changed nothing, there are %d events, %v", head.Sequence, err)
	}
}

// seen are the times of all on a host.
func seen(h *Host) map[string]Times {
	all := map[string]Times{"host": h.Times}
	for i, f := range h.Interfaces {
		all[fmt.Sprint("interface ", i)] = f.Times
	}
	for i, p := range h.Ports {
		all[fmt.Sprint("port ", i)] = p.Times
	}
	for i, s := range h.Services {
		all[fmt.Sprint("service ", i)] = s.Times
		for _, b := range s.Bindings {
			all[fmt.Sprint("binding ", i)] = b.Times
		}
	}
	return all
}

func TestWhatIsNewOnAHostGetsItsPlaceAndTimes(t *testing.T) {
	w := setUp(t)
	h := busy(1)
	w.put(h)
	w.must(w.change(h.ID, func(h *Host) {
		h.Ports = append(h.Ports, Port{ID: newIDOn(h.ID), Number: 22, Protocol: TCP})
		h.Services = append(h.Services, Service{
			ID: newIDOn(h.ID), ServiceDefinition: "SSH", Name: "sshd", Position: 1, Source: manual, Tags: []string{},
			Bindings: []Binding{{Type: OnPort, PortID: h.Ports[1].ID}, {Type: OnPort, PortID: h.Ports[1].ID, InterfaceID: h.Interfaces[0].ID}},
		})
	}))
	got := w.find(h.ID, nil)
	if p := got.Ports[0]; p.Type != "Ssh" || p.HostID != h.ID || p.NetworkID != w.network || p.CreatedAt != w.instant() {
		t.Errorf("the port is %+v", p)
	}
	s := got.Services[1]
	if s.HostID != h.ID || s.NetworkID != w.network || s.CreatedAt != w.instant() || len(s.Bindings) != 1 {
		t.Fatalf("the service is %+v", s)
	}
	if b := s.Bindings[0]; family(b.ID) != family(h.ID) || b.ServiceID != s.ID || b.NetworkID != w.network || b.CreatedAt != w.instant() {
		t.Errorf("the binding is %+v", b)
	}
	if got.UpdatedAt != h.UpdatedAt {
		t.Error("what is on a host moved its time")
	}
}

func TestWhatTheRulesRefuseIsNotStored(t *testing.T) {
	w := setUp(t)
	h, other := busy(3), busy(1)
	w.put(h)
	w.put(other)
	// The second host would change too.
	err := w.commit(func(e *edit) error {
		o, err := e.host(other.ID)
		if err != nil {
			return err
		}
		o.Name = "renamed"
		mine, err := e.host(h.ID)
		if err == nil {
			mine.Services[1].Bindings[0].PortID = mine.Ports[0].ID
		}
		return err
	})
	if refusal, ok := errors.AsType[*Refusal](err); !ok || refusal.Rule != RuleClaim {
		t.Errorf("the error is %v", err)
	}
	if !reflect.DeepEqual(w.find(h.ID, nil), h) || !reflect.DeepEqual(w.find(other.ID, nil), other) {
		t.Error("something was stored")
	}
	if err := w.commit(func(e *edit) error { _, err := e.host(newID()); return err }); !errors.Is(err, timeline.ErrNoSuchDocument) {
		t.Errorf("a host that is not there gives %v", err)
	}
}

func TestAServiceCanMoveToAnotherHostInOneCommit(t *testing.T) {
	w := setUp(t)
	from, to := busy(2), busy(0)
	w.put(from)
	w.put(to)
	then := w.instant()
	id := from.Services[1].ID
	w.must(w.point(t.Context(), ann.Workspace, place{w.network, hostKey(to.ID)}, id))
	w.must(w.commit(func(e *edit) error {
		a, err := e.host(from.ID)
		if err != nil {
			return err
		}
		b, err := e.host(to.ID)
		if err != nil {
			return err
		}
		moved := a.Services[1]
		moved.Bindings = nil
		a.Services, b.Services = a.Services[:1], append(b.Services, moved)
		return nil
	}))
	if got := w.find(id, nil); got == nil || got.ID != to.ID {
		t.Errorf("it is on %+v", got)
	}
	if got := w.find(id, &then); got == nil || got.ID != from.ID {
		t.Errorf("it was on %+v", got)
	}
}

func TestFindingAServiceIsOneReadOfAPointerAndOneOfItsHost(t *testing.T) {
	w := setUp(t)
	h := busy(5)
	w.put(h)
	ctx, meter := store.WithMeter(t.Context())
	if got, err := w.locate(ctx, ann.Workspace, h.Services[3].ID, nil); err != nil || got == nil {
		t.Fatal(got, err)
	}
	if meter.ReadUnits != 2 || meter.Calls != 2 {
		t.Errorf("it took %d calls of %v units", meter.Calls, meter.ReadUnits)
	}
}
