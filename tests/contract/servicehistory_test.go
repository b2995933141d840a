package contract

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// serviceHistory is a page of one service's history.
type serviceHistory struct {
	Events     []event `json:"events"`
	NextCursor string  `json:"nextCursor,omitempty"`
}

// lines are the events of one service in short, without who and when.
func lines(a answer) []string {
	a.Helper()
	found := []string{}
	for _, e := range read[serviceHistory](a.ok()).Events {
		found = append(found, e.ChangeType+" "+e.ServiceSlug)
	}
	return found
}

func TestAServicesHistoryFollowsItsRenamesAndShowsItsDeletion(t *testing.T) {
	h := open(t)
	path := eventful(h)
	whole := read[history](h.get(path + "/history").ok()).Events
	of := func(places ...int) (events []event) {
		for _, i := range places {
			events = append(events, whole[i])
		}
		return events
	}
	for slug, want := range map[string][]event{
		"basket": of(0, 3, 4, 6),
		"cart":   of(0, 3, 4, 6), // the slug that it had first, and nobody since
		"order":  of(1),          // that of the service which has the slug now alone
	} {
		h.sub(slug, func(h *house) {
			got := read[serviceHistory](h.get(path+"/services/"+slug+"/history").ok().has("Link", "").has("Cache-Control", "no-store"))
			if !slices.Equal(got.Events, want) || got.NextCursor != "" {
				h.Errorf("got\n%+v, not\n%+v", got, want)
			}
		})
	}
	h.delete(path + "/services/order").ok()
	if got := lines(h.get(path + "/services/order/history")); !slices.Equal(got, []string{"DELETE order", "CREATE order"}) {
		t.Errorf("of a slug that nobody has, the last holder's history is %v", got)
	}
}

func TestAServicesHistoryIsThatOfTheOneWhichHasTheSlugNow(t *testing.T) {
	h := open(t)
	path := "/v1/projects/" + h.newProject("Slugs") + "/services"
	check := func(want map[string]string) {
		t.Helper()
		for slug, history := range want {
			if got := strings.Join(lines(h.get(path+"/"+slug+"/history")), ", "); got != history {
				t.Errorf("the history of %s is %s, not %s", slug, got, history)
			}
		}
	}
	h.post(path, `{"name":"A"}`).ok()
	h.put(path+"/a", `{"name":"B"}`).ok()
	h.put(path+"/b", `{"name":"C"}`).ok()
	first := "UPDATE c, UPDATE b, CREATE a"
	check(map[string]string{"a": first, "b": first, "c": first})
	h.post(path, `{"name":"B"}`).ok()
	check(map[string]string{"a": first, "b": "CREATE b", "c": first})
	h.put(path+"/b", `{"name":"D"}`).ok()
	check(map[string]string{"a": first, "b": "UPDATE d, CREATE b", "c": first})
	h.delete(path + "/c").ok()
	h.post(path, `{"name":"C"}`).ok()
	h.delete(path + "/c").ok()
	check(map[string]string{"a": "DELETE c, " + first, "b": "UPDATE d, CREATE b", "c": "DELETE c, CREATE c"})
}

func TestASlugThatNeverWasHasNoHistory(t *testing.T) {
	h := open(t)
	path := eventful(h) + "/services/"
	for _, slug := range []string{"never", "Basket", "basket-", "%00", "%FF", strings.Repeat("x", 2000)} {
		if got := h.get(path + slug + "/history"); got.status != 404 && got.status != 400 {
			t.Errorf("%s: %d", got.asked, got.status)
		}
	}
	h.get(path+"never/history").fails(404, "service_not_found")
	h.get("/v1/projects/none-at-all/services/basket/history").fails(404, "project_not_found")
}

func TestAServicesHistoryBetweenTwoInstants(t *testing.T) {
	h := open(t)
	path := eventful(h)
	instants := h.happened(path)
	path += "/services/basket/history?"
	at := func(second int) string { return string(instants[second]) }
	seconds := func(events []event) (found []int) {
		for _, e := range events {
			for second, instant := range instants {
				if instant == e.Timestamp {
					found = append(found, second)
				}
			}
		}
		return found
	}
	for query, want := range map[string][]int{
		"":                               {9, 4, 3, 1},
		"from=" + at(4):                  {9, 4},
		"to=" + at(4):                    {3, 1},
		"to=" + at(3):                    {1},
		"from=" + at(3) + "&to=" + at(9): {4, 3},
		"from=" + at(2) + "&to=" + at(3): nil,
		"from=" + at(4) + "&to=" + at(4): nil,
		"from=" + at(9) + "&to=" + at(1): nil,
		"from=2000-01-01T00:00:00Z&to=2999-01-01T00:00:00Z": {9, 4, 3, 1},
		"to=2000-01-01T00:00:00Z":                           nil,
		"from=2999-01-01T00:00:00Z":                         nil,
		"from=" + at(3) + "&limit=1":                        {9},
		"to=" + at(9) + "&limit=2":                          {4, 3},
	} {
		h.sub(query, func(h *house) {
			got := read[serviceHistory](h.get(path + query).ok())
			if found := seconds(got.Events); !slices.Equal(found, want) || got.Events == nil {
				h.Errorf("got %v, not %v", found, want)
			}
			if more := strings.Contains(query, "limit"); more != (got.NextCursor != "") {
				h.Errorf("the next cursor is %q", got.NextCursor)
			}
		})
	}
}

func TestPagesOfAServicesHistoryAreOneHistoryWhileOthersWrite(t *testing.T) {
	for _, between := range []bool{false, true} {
		t.Run(map[bool]string{false: "all", true: "between two instants"}[between], func(t *testing.T) {
			h := open(t)
			path := "/v1/projects/" + h.newProject("Pages") + "/services"
			h.post(path, `{"name":"S 0"}`).ok()
			for i := range 25 {
				body := fmt.Sprintf(`{"owner":"o%d"}`, i)
				if i%5 == 4 {
					body = fmt.Sprintf(`{"name":"S %d"}`, i/5+1)
				}
				h.put(fmt.Sprintf("%s/s-%d", path, i/5), body).ok()
			}
			query := ""
			if between {
				all := h.instants(strings.TrimSuffix(path, "/services"))
				query = "&from=" + string(all[3]) + "&to=" + string(all[23])
			}
			whole := read[serviceHistory](h.get(path+"/s-5/history?limit=1000"+query).ok().has("Link", "")).Events
			for limit := 1; limit <= len(whole); limit += 3 {
				var paged []event
				target := fmt.Sprintf("%s/s-5/history?limit=%d%s", path, limit, query)
				for target != "" {
					page := h.get(target).ok()
					got := read[serviceHistory](page)
					paged = append(paged, got.Events...)
					if target = next(page); (target == "") != (got.NextCursor == "") || !strings.Contains(target, url.QueryEscape(got.NextCursor)) {
						t.Fatalf("the cursor %q and the Link %q differ", got.NextCursor, target)
					}
					if target == "" {
						break
					}
					// Every second page is asked for by the cursor in the body.
					if len(paged)%2 == 0 {
						target = fmt.Sprintf("%s/s-5/history?limit=%d%s&cursor=%s", path, limit, query, url.QueryEscape(got.NextCursor))
					}
					h.put(path+"/s-5", fmt.Sprintf(`{"description":"%d %d"}`, limit, len(paged))).ok()
				}
				want := whole
				if query == "" {
					want = paged[:0:0]
					for _, e := range read[serviceHistory](h.get(path + "/s-5/history?limit=1000").ok()).Events {
						if e.Timestamp <= paged[0].Timestamp {
							want = append(want, e)
						}
					}
				}
				if !slices.Equal(paged, want) {
					t.Errorf("pages of %d show\n%v, not\n%v", limit, paged, want)
				}
			}
		})
	}
}

func TestAServicesHistoryShowsFiftyEventsUnlessAskedForMore(t *testing.T) {
	h := open(t)
	path := "/v1/projects/" + h.newProject("Long") + "/services"
	h.post(path, `{"name":"S"}`).ok()
	for i := range 60 {
		h.put(path+"/s", fmt.Sprintf(`{"owner":"o%d"}`, i)).ok()
	}
	first := h.get(path + "/s/history").ok()
	if n := len(lines(first)); n != 50 {
		t.Errorf("%d events", n)
	}
	if n := len(lines(h.get(next(first)).has("Link", ""))); n != 11 {
		t.Errorf("%d events on the second page", n)
	}
}

func TestOnlyTheCursorOfTheSameHistoryIsTaken(t *testing.T) {
	h := open(t)
	path := eventful(h)
	other, instants := eventful(h), h.happened(path)
	page := path + "/services/basket/history?limit=1"
	cursor := read[serviceHistory](h.get(page).ok()).NextCursor
	changed, unsigned := []byte(cursor), []byte(cursor)
	changed[len(changed)/2] ^= 1
	unsigned[0] = map[bool]byte{true: 'B', false: 'A'}[unsigned[0] == 'A']
	for name, target := range map[string]string{
		"of another slug":          path + "/services/cart/history?limit=1&cursor=" + cursor,
		"of another project":       other + "/services/basket/history?limit=1&cursor=" + cursor,
		"with another from":        page + "&from=" + string(instants[0]) + "&cursor=" + cursor,
		"with another to":          page + "&to=" + string(instants[9]) + "&cursor=" + cursor,
		"with another signature":   page + "&cursor=" + string(unsigned),
		"with a letter changed":    page + "&cursor=" + string(changed),
		"cut short":                page + "&cursor=" + cursor[:len(cursor)-4],
		"longer":                   page + "&cursor=" + cursor + "AAAA",
		"with a line break":        page + "&cursor=" + cursor + "%0A",
		"that is no cursor":        page + "&cursor=x",
		"that is empty":            page + "&cursor=",
		"of a list":                page + "&cursor=" + cursorOf(h, path),
		"of zeros":                 page + "&cursor=" + strings.Repeat("A", len(cursor)),
		"that is JSON in the open": page + "&cursor=" + url.QueryEscape(`{"Key":"basket"}`),
	} {
		h.sub(name, func(h *house) { h.get(target).badRequest("cursor ") })
	}
	if p := h.get(path+"/services?cursor="+cursor).fails(400, "bad_request"); !strings.Contains(p.Details, "cursor ") {
		t.Errorf("a list took it: %+v", p)
	}
	// Another limit is the same history.
	if got := lines(h.get(path + "/services/basket/history?limit=9&cursor=" + cursor)); len(got) != 3 {
		t.Errorf("the rest is %v", got)
	}
	// A rename later, it is the same still.
	h.delete(other).ok()
	if got := lines(h.get(page + "&cursor=" + cursor)); !slices.Equal(got, []string{"UPDATE basket"}) {
		t.Errorf("the second page is %v", got)
	}
}

// cursorOf is a cursor of the services of a project.
func cursorOf(h *house, path string) string {
	h.Helper()
	h.clock.advance(time.Second)
	h.post(path+"/services", `{"name":"Yet another"}`).ok()
	target, err := url.Parse(next(h.get(path + "/services?limit=1")))
	if err != nil {
		h.Fatal(err)
	}
	return target.Query().Get("cursor")
}
