package network

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"almanac/internal/store"
	"almanac/internal/timeline"
)

// lived is a host whose n services came with their ports one after the other, at
// instants as random as real ones.
func (w *world) lived(n int) *Host {
	w.Helper()
	h := busy(n)
	ports, services := h.Ports, h.Services
	h.Ports, h.Services = nil, nil
	w.put(h)
	for i := range n {
		w.now = w.now.Add(time.Duration(rand.Int64N(1e9)) * time.Millisecond)
		w.must(w.change(h.ID, func(h *Host) {
			h.Ports, h.Services = append(h.Ports, ports[i]), append(h.Services, services[i])
		}))
	}
	return w.find(h.ID, nil)
}

// costs is one operation's units: strong reads of 4 KB and transactional writes
// of 1 KB, as DynamoDB bills them.
func (w *world) costs(what string, reads, writes float64, operation func(ctx context.Context) error) {
	w.Helper()
	w.tick()
	ctx, m := store.WithMeter(w.Context())
	w.must(operation(ctx))
	w.Logf("%-50s %4.0f read units, %3.0f write units, %d calls", what, m.ReadUnits, m.WriteUnits, m.Calls)
	if m.ReadUnits > reads || m.WriteUnits > writes {
		w.Errorf("%s costs %v read and %v write units, at most %v and %v are allowed", what, m.ReadUnits, m.WriteUnits, reads, writes)
	}
}

func TestUnitsOfServices(t *testing.T) {
	w := setUp(t)
	h := w.lived(20)
	other := w.lived(20)
	id, then := UUID(h.Services[3].ID), w.instant()
	w.costs("get a service of a host of 20", 2, 0, func(ctx context.Context) error {
		_, err := w.GetService(ctx, ann, GetServiceInput{ID: id})
		return err
	})
	var made Service
	w.costs("create a service on a host of 20", 4, 16, func(ctx context.Context) error {
		var err error
		made, err = w.CreateService(ctx, ann, CreateServiceInput{NewService{
			HostID: UUID(h.ID), NetworkID: UUID(w.network), ServiceFacts: ServiceFacts{ServiceDefinition: "Caddy", Name: "web"},
			Bindings: []SentBinding{{Type: OnInterface, InterfaceID: new(UUID(h.Interfaces[0].ID))}},
		}})
		return err
	})
	w.costs("get a service as it was", 3, 0, func(ctx context.Context) error {
		_, err := w.GetService(ctx, ann, GetServiceInput{ID: id, At: &then})
		return err
	})
	put := stateOf(h.Services[1])
	w.costs("a PUT that changes nothing", 4, 0, func(ctx context.Context) error { _, err := w.UpdateService(ctx, ann, put); return err })
	put.Body.Name = "renamed"
	w.costs("a PUT", 4, 16, func(ctx context.Context) error { _, err := w.UpdateService(ctx, ann, put); return err })
	w.costs("make a binding", 4, 16, func(ctx context.Context) error {
		_, err := w.CreateBinding(ctx, ann, CreateBindingInput{NewBinding{id, BindingPlace{Type: OnPort, PortID: new(UUID(h.Ports[2].ID)), InterfaceID: new(UUID(h.Interfaces[1].ID))}}})
		return err
	})
	w.costs("delete a service", 4, 16, func(ctx context.Context) error { return w.DeleteService(ctx, ann, DeleteServiceInput{ID: id}) })
	w.costs("delete 10 services of a host", 5, 16, func(ctx context.Context) error {
		var ids []UUID
		for _, s := range h.Services[10:] {
			ids = append(ids, UUID(s.ID))
		}
		_, err := w.BulkDeleteServices(ctx, ann, BulkDeleteInput{ids})
		return err
	})
	w.costs("the history of a service", 24, 0, func(ctx context.Context) error {
		_, err := w.GetServiceHistory(ctx, ann, GetServiceHistoryInput{ID: id})
		return err
	})
	move := stateOf(made)
	move.Body.HostID, move.Body.Bindings = UUID(other.ID), []SentBinding{}
	// From then on ids that are made on its host lead to two.
	w.costs("a PUT that moves it to another host of 20", 7, 30, func(ctx context.Context) error { _, err := w.UpdateService(ctx, ann, move); return err })
	for range 49 {
		w.lived(20)
	}
	w.costs("list 1000 services of 51 hosts", 31, 0, func(ctx context.Context) error {
		list, err := w.ListServices(ctx, ann, ListServicesInput{ServiceFilter: ServiceFilter{NetworkID: UUID(w.network)}})
		if list.Total != 1010 {
			t.Errorf("listed are %d", list.Total)
		}
		return err
	})
}

// A large network is 10,000 services in 2,000 hosts. Lists of it, now and at any
// instant, cost what its hosts take in the store, and each of their pages is one
// answer of a function: 6 MB, in which a quote takes two bytes.
func TestUnitsOfALargeNetwork(t *testing.T) {
	const hosts, services, carried = 2000, 5, 6 << 20
	w := setUp(t)
	var all []*Host
	for len(all) < hosts {
		w.must(w.commit(func(e *edit) error {
			for range 40 {
				h := busy(services)
				h.NetworkID = w.network
				all = append(all, h)
				e.add(h)
			}
			return nil
		}))
	}
	changes := func(n int) timeline.Instant {
		for range n {
			w.must(w.change(all[rand.IntN(hosts)].ID, func(h *Host) { h.Services[0].Name = fmt.Sprint("web ", rand.IntN(1000)) }))
		}
		return w.instant()
	}
	instants := map[string]timeline.Instant{"as it began": w.instant(), "before 900 changes": changes(100), "before 100 changes": changes(800), "just before": changes(99)}
	changes(1)
	w.must(w.timeline.Maintain(t.Context(), networkScope(ann.Workspace, w.network)))
	list := func(at *timeline.Instant) func(context.Context) error {
		return func(ctx context.Context) error {
			list, err := w.ListServices(ctx, ann, ListServicesInput{ServiceFilter: ServiceFilter{Filter: Filter{At: at}, NetworkID: UUID(w.network)}})
			if list.Total != hosts*services {
				t.Errorf("listed are %d", list.Total)
			}
			return err
		}
	}
	w.costs("list 10000 services of 2000 hosts", 430, 0, list(nil))
	for name, at := range instants {
		w.costs("the same, "+name, 430, 0, list(&at))
	}
	seen := map[string]bool{}
	in := ListServicesInput{ServiceFilter: ServiceFilter{NetworkID: UUID(w.network)}}
	for more := true; more; in.Offset = len(seen) {
		page, err := w.ListServices(t.Context(), ann, in)
		w.must(err)
		text, err := json.Marshal(page.Body())
		w.must(err)
		inside, err := json.Marshal(string(text))
		w.must(err)
		t.Logf("a page of %d services has %.1f MB of JSON, %.1f MB as the text of another", len(page.Items), float64(len(text))/(1<<20), float64(len(inside))/(1<<20))
		if len(inside) > carried-(64<<10) || strings.Count(string(text), `"network_id":`) < len(page.Items) {
			t.Errorf("it takes %d bytes", len(inside))
		}
		for _, s := range page.Items {
			seen[s.ID] = true
		}
		more = page.HasMore()
	}
	if len(seen) != hosts*services {
		t.Errorf("all pages together have %d", len(seen))
	}
}
