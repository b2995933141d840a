package contract

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestTheLimitsOfAWorkspaceCountItsProjectsExactly(t *testing.T) {
	h := build(t, 3, untouched)
	h.serve()
	limits := func(current int) {
		t.Helper()
		h.get("/v1/limits").is(200, fmt.Sprintf(`{"currentProjects":%d,"maxProjects":3}`, current))
	}
	limits(0)
	first := h.newProject("First")
	h.newProject("Second")
	limits(2)
	h.send(h.ask("GET", "/v1/limits", "").by(h.foreign)).is(200, `{"currentProjects":0,"maxProjects":3}`)
	h.post("/v1/projects", `{"name":"","description":""}`).fails(400, "validation_failed")
	h.put("/v1/projects/"+first, `{"archived":true}`).ok()
	limits(2)
	h.newProject("Third")
	h.post("/v1/projects", `{"name":"Fourth","description":""}`).fails(402, "project_limit_reached")
	limits(3)
	h.delete("/v1/projects/"+first).is(204, "")
	h.delete("/v1/projects/"+first).fails(404, "project_not_found")
	limits(2)
}

func TestOnALaptopAWorkspaceMayHaveAHundredThousandProjects(t *testing.T) {
	h := open(t)
	h.get("/v1/limits").is(200, `{"currentProjects":0,"maxProjects":100000}`)
}

func TestOfSixteenCreatorsBelowTheLimitByOneExactlyOneWins(t *testing.T) {
	h := build(t, 3, untouched)
	h.serve()
	h.newProject("First")
	last := h.newProject("Second")
	for round := range 3 {
		var made, refused atomic.Int64
		var wg sync.WaitGroup
		for n := range 16 {
			wg.Go(func() {
				switch got := h.post("/v1/projects", fmt.Sprintf(`{"name":"Project %d","description":""}`, n)); got.status {
				case 200:
					made.Add(1)
				case 402:
					refused.Add(1)
				default:
					t.Errorf("got %d %s", got.status, got.body)
				}
			})
		}
		wg.Wait()
		total := read[projectPage](h.get("/v1/projects").ok()).Total
		if made.Load() != 1 || refused.Load() != 15 || total != 3 {
			t.Errorf("round %d: %d made, %d refused, %d listed", round, made.Load(), refused.Load(), total)
		}
		h.get("/v1/limits").is(200, `{"currentProjects":3,"maxProjects":3}`)
		h.delete("/v1/projects/"+last).is(204, "")
		last = read[projectPage](h.get("/v1/projects").ok()).Data[0].ID
	}
}

func TestTheServiceCountAndTheUpdateOfAProjectFollowEveryWrite(t *testing.T) {
	h := open(t)
	id := h.newProject("Web shop")
	path := "/v1/projects/" + id
	services := path + "/services"
	second := h.newKey("local", "second")
	for _, c := range []struct {
		name  string
		send  request
		count int
		moves bool
	}{
		{"a create", h.ask("POST", services, `{"name":"Cart"}`), 1, true},
		{"another one", h.ask("POST", services, `{"name":"Order"}`), 2, true},
		{"a create that conflicts", h.ask("POST", services, `{"name":"cart"}`), 2, false},
		{"an update", h.ask("PUT", services+"/cart", `{"owner":"sales"}`), 2, true},
		{"an update that changes nothing", h.ask("PUT", services+"/cart", `{"owner":"sales"}`), 2, false},
		{"a rename", h.ask("PUT", services+"/cart", `{"name":"Basket"}`), 2, true},
		{"a rename that conflicts", h.ask("PUT", services+"/basket", `{"name":"Order"}`), 2, false},
		{"a bulk upsert", h.ask("PUT", services, list(`{"name":"Cart"}`, `{"name":"Basket","owner":"x"}`, `{"name":"Billing"}`)), 4, true},
		{"the same again", h.ask("PUT", services, list(`{"name":"Cart"}`, `{"name":"Basket","owner":"x"}`, `{"name":"Billing"}`)), 4, false},
		{"one with a violation", h.ask("PUT", services, list(`{"name":"New"}`, `{}`)), 4, false},
		{"a delete", h.ask("DELETE", services+"/cart", ""), 3, true},
		{"a delete of nothing", h.ask("DELETE", services+"/cart", ""), 3, false},
		{"a write of the project", h.ask("PUT", path, `{"description":"d"}`), 3, true},
		{"a write of the project that changes nothing", h.ask("PUT", path, `{"description":"d"}`), 3, false},
		{"a restore of what was deleted", h.ask("POST", services+"/cart/restore", ""), 4, true},
		{"a restore of what is there", h.ask("POST", services+"/cart/restore", ""), 4, false},
		{"a pin", h.ask("POST", "/v1/pinned", quoted(`{"projectId":%s}`, id)), 4, false},
	} {
		h.sub(c.name, func(h *house) {
			before := read[project](h.get(path).ok())
			h.clock.advance(time.Second)
			if strings.HasPrefix(c.name, "a restore") { // of the cart as the bulk upsert made it, the last of two
				c.send = c.send.sending(quoted(`{"at":%s}`, h.instants(path)[5]))
			}
			h.send(c.send.by(second))
			after := read[project](h.get(path).ok())
			if n := len(slugs(h.get(services))); after.ServiceCount != c.count || n != c.count {
				h.Errorf("the project counts %d services and has %d, not %d", after.ServiceCount, n, c.count)
			}
			if listed := read[projectPage](h.get("/v1/projects").ok()).Data[0]; listed != after {
				h.Errorf("listed as %+v, read as %+v", listed, after)
			}
			if c.moves != (after.UpdatedAt > before.UpdatedAt) || c.moves && after.UpdatedBy != "second" {
				h.Errorf("it was updated at %s, and now at %s by %s", before.UpdatedAt, after.UpdatedAt, after.UpdatedBy)
			}
			if after.CreatedAt != before.CreatedAt || after.CreatedBy != "owner" || !after.IsOwner {
				h.Errorf("its creation shows as %+v", after)
			}
		})
	}
	duplicate := read[project](h.post(path+"/duplicate", `{}`).ok())
	if again := read[project](h.get("/v1/projects/" + duplicate.ID).ok()); duplicate.ServiceCount != 4 || again.ServiceCount != 4 || duplicate.Pinned {
		t.Errorf("the copy is %+v, and read %+v", duplicate, again)
	}
	h.get("/v1/limits").is(200, `{"currentProjects":2,"maxProjects":100000}`)
}

func TestAProjectStaysItsCreatorsWhenTheKeyIsRotated(t *testing.T) {
	h := open(t)
	key := h.issue(`["catalog:write"]`)
	created := read[project](h.send(h.ask("POST", "/v1/projects", `{"name":"Web shop","description":""}`).by(key.Key)).ok())
	rotated := read[rotatedKey](h.post("/v1/keys/"+key.ID+"/rotate", "").ok())
	if p := read[project](h.send(h.ask("GET", "/v1/projects/"+created.ID, "").by(rotated.Key)).ok()); p != created || !p.IsOwner {
		t.Errorf("after the rotation the project is %+v", p)
	}
	if p := read[project](h.get("/v1/projects/" + created.ID).ok()); p.IsOwner || p.CreatedBy != "ci" {
		t.Errorf("to another key it is %+v", p)
	}
	for query, total := range map[string]int{"createdBy=" + key.ID: 1, "createdBy=ci": 1, "createdBy=owner": 0, "createdBy=" + strings.ToUpper(key.ID): 0} {
		if got := read[projectPage](h.get("/v1/projects?" + query).ok()); got.Total != total {
			t.Errorf("%s finds %d projects", query, got.Total)
		}
	}
}

func TestPagesOfAFilteredListOfProjectsCountWhatIsFound(t *testing.T) {
	h := open(t)
	for i := range 7 {
		h.newProject(fmt.Sprintf("Shop %d", i))
		h.newProject(fmt.Sprintf("Other %d", i))
	}
	for _, c := range []struct {
		query             string
		count, totalPages int
		first, last       bool
	}{
		{"page=0", 3, 3, true, false},
		{"page=1", 3, 3, false, false},
		{"page=2", 1, 3, false, true},
		{"page=3", 0, 3, false, true},
		{"page=1000", 0, 3, false, true},
	} {
		got := read[projectPage](h.get("/v1/projects?query=SHOP&size=3&" + c.query).ok())
		if len(got.Data) != c.count || got.Total != 7 || got.TotalPages != c.totalPages || got.First != c.first || got.Last != c.last || got.Data == nil {
			t.Errorf("%s: %+v", c.query, got)
		}
	}
	for _, page := range []string{"0", "1"} {
		got := read[projectPage](h.get("/v1/projects?query=nothing&page=" + page).ok())
		if got.Total != 0 || got.TotalPages != 0 || got.First != (page == "0") || !got.Last || got.Data == nil {
			t.Errorf("page %s of nothing: %+v", page, got)
		}
	}
	for _, name := range []string{"createdBy", "query"} {
		if hasBytes() {
			h.get("/v1/projects?" + name + "=%ff").badRequest(name + " ")
		}
		h.get("/v1/projects?" + name + "=%00").badRequest(name + " ")
		h.get("/v1/projects?"+name+"=a&"+name+"=b").badRequest(name+" ", "given once")
	}
}
