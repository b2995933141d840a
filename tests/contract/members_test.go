package contract

import (
	"reflect"
	"strings"
	"testing"
)

func TestAServiceShowsWhatWasSentAndNothingThatIsUnset(t *testing.T) {
	const all = `"description":"All of it","category":"core","owner":"sales","flows":["b","a"],` +
		`"consumes":[{"name":"t1","category":"c","owner":"o","flows":["f"],"extras":{"k":"v"}}],` +
		`"produces":[{"name":"t2"}],"extras":{"z":"1","a":"2"}`
	cases := []struct{ name, sent, shown string }{
		{"a name alone", `{"name":"Cart"}`,
			`{"name":"Cart","consumes":[],"produces":[]}`},
		{"everything", `{"name":"Cart",` + all + `}`,
			`{"name":"Cart",` + all + `}`},
		{"null is as absent", `{"name":"Cart","description":null,"category":null,"owner":null,"flows":null,"extras":null}`,
			`{"name":"Cart","consumes":[],"produces":[]}`},
		{"empty is not absent", `{"name":"Cart","description":"","flows":[],"extras":{},"consumes":[],"produces":[]}`,
			`{"name":"Cart","description":"","flows":[],"extras":{},"consumes":[],"produces":[]}`},
		{"null in a topic is as absent", `{"name":"Cart","consumes":[{"name":"t","category":null,"owner":null,"flows":null,"extras":null}]}`,
			`{"name":"Cart","consumes":[{"name":"t"}],"produces":[]}`},
		{"empty in a topic is not absent", `{"name":"Cart","produces":[{"name":"t","flows":[],"extras":{}}]}`,
			`{"name":"Cart","consumes":[],"produces":[{"name":"t","flows":[],"extras":{}}]}`},
		{"unknown members of a topic are ignored", `{"name":"Cart","consumes":[{"id":7,"name":"t","schema":{"deep":[null]},"partitions":12}]}`,
			`{"name":"Cart","consumes":[{"name":"t"}],"produces":[]}`},
		{"nothing is trimmed", `{"name":" Cart ","description":" a\n","owner":" "}`,
			`{"name":" Cart ","description":" a\n","owner":" ","consumes":[],"produces":[]}`},
		{"the same topic twice is kept twice", `{"name":"Cart","consumes":[{"name":"t"},{"name":"t"}]}`,
			`{"name":"Cart","consumes":[{"name":"t"},{"name":"t"}],"produces":[]}`},
		{"characters that HTML or JavaScript fear", `{"name":"Cart","description":"<b>&\"\\\u2028\ud83d\ude80"}`,
			`{"name":"Cart","description":"<b>&\"\\\u2028🚀","consumes":[],"produces":[]}`},
	}
	h := open(t)
	for _, c := range cases {
		h.sub(c.name, func(h *house) {
			path := "/v1/projects/" + h.newProject("Shapes") + "/services"
			created := h.post(path, c.sent).ok()
			read[service](created)
			for _, got := range []answer{h.get(path + "/cart").ok(), h.get(path + "/cart?at=2030-01-01T00:00:00Z").ok()} {
				if got.body != created.body {
					h.Errorf("read as %s, created as %s", got.body, created.body)
				}
			}
			if list := h.get(path).ok(); list.body != "["+created.body+"]" {
				h.Errorf("listed as %s, created as %s", list.body, created.body)
			}
			raw := h.get(path + "/cart/raw").ok()
			read[serviceRaw](raw)
			if !reflect.DeepEqual(plain(raw, raw.body), plain(raw, c.shown)) {
				h.Errorf("raw is\n%s, not\n%s", raw.body, c.shown)
			}
		})
	}
}

func TestAnUpdateKeepsWhatIsAbsentClearsWhatIsNullAndReplacesTheRest(t *testing.T) {
	const before = `{"name":"Cart","description":"d","category":"c","owner":"o","flows":["f","g"],` +
		`"consumes":[{"name":"t1"}],"produces":[{"name":"t2","owner":"p"}],"extras":{"a":"1","b":"2"}}`
	cases := []struct{ name, sent, shown string }{
		{"nothing", `{}`, before},
		{"the same", before, before},
		{"null clears", `{"description":null,"category":null,"owner":null,"flows":null,"extras":null}`,
			`{"name":"Cart","consumes":[{"name":"t1"}],"produces":[{"name":"t2","owner":"p"}]}`},
		{"empty is kept as sent", `{"description":"","flows":[],"extras":{},"consumes":[],"produces":[]}`,
			`{"name":"Cart","description":"","category":"c","owner":"o","flows":[],"consumes":[],"produces":[],"extras":{}}`},
		{"arrays and extras replace as a whole", `{"flows":["h"],"produces":[{"name":"t2"}],"extras":{"b":"3"}}`,
			`{"name":"Cart","description":"d","category":"c","owner":"o","flows":["h"],"consumes":[{"name":"t1"}],"produces":[{"name":"t2"}],"extras":{"b":"3"}}`},
		{"a reordered array is a change", `{"flows":["g","f"]}`,
			strings.Replace(before, `["f","g"]`, `["g","f"]`, 1)},
	}
	h := open(t)
	for _, c := range cases {
		h.sub(c.name, func(h *house) {
			path := "/v1/projects/" + h.newProject("Updates")
			created := h.post(path+"/services", before).ok()
			was := read[service](created)
			h.clock.advance(1e9)
			got := h.put(path+"/services/cart", c.sent).ok()
			is := read[service](got)
			raw := h.get(path + "/services/cart/raw").ok()
			if !reflect.DeepEqual(plain(raw, raw.body), plain(raw, c.shown)) {
				h.Errorf("it holds\n%s, not\n%s", raw.body, c.shown)
			}
			events := read[history](h.get(path + "/history").ok()).TotalCount
			if c.shown == before {
				if got.body != created.body || got.header.Get("ETag") != created.header.Get("ETag") || events != 1 {
					h.Errorf("an update that changes nothing made a snapshot: %s", got.body)
				}
				return
			}
			if is.UpdatedAt <= was.UpdatedAt || is.ValidFrom != is.UpdatedAt || is.CreatedAt != was.CreatedAt || events != 2 {
				h.Errorf("before %+v, after %+v, %d events", was, is, events)
			}
		})
	}
}

func TestTheMembersThatTheServerSets(t *testing.T) {
	h := open(t)
	path := "/v1/projects/" + h.newProject("Web shop")
	s := read[service](h.post(path+"/services", `{"name":"Cart"}`).ok())
	want := service{
		Slug:       "cart",
		serviceRaw: serviceRaw{Name: "Cart", Consumes: []topic{}, Produces: []topic{}},
		CreatedBy:  "owner", CreatedByType: "API_KEY", CreatedAt: s.CreatedAt,
		UpdatedBy: "owner", UpdatedByType: "API_KEY", UpdatedAt: s.CreatedAt,
		ValidFrom: s.CreatedAt,
	}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("got %+v, want %+v", s, want)
	}
	p := read[project](h.get(path).ok())
	if end == laptop && s.CreatedAt != p.CreatedAt.plus(1) {
		t.Errorf("the clock stands still, and each write is not a millisecond after the last, but at %s and %s", p.CreatedAt, s.CreatedAt)
	}
	wantProject := project{
		ID: p.ID, Name: "Web shop", ServiceCount: 1, IsOwner: true,
		CreatedBy: "owner", CreatedByType: "API_KEY", UpdatedBy: "owner", UpdatedByType: "API_KEY",
		CreatedAt: p.CreatedAt, UpdatedAt: s.CreatedAt,
	}
	if p != wantProject {
		t.Errorf("got %+v, want %+v", p, wantProject)
	}
	h.delete(path+"/services/cart").is(204, "")
	past := read[service](h.get(path + "/services/cart?at=" + string(s.CreatedAt)).ok())
	if past.ValidUntil == nil || *past.ValidUntil <= s.CreatedAt {
		t.Errorf("after its deletion the snapshot is %+v", past)
	}
	if p := read[project](h.get(path).ok()); p.ServiceCount != 0 || p.UpdatedAt != *past.ValidUntil {
		t.Errorf("after the deletion the project is %+v", p)
	}
}
