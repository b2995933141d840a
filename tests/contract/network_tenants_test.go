package contract

import (
	"slices"
	"strings"
	"testing"

	"almanac/internal/api"
)

// mine are all ids of an inventory.
func (s *site) mine() []string {
	ids := []string{s.network.ID, s.otherNetwork.ID, s.subnet.ID, s.tag.ID, s.otherTag.ID}
	for _, h := range []aHost{s.host, s.otherHost} {
		ids = append(ids, h.ID)
		for _, i := range h.Interfaces {
			ids = append(ids, i.ID)
		}
		for _, p := range h.Ports {
			ids = append(ids, p.ID)
		}
	}
	for _, service := range []aService{s.web, s.proxy, s.shell} {
		ids = append(ids, service.ID, service.Bindings[0].ID)
	}
	return ids
}

func TestNoRequestWithAnotherWorkspacesKeyShowsOrChangesAnythingOfAnInventory(t *testing.T) {
	s := open(t).site()
	all := func() string {
		var text strings.Builder
		for _, list := range inventoryLists {
			text.WriteString(s.get(list).ok().body)
		}
		return text.String()
	}
	before := all()
	for _, e := range api.Table() {
		if !strings.HasPrefix(e.Path, "/api/") {
			continue
		}
		s.sub(e.ID, func(s *site) {
			got := s.send(s.of(e).by(s.foreign))
			if got.status >= 500 {
				t.Errorf("%s: %d %s", e.ID, got.status, got.body)
			}
			// A refusal may name the id that was sent.
			if i := slices.IndexFunc(s.mine(), func(id string) bool { return strings.Contains(got.body, id) }); i >= 0 && got.status == 200 {
				t.Errorf("%s shows %s: %s", e.ID, s.mine()[i], got.body)
			}
		})
	}
	if after := all(); after != before {
		t.Errorf("something changed:\nbefore %s\nafter  %s", before, after)
	}
}

func TestATagOfAnotherWorkspaceIsNoTag(t *testing.T) {
	s := open(t).site()
	theirs := data[aTag](s.send(s.ask("POST", inventory+"/tags", `{"name":"theirs"}`).by(s.foreign))).ID
	s.changesNothing(func() {
		for path, body := range map[string]string{
			services:                s.body("orders", `"tags":["`+theirs+`"]`),
			inventory + "/networks": `{"name":"new","tags":["` + theirs + `"]}`,
			inventory + "/hosts":    quoted(`{"name":"new","network_id":%s,"tags":[%s]}`, s.network.ID, theirs),
		} {
			s.post(path, body).fails(400, "unknown_tag")
		}
		s.put(inventory+"/tags/assign", quoted(`{"entity_type":"Host","entity_id":%s,"tag_ids":[%s]}`, s.host.ID, theirs)).fails(400, "unknown_tag")
	})
}
