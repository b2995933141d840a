package contract

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const noProject = `{"status":404,"code":"project_not_found","message":"Project not found"}`

func (h *house) pin(id string) answer {
	h.Helper()
	return h.post("/v1/pinned", quoted(`{"projectId":%s}`, id))
}

// pinned are the names of the projects that a key has pinned, in their order.
func (h *house) pinned(key string) []string {
	h.Helper()
	names := []string{}
	for _, p := range read[[]project](h.send(h.ask("GET", "/v1/pinned", "").by(key)).ok()) {
		if !p.Pinned {
			h.Errorf("%s is listed as pinned and says it is not", p.Name)
		}
		names = append(names, p.Name)
	}
	return names
}

func TestPinsAreListedNewestPinFirst(t *testing.T) {
	h := open(t)
	h.get("/v1/pinned").is(200, "[]")
	first, second, third := h.newProject("First"), h.newProject("Second"), h.newProject("Third")
	for _, id := range []string{second, first, third} {
		h.clock.advance(time.Second)
		h.pin(id).ok()
	}
	want := []string{"Third", "First", "Second"}
	if got := h.pinned(h.key); !slices.Equal(got, want) {
		t.Errorf("pinned are %v", got)
	}
	// Neither a write in a project nor another pin of it moves it.
	h.clock.advance(time.Second)
	h.post("/v1/projects/"+second+"/services", `{"name":"Cart"}`).ok()
	h.pin(second).ok()
	if got := h.pinned(h.key); !slices.Equal(got, want) {
		t.Errorf("after a write they are %v", got)
	}
	h.delete("/v1/pinned/"+second).is(204, "")
	h.pin(second).ok()
	if got := h.pinned(h.key); !slices.Equal(got, []string{"Second", "Third", "First"}) {
		t.Errorf("pinned anew they are %v", got)
	}
}

func TestAnIdempotencyKeyOfAPinIsItsCallersOwn(t *testing.T) {
	h := open(t)
	other := h.newKey("local", "other")
	body := quoted(`{"projectId":%s}`, h.newProject("First"))
	for _, key := range []string{h.key, other, h.key} {
		h.send(h.once("a", "/v1/pinned", body).by(key)).ok()
		if got := h.pinned(key); !slices.Equal(got, []string{"First"}) {
			t.Errorf("pinned are %v", got)
		}
	}
}

func TestEveryAnswerWithAProjectSaysWhetherTheCallerPinnedIt(t *testing.T) {
	h := open(t)
	other := h.newKey("local", "other")
	created := h.post("/v1/projects", `{"name":"Web shop","description":""}`).ok()
	was := read[project](created)
	path := "/v1/projects/" + was.ID
	h.newProject("Other shop")
	answers := func(key string) map[string]project {
		list := read[projectPage](h.send(h.ask("GET", "/v1/projects?query=web", "").by(key)).ok())
		if list.Total != 1 {
			t.Fatalf("the list is %+v", list)
		}
		return map[string]project{
			"getProject":    read[project](h.send(h.ask("GET", path, "").by(key)).ok()),
			"listProjects":  list.Data[0],
			"updateProject": read[project](h.send(h.ask("PUT", path, `{}`).by(key)).ok()),
		}
	}
	expect := func(key string, pinned bool) {
		t.Helper()
		for name, p := range answers(key) {
			if p.Pinned != pinned {
				t.Errorf("%s says pinned: %v", name, p.Pinned)
			}
		}
	}
	if was.Pinned {
		t.Error("a new project is pinned")
	}
	expect(h.key, false)
	want := was
	want.Pinned = true
	if got := read[project](h.pin(was.ID).ok()); got != want {
		t.Errorf("the pin answers %+v, not %+v", got, want)
	}
	expect(h.key, true)
	expect(other, false)
	if p := read[project](h.put(path, `{"description":"changed"}`).ok()); !p.Pinned || p.Description != "changed" {
		t.Errorf("an update answers %+v", p)
	}
	for query, names := range map[string][]string{"pinned=true": {"Web shop"}, "pinned=false": {"Other shop"}, "pinned=true&query=other": {}} {
		got := read[projectPage](h.get("/v1/projects?" + query).ok())
		found := []string{}
		for _, p := range got.Data {
			found = append(found, p.Name)
		}
		if !slices.Equal(found, names) || got.Total != len(names) {
			t.Errorf("%s finds %v", query, found)
		}
	}
	h.delete("/v1/pinned/" + was.ID).ok()
	expect(h.key, false)
}

func TestPinsAreTheCallersOwnAndARotatedKeyKeepsThem(t *testing.T) {
	h := open(t)
	reader := h.issue(`["catalog:read"]`)
	id := h.newProject("Web shop")
	h.pin(id).ok()
	if got := h.pinned(reader.Key); len(got) != 0 {
		t.Errorf("another key has pinned %v", got)
	}
	h.send(h.ask("POST", "/v1/pinned", quoted(`{"projectId":%s}`, id)).by(reader.Key)).ok()
	h.delete("/v1/pinned/" + id).ok()
	rotated := read[rotatedKey](h.post("/v1/keys/"+reader.ID+"/rotate", "").ok())
	for name, key := range map[string]string{"old": reader.Key, "new": rotated.Key} {
		if got := h.pinned(key); !slices.Equal(got, []string{"Web shop"}) {
			t.Errorf("with the %s secret the key has pinned %v", name, got)
		}
	}
	if got := h.pinned(h.key); len(got) != 0 {
		t.Errorf("the first key has pinned %v", got)
	}
}

func TestPinningTwiceAndUnpinningWhatIsNotPinnedChangeNothing(t *testing.T) {
	h := open(t)
	id := h.newProject("Web shop")
	h.delete("/v1/pinned/"+id).is(204, "")
	first := h.pin(id).ok()
	h.clock.advance(time.Second)
	h.pin(id).is(200, first.body)
	// A pin is no write of the project: neither its time nor its history moves.
	if p := read[project](h.get("/v1/projects/" + id).ok()); p.UpdatedAt != p.CreatedAt {
		t.Errorf("the project is %+v", p)
	}
	h.get("/v1/projects/"+id+"/history").is(200, `{"events":[],"totalCount":0}`)
	h.delete("/v1/pinned/"+id).is(204, "")
	h.delete("/v1/pinned/"+id).is(204, "")
	h.get("/v1/pinned").is(200, "[]")
}

func TestAPinOfAnUnknownProjectOrOfAnotherWorkspacesIs404(t *testing.T) {
	h := open(t)
	theirs := read[project](h.send(h.ask("POST", "/v1/projects", goodBodies["createProject"]).by(h.foreign)).ok()).ID
	for _, id := range []string{"web-shop-zzzzz", theirs, " ", "x", "#", "WORKSPACE#local", strings.Repeat("x", 5000), "öä"} {
		h.pin(id).is(404, noProject)
	}
	for _, id := range []string{"web-shop-zzzzz", theirs, "%20", "x", "%23", strings.Repeat("x", 5000)} {
		h.delete("/v1/pinned/"+id).is(404, noProject)
	}
	h.get("/v1/pinned").is(200, "[]")
	h.send(h.ask("GET", "/v1/pinned", "").by(h.foreign)).is(200, "[]")
	for _, c := range []struct{ body, want string }{
		{`{}`, bad("projectId", "is required", "")},
		{`{"projectId":""}`, bad("projectId", "size must be at least 1", `""`)},
		{`{"projectId":null}`, bad("projectId", "must not be null", "")},
		{`{"projectId":7}`, bad("projectId", "must be a string", "7")},
		{`{"projectId":"a","pinned":true}`, bad("pinned", "unknown member", "")},
		{`{"projectId":"a","projectId":"a"}`, bad("projectId", "must not be given twice", "")},
		{`[]`, bad("body", "must be an object", "")},
	} {
		h.post("/v1/pinned", c.body).is(400, invalid(c.want))
	}
}

func TestThePinOfADeletedProjectIsGoneFromEveryList(t *testing.T) {
	h := open(t)
	id, kept := h.newProject("Web shop"), h.newProject("Kept")
	h.pin(id).ok()
	h.pin(kept).ok()
	h.delete("/v1/projects/" + id).ok()
	if got := h.pinned(h.key); !slices.Equal(got, []string{"Kept"}) {
		t.Errorf("pinned are %v", got)
	}
	if got := read[projectPage](h.get("/v1/projects?pinned=true").ok()); got.Total != 1 || got.Data[0].ID != kept {
		t.Errorf("listed as pinned are %+v", got)
	}
	h.delete("/v1/pinned/"+id).is(404, noProject)
	h.pin(id).is(404, noProject)
}

func TestPinsAndUnpinsThatRaceEndInOneOfTheTwo(t *testing.T) {
	h := open(t)
	id := h.newProject("Web shop")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if got := h.pin(id); got.status != 200 {
				t.Errorf("a pin: %d %s", got.status, got.body)
			}
		})
		wg.Go(func() { h.delete("/v1/pinned/"+id).is(204, "") })
	}
	wg.Wait()
	listed := len(h.pinned(h.key)) == 1
	if p := read[project](h.get("/v1/projects/" + id).ok()); p.Pinned != listed {
		t.Errorf("listed as pinned: %v, read as pinned: %v", listed, p.Pinned)
	}
	h.pin(id).ok()
	if got := h.pinned(h.key); !slices.Equal(got, []string{"Web shop"}) {
		t.Errorf("pinned are %v", got)
	}
}
