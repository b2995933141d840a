package contract

import (
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// past is a project whose service held "first" from 1 ms on and "second" from
// 2026-04-22T15:30:01.000Z on.
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
	cases := []struct{ name, query, found string }{
		{"UTC", "2026-04-22T15:30:01Z", "second"},
		{"a millisecond before", "2026-04-22T15:30:00.999Z", "first"},
		{"lower-case t and z", "2026-04-22t15:30:01z", "second"},
		{"lower-case before", "2026-04-22t15:30:00.999z", "first"},
		{"an offset, escaped", "2026-04-22T17:30:01%2B02:00", "second"},
		{"an offset, its plus decoded to a space", "2026-04-22T17:30:01+02:00", "second"},
		{"an offset, its space escaped", "2026-04-22T17:30:01%2002:00", "second"},
		{"an offset with a fraction, its plus decoded", "2026-04-22T17:30:00.999+02:00", "first"},
		{"a negative offset", "2026-04-22T07:00:01-08:30", "second"},
		{"a negative offset before", "2026-04-22T07:00:00.999-08:30", "first"},
		{"an offset over midnight", "2026-04-23T00:30:01%2B09:00", "second"},
		{"minus zero", "2026-04-22T15:30:01-00:00", "second"},
		{"the greatest offset", "2026-04-23T15:29:01%2B23:59", "second"},
		{"one digit", "2026-04-22T15:30:00.9Z", "first"},
		{"two digits", "2026-04-22T15:30:00.99Z", "first"},
		{"four digits, floored", "2026-04-22T15:30:00.9999Z", "first"},
		{"five digits", "2026-04-22T15:30:01.00000Z", "second"},
		{"six digits, floored", "2026-04-22T15:30:00.999999Z", "first"},
		{"nine digits, floored", "2026-04-22T15:30:00.999999999Z", "first"},
		{"nine digits of nothing", "2026-04-22T15:30:01.000000000Z", "second"},
		{"the future", "2999-12-31T23:59:59Z", "second"},
		{"the end of time", "9999-12-31T23:59:59.999Z", "second"},
		{"colons escaped", "2026-04-22T15%3A30%3A01Z", "second"},
	}
	for _, c := range cases {
		h.sub(c.name, func(h *house) {
			for _, rest := range []string{"/services/cart", "/services/cart/raw", "/services"} {
				got := h.get(path + rest + "?at=" + c.query).ok()
				if !strings.Contains(got.body, `"description":"`+c.found+`"`) {
					h.Errorf("%s: got %s, want the %s", got.asked, got.body, c.found)
				}
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
	h.get(path+"/services?at=").is(400,
		`{"status":400,"code":"bad_request","message":"Bad request","details":"at must not be empty, read \"\""}`)
}

// The table of the contract, as a client sees it.
func TestWhatAnInstantFinds(t *testing.T) {
	h := open(t)
	path := "/v1/projects/" + h.newProject("Times") + "/services" // at 0 ms
	h.clock.advance(10 * time.Millisecond)
	h.post(path, `{"name":"Cart"}`).ok() // at 10
	h.clock.advance(10 * time.Millisecond)
	h.put(path+"/cart", `{"owner":"sales"}`).ok() // at 20
	h.clock.advance(10 * time.Millisecond)
	h.put(path+"/cart", `{"name":"Basket"}`).ok() // at 30
	h.clock.advance(10 * time.Millisecond)
	h.delete(path + "/basket").ok() // at 40
	h.clock.advance(10 * time.Millisecond)
	h.post(path, `{"name":"Cart"}`).ok() // at 50
	h.clock.advance(10 * time.Millisecond)
	h.post(path, `{"name":"Other"}`).ok() // at 60
	const never = -1
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
		{99_999_999, "cart", 50, 0},
		{10, "basket", never, 0},
		{29, "basket", never, 0},
		{30, "basket", 30, 40},
		{39, "basket", 30, 40},
		{40, "basket", never, 0},
		{99_999_999, "basket", never, 0},
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
				t.Errorf("%s at %d ms is listed: %+v", c.slug, c.at, listed)
			}
			continue
		}
		got := read[service](h.get(path + "/" + c.slug + at).ok())
		if got.Slug != c.slug || got.ValidFrom != after(c.from) || (got.ValidUntil != nil) != (c.till > 0) || c.till > 0 && *got.ValidUntil != after(c.till) {
			t.Errorf("%s at %d ms is %+v", c.slug, c.at, got)
		}
		if listed == nil || listed.ValidFrom != got.ValidFrom {
			t.Errorf("%s at %d ms is listed as %+v", c.slug, c.at, listed)
		}
	}
}

func TestAnOldSlugNamesTheNextOne(t *testing.T) {
	h := open(t)
	path := past(h) + "/services"
	renamed := read[service](h.put(path+"/cart", `{"name":"Basket"}`).ok())
	if renamed.Slug != "basket" || renamed.CreatedAt != after(1) {
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
