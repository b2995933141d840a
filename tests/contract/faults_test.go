package contract

import (
	"bufio"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"almanac/internal/api"
	"almanac/internal/store"
	"almanac/internal/store/storetest"
)

const (
	storeSilent = `{"status":503,"code":"internal_error","message":"The store did not answer in time; try again"}`
	storeFailed = `{"status":503,"code":"internal_error","message":"The store cannot answer now; try again"}`
	internal    = `{"status":500,"code":"internal_error","message":"Internal error"}`
)

// faultyHouse is a house on a store that can be made to fail. It is asked
// without a network, so that a test may run in a bubble of its own time.
func faultyHouse(t *testing.T) (*house, *storetest.Faulty) {
	var faulty *storetest.Faulty
	h := build(t, 100, func(s store.Store) store.Store {
		faulty = storetest.NewFaulty(s)
		return faulty
	})
	return h, faulty
}

// directly answers a request without a network.
func (h *house) directly(r request) answer {
	h.Helper()
	sent := httptest.NewRequestWithContext(h.Context(), r.method, r.path, r.body)
	sent.Header = r.header
	got := httptest.NewRecorder()
	h.handler.ServeHTTP(got, sent)
	a := answer{h.T, r.method + " " + r.path, got.Code, got.Header(), got.Body.String()}
	a.checkForm()
	a.checkDocumented(sent)
	return a
}

// lines are the requests that the house has logged.
func (h *house) lines() []map[string]any {
	h.Helper()
	var all []map[string]any
	lines := bufio.NewScanner(strings.NewReader(h.log.String()))
	for lines.Scan() {
		var line map[string]any
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			h.Fatalf("%v in the log line %s", err, lines.Text())
		}
		all = append(all, line)
	}
	return all
}

// everyCall gives each of the next calls a fault.
func everyCall(faulty *storetest.Faulty, fault storetest.Fault) {
	for n := range 2000 {
		faulty.FailCall(n+1, fault)
	}
}

// furnish makes a project without a server and gives its id.
func (h *house) furnish() string {
	h.Helper()
	id := read[project](h.directly(h.ask("POST", "/v1/projects", `{"name":"Web shop","description":""}`)).ok()).ID
	h.directly(h.ask("POST", "/v1/projects/"+id+"/services", `{"name":"Order API"}`)).ok()
	h.share(id)
	return id
}

// furnishFor makes what an endpoint is asked about.
func (h *house) furnishFor(e api.Endpoint) (projectID string) {
	h.Helper()
	if strings.HasPrefix(e.Path, "/api/") {
		h.site()
		return ""
	}
	return h.furnish()
}

func TestAStoreThatNeverAnswersIsA503WithinTheEndpointsTimeout(t *testing.T) {
	askedHere(t, laptop)
	for _, e := range api.Table() {
		t.Run(e.ID, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h, faulty := faultyHouse(t)
				id := h.furnishFor(e)
				everyCall(faulty, storetest.Fault{Hang: true})
				began := time.Now()
				h.directly(h.of(e, id)).is(503, inDialect(e.Path, storeSilent))
				if took := time.Since(began); took > e.Timeout {
					t.Errorf("answered after %s, the endpoint has %s", took, e.Timeout)
				}
			})
		})
	}
}

func TestAStoreThatStopsAnsweringUnderWayIsA503WithinTheEndpointsTimeout(t *testing.T) {
	askedHere(t, laptop)
	for _, e := range api.Table() {
		t.Run(e.ID, func(t *testing.T) {
			for call := 1; ; call++ {
				reached := true
				synctest.Test(t, func(t *testing.T) {
					h, faulty := faultyHouse(t)
					id := h.furnishFor(e)
					faulty.Reset()
					for n := range 2000 {
						faulty.FailCall(call+n, storetest.Fault{Hang: true})
					}
					began := time.Now()
					got := h.directly(h.of(e, id))
					if reached = faulty.Calls() >= call; !reached {
						got.ok()
						return
					}
					got.is(503, inDialect(e.Path, storeSilent))
					if took := time.Since(began); took > e.Timeout {
						t.Errorf("call %d hangs: answered after %s, the endpoint has %s", call, took, e.Timeout)
					}
				})
				if !reached {
					break
				}
			}
		})
	}
}

func TestAStoreThatFailsIsToldByItsKindAndItsCauseIsOnlyLogged(t *testing.T) {
	askedHere(t, laptop)
	for name, c := range map[string]struct {
		kind   store.ErrorKind
		bodies []string
	}{
		"throttled":   {store.Throttled, []string{storeFailed, storeSilent}},
		"unavailable": {store.Unavailable, []string{storeFailed, storeSilent}},
		"conflict":    {store.Conflict, []string{storeFailed, storeSilent}},
		"damaged":     {store.Damaged, []string{internal}},
		"invalid":     {store.Invalid, []string{internal}},
	} {
		for _, e := range api.Table() {
			t.Run(name+" "+e.ID, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					h, faulty := faultyHouse(t)
					id := h.furnishFor(e)
					everyCall(faulty, storetest.Fault{Kind: c.kind})
					got := h.directly(h.of(e, id))
					if got.body != inDialect(e.Path, c.bodies[0]) && got.body != inDialect(e.Path, c.bodies[len(c.bodies)-1]) {
						t.Errorf("got %d %s, want %s", got.status, got.body, c.bodies)
					}
					lines := h.lines()
					last := lines[len(lines)-1]
					cause, _ := last["error"].(string)
					if last["level"] != "ERROR" || last["operation"] != e.ID || last["status"] != float64(got.status) || !strings.Contains(cause, "injected") {
						t.Errorf("logged as %v", last)
					}
				})
			})
		}
	}
}

func TestAfterAFailureUnderWayTheAnswerIsTrueAndARepetitionIsRight(t *testing.T) {
	askedHere(t, laptop)
	for _, fault := range []storetest.Fault{{Kind: store.Unavailable}, {Kind: store.Unavailable, AfterEffect: true}, {Kind: store.Throttled}} {
		for call := 2; call < 8; call++ { // the first one reads the key
			synctest.Test(t, func(t *testing.T) {
				h, faulty := faultyHouse(t)
				id := h.furnish()
				services := "/v1/projects/" + id + "/services"
				count := func() int {
					return read[history](h.directly(h.ask("GET", "/v1/projects/"+id+"/history", "")).ok()).TotalCount
				}
				faulty.Reset()
				faulty.FailCall(call, fault)
				got := h.directly(h.ask("PUT", services+"/order-api", `{"owner":"sales"}`))
				faulty.Reset()
				owner := read[service](h.directly(h.ask("GET", services+"/order-api", "")).ok()).Owner
				if got.status == 200 && (owner == nil || *owner != "sales" || count() != 2) {
					t.Errorf("call %d fails as %+v: acknowledged and not there", call, fault)
				}
				if got.status != 200 {
					got.is(503, storeFailed)
				}
				h.directly(h.ask("PUT", services+"/order-api", `{"owner":"sales"}`)).ok()
				if n := count(); n != 2 {
					t.Errorf("call %d fails as %+v: the same update twice made %d events of 2", call, fault, n)
				}
			})
		}
	}
}

func TestAPanicIsA500AndTheServerLives(t *testing.T) {
	h := open(t)
	path := h.shop()
	h.changesNothing(func() {
		h.clock.breakDown(true)
		got := h.send(h.ask("POST", path+"/services", `{"name":"Cart"}`).with("X-Request-Id", "the-one"))
		got.is(500, internal).has("X-Request-Id", "the-one")
		h.clock.breakDown(false)
	})
	h.post(path+"/services", `{"name":"Cart"}`).ok()
	for _, line := range h.lines() {
		if line["request_id"] == "the-one" {
			if cause, _ := line["error"].(string); line["level"] != "ERROR" || !strings.Contains(cause, "the clock fell off the wall") {
				t.Errorf("logged as %v", line)
			}
			return
		}
	}
	t.Error("the panic is not in the log")
}

func TestHealthIsThatOfTheStore(t *testing.T) {
	askedHere(t, laptop)
	for name, fault := range map[string]storetest.Fault{
		"failing": {Kind: store.Unavailable}, "throttling": {Kind: store.Throttled}, "silent": {Hang: true}, "damaged": {Kind: store.Damaged},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h, faulty := faultyHouse(t)
				everyCall(faulty, fault)
				got := h.directly(request{method: "GET", path: "/healthz", header: http.Header{}})
				got.is(503, `{"status":503,"code":"internal_error","message":"The store does not answer"}`)
				faulty.Reset()
				h.directly(request{method: "GET", path: "/healthz", header: http.Header{}}).is(200, `{"status":"ok"}`)
			})
		})
	}
}

func TestTheLogHasOneLineARequestAndNeverAKeyOrABody(t *testing.T) {
	h := open(t)
	path := h.shop()
	marked := "very-secret-words"
	h.post(path+"/services", quoted(`{"name":%s,"description":%s}`, "Cart", marked)).ok()
	h.get(path + "/services/cart").ok()
	h.post(path+"/services", quoted(`{"name":%s,"nope":1}`, marked)).fails(400, "validation_failed")
	h.get(path + "/services?q=" + marked).ok()
	h.get(path + "/services?at=" + marked).badRequest()
	h.get("/nowhere").fails(404, "not_found")
	h.send(h.ask("PATCH", path, "")).fails(405, "bad_request")
	h.send(h.ask("GET", path, "").by(mistyped(h.key))).fails(401, "unauthorized")
	h.send(h.ask("GET", path, "").by(h.foreign)).fails(404, "project_not_found")
	h.get("/healthz").ok()
	lines := h.lines()
	if len(lines) != 12 {
		t.Fatalf("%d lines for 12 requests", len(lines))
	}
	for _, line := range lines {
		for _, member := range []string{"time", "level", "msg", "request_id", "operation", "status", "duration_ms", "workspace", "read_units", "write_units"} {
			if _, ok := line[member]; !ok {
				t.Errorf("%s is not in the line %v", member, line)
			}
		}
		if len(line) != 10 {
			t.Errorf("the line has more: %v", line)
		}
	}
	text := h.log.String()
	for name, secret := range map[string]string{"the key": h.key, "the other key": h.foreign, "a mistyped key": mistyped(h.key), "a part of a key": h.key[4:20], "a body": marked} {
		if strings.Contains(text, secret) {
			t.Errorf("%s is in the log", name)
		}
	}
	if made := lines[2]; made["operation"] != "createService" || made["write_units"] != 6.0 {
		t.Errorf("logged as %v", made)
	}
	// One unit for the key, one for the service.
	if read := lines[3]; read["operation"] != "getService" || read["read_units"] != 2.0 || read["write_units"] != 0.0 {
		t.Errorf("logged as %v", read)
	}
	if last := lines[len(lines)-2]; last["workspace"] != "elsewhere" || last["operation"] != "getProject" || last["status"] != float64(404) {
		t.Errorf("logged as %v", last)
	}
}
