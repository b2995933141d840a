package contract

import (
	"strings"
	"testing"
	"time"
)

const forever = "private, max-age=31536000, immutable"

func TestTheETagOfAServiceGoesByItsSnapshot(t *testing.T) {
	h := open(t)
	path := "/v1/projects/" + h.newProject("Tags") + "/services"
	tag := func(a answer) string {
		h.Helper()
		value := a.ok().header.Get("ETag")
		if len(value) < 3 || !strings.HasPrefix(value, `"`) || !strings.HasSuffix(value, `"`) || strings.Count(value, `"`) != 2 {
			h.Errorf("%s: the ETag is %q", a.asked, value)
		}
		return value
	}
	created := h.post(path, `{"name":"Cart"}`)
	first := tag(created)
	if got := tag(h.get(path + "/cart")); got != first {
		t.Errorf("read it has the tag %s, created %s", got, first)
	}
	if got := tag(h.put(path+"/cart", `{"name":"Cart"}`)); got != first {
		t.Errorf("an update that changes nothing gave the tag %s for %s", got, first)
	}
	firstFrom := read[service](created).ValidFrom
	second := tag(h.put(path+"/cart", `{"owner":"sales"}`))
	closed := tag(h.get(path + "/cart?at=" + string(firstFrom)))
	third := tag(h.put(path+"/cart", `{"owner":null}`)) // the same content as the first
	renamed := tag(h.put(path+"/cart", `{"name":"Basket"}`))
	tags := map[string]bool{first: true, second: true, closed: true, third: true, renamed: true}
	if len(tags) != 5 {
		t.Errorf("five states have the tags %v", tags)
	}
	if got := tag(h.get(path + "/cart?at=" + string(firstFrom))); got != closed {
		t.Errorf("a closed snapshot had the tag %s, now %s", closed, got)
	}
}

func TestIfNoneMatch(t *testing.T) {
	h := open(t)
	path := h.shop() + "/services/order-api"
	current := h.get(path).ok()
	tag := current.header.Get("ETag")
	for name, c := range map[string]struct {
		values []string
		fresh  bool
	}{
		"the tag":             {[]string{tag}, true},
		"the tag as weak":     {[]string{"W/" + tag}, true},
		"one of several":      {[]string{`"x", ` + tag + `,"y"`}, true},
		"a star":              {[]string{"*"}, true},
		"another tag":         {[]string{`"x"`}, false},
		"the tag unquoted":    {[]string{strings.Trim(tag, `"`)}, false},
		"what cannot be read": {[]string{`"x`}, false},
		"empty":               {[]string{""}, false},
	} {
		h.sub(name, func(h *house) {
			got := h.send(h.ask("GET", path, "").with("If-None-Match", c.values...))
			if c.fresh {
				got.is(304, "")
			} else {
				got.is(200, current.body)
			}
			got.has("ETag", tag).has("Cache-Control", "no-store")
		})
	}
	h.put(path, `{"owner":"x"}`).ok()
	h.send(h.ask("GET", path, "").with("If-None-Match", tag)).ok()
	// The tag was of the open snapshot; it is closed now and shows validUntil.
	at := path + "?at=" + string(read[service](current).ValidFrom)
	closed := h.send(h.ask("GET", at, "").with("If-None-Match", tag)).ok().header.Get("ETag")
	h.send(h.ask("GET", at, "").with("If-None-Match", closed)).is(304, "").has("Cache-Control", forever).has("ETag", closed)
	// Raw, the same snapshot never changes, and its tag neither.
	raw := h.get(strings.Replace(at, "?", "/raw?", 1)).ok().header.Get("ETag")
	h.send(h.ask("GET", strings.Replace(at, "?", "/raw?", 1), "").with("If-None-Match", raw)).is(304, "").has("Cache-Control", forever)
}

func TestIfMatch(t *testing.T) {
	h := open(t)
	path := h.shop() + "/services/order-api"
	old := h.get(path).ok().header.Get("ETag")
	tag := h.put(path, `{"owner":"first"}`).ok().header.Get("ETag")
	stale := `{"status":412,"code":"conflict","message":"Precondition failed","details":` + quoted("%s", "the service's ETag is "+tag) + `}`
	h.changesNothing(func() {
		for _, value := range []string{old, `"x"`, `"x", "y"`, "W/" + tag} {
			h.send(h.ask("PUT", path, `{"owner":"second"}`).with("If-Match", value)).is(412, stale)
			h.send(h.ask("PUT", path, `{}`).with("If-Match", value)).is(412, stale)
			h.send(h.ask("PUT", path, `{"name":"Other"}`).with("If-Match", value)).is(412, stale)
			h.send(h.ask("DELETE", path, "").with("If-Match", value)).is(412, stale)
		}
		h.send(h.ask("PUT", path+"x", `{"owner":"second"}`).with("If-Match", tag)).fails(404, "service_not_found")
		h.send(h.ask("DELETE", path+"x", "").with("If-Match", "*")).fails(404, "service_not_found")
		h.send(h.ask("PUT", path, `{"owner":1}`).with("If-Match", old)).fails(400, "validation_failed")
	})
	tag = h.send(h.ask("PUT", path, `{"owner":"second"}`).with("If-Match", tag)).ok().header.Get("ETag")
	tag = h.send(h.ask("PUT", path, `{"owner":"third"}`).with("If-Match", `"x", `+tag)).ok().header.Get("ETag")
	h.send(h.ask("PUT", path, `{"owner":"fourth"}`).with("If-Match", "*")).ok()
	h.send(h.ask("DELETE", path, "").with("If-Match", tag)).fails(412, "conflict")
	tag = h.get(path).ok().header.Get("ETag")
	h.send(h.ask("DELETE", path, "").with("If-Match", tag)).is(204, "")
}

func TestOnlyWhatCanNeverChangeMayBeCached(t *testing.T) {
	h := open(t)
	path := "/v1/projects/" + h.newProject("Caches") + "/services" // at 0
	h.post(path, `{"name":"Cart"}`).ok()                           // at 10
	h.put(path+"/cart", `{"owner":"sales"}`).ok()                  // at 20
	h.post(path, `{"name":"Other"}`).ok()                          // at 30, the last write
	h.clock.advance(time.Hour)
	after := h.tens(strings.TrimSuffix(path, "/services"))
	const never = "no-store"
	for _, c := range []struct{ name, target, want string }{
		{"a service now", path + "/cart", never},
		{"its raw form now", path + "/cart/raw", never},
		{"all services now", path, never},
		{"the history", strings.Replace(path, "services", "history", 1), never},
		{"the project", strings.TrimSuffix(path, "/services"), never},
		{"the projects", "/v1/projects", never},
		{"a closed snapshot", path + "/cart?at=" + string(after(10)), forever},
		{"a closed snapshot, raw", path + "/cart/raw?at=" + string(after(10)), forever},
		{"an open snapshot in the past, which gains validUntil", path + "/cart?at=" + string(after(20)), never},
		{"an open snapshot in the past, raw", path + "/cart/raw?at=" + string(after(20)), forever},
		{"an open snapshot at the last write, raw", path + "/cart/raw?at=" + string(after(30)), forever},
		{"an open snapshot after the last write, raw", path + "/cart/raw?at=" + string(after(31)), never},
		{"an open snapshot in the future, raw", path + "/cart/raw?at=2999-01-01T00:00:00Z", never},
		{"all closed", path + "?at=" + string(after(10)), forever},
		{"all before there was any", path + "?at=" + string(after(0)), forever},
		{"one open", path + "?at=" + string(after(20)), never},
		{"all at the last write", path + "?at=" + string(after(30)), never},
		{"all after the last write", path + "?at=" + string(after(31)), never},
		{"the history of a service", path + "/cart/history", never},
		{"an error", path + "/cart?at=" + string(after(0)), never},
	} {
		h.sub(c.name, func(h *house) { h.get(c.target).has("Cache-Control", c.want) })
	}
	// What may be cached for ever is the same after more writes.
	var kept []answer
	for _, target := range []string{path + "/cart?at=" + string(after(10)), path + "/cart/raw?at=" + string(after(20)), path + "/cart/raw?at=" + string(after(30)), path + "?at=" + string(after(10))} {
		kept = append(kept, h.get(target).has("Cache-Control", forever))
	}
	h.delete(path + "/cart").ok()
	h.post(path, `{"name":"Cart"}`).ok()
	for _, was := range kept {
		h.get(strings.TrimPrefix(was.asked, "GET ")).is(200, was.body).has("ETag", was.header.Get("ETag")).has("Cache-Control", forever)
	}
}
