package network

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"almanac/internal/fault"
	"almanac/internal/store"
	"almanac/internal/timeline"
)

// holdersOf counts the hosts that have an id.
func (s *site) holdersOf(id string) (count int) {
	s.Helper()
	for _, h := range s.hosts() {
		if h.has(id) {
			count++
		}
	}
	return count
}

// networks makes some more networks.
func (s *site) networks(n int) (ids []string) {
	s.Helper()
	for range n {
		id := newID()
		_, err := s.timeline.CreateScope(s.Context(), networkScope(ann.Workspace, id), nil, actorOf(ann))
		s.must(err)
		ids = append(ids, id)
	}
	return ids
}

func TestOf16WritersThatBringOneIdExactlyOneWins(t *testing.T) {
	for name, networks := range map[string]int{"in one network": 1, "in two networks": 2, "in sixteen networks": 16} {
		t.Run(name, func(t *testing.T) {
			onBothStores(t, func(t *testing.T, on store.Store) { raceForAnID(withLanOn(t, on), networks) })
		})
	}
}

func raceForAnID(s *site, networks int) {
	t := s.T
	ids := s.networks(networks)
	for round := range 4 {
		s.ids["port"] = newID()
		bodies := make([]NewHost, 16)
		puts := map[int]UUID{} // half of them have a host already
		for n := range bodies {
			s.ids["network"] = ids[n%len(ids)]
			if n%4 > 1 {
				puts[n] = UUID(s.newHost("").ID)
			}
			body, err := decoded[NewHost](t, s.text(fmt.Sprintf(`{"network_id":"$network","name":"by %d","ports":[{"id":"$port","number":%d,"protocol":"Tcp"}]}`, n, n+1)))
			s.must(err)
			bodies[n] = body
		}
		var won, lost atomic.Int64
		var wg sync.WaitGroup
		for n, body := range bodies {
			wg.Go(func() {
				// Each as if in a process of its own.
				inventory := New(s.store, time.Now)
				var err error
				if id, ok := puts[n]; ok {
					_, err = inventory.UpdateHost(t.Context(), ann, UpdateHostInput{ID: id, Body: HostState{HostFacts: body.HostFacts, HostParts: body.HostParts}})
				} else {
					_, err = inventory.CreateHost(t.Context(), ann, CreateHostInput{body})
				}
				switch {
				case err == nil:
					won.Add(1)
				case kindOf(err) == fault.Invalid && fault.Of(err).Code == "id_taken":
					lost.Add(1)
				default:
					t.Errorf("writer %d: %v", n, err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 || lost.Load() != 15 || s.holdersOf(s.ids["port"]) != 1 {
			t.Errorf("round %d: %d won and %d lost, %d have it", round, won.Load(), lost.Load(), s.holdersOf(s.ids["port"]))
		}
	}
}

// interrupted is a store in which something happens after a read of pointers.
type interrupted struct {
	store.Store
	partition string
	then      func()
}

func (i *interrupted) Range(ctx context.Context, query store.Query) ([]store.Item, error) {
	items, err := i.Store.Range(ctx, query)
	if then := i.then; then != nil && query.Partition == i.partition {
		i.then = nil
		then()
	}
	return items, err
}

// The one has looked where the id is, and found nothing, when the other one
// begins and ends.
func TestWhoHasLookedBeforeAnotherOneWroteLooksAgain(t *testing.T) {
	for name, networks := range map[string]int{"in one network": 1, "in two networks": 2} {
		t.Run(name, func(t *testing.T) {
			s := withLan(t)
			ids := s.networks(networks)
			const members = `,"ports":[{"id":"$port","number":80,"protocol":"Tcp"}]`
			s.text(members)
			late := &interrupted{Store: s.store, partition: pointers(ann.Workspace, s.ids["port"])}
			late.then = func() {
				other := *s
				world := *s.world
				other.world, other.Inventory = &world, New(s.store, time.Now)
				other.ids["network"] = ids[0]
				other.newHost(members)
			}
			s.ids["network"] = ids[len(ids)-1]
			text := s.text(`{"network_id":"$network","name":"late"` + members + `}`)
			body, err := decoded[NewHost](t, text)
			s.must(err)
			_, err = New(late, time.Now).CreateHost(t.Context(), ann, CreateHostInput{body})
			if kindOf(err) != fault.Invalid || fault.Of(err).Code != "id_taken" || s.holdersOf(s.ids["port"]) != 1 || late.then != nil {
				t.Errorf("it ends with %v, %d have it", err, s.holdersOf(s.ids["port"]))
			}
		})
	}
}

// An id is looked for on its host, from which it goes meanwhile to another one.
func TestAnIdThatMovesInAnotherNetworkIsTakenAllTheSame(t *testing.T) {
	s := withLan(t)
	moving := s.created("moving", "")
	in := stateOf(moving)
	in.Body.HostID = UUID(s.other.ID)
	s.ids["moving"], s.ids["network"] = moving.ID, s.networks(1)[0]
	body, err := decoded[NewHost](t, s.text(`{"network_id":"$network","name":"late","ports":[{"id":"$moving","number":80,"protocol":"Tcp"}]}`))
	s.must(err)
	late := &interrupted{Store: s.store, partition: pointers(ann.Workspace, moving.ID)}
	late.then = func() {
		_, err := s.update(in)
		s.must(err)
	}
	_, err = New(late, time.Now).CreateHost(t.Context(), ann, CreateHostInput{body})
	if kindOf(err) != fault.Invalid || fault.Of(err).Code != "id_taken" || late.then != nil {
		t.Errorf("it ends with %v", err)
	}
}

func TestAnIdIsFreeWhenTheNetworkThatHadItIsDeleted(t *testing.T) {
	s := withLan(t)
	gone := s.networks(1)[0]
	s.ids["network"] = gone
	const members = `,"ports":[{"id":"$port","number":80,"protocol":"Tcp"}]`
	s.newHost(members)
	s.ids["network"] = s.network
	s.refused("before", fault.Invalid, "id_taken", func() error { _, err := s.sendHost(members); return err })
	s.must(s.DeleteNetwork(t.Context(), ann, DeleteNetworkInput{ID: UUID(gone)}))
	s.newHost(members)
}

// The clock of whoever takes it is behind that of whoever had it.
func TestAnIdThatGoesToAnotherNetworkLeadsToOneHostAtEachInstant(t *testing.T) {
	const members = `,"ports":[{"id":"$port","number":80,"protocol":"Tcp"}]`
	for name, leave := range map[string]func(s *site, host, network string) error{
		"the host goes": func(s *site, host, _ string) error {
			return s.DeleteHost(s.Context(), ann, DeleteHostInput{ID: UUID(host)})
		},
		"the host has it no longer": func(s *site, host, _ string) error {
			s.replacedHost(host, `,"ports":[]`)
			return nil
		},
		"the network goes": func(s *site, _, network string) error {
			return s.DeleteNetwork(s.Context(), ann, DeleteNetworkInput{ID: UUID(network)})
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := withLan(t)
			ids := s.networks(2)
			first, next := ids[0], ids[1]
			s.ids["network"] = first
			held := s.newHost(members)
			s.must(leave(s, held.ID, first))
			free, err := s.timeline.HeadAt(t.Context(), networkScope(ann.Workspace, first), 0)
			s.must(err)
			s.now = s.now.Add(-time.Hour)
			s.ids["network"] = next
			taken := s.newHost(members)
			if taken.CreatedAt <= free.Updated.At {
				t.Errorf("it was free from %s and taken at %s", free.Updated.At, taken.CreatedAt)
			}
			for _, at := range []timeline.Instant{held.CreatedAt, free.Updated.At - 1, free.Updated.At, taken.CreatedAt - 1, taken.CreatedAt, taken.CreatedAt + 1} {
				want := ""
				switch {
				case at < free.Updated.At:
					want = held.ID
				case at >= taken.CreatedAt:
					want = taken.ID
				}
				if h := s.find(s.ids["port"], &at); (h == nil) != (want == "") || h != nil && h.ID != want {
					t.Errorf("at %s it leads to %v, not to %q", at, h, want)
				}
			}
		})
	}
}

func TestHostsThatMergeUnderTheirWritersLoseNothing(t *testing.T) {
	s := withLan(t)
	to, from := s.newHost(""), s.newHost("")
	var made, kept atomic.Int64
	bodies := make([]HostState, 12)
	for n := range bodies {
		body, err := decoded[HostState](t, s.text(fmt.Sprintf(`{"name":"new","services":[{"id":"$brought%d","service_definition":"Caddy","name":"s"}]}`, n)))
		s.must(err)
		bodies[n] = body
	}
	s.race(len(bodies)+1, func(n int) {
		if n == len(bodies) {
			if _, err := s.ConsolidateHosts(t.Context(), ann, ConsolidateHostsInput{Destination: UUID(to.ID), Other: UUID(from.ID)}); err != nil {
				t.Errorf("they do not merge: %v", err)
			}
			return
		}
		_, err := s.UpdateHost(t.Context(), ann, UpdateHostInput{ID: UUID(from.ID), Body: bodies[n]})
		if err == nil {
			made.Add(1)
		} else if kindOf(err) != fault.NotFound {
			t.Errorf("writer %d: %v", n, err)
		}
	})
	// The last who wrote before is found where all went.
	for n := range bodies {
		if h := s.find(s.ids[fmt.Sprint("brought", n)], nil); h != nil && h.ID == to.ID {
			kept.Add(1)
		}
	}
	if kept.Load() != min(made.Load(), 1) || kept.Load() != int64(len(s.hostNow(to.ID).Services)) {
		t.Errorf("%d were written, %d are found, %d are there", made.Load(), kept.Load(), len(s.hostNow(to.ID).Services))
	}
}

// Each of them says of all ports at once who has them.
func TestPortsThatManyShareOutAtOnceAreAsOneOfThemSaid(t *testing.T) {
	onBothStores(t, func(t *testing.T, on store.Store) { raceToShareOut(withLanOn(t, on)) })
}

func raceToShareOut(s *site) {
	t := s.T
	made := s.newHost(oneTier)
	said := map[string]bool{}
	var bodies []HostState
	for n := range 12 {
		var services, words []string
		for i, name := range []string{"a", "b", "c"} {
			port := 1 + (i*(1+n%2)+n)%3
			services = append(services, fmt.Sprintf(`{"id":"$%s","service_definition":"Caddy","name":"%s","bindings":[{"type":"Port","port_id":"$p%d"}]}`, name, name, port))
			words = append(words, fmt.Sprintf("%s(p%d)", name, port))
		}
		body, err := decoded[HostState](t, s.text(`{"name":"new","services":[`+strings.Join(services, ",")+`]}`))
		s.must(err)
		bodies = append(bodies, body)
		said["eth0 eth1 | p1 p2 p3 | "+strings.Join(words, " ")] = true
	}
	s.replacedHost(made.ID, `,"services":[]`)
	s.race(len(bodies), func(n int) {
		for round := range 4 {
			got, err := s.UpdateHost(t.Context(), ann, UpdateHostInput{ID: UUID(made.ID), Body: bodies[(n+round)%len(bodies)]})
			if err != nil || !said[s.shape(got)] {
				t.Errorf("writer %d: %s, %v", n, s.shape(got), err)
			}
		}
	})
	if got := s.shape(s.hostNow(made.ID)); !said[got] || len(said) < 4 {
		t.Errorf("it ends as %s", got)
	}
}
