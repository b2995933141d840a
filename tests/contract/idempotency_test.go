package contract

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"almanac/internal/store"
	"almanac/internal/store/storetest"
)

// once is a POST with an Idempotency-Key.
func (h *house) once(key, path, body string) request {
	return h.ask("POST", path, body).with("Idempotency-Key", key)
}

func TestTheSameIdempotencyKeyAndBodyGetTheFirstAnswer(t *testing.T) {
	h := open(t)
	services := h.shop() + "/services"
	const body = `{"name":"Cart <&>","owner":"sales"}`
	first := h.send(h.once("a", services, body)).ok()
	h.clock.advance(23*time.Hour + 59*time.Minute)
	h.put(services+"/cart", `{"owner":"others"}`).ok()
	h.changesNothing(func() {
		for range 3 {
			h.send(h.once("a", services, body)).is(200, first.body).has("ETag", first.header.Get("ETag")).has("Cache-Control", "no-store")
		}
	})
	h.delete(services + "/cart").ok()
	h.send(h.once("a", services, body)).is(200, first.body)
	h.get(services+"/cart").fails(404, "service_not_found")
	// A day later it is a request like any other.
	h.clock.advance(time.Minute)
	if got := read[service](h.send(h.once("a", services, body)).ok()); got.CreatedAt == read[service](first).CreatedAt {
		t.Errorf("after 24 hours the first answer is given still: %+v", got)
	}
}

func TestAnIdempotencyKeyWithAnotherBodyIsAConflict(t *testing.T) {
	h := open(t)
	services := h.shop() + "/services"
	h.send(h.once("a", services, `{"name":"Cart"}`)).ok()
	h.changesNothing(func() {
		for _, body := range []string{`{"name":"Basket"}`, `{"name":"Cart" }`, `{}`, ``} {
			h.send(h.once("a", services, body)).is(409, `{"status":409,"code":"conflict","message":"Conflict","details":"this Idempotency-Key came with another body before"}`)
		}
	})
}

func TestAnIdempotencyKeyCountsInItsWorkspaceAndOnItsRoute(t *testing.T) {
	h := open(t)
	path := h.shop()
	other := "/v1/projects/" + h.newProject("Other")
	const body = `{"name":"Cart"}`
	first := h.send(h.once("a", path+"/services", body)).ok()
	if got := h.send(h.once("a", other+"/services", body)).ok(); got.body == first.body {
		t.Errorf("another project gave %s", got.body)
	}
	h.send(h.once("b", path+"/services", body)).fails(409, "service_name_conflict")
	second := h.newKey("local", "second")
	h.send(h.once("a", path+"/services", body).by(second)).is(200, first.body)
	h.send(h.once("a", path+"/services", body).by(h.foreign)).fails(404, "project_not_found")
	const project = `{"name":"Shop","description":""}`
	mine, theirs := h.send(h.once("a", "/v1/projects", project)).ok(), h.send(h.once("a", "/v1/projects", project).by(h.foreign)).ok()
	if mine.body == theirs.body {
		t.Errorf("both workspaces got %s", mine.body)
	}
}

func TestOnlyAnswersOf2xxAreKeptForAnIdempotencyKey(t *testing.T) {
	h := open(t)
	services := h.shop() + "/services"
	for name, c := range map[string]struct {
		path, body string
		status     int
		mend       func()
	}{
		"a name taken":     {services, `{"name":"Taken"}`, 409, func() { h.delete(services + "/taken").ok() }},
		"a missing slug":   {services + "/late/restore", `{"at":"2999-01-01T00:00:00Z"}`, 404, func() { h.post(services, `{"name":"Late"}`).ok() }},
		"what is not JSON": {services, `{"name":`, 400, nil},
	} {
		h.sub(name, func(h *house) {
			h.post(services, `{"name":"Taken"}`)
			for range 2 {
				if got := h.send(h.once(name, c.path, c.body)); got.status != c.status {
					h.Errorf("got %d %s", got.status, got.body)
				}
			}
			if c.mend == nil {
				c.body = `{"name":"Whole"}`
			} else {
				c.mend()
			}
			h.send(h.once(name, c.path, c.body)).ok()
		})
	}
}

func TestAnIdempotencyKeyHas1To255Characters(t *testing.T) {
	h := open(t)
	services := h.shop() + "/services"
	const refused = `{"status":400,"code":"bad_request","message":"Bad request","details":"Idempotency-Key must be given once, with 1 to 255 characters"}`
	h.changesNothing(func() {
		for _, keys := range [][]string{{""}, {strings.Repeat("k", 256)}, {strings.Repeat("k", 300)}, {"a", "b"}, {"a", "a"}} {
			h.send(h.ask("POST", services, `{"name":"Cart"}`).with("Idempotency-Key", keys...)).is(400, refused)
		}
	})
	for i, key := range []string{"k", strings.Repeat("k", 255), strings.Repeat("é", 255), "a b/c?#%00"} {
		h.send(h.once(key, services, fmt.Sprintf(`{"name":"Cart %d"}`, i))).ok()
	}
}

func TestOfManyAtOnceWithOneIdempotencyKeyOneIsDoneAndAllGetItsAnswer(t *testing.T) {
	h := open(t)
	path := h.shop()
	for name, r := range map[string]struct{ path, body string }{
		"createProject":    {"/v1/projects", `{"name":"Shop","description":""}`},
		"createService":    {path + "/services", `{"name":"Cart"}`},
		"duplicateProject": {path + "/duplicate", `{}`},
	} {
		h.sub(name, func(h *house) {
			bodies := make([]string, 12)
			var wg sync.WaitGroup
			for i := range bodies {
				wg.Go(func() { bodies[i] = h.send(h.once("a", r.path, r.body)).body })
			}
			wg.Wait()
			for _, body := range bodies {
				if body != bodies[0] || !strings.Contains(body, `"createdAt"`) {
					h.Errorf("one got %s, another %s", bodies[0], body)
				}
			}
		})
	}
	if page := read[projectPage](h.get("/v1/projects").ok()); page.Total != 3 {
		t.Errorf("there are %d projects", page.Total)
	}
}

// Whatever call of the store is the last one that is answered: the request's
// repeat gets one answer, for ever the same, and it is done once.
func TestAPostThatDiesUnderWayIsDoneOnceByItsRepeats(t *testing.T) {
	askedHere(t, laptop)
	done := map[string]struct{ projects, events int }{"createProject": {2, 2}, "createService": {1, 3}, "restoreService": {1, 3}}
	for name, effect := range map[string]bool{"before a call": false, "after a call": true} {
		for id, body := range map[string]string{
			"createProject": `{"name":"Shop","description":""}`, "createService": `{"name":"Cart"}`,
			"restoreService": `{"at":"2026-04-22T15:30:00.001Z"}`,
		} {
			t.Run(name+" of "+id, func(t *testing.T) {
				for call, reached := 1, true; reached; call++ {
					synctest.Test(t, func(t *testing.T) {
						h, faulty := faultyHouse(t)
						project := h.furnish()
						services := "/v1/projects/" + project + "/services"
						h.directly(h.ask("PUT", services+"/order-api", `{"owner":"x"}`)).ok()
						path := map[string]string{
							"createProject": "/v1/projects", "createService": services, "restoreService": services + "/order-api/restore",
						}[id]
						faulty.Reset()
						faulty.FailCall(call, storetest.Fault{Kind: store.Unavailable, Op: -1, AfterEffect: effect})
						for n := range 200 {
							faulty.FailCall(call+1+n, storetest.Fault{Kind: store.Unavailable, Op: -1})
						}
						died := h.directly(h.once("a", path, body))
						if reached = faulty.Calls() >= call; !reached {
							died.ok()
						}
						faulty.Reset()
						h.clock.advance(time.Minute) // any lease is over
						first := h.directly(h.once("a", path, body)).ok()
						if died.status == 200 && died.body != first.body {
							t.Errorf("call %d: answered %s, then %s", call, died.body, first.body)
						}
						h.clock.advance(time.Hour)
						h.directly(h.once("a", path, body)).is(200, first.body)
						events := read[history](h.directly(h.ask("GET", "/v1/projects/"+project+"/history", "")).ok()).TotalCount
						projects := read[projectPage](h.directly(h.ask("GET", "/v1/projects", "")).ok()).Total
						if events != done[id].events || projects != done[id].projects {
							t.Errorf("call %d: %d projects, %d events", call, projects, events)
						}
					})
				}
			})
		}
	}
}

func TestTheSecretOfAKeyIsNotKeptForAnIdempotencyKey(t *testing.T) {
	h := open(t)
	const body = `{"name":"ci","scopes":["catalog:read"],"plan":"free"}`
	first := h.send(h.once("a", "/v1/keys", body)).ok()
	count := func() int { return strings.Count(h.get("/v1/keys").ok().body, `"name":"ci"`) }
	h.clock.advance(time.Minute)
	h.send(h.once("a", "/v1/keys", body)).is(409, `{"status":409,"code":"conflict","message":"Conflict","details":"the first request with this Idempotency-Key was done, but its answer is not kept; read what it made"}`)
	if n := count(); n != 1 || !strings.Contains(first.body, `"key":"alm_`) {
		t.Errorf("%d keys, the first answer is %s", n, first.body)
	}
}
