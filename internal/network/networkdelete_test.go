package network

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"almanac/internal/fault"
	"almanac/internal/store"
	"almanac/internal/store/dynamo/dynamotest"
	"almanac/internal/store/storetest"
	"almanac/internal/timeline"
)

// filled is a world whose one network has some hosts.
func filled(t *testing.T, s store.Store, count int) (*world, []*Host) {
	t.Helper()
	w := &world{T: t, now: time.Date(2026, 4, 22, 15, 30, 0, 0, time.UTC)}
	w.Inventory = New(s, func() time.Time { return w.now })
	w.found("large")
	var hosts []*Host
	for len(hosts) < count {
		first := len(hosts)
		w.must(w.commit(func(e *edit) error {
			hosts = hosts[:first]
			for range min(mostHosts, count-first) {
				h := busy(1)
				h.NetworkID = w.network
				hosts = append(hosts, h)
				e.add(h)
			}
			return nil
		}))
		for _, h := range hosts[first:] {
			w.must(w.point(t.Context(), ann.Workspace, place{w.network, hostKey(h.ID)}, h.ID))
		}
	}
	return w, hosts
}

// state is "whole" or "gone", by every read; anything between is an error.
func (w *world) state(hosts []*Host) string {
	w.Helper()
	_, err := w.GetNetwork(w.Context(), ann, GetNetworkInput{ID: UUID(w.network)})
	if kindOf(err) == fault.NotFound {
		for _, h := range hosts {
			if got := w.find(h.Services[0].ID, nil); got != nil {
				w.Fatalf("the network is gone and %s is not", h.ID)
			}
		}
		w.gone(hosts[0])
		if at, err := w.surveyHosts(w.Context(), ann.Workspace, UUID(w.network), new(w.instant())); err != nil || len(at) > 0 {
			w.Fatalf("at an instant since there are %d hosts, %v", len(at), err)
		}
		return "gone"
	}
	w.must(err)
	for i := 0; i < len(hosts); i += 7 {
		if w.find(hosts[i].Services[0].ID, nil) == nil {
			w.Fatalf("%s is gone and the network is not", hosts[i].ID)
		}
	}
	listed, err := w.surveyHosts(w.Context(), ann.Workspace, "", nil)
	if err != nil || len(listed) != len(hosts) {
		w.Fatalf("%d of %d hosts are left, %v", len(listed), len(hosts), err)
	}
	return "whole"
}

// watched is a store that is looked at after each transaction.
type watched struct {
	store.Store
	look func()
}

func (s watched) Transact(ctx context.Context, ops ...store.Op) error {
	err := s.Store.Transact(ctx, ops...)
	s.look()
	return err
}

func TestALargeNetworkIsGoneAtOnce(t *testing.T) {
	for name, open := range map[string]func() store.Store{
		"bolt":   func() store.Store { return setUp(t).store },
		"dynamo": func() store.Store { return dynamotest.Open(t) },
	} {
		t.Run(name, func(t *testing.T) {
			disk := open()
			w, hosts := filled(t, disk, 250)
			then := w.instant()
			w.tick()
			seen := ""
			watcher := New(watched{disk, func() { seen += w.state(hosts) + " " }}, func() time.Time { return w.now })
			w.must(watcher.DeleteNetwork(t.Context(), ann, DeleteNetworkInput{ID: UUID(w.network)}))
			if seen != "whole whole gone " {
				t.Errorf("after its transactions it was %s", seen)
			}
			was, err := w.surveyHosts(t.Context(), ann.Workspace, "", &then)
			if err != nil || len(was) != len(hosts) {
				t.Errorf("of its past %d hosts are left, %v", len(was), err)
			}
		})
	}
}

// Whatever call fails, the network is whole or gone, and the same request again
// ends it.
func TestADeleteOfANetworkThatFailsIsFinishedByTheNext(t *testing.T) {
	for kind, failure := range map[string]storetest.Fault{
		"not done": {Kind: store.Damaged}, "done": {Kind: store.Damaged, AfterEffect: true},
	} {
		t.Run(kind, func(t *testing.T) {
			disk := setUp(t).store
			faulty := storetest.NewFaulty(disk)
			for n, calls := 1, 1; n <= calls; n++ {
				w, hosts := filled(t, disk, 120)
				id := DeleteNetworkInput{ID: UUID(w.network)}
				failing := New(faulty, func() time.Time { return w.now })
				faulty.Reset()
				faulty.FailCall(n, failure)
				err := failing.DeleteNetwork(t.Context(), ann, id)
				calls = faulty.Calls()
				if err == nil {
					t.Fatalf("call %d failed, and the request did not", n)
				}
				if w.state(hosts) == "whole" {
					w.must(w.change(hosts[0].ID, func(h *Host) { h.Name = "still written" }))
					w.must(w.DeleteNetwork(t.Context(), ann, id))
				}
				if w.state(hosts) != "gone" {
					t.Fatalf("call %d failed: it is there after the second request", n)
				}
			}
		})
	}
}

// Who makes hosts while their network is deleted is told so, or their hosts are
// in its past.
func TestHostsThatAreMadeWhileTheirNetworkIsDeletedLeaveNoOrphan(t *testing.T) {
	w, hosts := filled(t, setUp(t).store, 100)
	w.Inventory = New(w.store, time.Now)
	network, id := UUID(w.network), w.network
	var made sync.Map
	var ready atomic.Int64
	var wg sync.WaitGroup
	started := make(chan struct{})
	for writer := range 8 {
		// Each is a process of its own.
		inventory := New(w.store, time.Now)
		wg.Go(func() {
			for n := 0; ; n++ {
				h := busy(1)
				h.NetworkID, h.Name = id, fmt.Sprint(writer, " ", n)
				err := inventory.point(t.Context(), ann.Workspace, place{id, hostKey(h.ID)}, h.ID)
				if err == nil {
					err = inventory.commit(t.Context(), ann, id, func(e *edit) error { e.add(h); return nil })
				}
				if errors.Is(err, timeline.ErrNoSuchScope) {
					return
				}
				if err != nil {
					t.Errorf("a writer: %v", err)
					return
				}
				made.Store(h.ID, h)
				if ready.Add(1) == 8 {
					close(started)
				}
			}
		})
	}
	<-started
	w.must(w.DeleteNetwork(t.Context(), ann, DeleteNetworkInput{ID: network}))
	versions, err := w.GetServiceHistory(t.Context(), ann, GetServiceHistoryInput{ID: UUID(hosts[0].Services[0].ID)})
	w.must(err)
	ended := *versions.Items[0].ValidUntil
	wg.Wait()
	last, err := w.surveyHosts(t.Context(), ann.Workspace, network, new(ended-1))
	w.must(err)
	count := len(hosts)
	made.Range(func(id, _ any) bool {
		count++
		if got := w.find(id.(string), nil); got != nil {
			t.Errorf("the host %s is an orphan", id)
		}
		if got := w.find(id.(string), new(ended-1)); got == nil {
			t.Errorf("the host %s was acknowledged, and never there", id)
		}
		return true
	})
	if len(last) != count {
		t.Errorf("there were %d hosts; %d were made", len(last), count)
	}
	if all, err := w.surveyHosts(t.Context(), ann.Workspace, "", nil); err != nil || len(all) > 0 {
		t.Errorf("left are %d hosts, %v", len(all), err)
	}
}

// A delete writes each kilobyte of what there is once, the head for each 97 hosts
// and the log once.
func TestUnitsOfTheDeleteOfALargeNetwork(t *testing.T) {
	w, _ := filled(t, setUp(t).store, 250)
	w.now = w.now.Add(time.Minute) // no commit is under way
	ctx, meter := store.WithMeter(t.Context())
	w.must(w.DeleteNetwork(ctx, ann, DeleteNetworkInput{ID: UUID(w.network)}))
	t.Logf("%d calls, %v read and %v write units", meter.Calls, meter.ReadUnits, meter.WriteUnits)
	if meter.Calls != 9 || meter.ReadUnits > 40 || meter.WriteUnits != 510 {
		t.Errorf("it took %d calls, %v read and %v write units", meter.Calls, meter.ReadUnits, meter.WriteUnits)
	}
}
