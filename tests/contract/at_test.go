package contract

import (
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// past is a project whose service held first and then second.
func past(h *house) string {
	h.Helper()
	path := "/v1/projects/" + h.newProject("Past")
	h.post(path+"/services", `{"name":"Cart","description":"first"}`).ok()
	h.clock.advance(time.Second)
	h.put(path+"/services/cart", `{"description":"second"}`).ok()
	h.clock.advance(time.Second)
	return path
}

func TestAnInstantMayBeWrittenInAnyRFC3339Form(t *testing.T) {
	h := open(t)
	path := past(h)
	second := read[service](h.get(path + "/services/cart").ok())
	const (
		whole = "2006-01-02T15:04:05"
		ms    = whole + ".000"
	)
	// in gives an instant as a layout has it, hours and minutes east of Greenwich.
	in := func(layout string, hours, minutes int) func(time.Time) string {
		return func(t time.Time) string { return t.In(time.FixedZone("", hours*3600+minutes*60)).Format(layout) }
	}
	instead := func(form func(time.Time) string, old, with string) func(time.Time) string {
		return func(t time.Time) string { return strings.ReplaceAll(form(t), old, with) }
	}
	east := in(ms+"-07:00", 2, 0)
	for _, c := range []struct {
		name string
		unit time.Duration // the finest that the form can tell
		form func(time.Time) string
	}{
		{"UTC", time.Millisecond, in(ms+"Z", 0, 0)},
		{"no fraction", time.Second, in(whole+"Z", 0, 0)},
		{"lower-case t and z", time.Millisecond, instead(instead(in(ms+"Z", 0, 0), "T", "t"), "Z", "z")},
		{"an offset, escaped", time.Millisecond, instead(east, "+", "%2B")},
		{"an offset, its plus decoded to a space", time.Millisecond, east},
		{"an offset, its space escaped", time.Millisecond, instead(east, "+", "%20")},
		{"an offset without a fraction, its plus decoded", time.Second, in(whole+"-07:00", 2, 0)},
		{"a negative offset", time.Millisecond, in(ms+"-07:00", -8, -30)},
		{"an offset over midnight", time.Millisecond, instead(in(ms+"-07:00", 12, 0), "+", "%2B")},
		{"an offset over the other midnight", time.Millisecond, in(ms+"-07:00", -12, 0)},
		{"minus zero", time.Millisecond, in(ms+"-00:00", 0, 0)},
		{"the greatest offset", time.Millisecond, instead(in(ms+"-07:00", 23, 59), "+", "%2B")},
		{"one digit", time.Second / 10, in(whole+".0Z", 0, 0)},
		{"two digits", time.Second / 100, in(whole+".00Z", 0, 0)},
		{"four digits, floored", time.Millisecond, instead(in(ms+"Z", 0, 0), "Z", "9Z")},
		{"five digits", time.Millisecond, in(ms+"00Z", 0, 0)},
		{"six digits, floored", time.Millisecond, instead(in(ms+"Z", 0, 0), "Z", "999Z")},
		{"nine digits, floored", time.Millisecond, instead(in(ms+"Z", 0, 0), "Z", "999999Z")},
		{"nine digits of nothing", time.Millisecond, in(ms+"000000Z", 0, 0)},
		{"the future", time.Millisecond, func(time.Time) string { return "2999-12-31T23:59:59Z" }},
		{"the end of time", time.Millisecond, func(time.Time) string { return "9999-12-31T23:59:59.999Z" }},
		{"colons escaped", time.Millisecond, instead(in(ms+"Z", 0, 0), ":", "%3A")},
	} {
		h.sub(c.name, func(h *house) {
			finds := func(at time.Time, found string) {
				h.Helper()
				for _, rest := range []string{"/services/cart", "/services/cart/raw", "/services"} {
					got := h.get(path + rest + "?at=" + c.form(at)).ok()
					if !strings.Contains(got.body, `"description":"`+found+`"`) {
						h.Errorf("%s: got %s, want the %s", got.asked, got.body, found)
					}
				}
			}
			// The first instant of the second that the form can tell, and the one before it.
			at := second.ValidFrom.time(h).Add(c.unit - 1).Truncate(c.unit)
			finds(at, "second")
			if before := at.Add(-c.unit); !before.Before(second.CreatedAt.time(h)) && c.form(before) != c.form(at) {
				finds(before, "first")
			}
		})
	}
}

func TestAnInstantThatCannotBeReadIsNamed(t *testing.T) {
	h := open(t)
	path := past(h)
	for name, text := range map[string]string{
		"empty":                    "",
		"a space":                  " ",
		"a word":                   "yesterday",
		"a date":                   "2026-04-22",
		"no offset":                "2026-04-22T15:30:01",
		"a space for the T":        "2026-04-22 15:30:01Z",
		"no seconds":               "2026-04-22T15:30Z",
		"the second 60":            "2026-04-22T15:30:60Z",
		"the hour 24":              "2026-04-22T24:00:00Z",
		"the month 13":             "2026-13-22T15:30:01Z",
		"the 30th of February":     "2026-02-30T15:30:01Z",
		"29 February of no leap":   "2026-02-29T15:30:01Z",
		"a comma for the point":    "2026-04-22T15:30:01,5Z",
		"a point without digits":   "2026-04-22T15:30:01.Z",
		"ten digits":               "2026-04-22T15:30:01.0000000000Z",
		"an hour of one digit":     "2026-04-22T5:30:01Z",
		"an offset of hours":       "2026-04-22T15:30:01+02",
		"an offset, no colon":      "2026-04-22T15:30:01+0200",
		"an offset of 24 hours":    "2026-04-22T15:30:01+24:00",
		"an offset of 60 minutes":  "2026-04-22T15:30:01+02:60",
		"two spaces for the plus":  "2026-04-22T15:30:01  02:00",
		"space before":             " 2026-04-22T15:30:01Z",
		"space after":              "2026-04-22T15:30:01Z ",
		"Unix seconds":             "1776871801",
		"five digits of a year":    "12026-04-22T15:30:01Z",
		"digits of another script": "٢٠٢٦-04-22T15:30:01Z",
		"a minus of typography":    "2026−04−22T15:30:01Z",
		"quotes":                   `"2026-04-22T15:30:01Z"`,
		"a NUL":                    "2026-04-22T15:30:01Z\x00",
		"bytes that are not UTF-8": "2026-04-22\xff15:30:01Z",
		"very long":                strings.Repeat("2026-", 2000),
	} {
		h.sub(name, func(h *house) {
			for _, rest := range []string{"/services/cart?at=", "/services/cart/raw?at=", "/services?at=", "/history?from=", "/history?to=",
				"/services/cart/history?from=", "/services/cart/history?to=", "/diff?from="} {
				got := h.get(path + rest + url.QueryEscape(text))
				parameter := rest[strings.Index(rest, "?")+1 : len(rest)-1]
				readable := text
				if !utf8.ValidString(text) || strings.ContainsAny(text, "\x00\"") {
					readable = "2026-04-22"
				}
				got.badRequest(parameter+" ", readable[:min(len(readable), 40)])
			}
		})
	}
}

func TestAnInstantGivenTwiceIsRefusedAndNamed(t *testing.T) {
	h := open(t)
	path := past(h)
	for _, rest := range []string{"/services/cart?at=%s&at=%s", "/services/cart/raw?at=%s&at=%s", "/services?at=%s&at=%s"} {
		for _, query := range []string{
			strings.ReplaceAll(rest, "%s", "2026-04-22T15:30:01Z"),
			strings.Replace(strings.Replace(rest, "%s", "2026-04-22T15:30:01Z", 1), "%s", "", 1),
		} {
			h.get(path+query).badRequest("at ", "2026-04-22T15:30:01Z", "1 more")
		}
	}
	h.get(path+"/services/cart?at=2026-04-22T15:30:01Z&at=2026-04-22T15:30:01Z").is(400,
		`{"status":400,"code":"bad_request","message":"Bad request","details":"at must be given once, read \"2026-04-22T15:30:01Z\" and 1 more"}`)
	h.get(path+"/services?at=now").is(400,
		`{"status":400,"code":"bad_request","message":"Bad request","details":"at must be an RFC 3339 date-time such as 2026-04-22T15:30:00Z, read \"now\""}`)
	h.get(path+"/services?at=").is(400,
		`{"status":400,"code":"bad_request","message":"Bad request","details":"at must not be empty, read \"\""}`)
}

// The table of the contract, as a client sees it.
func TestWhatAnInstantFinds(t *testing.T) {
	const never, future = -1, 1 << 30
	h := open(t)
	path := "/v1/projects/" + h.newProject("Times") + "/services"
	for _, r := range []request{
		h.ask("POST", path, `{"name":"Cart"}`),          // at 10
		h.ask("PUT", path+"/cart", `{"owner":"sales"}`), // at 20
		h.ask("PUT", path+"/cart", `{"name":"Basket"}`), // at 30
		h.ask("DELETE", path+"/basket", ""),             // at 40
		h.ask("POST", path, `{"name":"Cart"}`),          // at 50
		h.ask("POST", path, `{"name":"Other"}`),         // at 60
	} {
		h.clock.advance(10 * time.Millisecond)
		h.send(r).ok()
	}
	tens := h.tens(strings.TrimSuffix(path, "/services"))
	after := func(number int) stamp {
		if number == future {
			return "2999-01-01T00:00:00.000Z"
		}
		return tens(number)
	}
	cases := []struct {
		at         int
		slug       string
		from, till int
	}{
		{9, "cart", never, 0},
		{10, "cart", 10, 20},
		{19, "cart", 10, 20},
		{20, "cart", 20, 30},
		{29, "cart", 20, 30},
		{30, "cart", never, 0},
		{49, "cart", never, 0},
		{50, "cart", 50, 0},
		{future, "cart", 50, 0},
		{10, "basket", never, 0},
		{29, "basket", never, 0},
		{30, "basket", 30, 40},
		{39, "basket", 30, 40},
		{40, "basket", never, 0},
		{future, "basket", never, 0},
	}
	for _, c := range cases {
		at := "?at=" + string(after(c.at))
		var listed *service
		for _, s := range read[[]service](h.get(path + at).ok()) {
			if s.Slug == c.slug {
				listed = &s
			}
		}
		if c.from == never {
			h.get(path+"/"+c.slug+at).fails(404, "service_not_found")
			h.get(path+"/"+c.slug+"/raw"+at).fails(404, "service_not_found")
			if listed != nil {
				t.Errorf("%s at %d is listed: %+v", c.slug, c.at, listed)
			}
			continue
		}
		got := read[service](h.get(path + "/" + c.slug + at).ok())
		if got.Slug != c.slug || got.ValidFrom != after(c.from) || (got.ValidUntil != nil) != (c.till > 0) || c.till > 0 && *got.ValidUntil != after(c.till) {
			t.Errorf("%s at %d is %+v", c.slug, c.at, got)
		}
		if listed == nil || listed.ValidFrom != got.ValidFrom {
			t.Errorf("%s at %d is listed as %+v", c.slug, c.at, listed)
		}
	}
}

func TestAnOldSlugNamesTheNextOne(t *testing.T) {
	h := open(t)
	path := past(h) + "/services"
	created := read[service](h.get(path + "/cart").ok()).CreatedAt
	renamed := read[service](h.put(path+"/cart", `{"name":"Basket"}`).ok())
	if renamed.Slug != "basket" || renamed.CreatedAt != created {
		t.Errorf("renamed it is %+v", renamed)
	}
	for _, r := range []request{
		h.ask("GET", path+"/cart", ""), h.ask("GET", path+"/cart/raw", ""), h.ask("DELETE", path+"/cart", ""),
		h.ask("PUT", path+"/cart", `{"owner":"x"}`), h.ask("GET", path+"/cart?at="+string(renamed.ValidFrom), ""),
	} {
		if p := h.send(r).fails(404, "service_not_found"); !strings.Contains(p.Details, `"basket"`) {
			t.Errorf("%s %s does not name the next slug: %+v", r.method, r.path, p)
		}
	}
	h.put(path+"/basket", `{"name":"Order API"}`).ok()
	if p := h.get(path+"/basket").fails(404, "service_not_found"); !strings.Contains(p.Details, `"order-api"`) {
		t.Errorf("%+v", p)
	}
	h.delete(path + "/order-api").ok()
	if p := h.get(path+"/order-api").fails(404, "service_not_found"); p.Details != "" {
		t.Errorf("a deleted service was renamed: %+v", p)
	}
}
