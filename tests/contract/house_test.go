// Package contract asks the whole API for what its contract promises, over HTTP
// and on a real store: once the laptop's, once the compiled functions' behind a
// gateway (see end).
//
// A test opens a house and sends it requests:
//
//	h := open(t)
//	path := h.shop()
//	h.get(path + "/services/order-api").ok()
//
// What it compares with comes from the answers, instants too: each write of a
// project has a later one than the write before. So it needs no clock, and holds
// at both ends; what only the laptop can be asked stands in laptopAlone.
package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"almanac/internal/api"
	"almanac/internal/catalog"
	"almanac/internal/host/localhost"
	"almanac/internal/store"
	"almanac/internal/store/bolt"
	"almanac/internal/tenant"
	"almanac/tests/lambda/gateway"
)

// start is when the clock of every house on a laptop stands at first.
var start = time.Date(2026, 4, 22, 15, 30, 0, 0, time.UTC)

// house is a server with two workspaces and one key each.
type house struct {
	*testing.T
	handler   http.Handler // the laptop's; else nil
	url       string
	store     store.Store
	keys      *tenant.Keys
	workspace string            // what is called local here
	elsewhere string            // what another workspace is called
	key       string            // of local; its label is "owner"
	foreign   string            // of elsewhere
	spare     string            // id of a third key, of local, that nobody sends
	tokens    map[string]string // by project: its share token
	log       fmt.Stringer
	clock     *clock
	stop      chan struct{} // closed when the laptop's server stops; else nil
	inv       *site         // the inventory of local, where it has one
}

// clock moves, on a laptop, only when it is told to. Elsewhere it is that of
// the machine, which goes by itself and not faster.
type clock struct {
	real  bool
	mu    sync.Mutex
	now   time.Time
	broke bool // asking for the time panics
}

func (c *clock) Now() time.Time {
	if c.real {
		return time.Now()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broke {
		panic("the clock fell off the wall")
	}
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func (c *clock) breakDown(broke bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.broke = broke
}

// journal is what the server logs.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(b)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// build makes a house on a laptop that is not reached over the network. Around
// stands between the server and its store.
func build(t *testing.T, maxProjects int, around func(store.Store) store.Store) *house {
	t.Helper()
	askedHere(t, laptop)
	kept, err := bolt.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := kept.Close(); err != nil {
			t.Error(err)
		}
	})
	log := &journal{}
	h := &house{T: t, store: kept, workspace: "local", elsewhere: "elsewhere", log: log, clock: &clock{now: start}, stop: make(chan struct{})}
	h.furnishKeys()
	seen := around(kept)
	keys := tenant.NewKeys(seen, h.clock.Now)
	h.handler = localhost.Handler(api.Config{
		Deps: api.Deps{Store: seen, Now: h.clock.Now, MaxProjects: maxProjects},
		Log:  slog.New(slog.NewJSONHandler(log, nil)),
		Stop: h.stop,
		Authenticate: func(r *http.Request) (tenant.Principal, error) {
			return keys.Authenticate(r.Context(), r.Header.Values("Authorization"))
		},
	})
	return h
}

func untouched(s store.Store) store.Store { return s }

// furnishKeys makes the workspaces and keys that every house has.
func (h *house) furnishKeys() {
	h.Helper()
	h.tokens = map[string]string{}
	h.keys = tenant.NewKeys(h.store, h.clock.Now)
	h.key, h.foreign = h.newKey("local", "owner"), h.newKey("elsewhere", "stranger")
	owner := h.owner()
	owner.Label = "owner"
	spare, err := tenant.NewIssuer(h.store, h.clock.Now, nil).CreateKey(h.Context(), owner,
		tenant.CreateKeyInput{Body: tenant.NewKey{Name: "spare", Scopes: []tenant.Scope{tenant.CatalogRead}, Plan: tenant.Free}})
	if err != nil {
		h.Fatal(err)
	}
	h.spare = spare.ID
}

// owner may do everything in the workspace local.
func (h *house) owner() tenant.Principal {
	return tenant.Principal{Workspace: h.workspace, Role: tenant.Owner}
}

// open makes a house and serves it on the loopback.
func open(t *testing.T) *house {
	t.Helper()
	if end == functions {
		return openFunctions(t)
	}
	h := build(t, 100_000, untouched)
	h.serve()
	return h
}

func (h *house) serve() {
	server := httptest.NewServer(h.handler)
	h.Cleanup(server.Close)
	h.url = server.URL
}

// within gives the house to a subtest.
func (h *house) within(t *testing.T) *house {
	c := *h
	c.T = t
	return &c
}

// sub runs a subtest in the same house.
func (h *house) sub(name string, f func(h *house)) {
	h.Run(name, func(t *testing.T) { f(h.within(t)) })
}

// newKey makes a key of the workspace local or elsewhere.
func (h *house) newKey(workspace, label string) string {
	h.Helper()
	workspace = map[string]string{"local": h.workspace, "elsewhere": h.elsewhere}[workspace]
	secret := tenant.NewSecret()
	if err := h.keys.CreateKey(h.Context(), workspace, label, secret); err != nil {
		h.Fatal(err)
	}
	return secret
}

// request is a request that is not sent yet.
type request struct {
	method, path string
	body         io.Reader
	header       http.Header
}

// ask is a request with the house's key.
func (h *house) ask(method, path, body string) request {
	r := request{method: method, path: path, header: http.Header{"Authorization": {"Bearer " + h.key}}}
	if body != "" {
		r.body = strings.NewReader(body)
	}
	return r
}

// with gives the request a header of exactly these values; none removes it.
func (r request) with(name string, values ...string) request {
	r.header = r.header.Clone()
	r.header[http.CanonicalHeaderKey(name)] = values
	return r
}

func (r request) by(key string) request { return r.with("Authorization", "Bearer "+key) }

// answer is what came back, in the words of the request it answers.
type answer struct {
	*testing.T
	asked  string
	status int
	header http.Header
	body   string
}

// sent is a request for the network.
func (h *house) sent(r request) *http.Request {
	h.Helper()
	sent, err := http.NewRequestWithContext(h.Context(), r.method, h.url+r.path, r.body)
	if err != nil {
		h.Fatal(err)
	}
	sent.Header = r.header
	return sent
}

// send sends a request, over the network where the house is reached by it, and
// checks what the contract says of every answer.
func (h *house) send(r request) answer {
	h.Helper()
	if h.url == "" {
		return h.directly(r)
	}
	sent := h.sent(r)
	got, err := http.DefaultTransport.RoundTrip(sent)
	if err != nil {
		h.Fatalf("%s %s: %v", r.method, r.path, err)
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		h.Fatalf("%s %s: %v", r.method, r.path, err)
	}
	if failure := got.Header.Get(gateway.Failure); failure != "" {
		h.Fatalf("%s %s: %s", r.method, r.path, failure)
	}
	a := answer{h.T, r.method + " " + r.path, got.StatusCode, got.Header, string(body)}
	a.checkForm()
	a.checkDocumented(sent)
	return a
}

func (h *house) get(path string) answer        { h.Helper(); return h.send(h.ask("GET", path, "")) }
func (h *house) post(path, body string) answer { h.Helper(); return h.send(h.ask("POST", path, body)) }
func (h *house) put(path, body string) answer  { h.Helper(); return h.send(h.ask("PUT", path, body)) }
func (h *house) delete(path string) answer     { h.Helper(); return h.send(h.ask("DELETE", path, "")) }
func (h *house) newProject(name string) (id string) {
	h.Helper()
	return read[project](h.post("/v1/projects", quoted(`{"name":%s,"description":""}`, name)).ok()).ID
}

// share gives a project of the workspace local a share token.
func (h *house) share(projectID string) {
	h.Helper()
	shared, err := catalog.New(h.store, h.clock.Now, 0).CreateShareToken(h.Context(), h.owner(), catalog.ShareTokenInput{ProjectID: projectID})
	if err != nil {
		h.Fatal(err)
	}
	h.tokens[projectID] = shared.Token
}

// shop makes a shared project with one service, Order API, and gives its path.
func (h *house) shop() string {
	h.Helper()
	id := h.newProject("Web shop")
	path := "/v1/projects/" + id
	h.post(path+"/services", `{"name":"Order API","owner":"sales","flows":["checkout"],"produces":[{"name":"order.created"}]}`).ok()
	h.share(id)
	return path
}

// state is all that a client can see of both workspaces.
func (h *house) state() string {
	h.Helper()
	var all strings.Builder
	for _, key := range []string{h.key, h.foreign} {
		list := h.send(h.ask("GET", "/v1/projects?size=100", "").by(key)).ok()
		all.WriteString(list.body)
		all.WriteString(h.send(h.ask("GET", "/v1/keys", "").by(key)).ok().body)
		for _, p := range read[projectPage](list).Data {
			for _, rest := range []string{"/services", "/history?size=1000"} {
				all.WriteString(h.send(h.ask("GET", "/v1/projects/"+p.ID+rest, "").by(key)).ok().body)
			}
			all.WriteString(h.send(h.ask("GET", "/v1/projects/"+p.ID+"/public-share-token", "").by(key)).body)
		}
		for _, list := range inventoryLists {
			all.WriteString(h.send(h.ask("GET", list, "").by(key)).ok().body)
		}
	}
	return all.String()
}

// instants are those of a project: of its creation, and of each change to its
// services, the oldest first.
func (h *house) instants(path string) []stamp {
	h.Helper()
	all := []stamp{read[project](h.get(path).ok()).CreatedAt}
	for _, e := range slices.Backward(read[history](h.get(path + "/history?size=1000").ok()).Events) {
		if e.Timestamp != all[len(all)-1] {
			all = append(all, e.Timestamp)
		}
	}
	return all
}

// tens gives those instants by numbers: 20 is that of the second change, 19 the
// last one before it and 21 the first one after it.
func (h *house) tens(path string) func(int) stamp {
	h.Helper()
	all := h.instants(path)
	return func(number int) stamp {
		change := (number + 5) / 10
		return all[change].plus(number - 10*change)
	}
}

// hasBytes tells whether the end of now sees the bytes that were sent. A gateway
// hands on text: it has replaced what of a body or a query is not UTF-8.
func hasBytes() bool { return end == laptop }

// changesNothing runs f and checks that no client sees a difference.
func (h *house) changesNothing(f func()) {
	h.Helper()
	before := h.state()
	f()
	h.unchanged(&before)
}

// unchanged checks that no client sees a difference to a state, and makes it
// that of now.
func (h *house) unchanged(before *string) {
	h.Helper()
	after := h.state()
	if after != *before {
		h.Errorf("something changed:\nbefore %s\nafter  %s", *before, after)
	}
	*before = after
}

// quoted fills each %s of a JSON text with a value as JSON.
func quoted(format string, values ...any) string {
	for _, v := range values {
		var text bytes.Buffer
		e := json.NewEncoder(&text)
		e.SetEscapeHTML(false)
		if err := e.Encode(v); err != nil {
			panic(err)
		}
		format = strings.Replace(format, "%s", strings.TrimSuffix(text.String(), "\n"), 1)
	}
	return format
}
