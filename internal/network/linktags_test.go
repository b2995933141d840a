package network

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"almanac/internal/fault"
	"almanac/internal/store"
	"almanac/internal/timeline"
)

func (s *site) assign(of EntityType, id string, tags ...string) error {
	in := AssignTagsInput{TagAssignment{EntityType: of, EntityID: UUID(id), TagIDs: []UUID{}}}
	for _, tag := range tags {
		in.Body.TagIDs = append(in.Body.TagIDs, UUID(tag))
	}
	s.tick()
	return s.AssignTags(s.Context(), ann, in)
}

func bulkTag(of EntityType, tag string, ids ...string) (in BulkTagInput) {
	in.Body.EntityType, in.Body.TagID = of, UUID(tag)
	for _, id := range ids {
		in.Body.EntityIDs = append(in.Body.EntityIDs, UUID(id))
	}
	return in
}

// taggable are one of each sort of what tags can be on, with a read of each.
func (s *site) taggable() map[EntityType]string {
	s.Helper()
	s.tick()
	network, err := s.CreateNetwork(s.Context(), ann, CreateNetworkInput{NetworkFacts{Name: "n"}})
	s.must(err)
	return map[EntityType]string{HostEntity: s.host.ID, ServiceEntity: s.created("service", "").ID, NetworkEntity: network.ID}
}

// see is what something shows of its tags now or then, and its times.
func (s *site) see(of EntityType, id string, at *timeline.Instant) ([]string, Times) {
	s.Helper()
	switch of {
	case NetworkEntity:
		got, err := s.GetNetwork(s.Context(), ann, GetNetworkInput{UUID(id), at})
		s.must(err)
		return got.Tags, got.Times
	case HostEntity:
		got := s.find(id, at)
		s.must(s.showTags(s.Context(), ann.Workspace, at, got))
		return got.Tags, got.Times
	}
	got, err := s.GetService(s.Context(), ann, GetServiceInput{UUID(id), at})
	s.must(err)
	return got.Tags, got.Times
}

func TestTagsAreAssignedInPlaceOfWhatThereWas(t *testing.T) {
	s := newSite(t)
	prod, lab := s.tagNamed("prod").ID, s.tagNamed("lab").ID
	for of, id := range s.taggable() {
		_, made := s.see(of, id, nil)
		for _, tags := range [][]string{{prod}, {lab, prod}, {lab}, {}} {
			s.must(s.assign(of, id, tags...))
			got, times := s.see(of, id, nil)
			if !slices.Equal(got, tags) || times.UpdatedAt != s.instant() || times.CreatedAt != made.CreatedAt {
				t.Errorf("the %s has %v at %+v, not %v at %v", of, got, times, tags, s.instant())
			}
			s.must(s.assign(of, id, slices.Concat(tags, tags)...))
			if got, again := s.see(of, id, nil); !slices.Equal(got, tags) || again != times {
				t.Errorf("again the %s has %v at %+v, not %v at %+v", of, got, again, tags, times)
			}
		}
	}
}

func TestATagIsAddedToManyAndRemovedFromThemAndWhatChangesIsCounted(t *testing.T) {
	s := newSite(t)
	prod, lab := s.tagNamed("prod").ID, s.tagNamed("lab").ID
	for of, id := range s.taggable() {
		s.must(s.assign(of, id, lab))
		in := bulkTag(of, prod, id, newID(), id)
		for _, c := range []struct {
			name     string
			do       func() (BulkTagged, error)
			affected int
			want     []string
		}{
			{"add", func() (BulkTagged, error) { return s.BulkAddTag(t.Context(), ann, in) }, 1, []string{lab, prod}},
			{"add again", func() (BulkTagged, error) { return s.BulkAddTag(t.Context(), ann, in) }, 0, []string{lab, prod}},
			{"remove", func() (BulkTagged, error) { return s.BulkRemoveTag(t.Context(), ann, in) }, 1, []string{lab}},
			{"remove again", func() (BulkTagged, error) { return s.BulkRemoveTag(t.Context(), ann, in) }, 0, []string{lab}},
		} {
			_, before := s.see(of, id, nil)
			s.tick()
			got, err := c.do()
			tags, times := s.see(of, id, nil)
			if err != nil || got.AffectedCount != c.affected || !slices.Equal(tags, c.want) {
				t.Errorf("%s to the %s affects %+v, %v and leaves %v", c.name, of, got, err, tags)
			}
			if moved := times.UpdatedAt == s.instant(); moved != (c.affected > 0) || !moved && times != before {
				t.Errorf("after %s the times of the %s are %+v", c.name, of, times)
			}
		}
	}
}

func TestUnknownEntitiesAreSkippedAndUnknownTagsRefused(t *testing.T) {
	s := newSite(t)
	prod := s.tagNamed("prod").ID
	there := s.taggable()
	for _, of := range []EntityType{HostEntity, ServiceEntity, NetworkEntity} {
		nothing := []string{newID(), newIDOn(s.host.ID), s.ids["p80"]}
		for other, id := range there {
			if other != of {
				nothing = append(nothing, id)
			}
		}
		s.keeps(fmt.Sprintf("what is no %s", of), -1, "", func() error {
			got, err := s.BulkAddTag(t.Context(), ann, bulkTag(of, prod, nothing...))
			if got.AffectedCount != 0 {
				t.Errorf("%d are affected", got.AffectedCount)
			}
			return err
		})
		s.keeps(fmt.Sprintf("an assignment to what is no %s", of), -1, "", func() error { return s.assign(of, nothing[0], prod) })
		s.keeps("another workspace", fault.Invalid, "unknown_tag", func() error {
			_, err := s.BulkAddTag(t.Context(), stranger, bulkTag(of, prod, there[of]))
			return err
		})
		for name, operation := range map[string]func() error{
			"assign": func() error { return s.assign(of, there[of], prod, newID()) },
			"add":    func() error { _, err := s.BulkAddTag(t.Context(), ann, bulkTag(of, newID(), there[of])); return err },
			"remove": func() error { _, err := s.BulkRemoveTag(t.Context(), ann, bulkTag(of, newID(), there[of])); return err },
		} {
			s.keeps(name+" of an unknown tag", fault.Invalid, "unknown_tag", operation)
		}
	}
	tag, err := s.CreateTag(t.Context(), stranger, CreateTagInput{TagFacts{Name: "theirs"}})
	s.must(err)
	got, err := s.BulkAddTag(t.Context(), stranger, bulkTag(ServiceEntity, tag.ID, there[ServiceEntity]))
	if err != nil || got.AffectedCount != 0 {
		t.Errorf("another workspace affects %+v, %v", got, err)
	}
}

func TestTheBodiesOfAssignmentsAreHeldToTheirMembers(t *testing.T) {
	some := `"entity_type":"Host","entity_id":"` + someID + `"`
	many := `"entity_type":"Network","tag_id":"` + someID + `"`
	ids := func(n int) string { return `["` + someID + `"` + strings.Repeat(`,"`+someID+`"`, n-1) + `]` }
	for body, good := range map[string]bool{
		`{` + some + `,"tag_ids":[]}`: true, `{` + some + `,"tag_ids":` + ids(100) + `}`: true, `{` + some + `,"tag_ids":` + ids(101) + `}`: false,
		`{` + some + `}`: false, `{` + some + `,"tag_ids":null}`: false, `{` + some + `,"tag_ids":["x"]}`: false,
		`{"entity_type":"Service","entity_id":"` + someID + `","tag_ids":[]}`: true, `{"entity_type":"service","entity_id":"` + someID + `","tag_ids":[]}`: false,
		`{"entity_type":"Port","entity_id":"` + someID + `","tag_ids":[]}`: false, `{"entity_id":"` + someID + `","tag_ids":[]}`: false,
	} {
		if _, err := decoded[TagAssignment](t, body); (err == nil) != good {
			t.Errorf("%.80s: %v", body, err)
		}
	}
	for body, good := range map[string]bool{
		`{` + many + `,"entity_ids":` + ids(1) + `}`: true, `{` + many + `,"entity_ids":` + ids(10000) + `}`: true, `{` + many + `,"entity_ids":` + ids(10001) + `}`: false,
		`{` + many + `,"entity_ids":[]}`: false, `{` + many + `}`: false, `{"entity_type":"Subnet","tag_id":"` + someID + `","entity_ids":` + ids(1) + `}`: false,
		`{"entity_type":"Host","entity_ids":` + ids(1) + `}`: false,
	} {
		if _, err := decoded[TaggedEntities](t, body); (err == nil) != good {
			t.Errorf("%.80s: %v", body, err)
		}
	}
}

func TestNothingGetsMoreThanAHundredTags(t *testing.T) {
	s := newSite(t)
	var tags []string
	for n := range mostLinks + 1 {
		tags = append(tags, s.tagNamed(fmt.Sprint("tag ", n)).ID)
	}
	first, last := tags[0], tags[mostLinks]
	there := s.taggable()
	for of, id := range there {
		s.must(s.assign(of, id, tags[:mostLinks]...))
		s.keeps(string(of), fault.Invalid, "too_many_tags", func() error {
			// The first could have one more, and gets none.
			_, err := s.BulkAddTag(t.Context(), ann, bulkTag(of, last, s.other.ID, id))
			return err
		})
	}
	s.dropTag(Tag{ID: first})
	for of, id := range there {
		if got, err := s.BulkAddTag(t.Context(), ann, bulkTag(of, last, id)); err != nil || got.AffectedCount != 1 {
			t.Errorf("after one is deleted, the %s: %+v, %v", of, got, err)
		}
	}
}

func TestATagOnManyHostsIsAddedInPartsAndGoesFromAllAtOnce(t *testing.T) {
	s := newSite(t)
	var hosts, services []string
	for range 2*mostHosts + 5 {
		h := busy(2)
		s.put(h)
		hosts = append(hosts, h.ID)
		services = append(services, h.Services[0].ID, h.Services[1].ID)
	}
	prod := s.tagNamed("prod")
	for of, ids := range map[EntityType][]string{HostEntity: hosts, ServiceEntity: services} {
		s.tick()
		got, err := s.BulkAddTag(t.Context(), ann, bulkTag(of, prod.ID, ids...))
		if err != nil || got.AffectedCount != len(ids) {
			t.Errorf("%d are affected, %v", got.AffectedCount, err)
		}
		for _, id := range ids {
			if tags, times := s.see(of, id, nil); !slices.Equal(tags, []string{prod.ID}) || times.UpdatedAt < s.instant() {
				t.Fatalf("the %s %s has %v since %v", of, id, tags, times.UpdatedAt)
			}
		}
	}
	then := s.instant() + 500
	s.dropTag(prod)
	for of, ids := range map[EntityType][]string{HostEntity: hosts, ServiceEntity: services} {
		for _, id := range ids {
			if tags, times := s.see(of, id, nil); len(tags) != 0 || times.UpdatedAt != s.instant() {
				t.Fatalf("the %s %s has %v since %v", of, id, tags, times.UpdatedAt)
			}
			if tags, _ := s.see(of, id, &then); len(tags) != 1 {
				t.Fatalf("the %s %s had %v", of, id, tags)
			}
		}
	}
	// What is remembered of the tag goes when the links are removed.
	before := s.hosts()
	s.must(s.sweep(t.Context(), ann))
	for i, h := range s.hosts() {
		if slices.ContainsFunc(linkedOn(h), hasTags) {
			t.Fatalf("the host %s has links still", h.ID)
		}
		if id := h.ID; slices.Contains(hosts, id) && (h.UpdatedAt != s.instant() || before[i].UpdatedAt == h.UpdatedAt) {
			t.Fatalf("the host %s was changed at %v, not at %v", id, h.UpdatedAt, s.instant())
		}
	}
	all, err := s.tags(t.Context(), ann.Workspace, nil)
	if err != nil || len(all.gone) != 0 {
		t.Errorf("remembered are %v, %v", all.gone, err)
	}
}

func TestANetworkLosesATagThatIsDeletedAndKeepsWhenAfterASweep(t *testing.T) {
	s := newSite(t)
	prod := s.tagNamed("prod")
	id := s.taggable()[NetworkEntity]
	s.must(s.assign(NetworkEntity, id, prod.ID))
	s.dropTag(prod)
	gone := s.instant()
	for _, when := range []string{"at once", "after a sweep"} {
		if tags, times := s.see(NetworkEntity, id, nil); len(tags) != 0 || times.UpdatedAt != gone {
			t.Errorf("%s it has %v since %v", when, tags, times.UpdatedAt)
		}
		s.tick()
		s.must(s.sweep(t.Context(), ann))
	}
	if network, err := s.Inventory.network(t.Context(), ann.Workspace, UUID(id), nil); err != nil || len(network.Tags) != 0 || network.UpdatedAt != gone {
		t.Errorf("stored is %+v, %v", network, err)
	}
}

// Some give services a tag, in every way, while it is deleted: from then on
// nothing shows it, whatever was under way.
func TestNothingShowsATagOnceItsDeleteIsAnswered(t *testing.T) {
	onBothStores(t, func(t *testing.T, on store.Store) {
		s := newSiteOn(t, on)
		s.Inventory = New(on, time.Now)
		var services []Service
		for n := range 4 {
			services = append(services, s.created(fmt.Sprint("service ", n), ""))
		}
		for round := range 5 {
			prod, err := s.CreateTag(t.Context(), ann, CreateTagInput{TagFacts{Name: fmt.Sprint("prod ", round)}})
			s.must(err)
			var wg sync.WaitGroup
			for n, service := range services {
				wg.Go(func() {
					for range 4 {
						var err error
						switch put := stateOf(service); n % 3 {
						case 0:
							put.Body.Tags = []UUID{UUID(prod.ID)}
							_, err = s.UpdateService(t.Context(), ann, put)
						case 1:
							err = s.AssignTags(t.Context(), ann, AssignTagsInput{TagAssignment{EntityType: ServiceEntity, EntityID: put.ID, TagIDs: []UUID{UUID(prod.ID)}}})
						default:
							_, err = s.BulkAddTag(t.Context(), ann, bulkTag(ServiceEntity, prod.ID, service.ID))
						}
						if err != nil && fault.Of(err).Code != "unknown_tag" {
							t.Errorf("writer %d: %v", n, err)
						}
					}
				})
			}
			s.must(s.DeleteTag(t.Context(), ann, DeleteTagInput{ID: UUID(prod.ID)}))
			for _, when := range []string{"at once", "later"} {
				for _, service := range services {
					if got, err := s.GetService(t.Context(), ann, GetServiceInput{ID: UUID(service.ID)}); err != nil || len(got.Tags) > 0 {
						t.Errorf("%s it is on %+v, %v", when, got, err)
					}
				}
				wg.Wait()
			}
		}
	})
}
