package contract

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestADuplicateIsANewProjectOfItsCaller(t *testing.T) {
	h := open(t)
	path := h.shop()
	updated := read[project](h.put(path, `{"description":"What we sell","archived":true}`).ok()).UpdatedAt
	h.clock.advance(time.Minute)
	second := h.newKey("local", "second")
	copied := h.send(h.ask("POST", path+"/duplicate", `{}`).by(second)).ok()
	got := read[project](copied)
	want := project{
		ID: got.ID, Name: "Web shop copy", Description: "What we sell", ServiceCount: 1, IsOwner: true,
		CreatedBy: "second", CreatedByType: "API_KEY", UpdatedBy: "second", UpdatedByType: "API_KEY",
		CreatedAt: got.CreatedAt, UpdatedAt: got.CreatedAt,
	}
	if got != want || !strings.HasPrefix(got.ID, "web-shop-copy-") {
		t.Errorf("got %+v, want %+v", got, want)
	}
	h.send(h.ask("GET", "/v1/projects/"+got.ID, "").by(second)).is(200, copied.body)
	if source := read[project](h.get(path).ok()); source.UpdatedAt != updated || got.CreatedAt <= updated {
		t.Errorf("copying has changed the source: %+v", source)
	}
	if named := read[project](h.post(path+"/duplicate", `{"name":"Ärger im Laden"}`).ok()); named.Name != "Ärger im Laden" || !strings.HasPrefix(named.ID, "arger-im-laden-") {
		t.Errorf("with a name it is %+v", named)
	}
	if without := read[project](h.post(path+"/duplicate", "").ok()); without.Name != got.Name || without.ID == got.ID {
		t.Errorf("without a body it is %+v", without)
	}
	long := "/v1/projects/" + h.newProject(strings.Repeat("ü", 60))
	if cut := read[project](h.post(long+"/duplicate", `{}`).ok()); cut.Name != strings.Repeat("ü", 55)+" copy" {
		t.Errorf("the copy of a long name is called %q", cut.Name)
	}
}

func TestADuplicateHasTheServicesOfNowAndNoneOfTheirPast(t *testing.T) {
	h := open(t)
	path := eventful(h)
	h.post(path+"/services", `{"name":"Basket","description":"","flows":[],"extras":{},"produces":[{"name":"b"},{"name":"a"}]}`).ok()
	h.clock.advance(time.Minute)
	copied := "/v1/projects/" + read[project](h.post(path+"/duplicate", `{}`).ok()).ID
	for _, slug := range []string{"order", "basket"} {
		if got, want := h.get(copied+"/services/"+slug+"/raw").ok(), h.get(path+"/services/"+slug+"/raw").ok(); got.body != want.body {
			t.Errorf("the copy of %s is %s", want.body, got.body)
		}
	}
	services := read[[]service](h.get(copied + "/services").ok())
	if len(services) != 2 || services[0].Slug != "basket" || services[1].Slug != "order" {
		t.Fatalf("it has %+v", services)
	}
	at := services[0].ValidFrom
	for _, s := range services {
		if s.CreatedAt != at || s.UpdatedAt != at || s.ValidFrom != at || s.CreatedBy != "owner" {
			t.Errorf("it has %+v", s)
		}
	}
	past := read[history](h.get(copied + "/history").ok())
	if past.TotalCount != 2 || len(past.Events) != 2 || past.Events[0].ServiceSlug != "basket" || past.Events[1].ServiceSlug != "order" ||
		past.Events[0].ChangeType != "CREATE" || past.Events[0].Timestamp != at {
		t.Errorf("its history is %+v", past)
	}
	h.get(copied + "/services/order?at=" + string(at)).ok()
	h.get(copied+"/services/order?at="+string(h.happened(path)[8])).fails(404, "service_not_found")

	// From here on each goes its own way.
	h.clock.advance(time.Minute)
	h.put(copied+"/services/order", `{"owner":"other"}`).ok()
	h.delete(path+"/services/basket").is(204, "")
	if s := read[service](h.get(path + "/services/order").ok()); s.Owner != nil {
		t.Errorf("a write to the copy changed the source: %+v", s)
	}
	h.get(copied + "/services/basket").ok()
	h.delete(path).is(204, "")
	if services := read[[]service](h.get(copied + "/services").ok()); len(services) != 2 {
		t.Errorf("without its source it has %+v", services)
	}
}

func TestADuplicateIsToldOfAsAProjectWithItsServices(t *testing.T) {
	h := open(t)
	path := h.shop()
	h.post(path+"/services", `{"name":"Basket"}`).ok()
	copied := "/v1/projects/" + read[project](h.post(path+"/duplicate", `{}`).ok()).ID
	var page struct {
		Events []struct {
			Type string
			Data struct {
				Sequence, Part, Parts int
				Name                  string
			}
		}
	}
	if err := json.Unmarshal([]byte(h.get(copied+"/events").ok().body), &page); err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, e := range page.Events {
		told = append(told, fmt.Sprint(strings.TrimPrefix(e.Type, "almanac.catalog."), " ", e.Data.Name, " ", e.Data.Sequence, " ", e.Data.Part, "/", e.Data.Parts))
	}
	want := []string{"project.created Web shop copy 1 1/3", "service.created Basket 1 2/3", "service.created Order API 1 3/3"}
	if fmt.Sprint(told) != fmt.Sprint(want) {
		t.Errorf("told %v", told)
	}
}

func TestADuplicateOfAThousandServices(t *testing.T) {
	h := open(t)
	path := "/v1/projects/" + h.newProject("Large")
	h.upsert(path, numbered("Service %04d", 1000))
	began := time.Now()
	got := read[project](h.post(path+"/duplicate", `{}`).ok())
	t.Logf("took %v", time.Since(began))
	if got.ServiceCount != 1000 {
		t.Errorf("it is %+v", got)
	}
	copied := "/v1/projects/" + got.ID
	if list := read[[]service](h.get(copied + "/services").ok()); len(list) != 1000 || list[0].Slug != "service-0000" || list[999].Slug != "service-0999" {
		t.Errorf("it lists %d services", len(list))
	}
	past := read[history](h.get(copied + "/history?size=1000").ok())
	if past.TotalCount != 1000 || len(past.Events) != 1000 || past.Events[0].ServiceSlug != "service-0000" || past.Events[999].ServiceSlug != "service-0999" {
		t.Errorf("its history has %d events of %d", len(past.Events), past.TotalCount)
	}
	h.delete(copied).is(204, "")
	for _, slug := range []string{"service-0000", "service-0999"} {
		h.get(copied+"/services/"+slug).fails(404, "project_not_found")
	}
	h.get(path + "/services/service-0999").ok()
}

func TestADuplicateThatCannotBe(t *testing.T) {
	h := build(t, 2, untouched)
	h.serve()
	path := h.shop()
	h.changesNothing(func() {
		for body, field := range map[string]string{
			`{"name":"ab"}`: "name", `{"name":null}`: "name", `{"name":"   "}`: "name", `{"name":7}`: "name",
			`{"description":"d"}`: "description", `[]`: "body", `{`: "body",
			quoted(`{"name":%s}`, strings.Repeat("x", 61)): "name",
		} {
			got := h.post(path+"/duplicate", body)
			if got.fails(400, "validation_failed"); !strings.Contains(got.body, `"field":"`+field+`"`) {
				t.Errorf("%s is answered with %s", body, got.body)
			}
		}
		h.post("/v1/projects/web-shop-zzzzz/duplicate", `{}`).fails(404, "project_not_found")
		h.send(h.ask("POST", path+"/duplicate", `{}`).by(h.foreign)).fails(404, "project_not_found")
	})
	h.newProject("Second")
	h.changesNothing(func() {
		h.post(path+"/duplicate", `{}`).is(402, `{"status":402,"code":"project_limit_reached","message":"Project limit reached","details":"the workspace may have 2 projects"}`)
		h.post("/v1/projects/web-shop-zzzzz/duplicate", `{}`).fails(404, "project_not_found")
	})
}

func TestADuplicateWithAnIdempotencyKeyIsMadeOnce(t *testing.T) {
	h := open(t)
	path := h.shop()
	ask := func() answer {
		return h.send(h.ask("POST", path+"/duplicate", `{}`).with("Idempotency-Key", "one"))
	}
	first := ask().ok()
	h.clock.advance(time.Hour)
	ask().is(200, first.body)
	if page := read[projectPage](h.get("/v1/projects").ok()); page.Total != 2 {
		t.Errorf("there are %d projects", page.Total)
	}
}
