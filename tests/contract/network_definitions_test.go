package contract

import (
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"almanac/internal/api"
)

const (
	definitions = inventory + "/service-definitions/"
	metadata    = "/api/metadata"
)

type aDefinition struct {
	ID           string         `json:"id"`
	Name         string         `json:"name"`
	Description  string         `json:"description"`
	Category     string         `json:"category"`
	Icon         string         `json:"icon"`
	DefaultPorts []aDefaultPort `json:"default_ports"`
}

type aDefaultPort struct {
	Number   int    `json:"number"`
	Protocol string `json:"protocol"`
}

func (h *house) definitions(query string) []aDefinition {
	h.Helper()
	return data[struct {
		ServiceDefinitions []aDefinition `json:"service_definitions"`
	}](h.get(metadata + query)).ServiceDefinitions
}

func TestMetadataListsAtLeastFortyDefinitionsSortedWithTheirPorts(t *testing.T) {
	h := open(t)
	all := h.definitions("")
	if len(all) < 40 || !slices.IsSortedFunc(all, func(a, b aDefinition) int { return strings.Compare(strings.ToLower(a.ID), strings.ToLower(b.ID)) }) {
		t.Errorf("there are %d: %v", len(all), all)
	}
	for _, d := range all {
		if d.ID == "" || d.ID != d.Name || d.Description == "" || d.Category == "" || d.Icon == "" || d.DefaultPorts == nil {
			t.Errorf("%+v lacks something", d)
		}
		if got := data[aDefinition](h.get(definitions + url.PathEscape(d.ID))); !reflect.DeepEqual(got, d) {
			t.Errorf("read is %+v, not %+v", got, d)
		}
	}
	i := slices.IndexFunc(all, func(d aDefinition) bool { return d.ID == "PostgreSQL" })
	if i < 0 || !slices.Contains(all[i].DefaultPorts, aDefaultPort{5432, "Tcp"}) {
		t.Error("PostgreSQL does not listen on 5432")
	}
}

func TestAWorkspaceRegistersReplacesAndDeletesDefinitionsOfItsOwn(t *testing.T) {
	s := open(t).site()
	path := definitions + "House%20Brew"
	was := data[aDefinition](s.get(path))
	// What a workspace shares has one order of writes.
	then := "?at=" + data[aTag](s.post(tags, `{"name":"then"}`)).CreatedAt
	want := aDefinition{"House Brew", "House Brew", "Makes coffee", "Kitchen", "cup", []aDefaultPort{{8418, "Tcp"}}}
	if !reflect.DeepEqual(was, want) || !slices.ContainsFunc(s.definitions(""), func(d aDefinition) bool { return d.ID == want.ID }) {
		t.Errorf("registered is %+v", was)
	}
	is := data[aDefinition](s.put(path, `{"id":"ignored","name":"House Brew","default_ports":[{"number":1,"protocol":"Udp"},{"number":1,"protocol":"Udp"}]}`))
	want = aDefinition{"House Brew", "House Brew", "", "Custom", "", []aDefaultPort{{1, "Udp"}}}
	if !reflect.DeepEqual(is, want) {
		t.Errorf("replaced it is %+v", is)
	}
	if got := data[aDefinition](s.get(path + then)); !reflect.DeepEqual(got, was) {
		t.Errorf("it was %+v", got)
	}
	made := s.newService("kettle", s.host.ID, "")
	body := strings.Replace(s.body("kettle", `"bindings":[]`), "Nginx", "House Brew", 1)
	s.put(services+"/"+made.ID, body).ok()
	s.changesNothing(func() { s.delete(path).fails(409, "conflict") })
	s.delete(services + "/" + made.ID).ok()
	if got := s.delete(path); data[any](got) != nil {
		t.Errorf("a delete gives %s", got.body)
	}
	s.changesNothing(func() {
		s.get(path).fails(404, "not_found")
		s.delete(path).fails(404, "not_found")
		s.post(services, body).fails(400, "unknown_service_definition")
	})
	if all := s.definitions(then); !slices.ContainsFunc(all, func(d aDefinition) bool { return reflect.DeepEqual(d, was) }) {
		t.Error("the past does not have it")
	}
	if all := s.definitions(""); slices.ContainsFunc(all, func(d aDefinition) bool { return d.ID == "House Brew" }) {
		t.Error("it is listed still")
	}
}

func TestDefinitionsThatComeWithTheProgramStayAsTheyAre(t *testing.T) {
	s := open(t).site()
	s.changesNothing(func() {
		s.put(definitions+"Redis", `{"description":"Mine"}`).fails(409, "conflict")
		s.delete(definitions+"Redis").fails(409, "conflict")
		s.get(definitions+"redis").fails(404, "not_found")
	})
	if got := data[aDefinition](s.get(definitions + "Redis?at=2001-01-01T00:00:00Z")); got.ID != "Redis" {
		t.Errorf("got %+v", got)
	}
}

func TestADefinitionIsRefusedWithWhatItCannotHave(t *testing.T) {
	s := open(t).site()
	s.changesNothing(func() {
		for name, body := range map[string]string{
			"the port 0":         `{"default_ports":[{"number":0,"protocol":"Tcp"}]}`,
			"the port 65536":     `{"default_ports":[{"number":65536,"protocol":"Tcp"}]}`,
			"another protocol":   `{"default_ports":[{"number":80,"protocol":"Sctp"}]}`,
			"another name":       `{"name":"Another"}`,
			"a long description": `{"description":"` + strings.Repeat("ö", 501) + `"}`,
			"an array":           `[]`,
		} {
			if got := s.put(definitions+"Mine", body); got.status != 400 {
				t.Errorf("%s: %d %s", name, got.status, got.body)
			}
		}
		for _, id := range []string{"%20Mine", "Mine%20", "%20", "a%2Fb", "a%09b", strings.Repeat("x", 101)} {
			s.put(definitions+id, `{}`).fails(400, "bad_request")
		}
	})
	s.put(definitions+strings.Repeat("%C3%B6", 100), `{}`).ok()
}

func TestAnotherWorkspacesDefinitionsAreNotThere(t *testing.T) {
	s := open(t).site()
	path := definitions + "House%20Brew"
	s.changesNothing(func() {
		s.send(s.ask("GET", path, "").by(s.foreign)).fails(404, "not_found")
		s.send(s.ask("DELETE", path, "").by(s.foreign)).fails(404, "not_found")
	})
	s.send(s.ask("PUT", path, `{"icon":"theirs"}`).by(s.foreign)).ok()
	if got := data[aDefinition](s.get(path)); got.Icon != "cup" {
		t.Errorf("it is %+v", got)
	}
}

func TestAConditionOnADefinitionHolds(t *testing.T) {
	s := open(t).site()
	path := definitions + "House%20Brew"
	seen := s.get(path).ok().header.Get("ETag")
	s.send(s.ask("PUT", path, `{"icon":"mug"}`).with("If-Match", seen)).ok()
	s.changesNothing(func() {
		s.send(s.ask("PUT", path, `{"icon":"x"}`).with("If-Match", seen)).fails(412, "conflict")
		s.send(s.ask("DELETE", path, "").with("If-Match", seen)).fails(412, "conflict")
		s.send(s.ask("PUT", definitions+"New", `{}`).with("If-Match", "*")).fails(412, "conflict")
	})
}

func TestTheVersionIsThatOfTheAPIAndOfTheProgram(t *testing.T) {
	got := data[struct {
		APIVersion    int    `json:"api_version"`
		ServerVersion string `json:"server_version"`
	}](open(t).get("/api/version"))
	if got.APIVersion != 1 || got.ServerVersion != api.Version {
		t.Errorf("got %+v", got)
	}
}
