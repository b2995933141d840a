package contract

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// list is a JSON array of services.
func list(services ...string) string { return "[" + strings.Join(services, ",") + "]" }

// numbered are n services with a name alone, in which their number from 0 on stands.
func numbered(name string, n int) []string {
	services := make([]string, n)
	for i := range services {
		services[i] = fmt.Sprintf(`{"name":"`+name+`"}`, i)
	}
	return services
}

// upsert writes services of a project, as many at a time as one request may have.
func (h *house) upsert(path string, services []string) {
	h.Helper()
	for part := range slices.Chunk(services, 30) {
		h.put(path+"/services", list(part...)).ok()
	}
}

func TestABulkUpsertCreatesAndUpdatesByNameAtOneInstant(t *testing.T) {
	h := open(t)
	path := h.shop()
	cart := read[service](h.post(path+"/services", `{"name":"Cart","owner":"carts"}`).ok())
	h.clock.advance(time.Second)
	sent := list(
		`{"name":"Zoo","owner":"animals"}`,
		`{"name":"ORDER API","description":"All orders","flows":null}`,
		`{"name":"Cart","owner":"carts"}`,
		`{"name":"Billing"}`)
	answered := h.put(path+"/services", sent).ok().has("ETag", "")
	got := read[[]service](answered)
	var lines []string
	for _, s := range got {
		lines = append(lines, fmt.Sprint(s.Slug, " ", s.Name, " ", s.CreatedAt, " ", s.UpdatedAt))
	}
	at, before := got[0].CreatedAt, got[1].CreatedAt
	if all := h.instants(path); at != all[3] || before != all[1] {
		t.Errorf("at %s, created at %s, of %s", at, before, all)
	}
	want := []string{
		fmt.Sprint("zoo Zoo ", at, " ", at), fmt.Sprint("order-api ORDER API ", before, " ", at),
		fmt.Sprint("cart Cart ", cart.CreatedAt, " ", cart.UpdatedAt), fmt.Sprint("billing Billing ", at, " ", at),
	}
	if !slices.Equal(lines, want) {
		t.Errorf("answered %q, not %q", lines, want)
	}
	// As in PUT, what is absent is kept and null clears.
	if order := got[1]; *order.Owner != "sales" || order.Flows != nil || len(order.Produces) != 1 || *order.Description != "All orders" {
		t.Errorf("the updated one is %+v", order)
	}
	for _, s := range got {
		if now := read[service](h.get(path + "/services/" + s.Slug).ok()); fmt.Sprint(deep(now)) != fmt.Sprint(deep(s)) {
			t.Errorf("answered %v, read %v", deep(s), deep(now))
		}
	}
	// One before it, all of it at its instant.
	if old := slugs(h.get(path + "/services?at=" + string(at.plus(-1)))); !slices.Equal(old, []string{"cart", "order-api"}) {
		t.Errorf("before it there were %v", old)
	}
	if now := slugs(h.get(path + "/services?at=" + string(at))); len(now) != 4 {
		t.Errorf("at its instant there are %v", now)
	}
	if p := read[project](h.get(path).ok()); p.ServiceCount != 4 || p.UpdatedAt != at {
		t.Errorf("the project is %+v", p)
	}
	h.clock.advance(time.Second)
	h.changesNothing(func() { h.put(path+"/services", sent).is(200, answered.body) })
}

// deep is a service with what its pointers lead to.
func deep(s service) []any {
	all := []any{s.Slug, s.Name, s.Consumes, s.Produces, s.CreatedAt, s.UpdatedAt, s.ValidFrom, s.ValidUntil == nil}
	for _, member := range []*string{s.Description, s.Category, s.Owner} {
		if member != nil {
			all = append(all, *member)
		}
	}
	return all
}

func TestTheEventsOfABulkUpsertStandInTheHistoryInTheOrderSent(t *testing.T) {
	h := open(t)
	path := h.shop()
	h.clock.advance(time.Second)
	h.put(path+"/services", list(`{"name":"Zoo"}`, `{"name":"Order API","owner":"x"}`, `{"name":"Alpha"}`)).ok()
	instants := h.instants(path) // of the project, of the shop's service, and of all those
	for page, want := range []string{"CREATE zoo Zoo owner", "UPDATE order-api Order API owner", "CREATE alpha Alpha owner", "CREATE order-api Order API owner"} {
		got := read[history](h.get(fmt.Sprintf("%s/history?size=1&page=%d", path, page)).ok())
		if len(got.Events) != 1 || line(got.Events[0]) != want || got.TotalCount != 4 ||
			got.Events[0].Timestamp != instants[map[bool]int{true: 2, false: 1}[page < 3]] {
			t.Errorf("event %d of %d is %+v, not %s", page, got.TotalCount, got.Events, want)
		}
	}
}

func TestABulkUpsertHasOneToThirtyServices(t *testing.T) {
	h := open(t)
	path := h.shop() + "/services"
	size := invalid(bad("body", "size must be between 1 and 30", ""))
	h.changesNothing(func() {
		h.put(path, `[]`).is(400, size)
		h.put(path, list(numbered("Service %d", 31)...)).is(400, size)
		h.put(path, list(append(numbered("Service %d", 31), `{"name":""}`)...)).is(400, invalid(
			bad("body", "size must be between 1 and 30", ""), bad("[31].name", "must not be blank", `""`)))
	})
	if got := read[[]service](h.put(path, list(numbered("Service %d", 30)...)).ok()); len(got) != 30 {
		t.Errorf("%d services", len(got))
	}
	// All of them changed: three items each, the most that one transaction carries.
	var changed []string
	for i := range 30 {
		changed = append(changed, fmt.Sprintf(`{"name":"Service %d","owner":"x"}`, i))
	}
	got := read[[]service](h.put(path, list(changed...)).ok())
	for _, s := range got {
		if *s.Owner != "x" || s.ValidFrom != got[0].ValidFrom {
			t.Errorf("changed to %+v", s)
		}
	}
}

func TestViolationsOfABulkUpsertNameTheirServiceAllAtOnce(t *testing.T) {
	h := open(t)
	path := h.shop() + "/services"
	for name, c := range map[string]struct {
		sent       string
		violations []string
	}{
		"a name": {list(`{"name":"Cart"}`, `{"name":""}`), []string{bad("[1].name", "must not be blank", `""`)}},
		"all over the list": {list(`{"owner":7}`, `{"name":"Order API","produces":[{"name":"a"},{},{"name":1}]}`, `{"name":"Cart","colour":"blue","extras":{"team":null}}`),
			[]string{
				bad("[0].owner", "must be a string", "7"), bad("[0].name", "is required", ""),
				bad("[1].produces[1].name", "is required", ""), bad("[1].produces[2].name", "must be a string", "1"),
				bad("[2].colour", "unknown member", ""), bad("[2].extras.team", "must not be null", ""),
			}},
		"a member twice":           {list(`{"name":"Cart"}`, `{"name":"A","name":"B"}`), []string{bad("[1].name", "must not be given twice", "")}},
		"what is no service":       {`["Cart",null,7]`, []string{bad("[0]", "must be an object", `"Cart"`), bad("[1]", "must not be null", ""), bad("[2]", "must be an object", "7")}},
		"an update needs its name": {list(`{"owner":"x"}`), []string{bad("[0].name", "is required", "")}},
		"an object":                {`{"name":"Cart"}`, []string{bad("body", "must be an array", "")}},
		"a text":                   {`"Cart"`, []string{bad("body", "must be an array", `"Cart"`)}},
		"null":                     {`null`, []string{bad("body", "must not be null", "")}},
		"nothing":                  {``, []string{bad("body", "must not be empty", "")}},
	} {
		h.sub(name, func(h *house) {
			h.changesNothing(func() { h.put(path, c.sent).is(400, invalid(c.violations...)) })
		})
	}
}

func TestEachMemberOfABulkUpsertIsCheckedAsInACreate(t *testing.T) {
	h := open(t)
	path := h.shop() + "/services"
	for _, c := range serviceMembers() {
		if len(c.violations) == 0 {
			continue
		}
		h.sub(c.name, func(h *house) {
			var indexed []string
			for _, v := range c.violations {
				indexed = append(indexed, strings.Replace(v, `{"field":"`, `{"field":"[1].`, 1))
			}
			h.changesNothing(func() {
				h.put(path, list(`{"name":"Cart"}`, `{"name":"Order API",`+c.sent+`}`)).is(400, invalid(indexed...))
			})
		})
	}
}

func TestABulkUpsertCutShortAtAnyByteChangesNothing(t *testing.T) {
	h := open(t)
	path := h.shop() + "/services"
	good := goodBodies["upsertServices"]
	h.changesNothing(func() {
		for n := range good {
			h.put(path, good[:n]).broken()
		}
		for _, more := range []string{"x", "[]", "]", ","} {
			h.put(path, good+more).broken()
		}
	})
}

func TestTwoServicesOfOneSlugInABulkUpsertAre409(t *testing.T) {
	h := open(t)
	path := h.shop() + "/services"
	conflict := func(details string) string {
		return quoted(`{"status":409,"code":"service_name_conflict","message":"Service name conflict","details":%s}`, details)
	}
	h.changesNothing(func() {
		h.put(path, list(`{"name":"Cart"}`, `{"name":"Billing"}`, `{"name":"CART!"}`)).is(409, conflict(`[0] and [2] both have the slug "cart"`))
		h.put(path, list(`{"name":"Order API"}`, `{"name":"Order API"}`)).is(409, conflict(`[0] and [1] both have the slug "order-api"`))
	})
}

func TestABulkUpsertOfAProjectThatIsNotThereIs404(t *testing.T) {
	h := open(t)
	path := h.shop()
	none := list(`{"name":"Cart"}`, `{"name":"cart"}`)
	h.changesNothing(func() {
		h.put("/v1/projects/web-shop-zzzzz/services", none).is(404, noProject)
		h.send(h.ask("PUT", path+"/services", none).by(h.foreign)).is(404, noProject)
	})
}

func TestABulkUpsertOfWhatIsTooLargeNamesIt(t *testing.T) {
	h := open(t)
	path := h.shop() + "/services"
	h.changesNothing(func() {
		h.put(path, list(`{"name":"Cart"}`, heavy("Heavy", 600<<10))).is(400, invalid(bad("[1]", "is too large to store; a service takes at most 393216 bytes of JSON as it is stored", "")))
		h.put(path, list(`{"name":"Cart"}`, heavy("Order API", 600<<10))).is(400, invalid(bad("[1]", "is too large to store; a service takes at most 393216 bytes of JSON as it is stored", "")))
		h.put(path, list(heavy("Heavy", 600<<10), heavy("Heavier", 600<<10))).fails(413, "bad_request")
	})
	// Each is stored; together with what they were they would be too much for one transaction.
	for i := range 8 {
		h.put(path, list(heavy(fmt.Sprint("Heavy ", i), 360<<10))).ok()
	}
	var all []string
	for i := range 8 {
		all = append(all, fmt.Sprintf(`{"name":"Heavy %d","owner":"x"}`, i))
	}
	h.changesNothing(func() {
		h.put(path, list(all...)).is(400, invalid(bad("body", "is too large to store at once; send fewer services", "")))
	})
	h.put(path, list(all[:4]...)).ok()
}

func TestABulkUpsertRenamesNothing(t *testing.T) {
	h := open(t)
	path := h.shop() + "/services"
	h.put(path+"/order-api", `{"name":"Orders"}`).ok()
	got := read[[]service](h.put(path, list(`{"name":"Order API"}`, `{"name":"Orders"}`)).ok())
	if got[0].Slug != "order-api" || got[0].CreatedAt != got[0].UpdatedAt || got[1].Slug != "orders" || got[1].CreatedAt == got[1].UpdatedAt {
		t.Errorf("got %+v", got)
	}
	// A name that changes but for its slug is a change of the name.
	if renamed := read[[]service](h.put(path, list(`{"name":"ORDERS"}`)).ok()); renamed[0].Name != "ORDERS" || renamed[0].CreatedAt != got[1].CreatedAt {
		t.Errorf("got %+v", renamed)
	}
}
