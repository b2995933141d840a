package contract

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func slugs(a answer) []string {
	a.Helper()
	found := []string{}
	for _, s := range read[[]service](a.ok()) {
		found = append(found, s.Slug)
	}
	return found
}

var nextLink = regexp.MustCompile(`^<(/[^>]*)>; rel="next"$`)

// next is where an answer's Link leads, or empty.
func next(a answer) string {
	a.Helper()
	links := a.header.Values("Link")
	if len(links) == 0 {
		return ""
	}
	found := nextLink.FindStringSubmatch(links[0])
	if found == nil || len(links) > 1 {
		a.Fatalf("%s: the Link is %q", a.asked, links)
	}
	return found[1]
}

func TestServicesAreListedInTheOrderOfTheirSlugs(t *testing.T) {
	h := open(t)
	path := "/v1/projects/" + h.newProject("Orders") + "/services"
	h.get(path).is(200, "[]").has("Link", "")
	for _, name := range []string{"Zoo", "älpha", "Beta 2", "Beta-10", "beta", "10", "9", "東京", "Øl", "Straße", "B"} {
		h.post(path, quoted(`{"name":%s}`, name)).ok()
	}
	got := slugs(h.get(path))
	if !slices.IsSorted(got) || len(got) != 11 {
		t.Errorf("listed as %v", got)
	}
	for _, want := range []string{"alpha", "beta-2", "beta-10", "ol", "strasse", "10"} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is not in %v", want, got)
		}
	}
	if !slices.ContainsFunc(got, regexp.MustCompile(`^svc-[a-z2-7]{8}$`).MatchString) {
		t.Errorf("no slug of a name that folds to nothing in %v", got)
	}
}

func TestPagesOfAListShowOneInstantWhileOthersWrite(t *testing.T) {
	for name, at := range map[string]string{"now": "", "at an instant": "&at={23}", "at an instant to come": "&at=2999-01-01T00:00:00%2B01:00"} {
		t.Run(name, func(t *testing.T) {
			h := open(t)
			path := "/v1/projects/" + h.newProject("Pages") + "/services"
			for i := range 23 {
				h.post(path, fmt.Sprintf(`{"name":"Service %02d","owner":"sales"}`, i)).ok()
			}
			at := strings.Replace(at, "{23}", string(h.instants(strings.TrimSuffix(path, "/services"))[23]), 1)
			if at == "" || strings.Contains(at, "2999") {
				h.clock.advance(time.Second)
			}
			var whole []service
			if at == "" {
				whole = read[[]service](h.get(path).ok().has("Link", ""))
			} else {
				whole = read[[]service](h.get(path+"?"+at[1:]).ok().has("Link", ""))
			}
			var paged []service
			pages, target := 0, path+"?limit=5"+at
			for ; target != ""; pages++ {
				page := h.get(target).ok()
				paged = append(paged, read[[]service](page)...)
				target = next(page)
				// Writers before the place where the next page begins, and in it.
				h.post(path, fmt.Sprintf(`{"name":"New %d"}`, pages)).ok()
				if n := 5 * (pages + 1); n < 23 {
					at := func(i int) string { return fmt.Sprintf("%s/service-%02d", path, i) }
					h.put(at(n), `{"owner":"other"}`).ok()
					h.put(at(n+1), fmt.Sprintf(`{"name":"Renamed %d"}`, pages)).ok()
					h.delete(at(n + 2)).ok()
					h.post(path, fmt.Sprintf(`{"name":"Service %02d x"}`, n)).ok()
				}
			}
			if pages != 5 {
				t.Errorf("%d pages of 5 for 23 services", pages)
			}
			// Only what closed meanwhile shows; it is the same snapshots.
			if len(paged) != len(whole) {
				t.Fatalf("the pages have %d services, not %d", len(paged), len(whole))
			}
			for i := range whole {
				paged[i].ValidUntil = nil
				if fmt.Sprint(deref(paged[i])) != fmt.Sprint(deref(whole[i])) {
					t.Errorf("the pages show\n%v, the whole list\n%v", deref(paged[i]), deref(whole[i]))
				}
			}
		})
	}
}

func deref(s service) []any {
	return []any{s.Slug, s.Name, *s.Owner, s.CreatedAt, s.ValidFrom, s.UpdatedBy}
}

func TestALinkKeepsTheRequestsOwnQuery(t *testing.T) {
	h := open(t)
	path := "/v1/projects/" + h.newProject("Links") + "/services"
	for i := range 4 {
		h.post(path, fmt.Sprintf(`{"name":"S %d","owner":"a&b=c é"}`, i)).ok()
		h.post(path, fmt.Sprintf(`{"name":"T %d"}`, i)).ok()
	}
	target := next(h.get(path + "?owner=" + url.QueryEscape("a&b=c é") + "&limit=2&at=2999-01-01T00:00:00%2B01:00"))
	query, err := url.ParseQuery(target[strings.Index(target, "?")+1:])
	if err != nil || query.Get("owner") != "a&b=c é" || query.Get("limit") != "2" || query.Get("cursor") == "" || query.Get("at") == "" {
		t.Errorf("the Link leads to %s", target)
	}
	last := h.get(target).ok().has("Link", "")
	if got := slugs(last); !slices.Equal(got, []string{"s-2", "s-3"}) {
		t.Errorf("the second page is %v", got)
	}
	// A last page that is full has no next one.
	if got := slugs(h.get(path+"?limit=8").has("Link", "")); len(got) != 8 {
		t.Errorf("%v", got)
	}
}

func TestACursorThatAnotherListMadeIsRefused(t *testing.T) {
	h := open(t)
	path := "/v1/projects/" + h.newProject("Mine") + "/services"
	other := "/v1/projects/" + h.newProject("Other") + "/services"
	for i := range 4 {
		for _, p := range []string{path, other} {
			h.post(p, fmt.Sprintf(`{"name":"S %d","owner":"sales","category":"core"}`, i)).ok()
		}
	}
	target := next(h.get(path + "?limit=2&owner=sales"))
	query, err := url.ParseQuery(target[strings.Index(target, "?")+1:])
	if err != nil {
		t.Fatal(err)
	}
	cursor := query.Get("cursor")
	h.get(path + "?owner=sales&limit=1&cursor=" + cursor).ok()
	for name, foreign := range map[string]string{
		"of another project":     other + "?limit=2&owner=sales&cursor=" + cursor,
		"without the filter":     path + "?limit=2&cursor=" + cursor,
		"of another filter":      path + "?limit=2&owner=others&cursor=" + cursor,
		"with one filter more":   path + "?limit=2&owner=sales&category=core&cursor=" + cursor,
		"of another instant":     path + "?limit=2&owner=sales&at=2026-04-22T15:30:00Z&cursor=" + cursor,
		"truncated":              path + "?limit=2&owner=sales&cursor=" + cursor[:len(cursor)-1],
		"truncated to its head":  path + "?limit=2&owner=sales&cursor=" + cursor[:22],
		"made longer":            path + "?limit=2&owner=sales&cursor=" + cursor + "MA",
		"with another beginning": path + "?limit=2&owner=sales&cursor=" + strings.Map(rotated, cursor[:1]) + cursor[1:],
		"with another end":       path + "?limit=2&owner=sales&cursor=" + cursor[:len(cursor)-3] + strings.Map(rotated, cursor[len(cursor)-3:len(cursor)-2]) + cursor[len(cursor)-2:],
		"with a line break":      path + "?limit=2&owner=sales&cursor=" + cursor + "%0A",
	} {
		h.sub(name, func(h *house) { h.get(foreign).badRequest("cursor ", "Link header") })
	}
	// Who may not see the project learns nothing from having its cursor.
	h.send(h.ask("GET", target, "").by(h.foreign)).fails(404, "project_not_found")
}

// rotated is another letter or digit.
func rotated(r rune) rune {
	if r == 'A' {
		return 'B'
	}
	return 'A'
}

func TestWithoutALimitAListHasTheFirstThousandAndALinkToTheRest(t *testing.T) {
	h := open(t)
	project := "/v1/projects/" + h.newProject("Many")
	h.upsert(project, numbered("s%04d", 1001))
	path := project + "/services"
	first := h.get(path).ok()
	if n := len(read[[]service](first)); n != 1000 {
		t.Errorf("%d services without a limit", n)
	}
	if got := slugs(h.get(next(first)).has("Link", "")); !slices.Equal(got, []string{"s1000"}) {
		t.Errorf("the rest is %v", got)
	}
}

func TestFiltersOfAList(t *testing.T) {
	h := open(t)
	path := "/v1/projects/" + h.newProject("Filters") + "/services"
	for _, body := range []string{
		`{"name":"Alpha","category":"core","owner":"Sales","flows":["pay","ship"],"produces":[{"name":"order.created"}],"description":"Takes MONEY"}`,
		`{"name":"Beta","category":"Core","owner":"sales","flows":["pay"],"consumes":[{"name":"order.created"}]}`,
		`{"name":"Ärger","category":"edge","flows":[],"consumes":[{"name":"order.created.v2"}],"description":"alphabet"}`,
		`{"name":"Delta"}`,
	} {
		h.post(path, body).ok()
	}
	at := string(h.instants(strings.TrimSuffix(path, "/services"))[4])
	h.delete(path + "/beta").ok()
	h.post(path, `{"name":"Beta","owner":"nobody"}`).ok()
	for query, want := range map[string][]string{
		"category=core":                 {"alpha"},
		"category=Core":                 {"beta"},
		"category=cor":                  {},
		"owner=Sales":                   {"alpha"},
		"owner=sales":                   {"beta"},
		"flow=pay":                      {"alpha", "beta"},
		"flow=ship":                     {"alpha"},
		"flow=PAY":                      {},
		"topic=order.created":           {"alpha", "beta"},
		"topic=order.created.v2":        {"arger"},
		"topic=order":                   {},
		"q=ALPHA":                       {"alpha", "arger"},
		"q=money":                       {"alpha"},
		"q=" + url.QueryEscape("ÄRGER"): {"arger"},
		"q=arg":                         {"arger"},
		"q=a":                           {"alpha", "arger", "beta", "delta"},
		"q=core":                        {},
		"flow=pay&owner=sales":          {"beta"},
		"flow=pay&q=alp&category=core":  {"alpha"},
		"category=core&owner=sales":     {},
		"topic=order.created&flow=ship": {"alpha"},
		"q=%25":                         {},
		"q=.":                           {},
		"owner=&category=core":          {"alpha"},
	} {
		h.sub(query, func(h *house) {
			if got := slugs(h.get(path + "?at=" + at + "&" + query)); !slices.Equal(got, want) {
				h.Errorf("found %v, not %v", got, want)
			}
		})
	}
	if got := slugs(h.get(path + "?owner=nobody")); !slices.Equal(got, []string{"beta"}) {
		t.Errorf("now the owner has %v", got)
	}
}
