package contract

import (
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

type (
	snapshotDiff struct {
		Before *serviceRaw `json:"before,omitempty"`
		After  *serviceRaw `json:"after,omitempty"`
	}
	sluggedService struct {
		Slug string `json:"slug"`
		serviceRaw
	}
	projectDiff struct {
		From     stamp `json:"from"`
		To       stamp `json:"to"`
		Services struct {
			Added   []sluggedService `json:"added"`
			Removed []sluggedService `json:"removed"`
			Changed []struct {
				Slug        string         `json:"slug"`
				RenamedFrom string         `json:"renamedFrom,omitempty"`
				Before      sluggedService `json:"before"`
				After       sluggedService `json:"after"`
			} `json:"changed"`
		} `json:"services"`
		Topics struct {
			Added   []string `json:"added"`
			Removed []string `json:"removed"`
		} `json:"topics"`
		Edges struct {
			Added   []edge `json:"added"`
			Removed []edge `json:"removed"`
		} `json:"edges"`
	}
	edge struct {
		Service   string `json:"service"`
		Topic     string `json:"topic"`
		Direction string `json:"direction"`
	}
)

func TestTheDiffOfASnapshotIsTheServiceBeforeAndAfterTheChange(t *testing.T) {
	h := open(t)
	path := "/v1/projects/" + h.newProject("Diffs")
	h.post(path+"/services", `{"name":"Cart","owner":"carts","extras":{}}`).ok()
	h.put(path+"/services/cart", `{"owner":null,"flows":["pay"],"extras":{"k":"v"}}`).ok()
	h.put(path+"/services/cart", `{"name":"Basket"}`).ok()
	h.put(path+"/services", `[{"name":"Order"},{"name":"Basket","category":"core"}]`).ok()
	h.delete(path + "/services/basket").ok()
	const (
		first   = `{"name":"Cart","owner":"carts","consumes":[],"produces":[],"extras":{}}`
		second  = `{"name":"Cart","flows":["pay"],"consumes":[],"produces":[],"extras":{"k":"v"}}`
		renamed = `{"name":"Basket","flows":["pay"],"consumes":[],"produces":[],"extras":{"k":"v"}}`
		last    = `{"name":"Basket","category":"core","flows":["pay"],"consumes":[],"produces":[],"extras":{"k":"v"}}`
		order   = `{"name":"Order","consumes":[],"produces":[]}`
	)
	want := []string{ // newest first, as the history
		`{"before":` + last + `}`,
		`{"after":` + order + `}`,
		`{"before":` + renamed + `,"after":` + last + `}`,
		`{"before":` + second + `,"after":` + renamed + `}`,
		`{"before":` + first + `,"after":` + second + `}`,
		`{"after":` + first + `}`,
	}
	events := read[history](h.get(path + "/history").ok()).Events
	if len(events) != len(want) {
		t.Fatalf("%d events", len(events))
	}
	check := func() {
		t.Helper()
		for i, e := range events {
			got := h.get(path+"/history/"+e.SnapshotID+"/diff").is(200, want[i]).
				has("Cache-Control", "no-store").has("ETag", `"`+e.SnapshotID+`"`)
			read[snapshotDiff](got)
		}
	}
	check()
	h.clock.advance(time.Hour)
	h.post(path+"/services", `{"name":"Basket"}`).ok()
	h.post(path+"/services", `{"name":"Cart"}`).ok()
	check()
	h.send(h.ask("GET", path+"/history/"+events[0].SnapshotID+"/diff", "").with("If-None-Match", `"`+events[0].SnapshotID+`"`)).
		is(304, "").has("Cache-Control", "no-store")
}

func TestTheDiffOfASnapshotThatIsNotTheProjectsIs404(t *testing.T) {
	h := open(t)
	path, other := eventful(h), eventful(h)
	id := read[history](h.get(path + "/history").ok()).Events[2].SnapshotID
	h.get(path + "/history/" + id + "/diff").ok()
	v7, err := uuid.NewV7()
	if err != nil {
		t.Fatal(err)
	}
	sibling := id[:len(id)-1] + map[bool]string{true: "1", false: "0"}[strings.HasSuffix(id, "0")]
	for name, target := range map[string]string{
		"of another project":        other + "/history/" + id,
		"of now":                    path + "/history/" + v7.String(),
		"of the same instant":       path + "/history/" + sibling,
		"of version 4":              path + "/history/" + uuid.NewString(),
		"of the beginning of time":  path + "/history/00000000-0000-7000-8000-000000000000",
		"of its end":                path + "/history/ffffffff-ffff-7fff-bfff-ffffffffffff",
		"in capitals":               path + "/history/" + strings.ToUpper(id),
		"without hyphens":           path + "/history/" + strings.ReplaceAll(id, "-", ""),
		"in braces":                 path + "/history/%7B" + id + "%7D",
		"as a URN":                  path + "/history/urn:uuid:" + id,
		"with a space":              path + "/history/" + id + "%20",
		"that is a word":            path + "/history/latest",
		"that is a number":          path + "/history/7",
		"that is very long":         path + "/history/" + strings.Repeat("a", 3000),
		"with a slash in it":        path + "/history/" + id[:8] + "%2F" + id[9:],
		"with a NUL that is quoted": path + "/history/a%5Cu0000",
	} {
		h.sub("an id "+name, func(h *house) {
			h.get(target+"/diff").is(404, `{"status":404,"code":"not_found","message":"Snapshot not found"}`).has("Cache-Control", "no-store")
		})
	}
	h.get("/v1/projects/none-at-all/history/"+id+"/diff").fails(404, "project_not_found")
	h.send(h.ask("GET", path+"/history/"+id+"/diff", "").by(h.foreign)).fails(404, "project_not_found")
	h.delete(path).ok()
	h.get(path+"/history/"+id+"/diff").fails(404, "project_not_found")
}

// month is a project and its states, by the numbers of h.tens.
func month(h *house) string {
	h.Helper()
	path := "/v1/projects/" + h.newProject("Month") // at 0
	step := func(r request) {
		h.Helper()
		h.clock.advance(10 * time.Millisecond)
		h.send(r).ok()
	}
	services := path + "/services"
	step(h.ask("PUT", services, `[{"name":"Cart","produces":[{"name":"cart.filled"}]},{"name":"Order","consumes":[{"name":"cart.filled"}],"produces":[{"name":"order.made"}]},{"name":"Zoo"}]`)) // at 10
	step(h.ask("PUT", services+"/cart", `{"name":"Basket"}`))                                                                                                                                    // at 20
	step(h.ask("PUT", services+"/order", `{"owner":"sales","produces":[{"name":"order.made"},{"name":"order.paid"}]}`))                                                                          // at 30
	step(h.ask("DELETE", services+"/zoo", ""))                                                                                                                                                   // at 40
	step(h.ask("POST", services, `{"name":"Cart","consumes":[{"name":"order.paid"}],"produces":[{"name":"cart.filled"}]}`))                                                                      // at 50
	step(h.ask("POST", services, `{"name":"Zoo"}`))                                                                                                                                              // at 60
	step(h.ask("PUT", services+"/zoo", `{"owner":"animals"}`))                                                                                                                                   // at 70
	return path
}

const (
	cart   = `{"slug":"cart","name":"Cart","consumes":[],"produces":[{"name":"cart.filled"}]}`
	basket = `{"slug":"basket","name":"Basket","consumes":[],"produces":[{"name":"cart.filled"}]}`
	order  = `{"slug":"order","name":"Order","consumes":[{"name":"cart.filled"}],"produces":[{"name":"order.made"}]}`
	paid   = `{"slug":"order","name":"Order","owner":"sales","consumes":[{"name":"cart.filled"}],"produces":[{"name":"order.made"},{"name":"order.paid"}]}`
	zoo    = `{"slug":"zoo","name":"Zoo","consumes":[],"produces":[]}`
	tame   = `{"slug":"zoo","name":"Zoo","owner":"animals","consumes":[],"produces":[]}`
	recart = `{"slug":"cart","name":"Cart","consumes":[{"name":"order.paid"}],"produces":[{"name":"cart.filled"}]}`

	rename   = `{"slug":"basket","renamedFrom":"cart","before":` + cart + `,"after":` + basket + `}`
	payment  = `{"slug":"order","before":` + order + `,"after":` + paid + `}`
	toFilled = `{"service":"cart","topic":"cart.filled","direction":"SERVICE_TO_TOPIC"}`
	filledTo = `{"service":"order","topic":"cart.filled","direction":"TOPIC_TO_SERVICE"}`
	toMade   = `{"service":"order","topic":"order.made","direction":"SERVICE_TO_TOPIC"}`
	toPaid   = `{"service":"order","topic":"order.paid","direction":"SERVICE_TO_TOPIC"}`
	paidTo   = `{"service":"cart","topic":"order.paid","direction":"TOPIC_TO_SERVICE"}`
)

func TestTheDiffOfAProjectComparesItsStatesAtTwoInstants(t *testing.T) {
	h := open(t)
	path := month(h)
	after := h.tens(path)
	for _, c := range []struct {
		name                                               string
		from, to                                           int
		added, removed, changed, topics, gone, edges, lost string
	}{
		{"from the empty project", 0, 10, cart + "," + order + "," + zoo, "", "", `"cart.filled","order.made"`, "",
			toFilled + "," + filledTo + "," + toMade, ""},
		{"a rename alone", 10, 20, "", "", rename, "", "", "", ""},
		{"a rename backwards in its life", 9, 19, cart + "," + order + "," + zoo, "", "", `"cart.filled","order.made"`, "",
			toFilled + "," + filledTo + "," + toMade, ""},
		{"a change of facts and topics", 20, 39, "", "", payment, `"order.paid"`, "", toPaid, ""},
		{"a deletion", 30, 40, "", zoo, "", "", "", "", ""},
		{"a slug that another service took", 20, 50, recart, zoo, payment, `"order.paid"`, "", toFilled + "," + paidTo + "," + toPaid, ""},
		{"a rename and one that took its slug", 10, 50, recart, zoo, rename + "," + payment, `"order.paid"`, "", toFilled + "," + paidTo + "," + toPaid, ""},
		{"one created again as it was", 30, 60, recart, "", "", "", "", toFilled + "," + paidTo, ""},
		{"one created again and changed", 39, 70, recart, "", `{"slug":"zoo","before":` + zoo + `,"after":` + tame + `}`, "", "", toFilled + "," + paidTo, ""},
		{"one instant", 30, 30, "", "", "", "", "", "", ""},
		{"nothing between", 20, 29, "", "", "", "", "", "", ""},
	} {
		h.sub(c.name, func(h *house) {
			got := h.get(fmt.Sprintf("%s/diff?from=%s&to=%s", path, after(c.from), after(c.to))).is(200, fmt.Sprintf(
				`{"from":%q,"to":%q,"services":{"added":[%s],"removed":[%s],"changed":[%s]},"topics":{"added":[%s],"removed":[%s]},"edges":{"added":[%s],"removed":[%s]}}`,
				after(c.from), after(c.to), c.added, c.removed, c.changed, c.topics, c.gone, c.edges, c.lost)).has("Cache-Control", "no-store")
			read[projectDiff](got)
		})
	}
}

func TestATopicIsTheSameInADiffHoweverItsNameIsSpelt(t *testing.T) {
	h := open(t)
	path := "/v1/projects/" + h.newProject("Spelling") // at 0
	services := path + "/services"
	step := func(r request) {
		h.Helper()
		h.clock.advance(10 * time.Millisecond)
		h.send(r).ok()
	}
	step(h.ask("POST", services, `{"name":"Order","produces":[{"name":"Order Created"},{"name":"注文"}]}`))                               // at 10
	step(h.ask("PUT", services+"/order", `{"produces":[{"name":"order-created"},{"name":"注文"},{"name":"Order  Created"}]}`))            // at 20
	step(h.ask("POST", services, `{"name":"Cart","consumes":[{"name":"ORDER CREATED"}],"produces":[{"name":"注文 2"}]}`))                 // at 30
	step(h.ask("PUT", services+"/cart", `{"consumes":[{"name":"ORDER.CREATED"}],"produces":[{"name":"Order_Created"},{"name":"支払"}]}`)) // at 40
	step(h.ask("DELETE", services+"/order", ""))                                                                                        // at 50
	after := h.tens(path)
	edge := func(service, topic, direction string) string {
		return fmt.Sprintf(`{"service":%q,"topic":%q,"direction":%q}`, service, topic, direction)
	}
	const to, from = "SERVICE_TO_TOPIC", "TOPIC_TO_SERVICE"
	for _, c := range []struct {
		name                      string
		from, to                  int
		topics, gone, edges, lost string
	}{
		{"two spellings are one topic", 0, 20, `"order-created","注文"`, "", edge("order", "order-created", to) + "," + edge("order", "注文", to), ""},
		{"a change of the spelling", 10, 20, "", "", "", ""},
		{"a consumer of another spelling", 20, 30, `"注文 2"`, "", edge("cart", "order-created", from) + "," + edge("cart", "注文 2", to), ""},
		{"a producer that wrote later", 30, 40, `"支払"`, `"注文 2"`, edge("cart", "Order_Created", to) + "," + edge("cart", "支払", to), edge("cart", "注文 2", to)},
		{"one of its services is deleted", 40, 50, "", `"注文"`, "", edge("order", "Order_Created", to) + "," + edge("order", "注文", to)},
	} {
		h.sub(c.name, func(h *house) {
			got := h.get(fmt.Sprintf("%s/diff?from=%s&to=%s", path, after(c.from), after(c.to))).ok().body
			want := fmt.Sprintf(`"topics":{"added":[%s],"removed":[%s]},"edges":{"added":[%s],"removed":[%s]}}`, c.topics, c.gone, c.edges, c.lost)
			if !strings.HasSuffix(got, want) {
				h.Errorf("answers %s, not %s", got, want)
			}
		})
	}
}

func TestWhatADiffAddsItsReverseRemoves(t *testing.T) {
	h := open(t)
	path := month(h)
	after := h.tens(path)
	// Nothing is earlier than the project: all that it has is added since.
	all := read[projectDiff](h.get(path + "/diff?from=2000-01-01T00:00:00Z").ok())
	if all.From != "2000-01-01T00:00:00.000Z" || all.To != after(70) || len(all.Services.Added) != 4 || len(all.Edges.Added) != 6 {
		t.Errorf("since the beginning of time: %+v", all)
	}
	for _, slug := range []string{"basket", "cart", "order", "zoo"} {
		h.delete(path + "/services/" + slug).ok()
	}
	gone := read[projectDiff](h.get(path + "/diff?from=" + string(after(70))).ok())
	if !reflect.DeepEqual(gone.Services.Removed, all.Services.Added) || !reflect.DeepEqual(gone.Topics.Removed, all.Topics.Added) ||
		!reflect.DeepEqual(gone.Edges.Removed, all.Edges.Added) {
		t.Errorf("removed are %+v, added were %+v", gone, all)
	}
	if gone.Services.Added == nil || gone.Services.Changed == nil || gone.Topics.Added == nil || gone.Edges.Added == nil {
		t.Errorf("what is empty is not there: %+v", gone)
	}
}

func TestADiffAnswersPinnedInstantsAndIsNeverStored(t *testing.T) {
	h := open(t)
	path := month(h)
	after := h.tens(path)
	h.clock.advance(time.Hour)
	east := url.QueryEscape(after(10).time(h).In(time.FixedZone("", 2*3600)).Format("2006-01-02T15:04:05.000-07:00"))
	for _, c := range []struct{ query, from, to string }{
		{"from=" + string(after(10)), string(after(10)), string(after(70))},
		{"from=" + string(after(10)) + "&to=" + string(after(69)), string(after(10)), string(after(69))},
		{"from=" + string(after(10)) + "&to=" + string(after(70)), string(after(10)), string(after(70))},
		{"from=" + string(after(10)) + "&to=" + string(after(71)), string(after(10)), string(after(70))},
		{"from=" + string(after(71)) + "&to=" + string(after(72)), string(after(70)), string(after(70))},
		{"from=2999-01-01T00:00:00Z", string(after(70)), string(after(70))},
		{"from=" + east + "&to=2999-01-01T00:00:00Z", string(after(10)), string(after(70))},
		{"from=2000-01-01T00:00:00Z&to=2001-01-01T00:00:00Z", "2000-01-01T00:00:00.000Z", "2001-01-01T00:00:00.000Z"},
	} {
		h.sub(c.query, func(h *house) {
			got := read[projectDiff](h.get(path+"/diff?"+c.query).ok().has("Cache-Control", "no-store"))
			if string(got.From) != c.from || string(got.To) != c.to {
				h.Errorf("from %s to %s, not %s to %s", got.From, got.To, c.from, c.to)
			}
		})
	}
}

func TestADiffWithoutFromOrWithFromAfterToIsABadRequest(t *testing.T) {
	h := open(t)
	path := month(h)
	after := h.tens(path)
	h.get(path + "/diff").badRequest("from is required")
	h.get(path + "/diff?to=" + string(after(10))).badRequest("from is required")
	h.get(path+"/diff?from="+string(after(11))+"&to="+string(after(10))).is(400,
		`{"status":400,"code":"bad_request","message":"Bad request","details":"from must not be after to, read `+string(after(11))+` and `+string(after(10))+`"}`)
	h.get(path+"/diff?from=2999-01-01T00:00:01Z&to=2999-01-01T00:00:00Z").badRequest("from must not be after to", "2999-01-01T00:00:01.000Z")
	h.get("/v1/projects/none-at-all/diff?from="+string(after(10))).fails(404, "project_not_found")
}
