package network

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"almanac/internal/store"
)

// ranged is a store in which something happens after the next list of items.
type ranged struct {
	store.Store
	then func()
}

func (r *ranged) Range(ctx context.Context, query store.Query) ([]store.Item, error) {
	items, err := r.Store.Range(ctx, query)
	if then := r.then; then != nil {
		r.then = nil
		then()
	}
	return items, err
}

func TestAServiceThatGoesWhereItNeverWasAfterItsPointersAreReadIsFound(t *testing.T) {
	for name, find := range map[string]func(s *site, id UUID) error{
		"by a GET": func(s *site, id UUID) error {
			_, err := s.GetService(t.Context(), ann, GetServiceInput{ID: id})
			return err
		},
		"by a delete": func(s *site, id UUID) error { return s.DeleteService(t.Context(), ann, DeleteServiceInput{ID: id}) },
		"by a bulk delete": func(s *site, id UUID) error {
			got, err := s.BulkDeleteServices(t.Context(), ann, BulkDeleteInput{[]UUID{id, UUID(newIDOn(s.host.ID))}})
			if err == nil && got.DeletedCount != 1 {
				err = errors.New("it was skipped")
			}
			return err
		},
	} {
		s := newSite(t)
		in := stateOf(s.created("moving", ""))
		in.Body.HostID = UUID(s.other.ID)
		r := &ranged{Store: s.store}
		s.Inventory = New(r, time.Now)
		r.then = func() {
			_, err := s.update(in)
			s.must(err)
		}
		if err := find(s, in.ID); err != nil || r.then != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An id that is free again may become that of something in another network.
func TestWhatIsGoneIsNotFoundByTheInstantOfAnotherNetwork(t *testing.T) {
	s := newSite(t)
	service := s.created("old", "")
	there, err := s.CreateNetwork(t.Context(), ann, CreateNetworkInput{NetworkFacts{Name: "there"}})
	s.must(err)
	s.must(s.DeleteService(t.Context(), ann, DeleteServiceInput{ID: UUID(service.ID)}))
	for range 8 {
		s.tick()
		h, err := s.CreateHost(t.Context(), ann, CreateHostInput{NewHost{UUID(there.ID), HostFacts{Name: "h"}, HostParts{
			Services: []SentService{{ID: new(UUID(service.ID)), ServiceFacts: ServiceFacts{ServiceDefinition: "Caddy", Name: "new"}}},
		}}})
		s.must(err)
		s.created("meanwhile", "")
		s.tick()
		s.must(s.DeleteService(t.Context(), ann, DeleteServiceInput{ID: UUID(h.Services[0].ID)}))
		if found := s.find(service.ID, nil); found != nil {
			t.Errorf("it leads to %+v", found)
		}
	}
	places, err := s.placesOf(t.Context(), ann.Workspace, service.ID)
	if grouped := slices.IsSortedFunc(places, func(a, b place) int {
		if a.network == b.network {
			return 0
		}
		return slices.Compare([]string{a.network}, []string{b.network})
	}); err != nil || len(places) != 9 || !grouped {
		t.Errorf("the places are %v, %v", places, err)
	}
}
