package contract

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
)

const services = inventory + "/services"

// body is a service as a client sends it, with more members as JSON.
func (s *site) body(name string, more ...string) string {
	return quoted(`{"name":%s,"host_id":%s,"network_id":%s,"service_definition":"Nginx"`, name, s.host.ID, s.network.ID) +
		strings.Join(append([]string{""}, more...), ",") + `}`
}

func TestAServiceIsMadeWithWhatTheServerSaysOfIt(t *testing.T) {
	s := open(t).site()
	made := data[aService](s.post(services, s.body("orders", `"id":"`+nobodys+`"`, `"created_at":"2001-01-01T00:00:00Z"`,
		`"updated_at":"2001-01-01T00:00:00Z"`, `"source":{"type":"Discovery"}`, `"position":77`)))
	want := aService{
		ID: made.ID, times: times{made.CreatedAt, made.CreatedAt}, HostID: s.host.ID, NetworkID: s.network.ID, ServiceDefinition: "Nginx",
		Name: "orders", Bindings: []aBinding{}, Source: aSource{"Manual"}, Tags: []string{}, Position: 2,
	}
	if !reflect.DeepEqual(made, want) || made.ID == nobodys || made.CreatedAt < s.shell.CreatedAt {
		t.Errorf("made is %+v, want %+v", made, want)
	}
	if got := data[aService](s.get(services + "/" + made.ID)); !reflect.DeepEqual(got, made) {
		t.Errorf("stored is %+v", got)
	}
}

func TestEveryIDIsAUUIDThatTheServerMade(t *testing.T) {
	s := open(t).site()
	for _, id := range []string{s.network.ID, s.subnet.ID, s.host.ID, s.e0.ID, s.p80.ID, s.web.ID, s.web.Bindings[0].ID, s.tag.ID} {
		if uuids.FindString(id) != id {
			t.Errorf("%q is no UUID", id)
		}
	}
}

func TestAServiceRunsInAContainer(t *testing.T) {
	s := open(t).site()
	docker := `"virtualization":{"type":"Docker","details":{"container_name":"web","container_id":"c0ffee","service_id":null}}`
	made := data[aService](s.post(services, s.body("orders", docker)))
	if v := made.Virtualization; v == nil || v.Type != "Docker" || v.Details["container_name"] != "web" || v.Details["container_id"] != "c0ffee" {
		t.Errorf("it runs in %+v", v)
	}
	for name, with := range map[string]string{"null": `"virtualization":null`, "nothing": `"x":1`} {
		s.put(services+"/"+made.ID, s.body("orders", docker, `"bindings":[]`)).ok()
		if is := data[aService](s.put(services+"/"+made.ID, s.body("orders", with, `"bindings":[]`))); is.Virtualization != nil {
			t.Errorf("after %s it runs in %+v", name, is.Virtualization)
		}
	}
	s.changesNothing(func() {
		s.post(services, s.body("orders", `"virtualization":{"type":"Proxmox","details":{}}`)).fails(400, "validation_failed")
	})
}

func TestAServiceIsRefusedWhole(t *testing.T) {
	s := open(t).site()
	with := func(old, new string) string { return strings.Replace(s.body("orders"), old, new, 1) }
	for name, c := range map[string]struct {
		body   string
		status int
		code   string
	}{
		"without a name":                        {with(`"name":"orders",`, ""), 400, "validation_failed"},
		"with a name of white space":            {with("orders", " \t "), 400, "validation_failed"},
		"with an empty name":                    {with("orders", ""), 400, "validation_failed"},
		"with a name of 101 characters":         {with("orders", strings.Repeat("ö", 101)), 400, "validation_failed"},
		"without a host":                        {with(`"host_id":"`+s.host.ID+`",`, ""), 400, "validation_failed"},
		"without a network":                     {with(`"network_id":"`+s.network.ID+`",`, ""), 400, "validation_failed"},
		"without a definition":                  {with(`,"service_definition":"Nginx"`, ""), 400, "validation_failed"},
		"of an unknown definition":              {with("Nginx", "Nothing known"), 400, "unknown_service_definition"},
		"with an id in braces":                  {with(s.host.ID, "{"+s.host.ID+"}"), 400, "validation_failed"},
		"with an id without dashes":             {with(s.host.ID, strings.ReplaceAll(s.host.ID, "-", "")), 400, "validation_failed"},
		"on an unknown host":                    {with(s.host.ID, nobodys), 404, "not_found"},
		"in an unknown network":                 {with(s.network.ID, nobodys), 404, "not_found"},
		"on a host of another network":          {with(s.network.ID, s.otherNetwork.ID), 400, "host_on_another_network"},
		"with an unknown tag":                   {s.body("orders", `"tags":["`+nobodys+`"]`), 400, "unknown_tag"},
		"with a tag that is no UUID":            {s.body("orders", `"tags":["prod"]`), 400, "validation_failed"},
		"with an unknown type of binding":       {s.body("orders", `"bindings":[{"type":"Wire","port_id":"`+s.p80.ID+`"}]`), 400, "validation_failed"},
		"with a port binding without a port":    {s.body("orders", `"bindings":[{"type":"Port"}]`), 400, "validation_failed"},
		"with an interface binding without one": {s.body("orders", `"bindings":[{"type":"Interface"}]`), 400, "validation_failed"},
		"with an interface binding to a port":   {s.body("orders", `"bindings":[{"type":"Interface","interface_id":"`+s.e1.ID+`","port_id":"`+s.p80.ID+`"}]`), 400, "validation_failed"},
		"cut short":                             {s.body("orders")[:40], 400, "validation_failed"},
		"that is an array":                      {"[" + s.body("orders") + "]", 400, "validation_failed"},
		"of over one mebibyte":                  {s.body("orders", `"x":"`+strings.Repeat("x", 1<<20)+`"`), 413, "bad_request"},
	} {
		s.sub(name, func(s *site) {
			s.changesNothing(func() { s.post(services, c.body).fails(c.status, c.code) })
		})
	}
}

func TestAnIDIsReadInUpperCaseAndShownInLowerCase(t *testing.T) {
	s := open(t).site()
	if got := data[aService](s.get(services + "/" + strings.ToUpper(s.web.ID))); got.ID != s.web.ID {
		t.Errorf("%s is shown for %s", got.ID, strings.ToUpper(s.web.ID))
	}
	body := strings.ReplaceAll(s.body("orders"), s.host.ID, strings.ToUpper(s.host.ID))
	if made := data[aService](s.post(services, body)); made.HostID != s.host.ID {
		t.Errorf("it is on the host %s", made.HostID)
	}
}

func TestAPathIDThatIsNoUUIDIs400(t *testing.T) {
	s := open(t).site()
	for _, id := range []string{"x", "%7B" + s.web.ID + "%7D", s.web.ID[1:], strings.ReplaceAll(s.web.ID, "-", ""), "urn:uuid:" + s.web.ID, s.web.ID + "0"} {
		s.get(services+"/"+id).fails(400, "bad_request")
		s.delete(services+"/"+id).fails(400, "bad_request")
	}
}

func TestTheWrongMethodOfANetworkPathIs405(t *testing.T) {
	s := open(t).site()
	s.send(s.ask("PATCH", services+"/"+s.web.ID, "{}")).has("Allow", "DELETE, GET, PUT").fails(405, "bad_request")
	s.delete(services).has("Allow", "GET, POST").fails(405, "bad_request")
}

func TestWhatIsNoPathOfTheNetworkIs404InItsEnvelope(t *testing.T) {
	s := open(t).site()
	for _, path := range []string{"/api", "/api/v1", "/api/v1/nothing", "/api/v2/services", services + "/" + s.web.ID + "/more"} {
		got := s.get(path)
		if got.status != 404 || !strings.HasPrefix(got.body, `{"success":false,"error":"`) {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
}

func TestWhatWasReadCanBeSentBackAsItIsAndMovesNothing(t *testing.T) {
	s := open(t).site()
	for _, service := range []aService{s.web, s.proxy} {
		got := s.get(services + "/" + service.ID).ok()
		text := got.body[strings.Index(got.body, `"data":`)+len(`"data":`) : strings.LastIndex(got.body, `,"meta":`)]
		s.changesNothing(func() {
			if is := data[aService](s.put(services+"/"+service.ID, text)); !reflect.DeepEqual(is, service) {
				t.Errorf("it is %+v, was %+v", is, service)
			}
		})
	}
}

func TestAPUTReplacesWhatIsSentAndClearsWhatIsNot(t *testing.T) {
	s := open(t).site()
	is := data[aService](s.put(services+"/"+s.web.ID, s.body("site", `"bindings":[]`)))
	if is.Name != "site" || len(is.Tags) != 0 || is.Virtualization != nil || is.Position != s.web.Position || len(is.Bindings) != 0 ||
		is.ID != s.web.ID || is.CreatedAt != s.web.CreatedAt || is.UpdatedAt <= s.web.UpdatedAt || is.Source != s.web.Source {
		t.Errorf("it is %+v, was %+v", is, s.web)
	}
	s.changesNothing(func() {
		s.put(services+"/"+s.web.ID, s.body("without bindings")).fails(400, "validation_failed")
		s.put(services+"/"+nobodys, s.body("nobody's", `"bindings":[]`)).fails(404, "not_found")
		s.put(services+"/"+s.web.ID, strings.Replace(s.body("lost", `"bindings":[]`), s.host.ID, nobodys, 1)).fails(404, "not_found")
	})
}

func TestABindingThatIsSentWithItsIDStaysWhatItIs(t *testing.T) {
	s := open(t).site()
	was := s.web.Bindings[0]
	kept := quoted(`{"id":%s,"type":"Port","port_id":%s}`, was.ID, s.p80.ID)
	is := data[aService](s.put(services+"/"+s.web.ID, s.body("web", `"bindings":[`+kept+`,`+s.places("P(p443,e1)")+`]`)))
	if len(is.Bindings) != 2 || is.Bindings[0] != was || is.Bindings[1].ID == "" || is.Bindings[1].CreatedAt <= was.CreatedAt {
		t.Fatalf("it binds %+v, bound %+v", is.Bindings, was)
	}
	if is = data[aService](s.put(services+"/"+s.web.ID, s.body("web", `"bindings":[`+s.places("P(p443,e1)")+`]`))); len(is.Bindings) != 1 {
		t.Errorf("it binds %+v", is.Bindings)
	}
	s.get(inventory+"/bindings/"+was.ID).fails(404, "not_found")
	foreign := quoted(`{"id":%s,"type":"Port","port_id":%s}`, s.proxy.Bindings[0].ID, s.p80.ID)
	if is = data[aService](s.put(services+"/"+s.web.ID, s.body("web", `"bindings":[`+foreign+`]`))); is.Bindings[0].ID == s.proxy.Bindings[0].ID {
		t.Error("it has the binding of another service")
	}
}

func TestAServiceMovesToAnotherHostOfItsNetworkAndIsCheckedThere(t *testing.T) {
	s := open(t).site()
	moved := func(bindings string) string {
		return strings.Replace(s.body("web", `"bindings":[`+s.places(bindings)+`]`), s.host.ID, s.otherHost.ID, 1)
	}
	s.changesNothing(func() {
		s.put(services+"/"+s.web.ID, moved("P(p80)")).fails(400, "binding_cross_host")
		s.put(services+"/"+s.web.ID, moved("P(px)")).fails(400, "binding_claim")
	})
	is := data[aService](s.put(services+"/"+s.web.ID, moved("I(ex)")))
	if is.HostID != s.otherHost.ID || is.CreatedAt != s.web.CreatedAt || s.shown(is.Bindings) != "I(ex)" {
		t.Errorf("it is %+v", is)
	}
	for id, want := range map[string]int{s.host.ID: 1, s.otherHost.ID: 2} {
		if got, _ := listing[aService](s.get(services + "?host_id=" + id)); len(got) != want {
			t.Errorf("the host %s has %d services, want %d", id, len(got), want)
		}
	}
	if then := data[aService](s.get(services + "/" + s.web.ID + "?at=" + s.shell.CreatedAt)); then.HostID != s.host.ID {
		t.Errorf("before it was on %s", then.HostID)
	}
}

func TestPositionsAreTheOrderInsideAHost(t *testing.T) {
	s := open(t).emptied()
	order := func() string {
		t.Helper()
		list, _ := listing[aService](s.get(services + "?order_by=position&host_id=" + s.host.ID))
		var words []string
		for _, service := range list {
			words = append(words, fmt.Sprint(service.Name, service.Position))
		}
		return strings.Join(words, " ")
	}
	made := map[string]aService{}
	for _, name := range []string{"a", "b", "c", "d"} {
		made[name] = s.newService(name, s.host.ID, "")
	}
	put := func(name string, position int) {
		t.Helper()
		s.put(services+"/"+made[name].ID, s.body(name, `"bindings":[]`, fmt.Sprintf(`"position":%d`, position))).ok()
	}
	for _, c := range []struct {
		do   func()
		want string
	}{
		{func() {}, "a0 b1 c2 d3"},
		{func() { put("d", 9) }, "a0 b1 c2 d9"},
		{func() { put("d", 1) }, "a0 d1 b2 c3"},
		{func() { s.delete(services + "/" + made["b"].ID).ok() }, "a0 d1 c3"},
		{func() { put("c", 0) }, "c0 a1 d2"},
		{func() { made["e"] = s.newService("e", s.host.ID, "") }, "c0 a1 d2 e3"},
	} {
		c.do()
		if got := order(); got != c.want {
			t.Errorf("the order is %s, want %s", got, c.want)
		}
	}
	s.changesNothing(func() {
		s.put(services+"/"+made["a"].ID, s.body("a", `"bindings":[]`, `"position":-1`)).fails(400, "validation_failed")
	})
}

// Whatever a GET shows can be sent back, at the ends of what a client can send, too.
func TestWhatIsShownAtTheLimitsCanBeSentBack(t *testing.T) {
	s := open(t).emptied()
	first, second := s.newService("first", s.host.ID, ""), s.newService("second", s.host.ID, "")
	s.put(services+"/"+first.ID, s.body("first", `"bindings":[]`, `"position":1000000`)).ok()
	last := s.newService("last", s.host.ID, "")
	if list, _ := listing[aService](s.get(services + "?order_by=position")); len(list) != 3 || list[0].ID != second.ID || list[1].ID != first.ID || list[2].ID != last.ID {
		t.Errorf("they come as %+v", list)
	}
	var ports []string
	for n := range 1001 {
		ports = append(ports, fmt.Sprintf(`{"number":%d,"protocol":"Udp"}`, n+1000))
	}
	crowd := data[aHost](s.post(inventory+"/hosts", quoted(`{"network_id":%s,"name":"crowd","ports":[`, s.network.ID)+strings.Join(ports, ",")+`]}`))
	var bound []string
	for _, p := range crowd.Ports[:1000] {
		bound = append(bound, quoted(`{"type":"Port","port_id":%s}`, p.ID))
	}
	busy := data[aService](s.post(services, quoted(`{"name":"busy","host_id":%s,"network_id":%s,"service_definition":"Nginx","bindings":[`, crowd.ID, s.network.ID)+strings.Join(bound, ",")+`]}`))
	s.changesNothing(func() {
		s.post(inventory+"/bindings", quoted(`{"service_id":%s,"type":"Port","port_id":%s}`, busy.ID, crowd.Ports[1000].ID)).fails(400, "too_many_bindings")
	})
	for _, path := range []string{services + "/" + last.ID, services + "/" + busy.ID, inventory + "/hosts/" + s.host.ID, inventory + "/hosts/" + crowd.ID} {
		shown := s.get(path).ok()
		var envelope struct {
			Data json.RawMessage `json:"data"`
		}
		if err := json.Unmarshal([]byte(shown.body), &envelope); err != nil {
			t.Fatal(err)
		}
		s.put(path, string(envelope.Data)).ok()
		if again := s.get(path).ok(); again.body != shown.body {
			t.Errorf("%s was changed by what it showed", path)
		}
	}
}

func TestServicesAreListedByEveryFilterGroupAndOrder(t *testing.T) {
	s := open(t).site()
	s.newService("cache", s.otherHost.ID, "")
	names := func(query string) string {
		t.Helper()
		list, _ := listing[aService](s.get(services + query))
		var words []string
		for _, service := range list {
			words = append(words, service.Name)
		}
		return strings.Join(words, " ")
	}
	for query, want := range map[string]string{
		"": "web proxy shell cache", "?order_direction=desc": "cache shell proxy web",
		"?order_by=name": "cache proxy shell web", "?order_by=name&order_direction=desc": "web shell proxy cache",
		"?order_by=host&order_direction=desc": "shell cache web proxy", "?group_by=host&order_by=name": "proxy web cache shell",
		"?host_id=" + s.otherHost.ID: "shell cache", "?host_id=" + nobodys: "", "?network_id=" + s.network.ID: "web proxy shell cache",
		"?network_id=" + s.otherNetwork.ID: "", "?network_id=" + nobodys: "", "?tag_ids=" + s.tag.ID: "web proxy shell cache",
		"?tag_ids=" + s.otherTag.ID: "", "?tag_ids=" + s.otherTag.ID + "&tag_ids=" + s.tag.ID: "web proxy shell cache",
		"?ids=" + s.shell.ID + "&ids=" + s.web.ID + "&ids=" + nobodys: "web shell", "?search=E": "web shell cache", "?search=nothing": "",
		"?limit=2": "web proxy", "?limit=2&offset=3": "cache", "?limit=0": "web proxy shell cache", "?offset=10": "",
		"?limit=5000": "web proxy shell cache", "?at=" + s.proxy.CreatedAt: "web proxy", "?at=2001-01-01T00:00:00Z": "",
	} {
		if got := names(query); got != want {
			t.Errorf("%s lists %q, want %q", query, got, want)
		}
	}
	for _, query := range []string{
		"?limit=-1", "?limit=x", "?offset=-1", "?order_by=colour", "?group_by=colour", "?order_direction=up", "?host_id=x", "?ids=x",
		"?tag_ids=", "?ids=" + s.web.ID + ",", "?network_id=", "?at=yesterday", "?at=2026-01-01", "?limit=1&limit=2",
	} {
		s.get(services+query).fails(400, "bad_request")
	}
}

func TestAListSaysWhichPartOfAllItIs(t *testing.T) {
	s := open(t).site()
	for query, want := range map[string]pagination{
		"": {3, 50, 0, false}, "?limit=2": {3, 2, 0, true}, "?limit=2&offset=1": {3, 2, 1, false}, "?limit=0": {3, 0, 0, false},
		"?limit=1001": {3, 1000, 0, false}, "?limit=18446744073709551615": {3, 1000, 0, false}, "?limit=2&offset=18446744073709551615": {3, 2, math.MaxInt, false}, "?offset=3": {3, 50, 3, false}, "?limit=3": {3, 3, 0, false}, "?search=sh&limit=1": {1, 1, 0, false},
	} {
		if _, got := listing[aService](s.get(services + query)); got != want {
			t.Errorf("%s is %+v, want %+v", query, got, want)
		}
	}
}

func TestABulkDeleteSkipsWhatIsNotThereAndCountsWhatWasSent(t *testing.T) {
	s := open(t).site()
	body := quoted(`[%s,%s,%s,%s]`, s.web.ID, nobodys, s.web.ID, s.shell.ID)
	if got := data[bulkDeleted](s.post(services+"/bulk-delete", body)); got != (bulkDeleted{2, 4}) {
		t.Errorf("it says %+v", got)
	}
	if got := data[bulkDeleted](s.post(services+"/bulk-delete", body)); got != (bulkDeleted{0, 4}) {
		t.Errorf("the second says %+v", got)
	}
	if list, _ := listing[aService](s.get(services)); len(list) != 1 || list[0].ID != s.proxy.ID {
		t.Errorf("left is %+v", list)
	}
	many := make([]string, 10_001)
	for i := range many {
		many[i] = `"` + s.proxy.ID + `"`
	}
	s.changesNothing(func() {
		for _, wrong := range []string{`[]`, `{}`, `["x"]`, `[1]`, `null`, quoted(`{"ids":[%s]}`, s.proxy.ID), "[" + strings.Join(many, ",") + "]"} {
			s.post(services+"/bulk-delete", wrong).fails(400, "validation_failed")
		}
	})
	if got := data[bulkDeleted](s.post(services+"/bulk-delete", "["+strings.Join(many[1:], ",")+"]")); got != (bulkDeleted{1, 10_000}) {
		t.Errorf("10,000 times one id: %+v", got)
	}
}

func TestADeleteAnswersNull(t *testing.T) {
	s := open(t).site()
	if got := s.delete(services + "/" + s.web.ID).ok(); !strings.HasPrefix(got.body, `{"success":true,"data":null,"meta":{"api_version":1,"server_version":"`) {
		t.Error(got.body)
	}
	s.get(services+"/"+s.web.ID).fails(404, "not_found")
	s.delete(services+"/"+s.web.ID).fails(404, "not_found")
	s.get(inventory+"/bindings/"+s.web.Bindings[0].ID).fails(404, "not_found")
}

func TestTheHistoryOfAServiceStaysWhenItIsDeleted(t *testing.T) {
	s := open(t).site()
	s.put(services+"/"+s.web.ID, s.body("site", `"bindings":[]`)).ok()
	s.delete(services + "/" + s.web.ID).ok()
	type version struct {
		ValidFrom  string   `json:"valid_from"`
		ValidUntil *string  `json:"valid_until"`
		ChangedBy  string   `json:"changed_by"`
		Service    aService `json:"service"`
	}
	versions, of := listing[version](s.get(services + "/" + s.web.ID + "/history"))
	if len(versions) != 2 || of.TotalCount != 2 || versions[0].Service.Name != "site" || versions[1].Service.Name != "web" ||
		*versions[1].ValidUntil != versions[0].ValidFrom || versions[1].ValidFrom != s.web.CreatedAt || versions[0].ValidUntil == nil || versions[0].ChangedBy != "owner" {
		t.Fatalf("the history is %+v", versions)
	}
	if then := data[aService](s.get(services + "/" + s.web.ID + "?at=" + versions[0].ValidFrom)); then.Name != "site" {
		t.Errorf("then it was %+v", then)
	}
	s.get(services+"/"+s.web.ID+"?at="+*versions[0].ValidUntil).fails(404, "not_found")
	if page, _ := listing[version](s.get(services + "/" + s.web.ID + "/history?limit=1&offset=1")); len(page) != 1 || page[0].Service.Name != "web" {
		t.Errorf("the second page is %+v", page)
	}
	s.get(services+"/"+nobodys+"/history").fails(404, "not_found")
}

func TestAConditionKeepsAWriteFromWhatHasChanged(t *testing.T) {
	s := open(t).site()
	for _, path := range []string{services + "/" + s.web.ID, inventory + "/bindings/" + s.proxy.Bindings[0].ID} {
		tag := s.get(path).ok().header.Get("ETag")
		if tag == "" {
			t.Fatalf("%s has no ETag", path)
		}
		s.send(s.ask("GET", path, "").with("If-None-Match", tag)).is(304, "")
		s.changesNothing(func() {
			s.send(s.ask("DELETE", path, "").with("If-Match", `"another"`)).fails(412, "conflict")
		})
	}
	path := services + "/" + s.web.ID
	before := s.get(path).header.Get("ETag")
	after := s.send(s.ask("PUT", path, s.body("site", `"bindings":[]`)).with("If-Match", before)).ok().header.Get("ETag")
	if after == before || after != s.get(path).header.Get("ETag") {
		t.Errorf("the ETag was %s, is %s", before, after)
	}
	s.changesNothing(func() {
		s.send(s.ask("PUT", path, s.body("again", `"bindings":[]`)).with("If-Match", before)).fails(412, "conflict")
	})
	s.send(s.ask("DELETE", path, "").with("If-Match", `"x", `+after)).ok()
}

func TestANetworkRequestWithAnIdempotencyKeyIsDoneOnce(t *testing.T) {
	s := open(t).site()
	ask := s.ask("POST", services, "").with("Idempotency-Key", "once")
	first := s.send(ask.sending(s.body("orders"))).ok()
	again := s.send(ask.sending(s.body("orders"))).ok()
	if again.body != first.body || again.header.Get("ETag") != first.header.Get("ETag") {
		t.Errorf("the second answer is %s, the first %s", again.body, first.body)
	}
	s.send(ask.sending(s.body("others"))).fails(409, "conflict")
	if list, _ := listing[aService](s.get(services + "?search=orders")); len(list) != 1 {
		t.Errorf("there are %d", len(list))
	}
}

func TestServicesAreATable(t *testing.T) {
	s := open(t).site()
	s.newService("=1+2", s.host.ID, "")
	got := s.get(services+"/export/csv?host_id="+s.host.ID+"&order_by=name").ok().has("Content-Disposition", `attachment; filename="services.csv"`)
	lines := strings.Split(got.body, "\r\n")
	if len(lines) != 5 || lines[0] != "id,name,service_definition,host_id,network_id,source,position,created_at,updated_at" || !strings.Contains(lines[1], ",'=1+2,") {
		t.Errorf("the table is %q", got.body)
	}
	want := strings.Join([]string{s.web.ID, "web", "Nginx", s.host.ID, s.network.ID, "Manual", "0", s.web.CreatedAt, s.web.UpdatedAt}, ",")
	if !slices.Contains(lines, want) {
		t.Errorf("%q is not in %q", want, lines)
	}
	if empty := s.get(services + "/export/csv?host_id=" + nobodys).ok(); empty.body != lines[0]+"\r\n" {
		t.Errorf("a table of nothing is %q", empty.body)
	}
	s.get(services+"/export/csv?order_by=colour").fails(400, "bad_request")
}
