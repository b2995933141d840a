package contract

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestTheIDOfAProjectIsMadeFromItsName(t *testing.T) {
	h := open(t)
	pattern := regexp.MustCompile(`^[a-z0-9][a-z0-9-]*[a-z0-9]$`)
	for name, begins := range map[string]string{
		"My project":              "my-project-",
		"  My -- project!  ":      "my-project-",
		"Ärger über Øl":           "arger-uber-ol-",
		"Straße Æ Ł":              "strasse-ae-l-",
		"a東京":                     "a-",
		"--9--":                   "9-",
		"東京都":                     "",
		"🚀🚀🚀":                     "",
		"!!!":                     "",
		strings.Repeat("x", 60):   strings.Repeat("x", 54) + "-",
		strings.Repeat("ab-", 20): strings.Repeat("ab-", 18),
		strings.Repeat("ß", 60):   "ssss",
		strings.Repeat("語", 60):   "",
		"ǅ ﬁn ①":                  "",
	} {
		h.sub(name, func(h *house) {
			ids := map[string]bool{}
			for range 5 {
				created := h.post("/v1/projects", quoted(`{"name":%s,"description":"d"}`, name)).ok()
				p := read[project](created)
				if len(p.ID) < 8 || len(p.ID) > 60 || !pattern.MatchString(p.ID) || !strings.HasPrefix(p.ID, begins) || strings.Contains(p.ID, "--") {
					h.Errorf("the id is %q", p.ID)
				}
				if p.Name != name || p.Description != "d" {
					h.Errorf("created as %+v", p)
				}
				ids[p.ID] = true
				h.get("/v1/projects/"+p.ID).is(200, created.body)
			}
			if len(ids) != 5 {
				h.Errorf("five projects have the ids %v", ids)
			}
		})
	}
}

func TestAnUpdateOfAProject(t *testing.T) {
	h := open(t)
	created := h.post("/v1/projects", `{"name":"Web shop","description":"d"}`).ok()
	was := read[project](created)
	path := "/v1/projects/" + was.ID
	h.clock.advance(time.Minute)
	for _, same := range []string{`{}`, `{"name":"Web shop"}`, `{"description":"d","archived":false}`} {
		h.put(path, same).is(200, created.body)
	}
	h.clock.advance(time.Minute)
	got := read[project](h.put(path, `{"archived":true,"description":""}`).ok())
	want := was
	want.Archived, want.Description, want.UpdatedAt = true, "", got.UpdatedAt
	if got != want || got.UpdatedAt <= was.UpdatedAt {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if renamed := read[project](h.put(path, `{"name":"Corner shop"}`).ok()); renamed.ID != was.ID || renamed.Name != "Corner shop" {
		t.Errorf("renamed it is %+v", renamed)
	}
}

func TestPagesOfProjectsComeNewestUpdateFirst(t *testing.T) {
	h := open(t)
	empty := read[projectPage](h.get("/v1/projects").ok())
	if empty.Total != 0 || empty.TotalPages != 0 || !empty.First || !empty.Last || empty.Size != 20 || len(empty.Data) != 0 || empty.Data == nil {
		t.Errorf("without projects the page is %+v", empty)
	}
	var ids []string
	for i := range 45 {
		h.clock.advance(time.Second)
		ids = append(ids, h.newProject(fmt.Sprintf("Project %02d", i)))
	}
	slices.Reverse(ids)
	// A write in the oldest project makes it the newest; one that changes nothing does not.
	h.clock.advance(time.Second)
	h.post("/v1/projects/"+ids[44]+"/services", `{"name":"Cart"}`).ok()
	h.put("/v1/projects/"+ids[20], `{"archived":false}`).ok()
	ids = append([]string{ids[44]}, ids[:44]...)
	for _, c := range []struct {
		query             string
		page, size, from  int
		count, totalPages int
		first, last       bool
	}{
		{"", 0, 20, 0, 20, 3, true, false},
		{"page=1", 1, 20, 20, 20, 3, false, false},
		{"page=2", 2, 20, 40, 5, 3, false, true},
		{"page=3", 3, 20, 45, 0, 3, false, true},
		{"size=45", 0, 45, 0, 45, 1, true, true},
		{"size=44&page=1", 1, 44, 44, 1, 2, false, true},
		{"size=100", 0, 100, 0, 45, 1, true, true},
		{"size=1&page=44", 44, 1, 44, 1, 45, false, true},
		{"size=100&page=2147483647", 2147483647, 100, 45, 0, 1, false, true},
	} {
		h.sub("query "+c.query, func(h *house) {
			got := read[projectPage](h.get("/v1/projects?" + c.query).ok())
			var found []string
			for _, p := range got.Data {
				found = append(found, p.ID)
			}
			if !slices.Equal(found, ids[c.from:c.from+c.count]) {
				h.Errorf("the page has %v", found)
			}
			got.Data = nil
			want := projectPage{nil, c.page, c.size, 45, c.totalPages, c.first, c.last}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				h.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestFiltersOfProjects(t *testing.T) {
	h := open(t)
	second := h.newKey("local", "second")
	for name, key := range map[string]string{"Web shop": h.key, "WEBSITE": second, "Ärger": h.key} {
		h.send(h.ask("POST", "/v1/projects", quoted(`{"name":%s,"description":"web"}`, name)).by(key)).ok()
	}
	old := h.newProject("Old web")
	h.put("/v1/projects/"+old, `{"archived":true}`).ok()
	for query, want := range map[string][]string{
		"query=web":                      {"Old web", "WEBSITE", "Web shop"},
		"query=WEB&archived=false":       {"WEBSITE", "Web shop"},
		"archived=true":                  {"Old web"},
		"query=%C3%84RG":                 {"Ärger"},
		"query=%C3%A4rg":                 {"Ärger"},
		"query=b+s":                      {"Web shop"},
		"query=nothing":                  {},
		"query=":                         {"Old web", "WEBSITE", "Web shop", "Ärger"},
		"createdBy=second":               {"WEBSITE"},
		"createdBy=owner&query=web":      {"Old web", "Web shop"},
		"createdBy=Owner":                {},
		"pinned=true":                    {},
		"pinned=false&archived=true":     {"Old web"},
		"createdBy=second&archived=true": {},
	} {
		h.sub(query, func(h *house) {
			got := read[projectPage](h.get("/v1/projects?" + query).ok())
			found := []string{}
			for _, p := range got.Data {
				found = append(found, p.Name)
			}
			slices.Sort(found)
			if !slices.Equal(found, want) || got.Total != len(want) {
				h.Errorf("found %d %v, not %v", got.Total, found, want)
			}
		})
	}
}

func TestAWorkspaceAtItsLimitIsToldSo(t *testing.T) {
	h := build(t, 2, untouched)
	h.serve()
	first := h.newProject("First")
	h.newProject("Second")
	const refused = `{"status":402,"code":"project_limit_reached","message":"Project limit reached","details":"the workspace may have 2 projects"}`
	h.changesNothing(func() {
		h.post("/v1/projects", `{"name":"Third","description":""}`).is(402, refused)
		h.post("/v1/projects", `{"name":"","description":""}`).fails(400, "validation_failed")
	})
	h.send(h.ask("POST", "/v1/projects", `{"name":"Theirs","description":""}`).by(h.foreign)).ok()
	h.delete("/v1/projects/"+first).is(204, "")
	h.newProject("Third")
	h.post("/v1/projects", `{"name":"Fourth","description":""}`).is(402, refused)
}

func TestADeletedProjectIsGoneWithItsHistory(t *testing.T) {
	h := open(t)
	path := eventful(h)
	at := string(h.happened(path)[1])
	h.get(path + "/services/cart?at=" + at).ok()
	h.delete(path).is(204, "")
	const gone = `{"status":404,"code":"project_not_found","message":"Project not found"}`
	for _, r := range []request{
		h.ask("GET", path, ""), h.ask("PUT", path, `{"name":"Again"}`), h.ask("DELETE", path, ""),
		h.ask("GET", path+"/services", ""), h.ask("GET", path+"/services?at="+at, ""), h.ask("POST", path+"/services", `{"name":"Cart"}`),
		h.ask("GET", path+"/services/cart", ""), h.ask("GET", path+"/services/cart?at="+at, ""), h.ask("GET", path+"/services/order/raw", ""),
		h.ask("PUT", path+"/services/order", `{}`), h.ask("DELETE", path+"/services/order", ""),
		h.ask("GET", path+"/history", ""), h.ask("GET", path+"/history?service=cart", ""),
	} {
		h.send(r).is(404, gone)
	}
	if page := read[projectPage](h.get("/v1/projects").ok()); page.Total != 0 {
		t.Errorf("after the deletion there are %+v", page)
	}
	fresh := "/v1/projects/" + h.newProject("Events")
	if fresh == path {
		t.Fatal("the id of a deleted project was given again")
	}
	h.get(fresh+"/services").is(200, "[]")
	h.get(fresh+"/services?at="+at).is(200, "[]")
	h.get(fresh+"/history").is(200, `{"events":[],"totalCount":0}`)
}
