package contract

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

const (
	tags    = inventory + "/tags"
	assign  = tags + "/assign"
	addTag  = assign + "/bulk-add"
	dropTag = assign + "/bulk-remove"
)

func TestATagIsANameADescriptionAndAColour(t *testing.T) {
	s := open(t).site()
	made := data[aTag](s.post(tags, `{"name":"staging","description":"Before production","color":"Blue","id":"`+nobodys+`","organization_id":7}`))
	want := aTag{ID: made.ID, times: times{made.CreatedAt, made.CreatedAt}, Name: "staging", Description: new("Before production"), Color: "Blue"}
	if !reflect.DeepEqual(made, want) || made.ID == nobodys {
		t.Errorf("made is %+v, want %+v", made, want)
	}
	if s.otherTag.Color != "Gray" || s.otherTag.Description != nil {
		t.Errorf("with a name alone it is %+v", s.otherTag)
	}
	if got := data[aTag](s.get(tags + "/" + made.ID)); !reflect.DeepEqual(got, made) {
		t.Errorf("stored is %+v", got)
	}
	is := data[aTag](s.put(tags+"/"+made.ID, `{"name":"Staging"}`))
	want = aTag{ID: made.ID, times: times{made.CreatedAt, is.UpdatedAt}, Name: "Staging", Color: "Blue"}
	if !reflect.DeepEqual(is, want) || is.UpdatedAt <= made.UpdatedAt {
		t.Errorf("replaced it is %+v, want %+v", is, want)
	}
	s.changesNothing(func() {
		sent := s.get(tags + "/" + made.ID)
		if again := data[aTag](s.put(tags+"/"+made.ID, strings.TrimSuffix(strings.SplitN(sent.body, `"data":`, 2)[1], sent.body[strings.LastIndex(sent.body, `,"meta"`):]))); !reflect.DeepEqual(again, is) {
			t.Errorf("what a GET gives makes it %+v", again)
		}
	})
	if was := data[aTag](s.get(tags + "/" + made.ID + "?at=" + made.CreatedAt)); !reflect.DeepEqual(was, made) {
		t.Errorf("it was %+v", was)
	}
	if got := s.delete(tags + "/" + made.ID); data[any](got) != nil {
		t.Errorf("a delete gives %s", got.body)
	}
	s.get(tags+"/"+made.ID).fails(404, "not_found")
	s.delete(tags+"/"+made.ID).fails(404, "not_found")
	s.put(tags+"/"+made.ID, `{"name":"x"}`).fails(404, "not_found")
	if was := data[aTag](s.get(tags + "/" + made.ID + "?at=" + is.UpdatedAt)); !reflect.DeepEqual(was, is) {
		t.Errorf("it was %+v", was)
	}
}

func TestATagIsRefusedWithoutANameOfItsOwn(t *testing.T) {
	s := open(t).site()
	for name, c := range map[string]struct {
		body   string
		status int
		code   string
	}{
		"the name of another one":         {`{"name":"prod"}`, 409, "conflict"},
		"no name":                         {`{"color":"Blue"}`, 400, "validation_failed"},
		"a name of white space":           {`{"name":" \t"}`, 400, "validation_failed"},
		"a name of 101 characters":        {`{"name":"` + strings.Repeat("ö", 101) + `"}`, 400, "validation_failed"},
		"a description of 501 characters": {`{"name":"x","description":"` + strings.Repeat("ö", 501) + `"}`, 400, "validation_failed"},
		"a colour that is a number":       {`{"name":"x","color":7}`, 400, "validation_failed"},
	} {
		s.sub(name, func(s *site) {
			s.changesNothing(func() {
				s.post(tags, c.body).fails(c.status, c.code)
				s.put(tags+"/"+s.otherTag.ID, c.body).fails(c.status, c.code)
			})
		})
	}
	// Names differ in their case, and a tag keeps its own.
	s.post(tags, `{"name":"Prod"}`).ok()
	s.put(tags+"/"+s.tag.ID, `{"name":"prod"}`).ok()
	s.post(tags, `{"name":"`+strings.Repeat("ö", 100)+`"}`).ok()
	s.delete(tags + "/" + s.tag.ID).ok()
	s.post(tags, `{"name":"prod"}`).ok()
}

func TestTagsAreMadeByAdminsAndElseWrittenByMembers(t *testing.T) {
	s := open(t).site()
	writer := s.issue(`["network:write"]`).Key
	by := func(method, path, body string) answer { return s.send(s.ask(method, path, body).by(writer)) }
	s.changesNothing(func() { by("POST", tags, `{"name":"x"}`).fails(403, "forbidden") })
	by("GET", tags, "").ok()
	by("PUT", assign, quoted(`{"entity_type":"Host","entity_id":%s,"tag_ids":[%s]}`, s.host.ID, s.otherTag.ID)).ok()
	by("POST", addTag, quoted(`{"entity_type":"Host","entity_ids":[%s],"tag_id":%s}`, s.host.ID, s.tag.ID)).ok()
	by("POST", dropTag, quoted(`{"entity_type":"Host","entity_ids":[%s],"tag_id":%s}`, s.host.ID, s.tag.ID)).ok()
	by("PUT", assign, quoted(`{"entity_type":"Network","entity_id":%s,"tag_ids":[%s]}`, s.network.ID, s.otherTag.ID)).ok()
	by("PUT", tags+"/"+s.tag.ID, `{"name":"x"}`).ok()
	by("DELETE", tags+"/"+s.tag.ID, "").ok()
	by("POST", tags+"/bulk-delete", quoted(`[%s]`, s.otherTag.ID)).ok()
}

func TestAKeyThatReadsNoNetworksWritesNeitherThemNorTags(t *testing.T) {
	s := open(t).site()
	admin := s.issue(`["admin"]`).Key
	by := func(method, path, body string) answer { return s.send(s.ask(method, path, body).by(admin)) }
	s.changesNothing(func() {
		for _, refused := range []answer{
			by("POST", networks, `{"name":"x"}`), by("PUT", networks+"/"+s.network.ID, `{"name":"x"}`), by("DELETE", networks+"/"+s.network.ID, ""),
			by("POST", networks+"/bulk-delete", quoted(`[%s]`, s.network.ID)), by("POST", tags, `{"name":"x"}`),
		} {
			if refused.fails(403, "forbidden"); !strings.Contains(refused.body, "network:write") {
				t.Errorf("%s is told %s", refused.asked, refused.body)
			}
		}
	})
}

func TestTagsAreListedInTheOrderOfTheirCreation(t *testing.T) {
	s := open(t).site()
	third := data[aTag](s.post(tags, `{"name":"label"}`))
	for query, want := range map[string]string{
		"": "prod lab label", "?search=LAB": "lab label", "?search=nothing": "", "?limit=1&offset=1": "lab", "?limit=0": "prod lab label",
		"?ids=" + third.ID + "&ids=" + s.tag.ID + "&ids=" + nobodys: "prod label", "?at=" + s.otherTag.CreatedAt: "prod lab", "?at=2001-01-01T00:00:00Z": "",
	} {
		list, pages := listing[aTag](s.get(tags + query))
		var names []string
		for _, tag := range list {
			names = append(names, tag.Name)
		}
		if strings.Join(names, " ") != want || query == "?limit=1&offset=1" && pages != (pagination{3, 1, 1, true}) {
			t.Errorf("%s lists %v, %+v", query, names, pages)
		}
	}
	for _, query := range []string{"?limit=-1", "?offset=x", "?ids=x", "?at=never"} {
		s.get(tags+query).fails(400, "bad_request")
	}
	s.put(tags+"/"+third.ID, `{"name":"label","description":"=1+1"}`).ok()
	lines := strings.Split(strings.TrimSuffix(s.get(tags+"/export/csv?search=label&limit=0").ok().body, "\r\n"), "\r\n")
	if len(lines) != 2 || lines[0] != "id,name,description,color,created_at,updated_at" || !strings.HasPrefix(lines[1], third.ID+",label,'=1+1,Gray,"+third.CreatedAt) {
		t.Errorf("the table is %q", lines)
	}
}

// entity is what tags can be on: its type, id and path.
type entity struct{ kind, id, path string }

func (s *site) entities() []entity {
	return []entity{
		{"Network", s.network.ID, inventory + "/networks/" + s.network.ID},
		{"Host", s.host.ID, inventory + "/hosts/" + s.host.ID},
		{"Service", s.web.ID, services + "/" + s.web.ID},
	}
}

// tagged is what every entity shows of its tags.
type tagged struct {
	times
	Tags []string
}

// tagged reads an entity; query is that of the request.
func (s *site) tagged(e entity, query string) tagged {
	s.Helper()
	got := s.get(e.path + query)
	switch e.kind {
	case "Network":
		network := data[aNetwork](got)
		return tagged{network.times, network.Tags}
	case "Host":
		host := data[aHost](got)
		return tagged{host.times, host.Tags}
	}
	service := data[aService](got)
	return tagged{service.times, service.Tags}
}

// listed is how many of an entity's kind a list selects.
func (s *site) listed(e entity, query string) int {
	s.Helper()
	got := s.get(e.path[:strings.LastIndex(e.path, "/")] + query)
	if e.kind == "Host" {
		_, pages := listing[aHost](got)
		return pages.TotalCount
	}
	_, pages := listing[aService](got)
	return pages.TotalCount
}

func TestTheTagsOfAHostAServiceOrANetworkAreAssigned(t *testing.T) {
	s := open(t).site()
	for _, e := range s.entities() {
		before := s.tagged(e, "")
		for _, want := range [][]string{{s.otherTag.ID}, {s.tag.ID, s.otherTag.ID}, {}} {
			body := `"` + strings.Join(want, `","`) + `"`
			if len(want) == 0 {
				body = ""
			}
			got := s.put(assign, quoted(`{"entity_type":%s,"entity_id":%s,"tag_ids":[`, e.kind, e.id)+body+`]}`)
			if data[any](got) != nil {
				t.Errorf("the answer is %s", got.body)
			}
			is := s.tagged(e, "")
			if !slices.Equal(is.Tags, want) || is.UpdatedAt <= before.UpdatedAt || is.CreatedAt != before.CreatedAt {
				t.Errorf("the %s has %+v, and had %+v", e.kind, is, before)
			}
			s.changesNothing(func() {
				s.put(assign, quoted(`{"entity_type":%s,"entity_id":%s,"tag_ids":[`, e.kind, e.id)+body+`]}`).ok()
			})
			before = is
		}
	}
}

func TestATagIsAddedToManyAndRemovedFromMany(t *testing.T) {
	s := open(t).site()
	type affected struct {
		AffectedCount int `json:"affected_count"`
	}
	for _, e := range s.entities() {
		body := quoted(`{"entity_type":%s,"entity_ids":[%s,%s,%s],"tag_id":%s}`, e.kind, e.id, nobodys, e.id, s.otherTag.ID)
		for _, c := range []struct {
			path  string
			count int
			want  []string
		}{
			{addTag, 1, []string{s.tag.ID, s.otherTag.ID}}, {addTag, 0, []string{s.tag.ID, s.otherTag.ID}},
			{dropTag, 1, []string{s.tag.ID}}, {dropTag, 0, []string{s.tag.ID}},
		} {
			before := s.tagged(e, "")
			got := data[affected](s.post(c.path, body))
			is := s.tagged(e, "")
			if got.AffectedCount != c.count || !slices.Equal(is.Tags, c.want) || (is.UpdatedAt > before.UpdatedAt) != (c.count == 1) {
				t.Errorf("%s to a %s affects %d: it has %+v, and had %+v", c.path, e.kind, got.AffectedCount, is, before)
			}
		}
	}
}

func TestAnAssignmentIsRefusedWhole(t *testing.T) {
	s := open(t).site()
	for name, c := range map[string]struct{ body, code string }{
		"an unknown type":         {`{"entity_type":"Port","entity_id":"X","entity_ids":["X"],"tag_ids":[],"tag_id":"T"}`, "validation_failed"},
		"a type in another case":  {`{"entity_type":"host","entity_id":"X","entity_ids":["X"],"tag_ids":[],"tag_id":"T"}`, "validation_failed"},
		"no type":                 {`{"entity_id":"X","entity_ids":["X"],"tag_ids":[],"tag_id":"T"}`, "validation_failed"},
		"an unknown tag":          {`{"entity_type":"Host","entity_id":"X","entity_ids":["X"],"tag_ids":["T","N"],"tag_id":"N"}`, "unknown_tag"},
		"an id that is no UUID":   {`{"entity_type":"Host","entity_id":"x","entity_ids":["X","x"],"tag_ids":[],"tag_id":"T"}`, "validation_failed"},
		"a tag that is no UUID":   {`{"entity_type":"Host","entity_id":"X","entity_ids":["X"],"tag_ids":["prod"],"tag_id":"prod"}`, "validation_failed"},
		"no list":                 {`{"entity_type":"Host","entity_id":"X","entity_ids":[],"tag_id":"T"}`, "validation_failed"},
		"too many, 101 and 10001": {`{"entity_type":"Host","entity_id":"X","entity_ids":["X"` + strings.Repeat(`,"X"`, 10000) + `],"tag_ids":["T"` + strings.Repeat(`,"T"`, 100) + `],"tag_id":"T"}`, "validation_failed"},
	} {
		s.sub(name, func(s *site) {
			body := strings.NewReplacer(`"X"`, quoted("%s", s.host.ID), `"T"`, quoted("%s", s.otherTag.ID), `"N"`, quoted("%s", nobodys)).Replace(c.body)
			s.changesNothing(func() {
				s.put(assign, body).fails(400, c.code)
				s.post(addTag, body).fails(400, c.code)
				s.post(dropTag, body).fails(400, c.code)
			})
		})
	}
}

func TestEntitiesThatThereAreNotAreSkipped(t *testing.T) {
	s := open(t).site()
	s.changesNothing(func() {
		for _, e := range s.entities() {
			// Those of other types are none of this one.
			for _, other := range append(s.entities(), entity{id: nobodys}, entity{id: s.p80.ID}) {
				if other.id == e.id {
					continue
				}
				s.put(assign, quoted(`{"entity_type":%s,"entity_id":%s,"tag_ids":[%s]}`, e.kind, other.id, s.otherTag.ID)).ok()
				s.post(addTag, quoted(`{"entity_type":%s,"entity_ids":[%s],"tag_id":%s}`, e.kind, other.id, s.otherTag.ID)).ok()
			}
			s.send(s.ask("POST", addTag, quoted(`{"entity_type":%s,"entity_ids":[%s],"tag_id":%s}`, e.kind, e.id, s.otherTag.ID)).by(s.foreign)).fails(400, "unknown_tag")
		}
	})
}

func TestADeletedTagIsOnNothingAndWhatHadItHasANewTime(t *testing.T) {
	s := open(t).site()
	for n, drop := range []func(id string){
		func(id string) { s.delete(tags + "/" + id).ok() },
		func(id string) {
			if got := data[bulkDeleted](s.post(tags+"/bulk-delete", quoted(`[%s,%s,%s]`, id, nobodys, id))); got != (bulkDeleted{1, 3}) {
				t.Errorf("deleted are %+v", got)
			}
		},
	} {
		tag := data[aTag](s.post(tags, fmt.Sprintf(`{"name":"passing %d"}`, n)))
		before := map[entity]tagged{}
		for _, e := range s.entities() {
			s.post(addTag, quoted(`{"entity_type":%s,"entity_ids":[%s],"tag_id":%s}`, e.kind, e.id, tag.ID)).ok()
			before[e] = s.tagged(e, "")
		}
		proxy := data[aService](s.get(services + "/" + s.proxy.ID))
		drop(tag.ID)
		for e, was := range before {
			is := s.tagged(e, "")
			if !slices.Equal(is.Tags, []string{s.tag.ID}) || is.UpdatedAt <= was.UpdatedAt {
				t.Errorf("the %s has %+v, and had %+v", e.kind, is, was)
			}
			if then := s.tagged(e, "?at="+was.UpdatedAt); !reflect.DeepEqual(then, was) {
				t.Errorf("the %s had %+v, not %+v", e.kind, then, was)
			}
			for query, want := range map[string]int{"": 0, "&at=" + was.UpdatedAt: 1} {
				if e.kind == "Network" {
					continue
				}
				if n := s.listed(e, "?tag_ids="+tag.ID+query); n != want {
					t.Errorf("%d of the kind %s have it with %q", n, e.kind, query)
				}
			}
		}
		if is := data[aService](s.get(services + "/" + s.proxy.ID)); !reflect.DeepEqual(is, proxy) {
			t.Errorf("what had not the tag is %+v, and was %+v", is, proxy)
		}
		// The host's own check is on what is shown of it.
		host := s.tagged(s.entities()[1], "")
		for expected, status := range map[string]int{before[s.entities()[1]].UpdatedAt: 409, host.UpdatedAt: 200} {
			if got := s.put(s.entities()[1].path, quoted(`{"name":"alpha","expected_updated_at":%s,"tags":[%s]}`, expected, s.tag.ID)); got.status != status {
				t.Errorf("a host that is expected to be of %s: %d %s", expected, got.status, got.body)
			}
		}
	}
}

func TestAConditionOnATagHolds(t *testing.T) {
	s := open(t).site()
	path := tags + "/" + s.tag.ID
	seen := s.get(path).ok().header.Get("ETag")
	s.send(s.ask("PUT", path, `{"name":"production"}`).with("If-Match", seen)).ok()
	s.changesNothing(func() {
		s.send(s.ask("PUT", path, `{"name":"x"}`).with("If-Match", seen)).fails(412, "conflict")
		s.send(s.ask("DELETE", path, "").with("If-Match", seen)).fails(412, "conflict")
	})
	now := s.get(path).ok().header.Get("ETag")
	if got := s.send(s.ask("GET", path, "").with("If-None-Match", now)); got.status != 304 {
		t.Errorf("what was seen gives %d", got.status)
	}
	s.send(s.ask("DELETE", path, "").with("If-Match", now)).ok()
}
