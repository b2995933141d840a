package network

import (
	"fmt"
	"strings"
	"testing"

	"almanac/internal/tenant"
)

func TestServicesAreListedByFilterGroupAndOrder(t *testing.T) {
	s := newSite(t)
	tags := s.tag(3)
	add := func(name string, host *Host, network string, tags ...UUID) Service {
		in := s.input(name, "")
		in.Body.HostID, in.Body.NetworkID, in.Body.Tags = UUID(host.ID), UUID(network), tags
		s.tick()
		service, err := s.CreateService(t.Context(), ann, in)
		s.must(err)
		return service
	}
	home := s.network
	c := add("c", s.host, home, tags[0])
	add("B", s.other, home, tags[0], tags[1])
	then := s.instant()
	// A second network, whose host has the name of one of the first.
	s.network = newID()
	_, err := s.timeline.CreateScope(t.Context(), networkScope(ann.Workspace, s.network), nil, actorOf(ann))
	s.must(err)
	twin := busy(0)
	twin.Name = "H"
	s.put(twin)
	away := s.network
	s.network = home
	add("d", twin, away, tags[1])
	add("a", s.host, home)
	e := add("e", s.host, home, tags[2])
	in := stateOf(c)
	in.Body.Position = new(9)
	s.must(func() error { _, err := s.update(in); return err }())

	networks := "cBae d"
	if away < home {
		networks = "d cBae"
	}
	hosts := "cae d" // of the hosts named H, that with the lesser id first
	if twin.ID < s.host.ID {
		hosts = "d cae"
	}
	for _, f := range []struct {
		query, want string
		total       int
	}{
		{"", "cBdae", 5},
		{"order_direction=desc", "eadBc", 5},
		{"limit=2", "cB", 5},
		{"limit=2&offset=4", "e", 5},
		{"limit=0", "cBdae", 5},
		{"offset=7", "", 5},
		{"network_id=" + home, "cBae", 4},
		{"network_id=" + away, "d", 1},
		{"network_id=" + newID(), "", 0},
		{"host_id=" + s.host.ID, "cae", 3},
		{"host_id=" + s.host.ID + "&network_id=" + away, "", 0},
		{"host_id=" + newID(), "", 0},
		{"host_id=" + c.ID, "", 0},
		{"tag_ids=" + string(tags[0]), "cB", 2},
		{fmt.Sprintf("tag_ids=%s&tag_ids=%s", tags[1], tags[2]), "Bde", 3},
		{"tag_ids=" + newID(), "", 0},
		{"tag_ids=" + string(tags[1]) + "&network_id=" + home, "B", 1},
		{"ids=" + e.ID + "&ids=" + c.ID + "&ids=" + newID(), "ce", 2},
		{"ids=" + e.ID + "&network_id=" + away, "", 0},
		{"search=b", "B", 1},
		{"search=zz", "", 0},
		{"order_by=name", "Bacde", 5},
		{"order_by=name&order_direction=desc", "edcaB", 5},
		{"order_by=updated_at", "Bdaec", 5},
		{"order_by=host", "cdaeB", 5},
		{"order_by=host&order_direction=desc", "Bcdae", 5},
		{"order_by=position&network_id=" + home, "Baec", 4},
		{"order_by=network_id", strings.ReplaceAll(networks, " ", ""), 5},
		{"group_by=network_id&order_by=name", strings.ReplaceAll(strings.ReplaceAll(networks, " ", ""), "cBae", "Bace"), 5},
		{"group_by=host", strings.ReplaceAll(hosts, " ", "") + "B", 5},
		{"group_by=host&order_by=name&order_direction=desc", strings.ReplaceAll(strings.ReplaceAll(hosts, " ", ""), "cae", "eca") + "B", 5},
		{"group_by=host&limit=2&offset=3", strings.ReplaceAll(hosts, " ", "")[3:] + "B", 5},
		{"at=" + then.String(), "cB", 2},
		{"at=" + then.String() + "&host_id=" + s.other.ID, "B", 1},
		{"at=2020-01-01T00:00:00Z", "", 0},
	} {
		in, err := query[ListServicesInput](t, f.query)
		s.must(err)
		list, err := s.ListServices(t.Context(), ann, in)
		var got string
		for _, service := range list.Items {
			got += service.Name
		}
		if err != nil || got != f.want || list.Total != f.total || list.HasMore() != (list.Offset+len(f.want) < f.total) {
			t.Errorf("%q gives %s of %d, more %v, not %s; %v", f.query, got, list.Total, list.HasMore(), f.want, err)
		}
	}
	list, err := s.ListServices(t.Context(), tenant.Principal{Workspace: "other", ID: "k"}, ListServicesInput{ServiceFilter: ServiceFilter{NetworkID: UUID(home)}})
	if err != nil || list.Total != 0 || list.Items == nil {
		t.Errorf("another workspace sees %+v, %v", list, err)
	}
}

func TestTagsAreShownWhileThereAreSuch(t *testing.T) {
	s := newSite(t)
	tagged := s.full("tagged", "")
	s.must(s.change(s.host.ID, func(h *Host) { h.Services[0].Tags = append(h.Services[0].Tags, newID()) }))
	list, err := s.ListServices(t.Context(), ann, ListServicesInput{})
	s.must(err)
	for _, got := range []Service{s.service(tagged.ID), list.Items[0]} {
		if strings.Join(got.Tags, " ") != strings.Join(tagged.Tags, " ") {
			t.Errorf("shown are %v, not %v", got.Tags, tagged.Tags)
		}
	}
}
