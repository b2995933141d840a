package network

import (
	"context"
	"fmt"
	"testing"

	"almanac/internal/store"
	"almanac/internal/timeline"
)

// What the operations cost in DynamoDB's units: strong reads of 4 KB and
// transactional writes of 1 KB.
func TestUnitsOfTagsAndDefinitions(t *testing.T) {
	s := newSite(t)
	var tags []Tag
	for n := range 20 {
		tags = append(tags, s.tagNamed(fmt.Sprint("tag ", n)))
	}
	then := s.instant()
	in := s.input("tagged", "P(p80)")
	in.Body.Tags = []UUID{UUID(tags[0].ID)}
	s.tick()
	service, err := s.CreateService(t.Context(), ann, in)
	s.must(err)
	for range 30 {
		s.put(busy(20))
	}
	var hosts []string
	for _, h := range s.hosts() {
		hosts = append(hosts, h.ID)
	}
	s.define("Mine")
	id := UUID(tags[0].ID)
	for _, c := range []struct {
		name          string
		reads, writes float64
		do            func(ctx context.Context) error
	}{
		{"get a tag of 20", 1, 0, func(ctx context.Context) error { _, err := s.GetTag(ctx, ann, GetTagInput{ID: id}); return err }},
		{"get a tag at an instant", 2, 0, func(ctx context.Context) error {
			_, err := s.GetTag(ctx, ann, GetTagInput{ID: id, At: &then})
			return err
		}},
		{"list 20 tags", 1, 0, func(ctx context.Context) error { _, err := s.ListTags(ctx, ann, ListTagsInput{}); return err }},
		{"create a tag", 2, 8, func(ctx context.Context) error {
			_, err := s.CreateTag(ctx, ann, CreateTagInput{TagFacts{Name: "new"}})
			return err
		}},
		{"update a tag", 2, 8, func(ctx context.Context) error {
			_, err := s.UpdateTag(ctx, ann, UpdateTagInput{ID: id, Body: TagFacts{Name: "renamed"}})
			return err
		}},
		{"update a tag that stays as it is", 2, 0, func(ctx context.Context) error {
			_, err := s.UpdateTag(ctx, ann, UpdateTagInput{ID: id, Body: TagFacts{Name: "renamed"}})
			return err
		}},
		{"get a service with a tag", 3, 0, func(ctx context.Context) error {
			_, err := s.GetService(ctx, ann, GetServiceInput{ID: UUID(service.ID)})
			return err
		}},
		{"assign a tag to a service", 6, 8, func(ctx context.Context) error {
			return s.AssignTags(ctx, ann, AssignTagsInput{TagAssignment{EntityType: ServiceEntity, EntityID: UUID(service.ID), TagIDs: []UUID{UUID(tags[1].ID)}}})
		}},
		{"add a tag to 32 hosts of 20 services", 100, 262, func(ctx context.Context) error {
			got, err := s.BulkAddTag(ctx, ann, bulkTag(HostEntity, tags[2].ID, hosts...))
			if got.AffectedCount != 32 {
				t.Errorf("%d are affected", got.AffectedCount)
			}
			return err
		}},
		{"delete a tag of 32 hosts", 3, 8, func(ctx context.Context) error { return s.DeleteTag(ctx, ann, DeleteTagInput{ID: UUID(tags[2].ID)}) }},
		{"list 601 services, one with a tag", 19, 0, func(ctx context.Context) error {
			got, err := s.ListServices(ctx, ann, ListServicesInput{})
			if got.Total != 601 {
				t.Errorf("listed are %d", got.Total)
			}
			return err
		}},
		{"register a definition", 2, 8, func(ctx context.Context) error {
			_, err := s.PutServiceDefinition(ctx, ann, putOf("Another", `{}`, t))
			return err
		}},
		{"get a definition that comes with the program", 0, 0, func(ctx context.Context) error {
			_, err := s.GetServiceDefinition(ctx, ann, GetServiceDefinitionInput{ID: "Redis"})
			return err
		}},
		{"metadata", 1, 0, func(ctx context.Context) error { _, err := s.GetMetadata(ctx, ann, GetMetadataInput{}); return err }},
		{"create a service of the workspace's definition", 7, 10, func(ctx context.Context) error {
			in := s.input("mine", "")
			in.Body.HostID, in.Body.ServiceDefinition = UUID(s.other.ID), "Mine"
			_, err := s.CreateService(ctx, ann, in)
			return err
		}},
		{"refuse to delete a definition in use", 19, 0, func(ctx context.Context) error {
			if err := s.DeleteServiceDefinition(ctx, ann, DeleteServiceDefinitionInput{ID: "Mine"}); err == nil {
				t.Error("it is deleted")
			}
			return nil
		}},
		{"delete a definition", 41, 16, func(ctx context.Context) error {
			return s.DeleteServiceDefinition(ctx, ann, DeleteServiceDefinitionInput{ID: "Another"})
		}},
		{"sweep 32 hosts", 58, 266, func(ctx context.Context) error { return s.sweep(ctx, ann) }},
	} {
		s.tick()
		ctx, m := store.WithMeter(t.Context())
		s.must(c.do(ctx))
		t.Logf("%-50s %4.0f read units, %3.0f write units, %d calls", c.name, m.ReadUnits, m.WriteUnits, m.Calls)
		if m.ReadUnits > c.reads || m.WriteUnits > c.writes {
			t.Errorf("%s costs %v read and %v write units, at most %v and %v are allowed", c.name, m.ReadUnits, m.WriteUnits, c.reads, c.writes)
		}
	}
}

// A workspace with as many tags as it can have still reads them at a price.
func TestUnitsOfAThousandTags(t *testing.T) {
	s := newSite(t)
	s.must(s.editTags(t.Context(), ann, 0, func(all *allTags, at timeline.Instant) error {
		for n := range mostTags {
			all.tags = append(all.tags, Tag{newID(), Times{at + timeline.Instant(n)*60_000, at + timeline.Instant(n)*60_000}, fmt.Sprint("environment ", n), nil, "Gray"})
		}
		return nil
	}))
	ctx, m := store.WithMeter(t.Context())
	list, err := s.ListTags(ctx, ann, ListTagsInput{})
	s.must(err)
	t.Logf("%d tags: %v read units", list.Total, m.ReadUnits)
	if m.ReadUnits > 8 {
		t.Errorf("it costs %v", m.ReadUnits)
	}
}
