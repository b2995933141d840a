package network

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"almanac/internal/fault"
	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

var stranger = tenant.Principal{Workspace: "other", ID: "k", Label: "k", Role: tenant.Owner}

// tagNamed makes a tag with a name.
func (s *site) tagNamed(name string) Tag {
	s.Helper()
	s.tick()
	tag, err := s.CreateTag(s.Context(), ann, CreateTagInput{TagFacts{Name: name}})
	s.must(err)
	return tag
}

func (s *site) dropTag(tag Tag) {
	s.Helper()
	s.tick()
	s.must(s.DeleteTag(s.Context(), ann, DeleteTagInput{ID: UUID(tag.ID)}))
}

// keeps is refused for what all networks share, too.
func (s *site) keeps(what string, kind fault.Kind, code string, operation func() error) {
	s.Helper()
	revision := func() int64 {
		head, err := s.timeline.Head(s.Context(), inventoryScope(ann.Workspace))
		if !errors.Is(err, timeline.ErrNoSuchScope) {
			s.must(err)
		}
		return head.Revision
	}
	before := revision()
	s.refused(what, kind, code, operation)
	if revision() != before {
		s.Errorf("%s: something was stored", what)
	}
}

func TestATagIsMadeReplacedAndDeletedAndItsPastStays(t *testing.T) {
	s := newSite(t)
	made, err := s.CreateTag(t.Context(), ann, CreateTagInput{TagFacts{Name: "prod", Description: new("pays"), Color: new("Blue")}})
	s.must(err)
	then := made.CreatedAt
	want := Tag{made.ID, Times{then, then}, "prod", new("pays"), "Blue"}
	if !reflect.DeepEqual(made, want) {
		t.Errorf("made is %+v", made)
	}
	if plain := s.tagNamed("plain"); plain.Color != "Gray" || plain.Description != nil {
		t.Errorf("without a colour it is %+v", plain)
	}
	get := GetTagInput{ID: UUID(made.ID)}
	if got, err := s.GetTag(t.Context(), ann, get); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("read is %+v, %v", got, err)
	}
	s.tick()
	put := UpdateTagInput{ID: UUID(made.ID), Body: TagFacts{Name: "production"}}
	now, err := s.UpdateTag(t.Context(), ann, put)
	s.must(err)
	if !reflect.DeepEqual(now, Tag{made.ID, Times{then, s.instant()}, "production", nil, "Blue"}) {
		t.Errorf("replaced it is %+v", now)
	}
	s.keeps("a PUT of what it is", -1, "", func() error {
		again, err := s.UpdateTag(t.Context(), ann, put)
		if !reflect.DeepEqual(again, now) {
			t.Errorf("again it is %+v", again)
		}
		return err
	})
	s.dropTag(now)
	for name, operation := range map[string]func() error{
		"get":    func() error { _, err := s.GetTag(t.Context(), ann, get); return err },
		"put":    func() error { _, err := s.UpdateTag(t.Context(), ann, put); return err },
		"delete": func() error { return s.DeleteTag(t.Context(), ann, DeleteTagInput{ID: put.ID}) },
	} {
		s.keeps(name+" of what is gone", fault.NotFound, "not_found", operation)
	}
	get.At = &then
	if got, err := s.GetTag(t.Context(), ann, get); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("it was %+v, %v", got, err)
	}
	get.At = new(then - 1)
	if got, err := s.GetTag(t.Context(), ann, get); kindOf(err) != fault.NotFound {
		t.Errorf("before it was there it was %+v, %v", got, err)
	}
}

func TestANameIsOfOneTagOfAWorkspaceToTheLetter(t *testing.T) {
	s := newSite(t)
	prod, lab := s.tagNamed("prod"), s.tagNamed("Prod")
	s.keeps("a second one", fault.Conflict, "conflict", func() error {
		_, err := s.CreateTag(t.Context(), ann, CreateTagInput{TagFacts{Name: "prod"}})
		return err
	})
	s.keeps("another one's", fault.Conflict, "conflict", func() error {
		_, err := s.UpdateTag(t.Context(), ann, UpdateTagInput{ID: UUID(lab.ID), Body: TagFacts{Name: "prod"}})
		return err
	})
	if _, err := s.CreateTag(t.Context(), stranger, CreateTagInput{TagFacts{Name: "prod"}}); err != nil {
		t.Errorf("another workspace: %v", err)
	}
	s.dropTag(prod)
	s.tagNamed("prod")
}

func TestNobodyElsesTagsAreSeenOrChanged(t *testing.T) {
	s := newSite(t)
	tag := s.tagNamed("prod")
	for name, operation := range map[string]func() error{
		"get": func() error { _, err := s.GetTag(t.Context(), stranger, GetTagInput{ID: UUID(tag.ID)}); return err },
		"put": func() error {
			_, err := s.UpdateTag(t.Context(), stranger, UpdateTagInput{ID: UUID(tag.ID), Body: TagFacts{Name: "x"}})
			return err
		},
		"delete": func() error { return s.DeleteTag(t.Context(), stranger, DeleteTagInput{ID: UUID(tag.ID)}) },
	} {
		s.keeps(name, fault.NotFound, "", operation)
	}
	list, err := s.ListTags(t.Context(), stranger, ListTagsInput{})
	deleted, err2 := s.BulkDeleteTags(t.Context(), stranger, BulkDeleteInput{[]UUID{UUID(tag.ID)}})
	if err != nil || err2 != nil || list.Total != 0 || deleted != (BulkDeleted{0, 1}) {
		t.Errorf("another workspace sees %+v, %v and deletes %+v, %v", list, err, deleted, err2)
	}
}

func TestTagsAreListedBySearchAndIds(t *testing.T) {
	s := newSite(t)
	tags := map[string]Tag{}
	for _, name := range strings.Fields("beta alpha gamma") {
		tags[name] = s.tagNamed(name)
	}
	then := s.instant()
	s.tick()
	put := UpdateTagInput{ID: UUID(tags["alpha"].ID), Body: TagFacts{Name: "delta"}}
	_, err := s.UpdateTag(t.Context(), ann, put)
	s.must(err)
	s.dropTag(tags["gamma"])
	for _, c := range []struct {
		query, want string
		total       int
	}{
		{"", "beta delta", 2}, {"search=ELT", "delta", 1}, {"search=x", "", 0}, {"limit=1", "beta", 2}, {"limit=1&offset=1", "delta", 2},
		{"ids=" + tags["alpha"].ID + "&ids=" + newID(), "delta", 1}, {"at=" + then.String(), "beta alpha gamma", 3},
		{"at=" + (tags["beta"].CreatedAt - 1).String(), "", 0},
	} {
		in, err := query[ListTagsInput](t, c.query)
		s.must(err)
		list, err := s.ListTags(t.Context(), ann, in)
		var names []string
		for _, tag := range list.Items {
			names = append(names, tag.Name)
		}
		if err != nil || strings.Join(names, " ") != c.want || list.Total != c.total {
			t.Errorf("%q gives %v of %d, %v", c.query, names, list.Total, err)
		}
	}
}

func TestTheBodyOfATagIsHeldToItsMembers(t *testing.T) {
	for body, good := range map[string]bool{
		`{"name":"x"}`: true, `{"name":"x","description":null,"color":null}`: true, `{"name":"x","id":5,"created_at":{},"organization_id":1}`: true,
		`{"name":"` + strings.Repeat("ü", 100) + `"}`: true, `{"name":"` + strings.Repeat("ü", 101) + `"}`: false,
		`{"name":""}`: false, `{"name":" \t"}`: false, `{"name":null}`: false, `{}`: false, `{"name":5}`: false, `[]`: false,
		`{"name":"x","description":"` + strings.Repeat("d", 501) + `"}`: false, `{"name":"x","color":""}`: false, `{"name":"x","color":" "}`: false,
		`{"name":"x","color":"` + strings.Repeat("c", 51) + `"}`: false,
	} {
		if _, err := decoded[TagFacts](t, body); (err == nil) != good {
			t.Errorf("%.80s: %v", body, err)
		}
	}
}

func TestManyTagsAreDeletedAtOnceAndOthersAreSkipped(t *testing.T) {
	s := newSite(t)
	var ids []UUID
	for n := range 5 {
		ids = append(ids, UUID(s.tagNamed(fmt.Sprint("tag ", n)).ID))
	}
	in := BulkDeleteInput{[]UUID{ids[3], UUID(newID()), ids[1], ids[3]}}
	for _, want := range []BulkDeleted{{2, 4}, {0, 4}} {
		got, err := s.BulkDeleteTags(t.Context(), ann, in)
		if err != nil || got != want {
			t.Errorf("deleted are %+v, %v, not %+v", got, err, want)
		}
	}
	list, err := s.ListTags(t.Context(), ann, ListTagsInput{})
	if err != nil || list.Total != 3 {
		t.Errorf("left are %+v, %v", list, err)
	}
}

func TestAWorkspaceHasAtMostAThousandTags(t *testing.T) {
	s := newSite(t)
	s.must(s.editTags(t.Context(), ann, 0, func(all *allTags, at timeline.Instant) error {
		for n := range mostTags - 1 {
			all.tags = append(all.tags, Tag{newID(), Times{at, at}, fmt.Sprint("tag ", n), nil, "Gray"})
		}
		return nil
	}))
	last := s.tagNamed("last")
	one := func() error {
		_, err := s.CreateTag(t.Context(), ann, CreateTagInput{TagFacts{Name: "one more"}})
		return err
	}
	s.keeps("one more", fault.Invalid, "too_many_tags", one)
	if err := one(); !strings.Contains(fault.Of(err).Details, "1000") {
		t.Errorf("the limit is not in %v", err)
	}
	s.dropTag(last)
	s.must(one())
}

func TestTagsThatWouldTakeTooMuchAreRefused(t *testing.T) {
	s := newSite(t)
	s.must(s.editTags(t.Context(), ann, 0, func(all *allTags, at timeline.Instant) error {
		for n := range 188 {
			all.tags = append(all.tags, Tag{newID(), Times{at, at}, fmt.Sprint("tag ", n), new(strings.Repeat("€", 650)), "Gray"})
		}
		return nil
	}))
	in := CreateTagInput{TagFacts{Name: "one more", Description: new(strings.Repeat("€", 500))}}
	for {
		_, err := s.CreateTag(t.Context(), ann, in)
		if err != nil {
			if kindOf(err) != fault.Invalid || fault.Of(err).Code != "tags_too_large" || !strings.Contains(fault.Of(err).Details, "393216") {
				t.Errorf("got %v", err)
			}
			break
		}
		in.Body.Name += "x"
	}
}

// shows is what a service shows of its tags: their names, and when it changed.
func (s *site) shows(id string, at *timeline.Instant) (string, timeline.Instant) {
	s.Helper()
	got, err := s.GetService(s.Context(), ann, GetServiceInput{UUID(id), at})
	s.must(err)
	return s.names(got.Tags), got.UpdatedAt
}

func (s *site) names(ids []string) string {
	s.Helper()
	list, err := s.ListTags(s.Context(), ann, ListTagsInput{})
	s.must(err)
	var names []string
	for _, id := range ids {
		i := slices.IndexFunc(list.Items, func(t Tag) bool { return t.ID == id })
		if i < 0 {
			names = append(names, "?")
		} else {
			names = append(names, list.Items[i].Name)
		}
	}
	return strings.Join(names, " ")
}

func TestWhatHadATagShowsNoLinkAndANewTimeAsSoonAsTheTagIsDeleted(t *testing.T) {
	s := newSite(t)
	prod, lab := s.tagNamed("prod"), s.tagNamed("lab")
	in := s.input("tagged", "")
	in.Body.Tags = []UUID{UUID(prod.ID), UUID(lab.ID)}
	s.tick()
	service, err := s.CreateService(t.Context(), ann, in)
	s.must(err)
	in.Body.Name, in.Body.Tags = "other", []UUID{UUID(lab.ID)}
	other, err := s.CreateService(t.Context(), ann, in)
	s.must(err)
	s.must(s.change(s.host.ID, func(h *Host) { h.Tags = []string{prod.ID} }))
	then := s.instant()
	before, err := s.timeline.Head(t.Context(), networkScope(ann.Workspace, s.network))
	s.must(err)

	s.dropTag(prod)
	gone := s.instant()
	after, err := s.timeline.Head(t.Context(), networkScope(ann.Workspace, s.network))
	s.must(err)
	if after.Revision != before.Revision {
		t.Error("the delete was written to what had the tag")
	}
	check := func(when string) {
		t.Helper()
		if names, at := s.shows(service.ID, nil); names != "lab" || at != gone {
			t.Errorf("%s it shows %q at %v, not at %v", when, names, at, gone)
		}
		if names, at := s.shows(other.ID, nil); names != "lab" || at != other.UpdatedAt {
			t.Errorf("%s what had another tag shows %q at %v", when, names, at)
		}
		if names, at := s.shows(service.ID, &then); names != "? lab" || at != service.UpdatedAt {
			t.Errorf("%s it showed %q at %v", when, names, at)
		}
		for _, c := range []struct {
			query string
			want  int
		}{{"tag_ids=" + prod.ID, 0}, {"tag_ids=" + prod.ID + "&at=" + then.String(), 1}, {"tag_ids=" + lab.ID, 2}} {
			list, err := query[ListServicesInput](t, c.query)
			s.must(err)
			if got, err := s.ListServices(t.Context(), ann, list); err != nil || got.Total != c.want {
				t.Errorf("%s %s gives %d, %v", when, c.query, got.Total, err)
			}
		}
		h := s.find(s.host.ID, nil)
		s.must(s.showTags(t.Context(), ann.Workspace, nil, h))
		if len(h.Tags) != 0 || h.UpdatedAt != gone {
			t.Errorf("%s the host is %+v", when, h)
		}
	}
	check("at once")
	// A write of something else on the host takes the links with it.
	s.created("new", "")
	check("after a write")
	if h := s.find(s.host.ID, nil); len(h.Tags) != 0 || len(h.service(service.ID).Tags) != 1 {
		t.Error("the links are stored still")
	}
	if names, at := s.shows(service.ID, new(gone)); names != "lab" || at != gone {
		t.Errorf("when the tag went it showed %q at %v", names, at)
	}
	if names, at := s.shows(service.ID, new(gone-1)); names != "? lab" || at != service.UpdatedAt {
		t.Errorf("just before the tag went it showed %q at %v", names, at)
	}
}

func TestAConditionOnWhatHadATagIsOnWhatIsShownOfIt(t *testing.T) {
	s := newSite(t)
	prod := s.tagNamed("prod")
	in := s.input("tagged", "")
	in.Body.Tags = []UUID{UUID(prod.ID)}
	service, err := s.CreateService(t.Context(), ann, in)
	s.must(err)
	s.dropTag(prod)
	now := s.service(service.ID)
	put := stateOf(now)
	s.must(put.IfMatch.UnmarshalText([]byte(service.ETag())))
	s.keeps("what it was", fault.Precondition, "conflict", func() error { _, err := s.update(put); return err })
	s.must(put.IfMatch.UnmarshalText([]byte(now.ETag())))
	got, err := s.update(put)
	if err != nil || !reflect.DeepEqual(got, now) {
		t.Errorf("a PUT of what it is gives %+v, %v, not %+v", got, err, now)
	}
	put.Body.Name = "renamed"
	s.must(put.IfMatch.UnmarshalText([]byte(now.ETag())))
	if got, err = s.update(put); err != nil || got.UpdatedAt <= now.UpdatedAt {
		t.Errorf("a PUT gives %+v, %v", got, err)
	}
}

func TestNoMoreTagsAreRememberedThanThereIsRoomFor(t *testing.T) {
	s := newSite(t)
	s.must(s.editTags(t.Context(), ann, 0, func(all *allTags, at timeline.Instant) error {
		for range mostGone {
			all.gone[newID()] = at
		}
		return nil
	}))
	remembered := func() int {
		t.Helper()
		all, err := s.tags(t.Context(), ann.Workspace, nil)
		s.must(err)
		return len(all.gone)
	}
	prod, lab, more := s.tagNamed("prod"), s.tagNamed("lab"), s.tagNamed("more")
	in := s.input("tagged", "")
	in.Body.Tags = []UUID{UUID(prod.ID), UUID(lab.ID)}
	service, err := s.CreateService(t.Context(), ann, in)
	s.must(err)
	then := s.instant()
	s.dropTag(prod)
	_, first := s.shows(service.ID, nil)
	if n := remembered(); n != 1 || first <= service.UpdatedAt {
		t.Fatalf("remembered are %d", n)
	}
	if names, at := s.shows(service.ID, nil); names != "lab" || at != first {
		t.Errorf("it shows %q at %v", names, at)
	}
	s.must(s.editTags(t.Context(), ann, 0, func(all *allTags, at timeline.Instant) error {
		for range mostGone - 1 {
			all.gone[newID()] = at
		}
		return nil
	}))
	// Nothing of the link is left, and what it told is.
	s.dropTag(more)
	if n := remembered(); n != 1 {
		t.Errorf("remembered are %d", n)
	}
	if h := s.find(s.host.ID, nil); !slices.Equal(h.Services[0].Tags, []string{lab.ID}) || h.Services[0].UpdatedAt != first {
		t.Errorf("stored is %+v", h.Services[0])
	}
	if names, at := s.shows(service.ID, nil); names != "lab" || at != first {
		t.Errorf("it shows %q at %v", names, at)
	}
	if names, _ := s.shows(service.ID, &then); names != "? lab" {
		t.Errorf("it showed %q", names)
	}
}

func TestManyMoreTagsAreDeletedThanAreRemembered(t *testing.T) {
	s := newSite(t)
	var ids []UUID
	s.must(s.editTags(t.Context(), ann, 0, func(all *allTags, at timeline.Instant) error {
		*all, ids = allTags{gone: map[string]timeline.Instant{}}, nil
		for n := range mostTags {
			all.tags = append(all.tags, Tag{newID(), Times{at, at}, fmt.Sprint("tag ", n), nil, "Gray"})
			ids = append(ids, UUID(all.tags[n].ID))
		}
		return nil
	}))
	var services []Service
	for n := range 4 {
		in := s.input(fmt.Sprint("service ", n), "")
		in.Body.Tags = []UUID{ids[n*mostGone]}
		service, err := s.CreateService(t.Context(), ann, in)
		s.must(err)
		services = append(services, service)
	}
	s.tick()
	got, err := s.BulkDeleteTags(t.Context(), ann, BulkDeleteInput{ids})
	if err != nil || got != (BulkDeleted{mostTags, mostTags}) {
		t.Errorf("deleted are %+v, %v", got, err)
	}
	for _, service := range services {
		if names, at := s.shows(service.ID, nil); names != "" || at < s.instant() {
			t.Errorf("%s shows %q at %v", service.Name, names, at)
		}
	}
}

// Each network has a clock of its own, and what a workspace shares another one.
func TestClocksThatDifferHideNoLinkAndNoDelete(t *testing.T) {
	s := newSite(t)
	now := s.now
	s.now = now.Add(time.Hour)
	prod, err := s.CreateTag(t.Context(), ann, CreateTagInput{TagFacts{Name: "prod"}})
	s.must(err)
	s.now = now
	in := s.input("tagged", "")
	in.Body.Tags = []UUID{UUID(prod.ID)}
	service, err := s.CreateService(t.Context(), ann, in)
	s.must(err)
	if names, _ := s.shows(service.ID, &service.CreatedAt); service.CreatedAt >= prod.CreatedAt || names != "prod" {
		t.Errorf("when it was made it showed %q", names)
	}
	s.now = now.Add(2 * time.Hour)
	put := stateOf(service)
	put.Body.Name = "renamed"
	renamed, err := s.UpdateService(t.Context(), ann, put)
	s.must(err)
	s.now = now
	s.must(s.DeleteTag(t.Context(), ann, DeleteTagInput{ID: UUID(prod.ID)}))
	if names, at := s.shows(service.ID, nil); names != "" || at <= renamed.UpdatedAt {
		t.Errorf("it shows %q since %v, and was changed before at %v", names, at, renamed.UpdatedAt)
	}
	if names, at := s.shows(service.ID, &renamed.UpdatedAt); names != "?" || at != renamed.UpdatedAt {
		t.Errorf("before, it showed %q since %v", names, at)
	}
	put.Body.Name, put.Body.Tags = "again", nil
	s.now = now.Add(-time.Hour)
	again, err := s.UpdateService(t.Context(), ann, put)
	if _, at := s.shows(service.ID, nil); err != nil || at != again.UpdatedAt || at <= renamed.UpdatedAt+1 {
		t.Errorf("a PUT moves it to %v, %v", at, err)
	}
}

// The clock of whoever deletes a tag is behind those of two networks, of which one
// has been deleted.
func TestATagGoesAfterAllThatHadItWhateverTheClocksSay(t *testing.T) {
	s := newSite(t)
	now := s.now
	prod := s.tagNamed("prod")
	s.tick()
	tags := []UUID{UUID(prod.ID)}
	in := s.input("tagged", "")
	in.Body.Tags = tags
	service, err := s.CreateService(t.Context(), ann, in)
	s.must(err)
	s.now = now.Add(time.Hour)
	ahead, err := s.CreateNetwork(t.Context(), ann, CreateNetworkInput{NetworkFacts{Name: "ahead", Tags: tags}})
	s.must(err)
	ended, err := s.CreateNetwork(t.Context(), ann, CreateNetworkInput{NetworkFacts{Name: "ended", Tags: tags}})
	s.must(err)
	s.now = now.Add(2 * time.Hour)
	end := s.instant()
	s.must(s.DeleteNetwork(t.Context(), ann, DeleteNetworkInput{ID: UUID(ended.ID)}))
	s.now = now
	s.dropTag(prod)
	for _, when := range []string{"at once", "after a sweep"} {
		diff, err := s.GetNetworkDiff(t.Context(), ann, GetNetworkDiffInput{ID: UUID(s.network), From: service.CreatedAt})
		if err != nil || len(diff.Services.Changed) != 1 || diff.Services.Changed[0].Changes[0].Member != "tags" {
			t.Errorf("%s the diff until now is %+v, %v", when, diff.Services, err)
		}
		for name, of := range map[string]struct {
			id string
			at timeline.Instant
		}{
			"what is ahead": {ahead.ID, ahead.CreatedAt}, "what has ended": {ended.ID, end - 1},
		} {
			if had, times := s.see(NetworkEntity, of.id, &of.at); len(had) != 1 || times.UpdatedAt > of.at {
				t.Errorf("%s %s had %v since %v", when, name, had, times.UpdatedAt)
			}
		}
		if has, times := s.see(NetworkEntity, ahead.ID, nil); len(has) != 0 || times.UpdatedAt <= end {
			t.Errorf("%s it has %v since %v", when, has, times.UpdatedAt)
		}
		s.must(s.sweep(t.Context(), ann))
	}
}

// The clock of whoever deletes the tag is ahead of that of the next writer.
func TestALinkIsRemovedAfterItsTagWentWhateverTheClocksSay(t *testing.T) {
	s := newSite(t)
	now := s.now
	prod := s.tagNamed("prod")
	network, err := s.CreateNetwork(t.Context(), ann, CreateNetworkInput{NetworkFacts{Name: "tagged", Tags: []UUID{UUID(prod.ID)}}})
	s.must(err)
	in := s.input("tagged", "")
	in.Body.Tags = []UUID{UUID(prod.ID)}
	service, err := s.CreateService(t.Context(), ann, in)
	s.must(err)
	s.now = now.Add(time.Hour)
	s.dropTag(prod)
	s.now = now.Add(time.Minute)
	put := stateOf(service)
	put.Body.Name, put.Body.Tags = "renamed", nil
	_, err = s.UpdateService(t.Context(), ann, put)
	s.must(err)
	_, err = s.UpdateNetwork(t.Context(), ann, UpdateNetworkInput{ID: UUID(network.ID), Body: NetworkFacts{Name: "renamed"}})
	s.must(err)
	between := timeline.InstantOf(now.Add(30 * time.Minute))
	for of, id := range map[EntityType]string{ServiceEntity: service.ID, NetworkEntity: network.ID} {
		if had, times := s.see(of, id, &between); len(had) != 1 || times.UpdatedAt > between {
			t.Errorf("the %s had %v since %v", of, had, times.UpdatedAt)
		}
	}
}
