package network

import (
	"crypto/rand"
	"encoding/base64"
	"reflect"
	"testing"

	"almanac/internal/fault"
	"almanac/internal/tenant"
)

func TestADeletedHostTakesAllThatIsOnItAndItsPastStays(t *testing.T) {
	s := withLan(t)
	made := s.newHost(oneTier)
	then := s.instant()
	stranger := tenant.Principal{Workspace: "other", ID: "k", Role: tenant.Owner}
	for name, operation := range map[string]func() error{
		"another workspace's":  func() error { return s.DeleteHost(t.Context(), stranger, DeleteHostInput{ID: UUID(made.ID)}) },
		"a service as a host":  func() error { return s.DeleteHost(t.Context(), ann, DeleteHostInput{ID: UUID(s.ids["a"])}) },
		"what there never was": func() error { return s.DeleteHost(t.Context(), ann, DeleteHostInput{ID: UUID(newID())}) },
	} {
		s.refused(name, fault.NotFound, "", operation)
	}
	s.tick()
	s.must(s.DeleteHost(t.Context(), ann, DeleteHostInput{ID: UUID(made.ID)}))
	for _, id := range []string{made.ID, s.ids["a"], s.ids["p1"], s.ids["eth0"], made.Services[0].Bindings[0].ID} {
		if h := s.find(id, nil); h != nil {
			t.Errorf("%s leads to %+v", id, h)
		}
	}
	if got, err := s.GetHost(t.Context(), ann, GetHostInput{UUID(made.ID), &then}); err != nil || !reflect.DeepEqual(got, made) {
		t.Errorf("it was %+v, %v", got, err)
	}
	s.refused("again", fault.NotFound, "", func() error { return s.DeleteHost(t.Context(), ann, DeleteHostInput{ID: UUID(made.ID)}) })
}

func TestABulkDeleteOfHostsCountsWhatThereWasAndSkipsTheRest(t *testing.T) {
	s := withLan(t)
	a, b, stays := s.newHost(oneTier), s.newHost(""), s.newHost("")
	stranger := setUpStranger(s)
	ids := []UUID{UUID(b.ID), UUID(newID()), UUID(a.ID), UUID(b.ID), UUID(s.ids["a"]), stranger, UUID(newIDOn(stays.ID)), UUID(s.network)}
	s.tick()
	if got, err := s.BulkDeleteHosts(t.Context(), ann, BulkDeleteInput{ids}); err != nil || got != (BulkDeleted{2, 8}) {
		t.Errorf("%+v, %v", got, err)
	}
	if s.find(a.ID, nil) != nil || s.find(b.ID, nil) != nil || s.find(stays.ID, nil) == nil || len(s.hosts()) != 3 {
		t.Errorf("left are %+v", s.hosts())
	}
	s.refused("again", -1, "", func() error {
		got, err := s.BulkDeleteHosts(t.Context(), ann, BulkDeleteInput{ids})
		if got != (BulkDeleted{0, 8}) {
			t.Errorf("again: %+v", got)
		}
		return err
	})
}

func TestABulkDeleteOfHostsThatNoCommitHoldsIsDoneInParts(t *testing.T) {
	w := setUp(t)
	var ids []UUID
	add := func(h *Host) {
		w.put(h)
		ids = append(ids, UUID(h.ID))
	}
	for range 2*mostHosts + 3 {
		add(busy(1))
	}
	// Those that are too large for one commit together.
	for range mostHosts - 3 {
		add(bulky(500))
	}
	head, err := w.timeline.Head(t.Context(), networkScope(ann.Workspace, w.network))
	w.must(err)
	if got, err := w.BulkDeleteHosts(t.Context(), ann, BulkDeleteInput{ids}); err != nil || got != (BulkDeleted{len(ids), len(ids)}) {
		t.Fatalf("%+v, %v", got, err)
	}
	after, err := w.timeline.Head(t.Context(), networkScope(ann.Workspace, w.network))
	if err != nil || after.Revision-head.Revision != 4 || after.Live != head.Live-len(ids) {
		t.Errorf("it took %d commits and left %d documents of %d, %v", after.Revision-head.Revision, after.Live, head.Live, err)
	}
}

func TestABulkDeleteTakesACommitForEachNetworkWhateverTheOrderOfItsIds(t *testing.T) {
	w := setUp(t)
	here, there := w.network, w.makeNetwork()
	var ids []UUID
	for range 3 {
		for _, w.network = range []string{here, there} {
			h := busy(1)
			w.put(h)
			ids = append(ids, UUID(h.ID))
		}
	}
	revision := func(network string) int64 {
		head, err := w.timeline.Head(t.Context(), networkScope(ann.Workspace, network))
		w.must(err)
		return head.Revision
	}
	before := []int64{revision(here), revision(there)}
	if got, err := w.BulkDeleteHosts(t.Context(), ann, BulkDeleteInput{ids}); err != nil || got.DeletedCount != len(ids) {
		t.Errorf("%+v, %v", got, err)
	}
	if after := []int64{revision(here), revision(there)}; after[0] != before[0]+1 || after[1] != before[1]+1 {
		t.Errorf("it takes %v from %v", after, before)
	}
}

// bulky is a busy host that hardly shrinks when it is stored.
func bulky(services int) *Host {
	h := busy(services)
	for i := range h.Services {
		random := make([]byte, 300)
		rand.Read(random)
		h.Services[i].Name = base64.StdEncoding.EncodeToString(random)
	}
	return h
}
