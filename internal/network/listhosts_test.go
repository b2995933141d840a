package network

import (
	"fmt"
	"strings"
	"testing"

	"almanac/internal/fault"
	"almanac/internal/tenant"
)

func TestHostsAreListedByFilterAndOrder(t *testing.T) {
	s := setUp(t)
	tags := s.tag(3)
	site := &site{world: s, ids: map[string]string{"red": string(tags[0]), "blue": string(tags[1]), "network": s.network}}
	add := func(name, members string) Host {
		h := site.newHost(members)
		body, err := decoded[HostState](t, site.text(`{"name":"`+name+`"`+members+`}`))
		s.must(err)
		s.tick()
		h, err = s.UpdateHost(t.Context(), ann, UpdateHostInput{ID: UUID(h.ID), Body: body})
		s.must(err)
		return h
	}
	home := s.network
	c := add("c", `,"hostname":"z","tags":["$red"]`)
	add("B", `,"tags":["$red","$blue"]`)
	then := s.instant()
	away := site.networks(1)[0]
	site.ids["network"] = away
	add("d", `,"hostname":"y","tags":["$blue"],"hidden":true`)
	site.ids["network"] = home
	e := add("e", `,"hostname":"x","services":[{"service_definition":"Caddy","name":"s"}]`)
	site.replacedHost(c.ID, `,"hostname":"z","tags":["$red"],"description":"new"`)
	body, err := decoded[HostState](t, site.text(`{"name":"c","hostname":"z","tags":["$red"]}`))
	s.must(err)
	s.tick()
	_, err = s.UpdateHost(t.Context(), ann, UpdateHostInput{ID: UUID(c.ID), Body: body})
	s.must(err)

	networks := "cBed"
	if away < home {
		networks = "dcBe"
	}
	for _, f := range []struct {
		query, want string
		total       int
	}{
		{"", "cBde", 4},
		{"order_direction=desc", "edBc", 4},
		{"limit=2", "cB", 4},
		{"limit=2&offset=3", "e", 4},
		{"limit=0", "cBde", 4},
		{"network_id=" + home, "cBe", 3},
		{"network_id=" + away, "d", 1},
		{"network_id=" + newID(), "", 0},
		{"tag_ids=" + string(tags[0]), "cB", 2},
		{fmt.Sprintf("tag_ids=%s&tag_ids=%s", tags[0], tags[1]), "cBd", 3},
		{"tag_ids=" + string(tags[2]), "", 0},
		{"tag_ids=" + newID(), "", 0},
		{"ids=" + e.ID + "&ids=" + c.ID + "&ids=" + newID(), "ce", 2},
		{"ids=" + e.Services[0].ID, "", 0},
		{"search=b", "B", 1},
		{"search=x", "", 0},
		{"order_by=name", "Bcde", 4},
		{"order_by=name&order_direction=desc", "edcB", 4},
		{"order_by=hostname", "Bedc", 4},
		{"order_by=hostname&order_direction=desc", "Bcde", 4},
		{"order_by=updated_at", "Bdec", 4},
		{"order_by=network_id", networks, 4},
		{"at=" + then.String(), "cB", 2},
		{"at=2020-01-01T00:00:00Z", "", 0},
	} {
		in, err := query[ListHostsInput](t, f.query)
		s.must(err)
		list, err := s.ListHosts(t.Context(), ann, in)
		var got string
		for _, h := range list.Items {
			got += h.Name
			if h.Name == "e" && len(h.Services) != 1 {
				t.Errorf("%q shows %+v", f.query, h)
			}
		}
		if err != nil || got != f.want || list.Total != f.total || list.HasMore() != (list.Offset+len(f.want) < f.total) {
			t.Errorf("%q gives %s of %d, more %v, not %s; %v", f.query, got, list.Total, list.HasMore(), f.want, err)
		}
	}
	list, err := s.ListHosts(t.Context(), tenant.Principal{Workspace: "other", ID: "k"}, ListHostsInput{HostFilter: HostFilter{NetworkID: UUID(home)}})
	if err != nil || list.Total != 0 || list.Items == nil {
		t.Errorf("another workspace sees %+v, %v", list, err)
	}
	for text, good := range map[string]bool{
		"order_by=hostname": true, "order_by=position": false, "order_by=host": false, "tag_ids=x": false, "network_id=5": false, "limit=-1": false, "at=now": false,
	} {
		if _, err := query[ListHostsInput](t, text); good && err != nil || !good && kindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", text, err)
		}
	}
	table, err := s.ExportHosts(t.Context(), ann, ExportHostsInput{HostFilter{NetworkID: UUID(home), OrderBy: "name"}})
	lines := strings.Split(table.Text(), "\r\n")
	if err != nil || len(lines) != 5 || !strings.Contains(lines[1], ",B,") || !strings.HasPrefix(lines[3], e.ID+",e,x,,"+home+",Manual,false,") {
		t.Errorf("the table is %q, %v", lines, err)
	}
}

func TestAHostIsReadNowAndAsItWasWithItsTags(t *testing.T) {
	s := withLan(t)
	s.ids["red"] = string(s.tag(1)[0])
	made := s.newHost(oneTier + `,"tags":["$red"]`)
	then := s.instant()
	s.replacedHost(made.ID, `,"ports":[]`)
	got, err := s.GetHost(t.Context(), ann, GetHostInput{UUID(made.ID), &then})
	if err != nil || s.shape(got) != s.shape(made) || len(got.Tags) != 1 {
		t.Errorf("it was %+v, %v", got, err)
	}
	s.must(s.change(made.ID, func(h *Host) { h.Tags, h.Services[0].Tags = []string{s.ids["red"], newID()}, []string{newID()} }))
	if got := s.hostNow(made.ID); len(got.Tags) != 1 || len(got.Services[0].Tags) != 0 {
		t.Errorf("shown are %v and %v", got.Tags, got.Services[0].Tags)
	}
	for _, id := range []string{s.ids["a"], newID()} {
		if _, err := s.GetHost(t.Context(), ann, GetHostInput{ID: UUID(id)}); kindOf(err) != fault.NotFound {
			t.Errorf("%s: %v", id, err)
		}
	}
}
