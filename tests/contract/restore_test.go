package contract

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

// shelved gives the instants of a project by the numbers of h.tens, as they are
// when it is asked, and the body of a restore of each.
func (h *house) shelved(path string) (after func(int) stamp, at func(int) string) {
	after = func(number int) stamp { h.Helper(); return h.tens(path)(number) }
	return after, func(number int) string { h.Helper(); return quoted(`{"at":%s}`, after(number)) }
}

// shelf is a project with the service Cart at 10 and its owner set at 20.
func shelf(h *house) string {
	h.Helper()
	path := "/v1/projects/" + h.newProject("Shelf")
	h.clock.advance(10 * time.Millisecond)
	h.post(path+"/services", `{"name":"Cart","description":"first","flows":[],"produces":[{"name":"cart.filled"}]}`).ok()
	h.clock.advance(10 * time.Millisecond)
	h.put(path+"/services/cart", `{"description":null,"owner":"sales","produces":[]}`).ok()
	h.clock.advance(10 * time.Millisecond)
	return path
}

// sameWritten checks that two services differ in what the server adds at most.
func sameWritten(t *testing.T, got, want service) {
	t.Helper()
	if !reflect.DeepEqual(got.serviceRaw, want.serviceRaw) {
		t.Errorf("written was\n%+v, not\n%+v", got.serviceRaw, want.serviceRaw)
	}
}

func TestARestoreWritesWhatTheSlugHeldAsANewSnapshot(t *testing.T) {
	h := open(t)
	path := shelf(h)
	after, at := h.shelved(path)
	was := read[service](h.get(path + "/services/cart?at=" + string(after(19))).ok())
	answered := h.post(path+"/services/cart/restore", at(19)).ok().has("Cache-Control", "no-store")
	got := read[service](answered)
	sameWritten(t, got, was)
	if got.CreatedAt != after(10) || got.ValidFrom != after(30) || got.UpdatedAt != after(30) || got.ValidUntil != nil {
		t.Errorf("it is %+v", got)
	}
	h.get(path+"/services/cart").is(200, answered.body).has("ETag", answered.header.Get("ETag"))
	events := read[history](h.get(path + "/history").ok())
	if events.TotalCount != 3 || events.Events[0].ChangeType != "UPDATE" || events.Events[0].Timestamp != after(30) {
		t.Errorf("the history is %+v", events)
	}
	// The past stays.
	if old := read[service](h.get(path + "/services/cart?at=" + string(after(29))).ok()); old.Owner == nil || *old.ValidUntil != after(30) {
		t.Errorf("the state between is %+v", old)
	}
}

func TestARestoreOfWhatIsAlreadySoWritesNothing(t *testing.T) {
	h := open(t)
	path := shelf(h)
	_, at := h.shelved(path)
	now := h.get(path + "/services/cart").ok()
	h.changesNothing(func() {
		for _, body := range []string{at(20), at(21), `{"at":"2999-01-01T00:00:00Z"}`} {
			h.post(path+"/services/cart/restore", body).is(200, now.body).has("ETag", now.header.Get("ETag"))
		}
	})
	h.post(path+"/services/cart/restore", at(10)).ok()
	h.changesNothing(func() { h.post(path+"/services/cart/restore", at(19)).ok() })
}

func TestARestoreCreatesADeletedServiceAgain(t *testing.T) {
	h := open(t)
	path := shelf(h)
	after, at := h.shelved(path)
	second := h.newKey("local", "second")
	was := read[service](h.get(path + "/services/cart").ok())
	h.delete(path + "/services/cart").ok() // at 30
	h.clock.advance(time.Second)
	got := read[service](h.send(h.ask("POST", path+"/services/cart/restore", at(29)).by(second)).ok())
	sameWritten(t, got, was)
	if got.CreatedAt != after(40) || got.CreatedBy != "second" || got.UpdatedBy != "second" || got.ValidFrom != after(40) {
		t.Errorf("it is %+v", got)
	}
	if e := read[history](h.get(path + "/history").ok()).Events[0]; e.ChangeType != "CREATE" || e.ActorName != "second" {
		t.Errorf("its event is %+v", e)
	}
	h.get(path+"/services/cart?at="+string(after(39))).fails(404, "service_not_found")
	if p := read[project](h.get(path).ok()); p.ServiceCount != 1 {
		t.Errorf("the project has %d services", p.ServiceCount)
	}
}

func TestAServiceThatWasCreatedAgainGoesToAnyOfItsStates(t *testing.T) {
	h := open(t)
	path := shelf(h)
	after, at := h.shelved(path)
	older := read[service](h.get(path + "/services/cart?at=" + string(after(10))).ok())
	newer := read[service](h.get(path + "/services/cart").ok())
	for range 2 {
		h.delete(path + "/services/cart").ok()
		again := read[service](h.post(path+"/services/cart/restore", at(29)).ok())
		sameWritten(t, again, newer)
		changed := read[service](h.post(path+"/services/cart/restore", at(10)).ok())
		sameWritten(t, changed, older)
		if changed.CreatedAt != again.CreatedAt || changed.ValidFrom == again.ValidFrom {
			t.Errorf("%+v became %+v", again, changed)
		}
		h.changesNothing(func() { h.post(path+"/services/cart/restore", at(10)).ok() })
		h.put(path+"/services/cart", `{"name":"Cart","owner":"someone"}`).ok()
		sameWritten(t, read[service](h.post(path+"/services/cart/restore", at(29)).ok()), newer)
	}
	if e := read[history](h.get(path + "/history").ok()).Events[0]; e.ChangeType != "UPDATE" {
		t.Errorf("its event is %+v", e)
	}
}

func TestARestoreOfAGapOrBeforeTheCreationIs404AndSaysSo(t *testing.T) {
	h := open(t)
	path := shelf(h)
	after, at := h.shelved(path)
	h.delete(path + "/services/cart").ok() // at 30
	h.clock.advance(10 * time.Millisecond)
	h.changesNothing(func() {
		for _, c := range []struct{ slug, body, at string }{
			{"cart", at(9), string(after(9))},
			{"cart", `{"at":"2000-01-01T00:00:00Z"}`, "2000-01-01T00:00:00.000Z"},
			{"cart", at(30), string(after(30))},
			{"cart", at(31), string(after(31))},
			{"cart", `{"at":"2999-01-01T00:00:00Z"}`, "2999-01-01T00:00:00.000Z"},
			{"never", at(19), string(after(19))},
		} {
			p := h.post(path+"/services/"+c.slug+"/restore", c.body).fails(404, "service_not_found")
			if want := fmt.Sprintf("%q held no service at %s", c.slug, c.at); p.Details != want {
				t.Errorf("%s at %s: the details are %q, not %q", c.slug, c.at, p.Details, want)
			}
		}
	})
	h.post(path+"/services", `{"name":"Cart"}`).ok() // at 40
	h.post(path+"/services/cart/restore", at(39)).fails(404, "service_not_found")
	h.post("/v1/projects/none-at-all/services/cart/restore", at(19)).fails(404, "project_not_found")
}

func TestARestoreOfAServiceThatWasRenamedSinceGivesItItsNameBack(t *testing.T) {
	h := open(t)
	path := shelf(h)
	after, at := h.shelved(path)
	h.put(path+"/services/cart", `{"name":"Basket","category":"core"}`).ok() // at 30
	h.clock.advance(10 * time.Millisecond)
	// The new slug held nothing then; that it was another one is no secret.
	h.post(path+"/services/basket/restore", at(19)).fails(404, "service_not_found")
	got := read[service](h.post(path+"/services/cart/restore", at(29)).ok())
	if got.Slug != "cart" || got.Name != "Cart" || got.Category != nil || got.CreatedAt != after(10) || got.ValidFrom != after(40) {
		t.Errorf("it is %+v", got)
	}
	if p := h.get(path+"/services/basket").fails(404, "service_not_found"); !strings.Contains(p.Details, `"cart"`) {
		t.Errorf("the slug in between says %+v", p)
	}
	if got := slugs(h.get(path + "/services")); len(got) != 1 {
		t.Errorf("there are %v", got)
	}
	// Over several renames, and from the middle of them.
	h.put(path+"/services/cart", `{"name":"Trolley"}`).ok()
	h.put(path+"/services/trolley", `{"name":"Wagon"}`).ok()
	h.clock.advance(time.Second)
	got = read[service](h.post(path+"/services/basket/restore", at(39)).ok())
	if got.Slug != "basket" || *got.Category != "core" || got.CreatedAt != after(10) {
		t.Errorf("restored from the middle it is %+v", got)
	}
	// An old slug at an instant when it had left is told where it went.
	if p := h.post(path+"/services/wagon/restore", `{"at":"2999-01-01T00:00:00Z"}`).fails(404, "service_not_found"); !strings.Contains(p.Details, `"basket"`) {
		t.Errorf("%+v", p)
	}
}

func TestARestoreOfANameTakenMeanwhileIsAConflict(t *testing.T) {
	h := open(t)
	for name, leave := range map[string]func(path string){
		"after a deletion": func(path string) { h.delete(path + "/cart").ok() },
		"after a rename":   func(path string) { h.put(path+"/cart", `{"name":"Basket"}`).ok() },
		"after a rename and a deletion": func(path string) {
			h.put(path+"/cart", `{"name":"Basket"}`).ok()
			h.delete(path + "/basket").ok()
		},
	} {
		h.sub(name, func(h *house) {
			path := "/v1/projects/" + h.newProject("Taken") + "/services"
			first := read[service](h.post(path, `{"name":"Cart","owner":"first"}`).ok())
			leave(path)
			h.post(path, `{"name":"CART","owner":"second"}`).ok()
			body := quoted(`{"at":%s}`, first.ValidFrom)
			h.changesNothing(func() {
				h.post(path+"/cart/restore", body).is(409,
					`{"status":409,"code":"service_name_conflict","message":"Service name conflict","details":"another service of the project has the slug \"cart\""}`)
			})
			h.delete(path + "/cart").ok()
			if got := read[service](h.post(path+"/cart/restore", body).ok()); got.Slug != "cart" || *got.Owner != "first" {
				h.Errorf("once the name is free it is %+v", got)
			}
		})
	}
}

func TestTheInstantOfARestoreIsChecked(t *testing.T) {
	h := open(t)
	path := shelf(h)
	after, _ := h.shelved(path)
	path += "/services/cart/restore"
	h.changesNothing(func() {
		h.post(path, `{}`).is(400, invalid(bad("at", "is required", "")))
		for name, value := range map[string]string{
			"null": `null`, "a number": `5`, "empty": `""`, "a date": `"2026-04-22"`, "no offset": `"2026-04-22T15:30:00"`,
			"the second 60": `"2026-04-22T15:30:60Z"`, "a comma": `"2026-04-22T15:30:00,5Z"`, "an object": `{}`,
			"an array": `["2026-04-22T15:30:00Z"]`, "ten digits": `"2026-04-22T15:30:00.0123456789Z"`, "now": `"now"`,
		} {
			p := h.post(path, `{"at":`+value+`}`).fails(400, "validation_failed")
			if len(p.Violations) != 1 || p.Violations[0].Field != "at" || p.Violations[0].Message == "" {
				t.Errorf("%s: %+v", name, p)
			}
		}
		h.post(path, `{"at":"2026-04-22T15:30:00Z","to":"x"}`).is(400, invalid(bad("to", "unknown member", "")))
		h.post(path, `{"at":"2026-04-22T15:30:00Z","at":"2026-04-22T15:30:00Z"}`).fails(400, "validation_failed")
		h.post(path, ``).broken()
		h.post(path, `[]`).broken()
	})
	// Any offset is taken, and what is finer is floored.
	first := after(10).time(h)
	for _, text := range []string{
		first.In(time.FixedZone("", 2*3600)).Format("2006-01-02T15:04:05.000") + "9+02:00", strings.ToLower(strings.Replace(string(after(10)), "Z", "999999z", 1)),
	} {
		if got := read[service](h.post(path, quoted(`{"at":%s}`, text)).ok()); *got.Description != "first" {
			t.Errorf("at %s it is %+v", text, got)
		}
	}
}

func TestARestoreMindsIfMatch(t *testing.T) {
	h := open(t)
	path := shelf(h)
	after, at := h.shelved(path)
	path += "/services/cart"
	tag := h.get(path).ok().header.Get("ETag")
	old := h.get(path + "?at=" + string(after(19))).ok().header.Get("ETag")
	restore := h.ask("POST", path+"/restore", at(19))
	again := func() request { return restore.sending(at(19)) }
	h.changesNothing(func() {
		for _, value := range []string{`"x"`, old, "W/" + tag, `"x", "y"`} {
			h.send(again().with("If-Match", value)).fails(412, "conflict")
		}
		h.send(again().with("If-Match", "x")).badRequest("If-Match ")
	})
	h.send(again().with("If-Match", `"x", `+tag)).ok()
	h.send(h.ask("POST", path+"/restore", at(29)).with("If-Match", "*")).ok()
	h.delete(path).ok()
	h.changesNothing(func() {
		h.send(again().with("If-Match", "*")).fails(412, "conflict")
		h.send(again().with("If-Match", tag)).fails(412, "conflict")
	})
	h.send(again()).ok()
}

func TestARestoreWithAnIdempotencyKeyIsDoneOnce(t *testing.T) {
	h := open(t)
	path := shelf(h)
	_, at := h.shelved(path)
	path += "/services/cart"
	again := func() answer {
		return h.send(h.ask("POST", path+"/restore", at(19)).with("Idempotency-Key", "one"))
	}
	first := again().ok()
	h.clock.advance(time.Second)
	h.put(path, `{"description":"third"}`).ok()
	again().is(200, first.body).has("ETag", first.header.Get("ETag"))
	if got := read[service](h.get(path).ok()); *got.Description != "third" {
		t.Errorf("it was done again: %+v", got)
	}
	h.send(h.ask("POST", path+"/restore", at(29)).with("Idempotency-Key", "one")).fails(409, "conflict")
}
