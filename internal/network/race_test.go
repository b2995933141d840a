package network

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"almanac/internal/fault"
	"almanac/internal/store"
)

// disjoint holds what a read shows to the rules.
func disjoint(hosts []*Host) error {
	for _, h := range hosts {
		if refusal := settle(h); refusal != nil {
			return refusal
		}
	}
	return nil
}

// race runs writers until all are done, and a reader beside them that looks for
// what must never be seen.
func (s *site) race(writers int, write func(n int)) {
	s.Helper()
	s.Inventory = New(s.store, time.Now)
	var done atomic.Bool
	var wg, reader sync.WaitGroup
	reader.Go(func() {
		for !done.Load() {
			hosts, err := s.surveyHosts(s.Context(), ann.Workspace, "", nil)
			if err == nil {
				err = disjoint(hosts)
			}
			if err != nil {
				s.Errorf("a read shows: %v", err)
				return
			}
		}
	})
	for n := range writers {
		wg.Go(func() { write(n) })
	}
	wg.Wait()
	done.Store(true)
	reader.Wait()
	s.must(disjoint(s.hosts()))
}

func TestOf16WritersThatClaimOnePortExactlyOneWins(t *testing.T) {
	whereWritersMeet(t, raceForAPort)
}

func raceForAPort(t *testing.T, on store.Store) {
	for _, place := range []string{"P(p80)", "P(p80,e0)"} {
		s := newSiteOn(t, on)
		in := s.input("", place)
		var won, lost atomic.Int64
		s.race(16, func(n int) {
			in := in
			in.Body.Name = fmt.Sprint("writer ", n)
			_, err := s.process().CreateService(t.Context(), ann, in)
			switch {
			case err == nil:
				won.Add(1)
			case kindOf(err) == fault.Invalid && fault.Of(err).Code == "binding_claim":
				lost.Add(1)
			default:
				t.Errorf("%s: %v", place, err)
			}
		})
		if won.Load() != 1 || lost.Load() != 15 || len(s.find(s.host.ID, nil).Services) != 1 {
			t.Errorf("%s: %d won and %d lost", place, won.Load(), lost.Load())
		}
	}
}

// Half of the writers bind by themselves, the others by their services.
func TestAPortThatIsFreedAndTakenInRacesIsNeverTwoServices(t *testing.T) {
	whereWritersMeet(t, raceOfBindings)
}

func raceOfBindings(t *testing.T, on store.Store) {
	s := newSiteOn(t, on)
	const writers = 8
	places := []string{"P(p80)", "P(p80,e0)", "P(p80,e1)", "I(e0)"}
	var services [writers]Service
	var puts [writers][]UpdateServiceInput
	for n := range services {
		services[n] = s.created(fmt.Sprint("writer ", n), "")
		for round := range 6 {
			in := stateOf(services[n])
			in.Body.Bindings = nil
			if round%2 == 0 {
				in.Body.Bindings = s.bindings(places[(n+round)%len(places)])
			}
			puts[n] = append(puts[n], in)
		}
	}
	s.race(writers, func(n int) {
		own := s.process()
		for _, put := range puts[n] {
			var err error
			if n%2 == 0 || len(put.Body.Bindings) == 0 {
				_, err = own.UpdateService(t.Context(), ann, put)
			} else {
				b := put.Body.Bindings[0]
				_, err = own.CreateBinding(t.Context(), ann, CreateBindingInput{NewBinding{put.ID, BindingPlace{Type: b.Type, PortID: b.PortID, InterfaceID: b.InterfaceID}}})
			}
			if kind := kindOf(err); err != nil && kind != fault.Invalid && kind != fault.Conflict {
				t.Errorf("writer %d: %v", n, err)
			}
		}
	})
}

// Two move one service to and fro while two rename it where they find it: it is
// always somewhere, once, and none of them misses it.
func TestAServiceThatMovesUnderItsWritersIsNeverLost(t *testing.T) {
	whereWritersMeet(t, raceOfMoves)
}

func raceOfMoves(t *testing.T, on store.Store) {
	s := newSiteOn(t, on)
	service := s.created("moving", "")
	var moves [2]UpdateServiceInput
	for n, host := range []string{s.other.ID, s.host.ID} {
		moves[n] = stateOf(service)
		moves[n].Body.HostID = UUID(host)
	}
	s.race(4, func(n int) {
		own := s.process()
		for round := range 8 {
			in := moves[(n+round)%2]
			in.Body.Name = fmt.Sprint("by ", n, round)
			if _, err := own.UpdateService(t.Context(), ann, in); err != nil {
				t.Errorf("writer %d: %v", n, err)
			}
		}
	})
	if total := len(s.find(s.host.ID, nil).Services) + len(s.find(s.other.ID, nil).Services); total != 1 {
		t.Errorf("it is there %d times", total)
	}
	got := s.service(service.ID)
	if got.CreatedAt != service.CreatedAt {
		t.Errorf("it was made at %v, not at %v", got.CreatedAt, service.CreatedAt)
	}
	s.must(s.DeleteService(t.Context(), ann, DeleteServiceInput{ID: UUID(service.ID)}))
}

// meddled is a store in which something happens after the next read of an item.
type meddled struct {
	store.Store
	then func()
}

func (m *meddled) Get(ctx context.Context, key store.Key) (store.Item, error) {
	item, err := m.Store.Get(ctx, key)
	if then := m.then; then != nil {
		m.then = nil
		then()
	}
	return item, err
}

func TestAServiceThatMovesBetweenTwoReadsIsFound(t *testing.T) {
	for name, find := range map[string]func(s *site, id UUID) error{
		"by a GET": func(s *site, id UUID) error {
			_, err := s.GetService(t.Context(), ann, GetServiceInput{ID: id})
			return err
		},
		"by a delete": func(s *site, id UUID) error { return s.DeleteService(t.Context(), ann, DeleteServiceInput{ID: id}) },
	} {
		s := newSite(t)
		// The host with the lesser id is looked at first.
		first, last := s.host.ID, s.other.ID
		if first > last {
			first, last = last, first
		}
		in := stateOf(s.created("moving", ""))
		for _, host := range []string{first, last} {
			in.Body.HostID = UUID(host)
			_, err := s.update(in)
			s.must(err)
		}
		m := &meddled{Store: s.store}
		s.Inventory = New(m, time.Now)
		in.Body.HostID = UUID(first)
		m.then = func() {
			_, err := s.update(in)
			s.must(err)
		}
		if err := find(s, in.ID); err != nil || m.then != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
