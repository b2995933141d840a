package api

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"almanac/internal/store"
	"almanac/internal/store/bolt"
	"almanac/internal/store/storetest"
	"almanac/internal/tenant"
)

// onceWorld sends POSTs that may carry an Idempotency-Key, at a time that it sets.
type onceWorld struct {
	*testing.T
	handler http.Handler
	faulty  *storetest.Faulty
	now     time.Time
}

func newOnceWorld(t *testing.T) *onceWorld {
	t.Helper()
	st, err := bolt.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	w := &onceWorld{T: t, faulty: storetest.NewFaulty(st), now: time.Date(2026, 4, 22, 15, 30, 0, 0, time.UTC)}
	w.handler = NewHandler(Config{
		Deps: Deps{Store: w.faulty, Now: func() time.Time { return w.now }, MaxProjects: 100},
		Log:  slog.New(slog.NewJSONHandler(io.Discard, nil)),
		Authenticate: func(r *http.Request) (tenant.Principal, error) {
			return tenant.Principal{Workspace: r.Header.Get("Workspace"), ID: "k", Label: "k", Role: tenant.Owner}, nil
		},
	}, CreateProject(), ListProjects(), CreateService(), DuplicateProject(), CreateNetwork(), CreateHost(), ListHosts(), BulkDeleteHosts(), CreateTag(), ListTags())
	return w
}

func (w *onceWorld) post(path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Workspace", "acme")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	return rec
}

// count is how often a text stands in what a GET answers.
func (w *onceWorld) count(path, text string) int {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Workspace", "acme")
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	return strings.Count(rec.Body.String(), text)
}

func (w *onceWorld) projects() int { return w.count("/v1/projects", `"serviceCount"`) }

const shopBody = `{"name":"Shop <&>","description":"d"}`

func (w *onceWorld) answers(rec *httptest.ResponseRecorder, status int, holds string) {
	w.Helper()
	if rec.Code != status || !strings.Contains(rec.Body.String(), holds) {
		w.Errorf("got %d %s, want %d with %q", rec.Code, rec.Body, status, holds)
	}
}

func TestIdempotencyKey(t *testing.T) {
	t.Run("the same key and body get the first answer, and it is done once", func(t *testing.T) {
		w := newOnceWorld(t)
		first := w.post("/v1/projects", shopBody, "Idempotency-Key", "a")
		w.now = w.now.Add(23 * time.Hour)
		second := w.post("/v1/projects", shopBody, "Idempotency-Key", "a")
		if first.Code != 200 || second.Code != 200 || first.Body.String() != second.Body.String() || w.projects() != 1 {
			t.Errorf("%d %s\n%d %s\n%d projects", first.Code, first.Body, second.Code, second.Body, w.projects())
		}
	})
	t.Run("the ETag is the first one's too", func(t *testing.T) {
		w := newOnceWorld(t)
		project := w.post("/v1/projects", shopBody).Body.String()
		id := strings.Split(project, `"`)[3]
		first := w.post("/v1/projects/"+id+"/services", `{"name":"Orders"}`, "Idempotency-Key", "a")
		second := w.post("/v1/projects/"+id+"/services", `{"name":"Orders"}`, "Idempotency-Key", "a")
		if first.Code != 200 || first.Header().Get("ETag") == "" || first.Header().Get("ETag") != second.Header().Get("ETag") {
			t.Errorf("%v\n%v", first.Header(), second.Header())
		}
	})
	t.Run("after 24 hours it is a new request", func(t *testing.T) {
		w := newOnceWorld(t)
		w.post("/v1/projects", shopBody, "Idempotency-Key", "a")
		w.now = w.now.Add(24 * time.Hour)
		w.answers(w.post("/v1/projects", shopBody, "Idempotency-Key", "a"), 200, "")
		if w.projects() != 2 {
			t.Errorf("%d projects", w.projects())
		}
	})
	t.Run("another body is a conflict", func(t *testing.T) {
		w := newOnceWorld(t)
		w.post("/v1/projects", shopBody, "Idempotency-Key", "a")
		w.answers(w.post("/v1/projects", `{"name":"Other","description":""}`, "Idempotency-Key", "a"), 409, `"code":"conflict"`)
	})
	t.Run("another key, route or workspace is another request", func(t *testing.T) {
		w := newOnceWorld(t)
		w.post("/v1/projects", shopBody, "Idempotency-Key", "a")
		w.answers(w.post("/v1/projects", shopBody, "Idempotency-Key", "b"), 200, "")
		w.answers(w.post("/v1/projects/no-such-project/services", shopBody, "Idempotency-Key", "a"), 404, "project_not_found")
		r := httptest.NewRequest(http.MethodPost, "/v1/projects", strings.NewReader(shopBody))
		r.Header.Set("Workspace", "other")
		r.Header.Set("Idempotency-Key", "a")
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, r)
		w.answers(rec, 200, `"isOwner":true`)
		if w.projects() != 2 {
			t.Errorf("%d projects", w.projects())
		}
	})
	t.Run("an error is not kept", func(t *testing.T) {
		w := newOnceWorld(t)
		w.answers(w.post("/v1/projects", `{"name":""}`, "Idempotency-Key", "a"), 400, "validation_failed")
		w.answers(w.post("/v1/projects", shopBody, "Idempotency-Key", "a"), 200, "")
	})
	t.Run("a key that is empty, too long or doubled is refused", func(t *testing.T) {
		w := newOnceWorld(t)
		w.answers(w.post("/v1/projects", shopBody, "Idempotency-Key", ""), 400, "bad_request")
		w.answers(w.post("/v1/projects", shopBody, "Idempotency-Key", strings.Repeat("k", 256)), 400, "bad_request")
		w.answers(w.post("/v1/projects", shopBody, "Idempotency-Key", "a", "Idempotency-Key", "a"), 400, "bad_request")
		w.answers(w.post("/v1/projects", shopBody, "Idempotency-Key", strings.Repeat("é", 255)), 200, "")
	})
	t.Run("of many at once one is done and all get its answer", func(t *testing.T) {
		w := newOnceWorld(t)
		bodies := make([]string, 16)
		var wg sync.WaitGroup
		for i := range bodies {
			wg.Go(func() { bodies[i] = w.post("/v1/projects", shopBody, "Idempotency-Key", "a").Body.String() })
		}
		wg.Wait()
		for _, body := range bodies {
			if body != bodies[0] || !strings.Contains(body, `"id"`) {
				t.Errorf("one got %s, another %s", bodies[0], body)
			}
		}
		if w.projects() != 1 {
			t.Errorf("%d projects", w.projects())
		}
	})
}

// The store calls of createProject with a key are: read the record, claim it,
// read the count, write project and answer.
func TestIdempotencyKeyOverCrashes(t *testing.T) {
	t.Run("one that died before it wrote leaves the key free when its lease ends", func(t *testing.T) {
		w := newOnceWorld(t)
		o := w.claim()
		if _, err := o.begin(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.now = w.now.Add(time.Minute)
		w.answers(w.post("/v1/projects", shopBody, "Idempotency-Key", "a"), 200, "")
	})
	t.Run("one that died between its write and its answer is done once, and its repeat gets the first answer", func(t *testing.T) {
		w := newOnceWorld(t)
		w.faulty.FailCall(4, storetest.Fault{Kind: store.Unavailable, Op: -1, AfterEffect: true})
		for n := range 100 {
			w.faulty.FailCall(5+n, storetest.Fault{Kind: store.Unavailable, Op: -1})
		}
		w.answers(w.post("/v1/projects", shopBody, "Idempotency-Key", "a"), 503, "")
		w.faulty.Reset()
		first := w.post("/v1/projects", shopBody, "Idempotency-Key", "a")
		w.answers(first, 200, `"id":"shop-`)
		w.now = w.now.Add(time.Hour)
		w.answers(w.post("/v1/projects", shopBody, "Idempotency-Key", "a"), 200, first.Body.String())
		if w.projects() != 1 {
			t.Errorf("%d projects", w.projects())
		}
	})
	t.Run("an answer that is too long to be kept is told to be gone once its lease ends", func(t *testing.T) {
		w := newOnceWorld(t)
		o := w.claim()
		if _, err := o.begin(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := o.finish(t.Context(), strings.Repeat("x", maxKept)); err != nil {
			t.Fatal(err)
		}
		w.now = w.now.Add(time.Minute)
		w.answers(w.post("/v1/projects", shopBody, "Idempotency-Key", "a"), 409, "its answer is not kept")
	})
	t.Run("one whose write meets another's begins anew", func(t *testing.T) {
		w := newOnceWorld(t)
		var wg sync.WaitGroup
		for i := range 16 {
			wg.Go(func() {
				w.answers(w.post("/v1/projects", shopBody, "Idempotency-Key", fmt.Sprint(i)), 200, `"id":"shop-`)
			})
		}
		wg.Wait()
		if w.projects() != 16 {
			t.Errorf("%d projects", w.projects())
		}
	})
	t.Run("a write in conflict is sent again", func(t *testing.T) {
		w := newOnceWorld(t)
		w.faulty.FailCall(4, storetest.Fault{Kind: store.Conflict, Op: -1})
		w.answers(w.post("/v1/projects", shopBody, "Idempotency-Key", "a"), 200, "")
		if w.projects() != 1 {
			t.Errorf("%d projects", w.projects())
		}
	})
	t.Run("a write whose outcome is unknown is done once", func(t *testing.T) {
		w := newOnceWorld(t)
		w.faulty.FailCall(4, storetest.Fault{Kind: store.Unavailable, Op: -1, AfterEffect: true})
		first := w.post("/v1/projects", shopBody, "Idempotency-Key", "a")
		w.answers(first, 200, "")
		w.answers(w.post("/v1/projects", shopBody, "Idempotency-Key", "a"), 200, first.Body.String())
		if w.projects() != 1 {
			t.Errorf("%d projects", w.projects())
		}
	})
	t.Run("one that outlived its lease writes nothing when another took the key", func(t *testing.T) {
		w := newOnceWorld(t)
		slow := w.claim()
		if _, err := slow.begin(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.now = w.now.Add(time.Minute)
		w.answers(w.post("/v1/projects", shopBody, "Idempotency-Key", "a"), 200, "")
		written := store.Key{Partition: "P", Sort: "S"}
		slow.held = []store.Op{store.Put(store.Item{Key: written}, store.Condition{})}
		if err := slow.apply(t.Context(), slow.mark()); !errors.Is(err, errLeaseEnded) {
			t.Errorf("it ends in %v", err)
		}
		if _, err := w.faulty.Get(t.Context(), written); store.KindOf(err) != store.NotFound {
			t.Errorf("it wrote: %v", err)
		}
	})
}

// Whatever call of a copy fails, and whether or not its repeat comes after the
// lease: there is one copy at the end, and never one beside another.
func TestIdempotencyKeyOfARequestOfManyTransactions(t *testing.T) {
	for _, fault := range []storetest.Fault{
		{Kind: store.Unavailable}, {Kind: store.Unavailable, AfterEffect: true}, {Kind: store.Damaged}, {Kind: store.Throttled},
	} {
		t.Run(fmt.Sprintf("%+v", fault), func(t *testing.T) {
			for n := 1; ; n++ {
				w := newOnceWorld(t)
				id := strings.Split(w.post("/v1/projects", shopBody).Body.String(), `"`)[3]
				w.answers(w.post("/v1/projects/"+id+"/services", `{"name":"Orders"}`), 200, "")
				w.faulty.Reset()
				w.faulty.FailCall(n, fault)
				first := w.post("/v1/projects/"+id+"/duplicate", `{}`, "Idempotency-Key", "a")
				calls := w.faulty.Calls()
				w.faulty.Reset()
				made := w.projects() - 1
				if first.Code == 200 && made != 1 || made > 1 {
					t.Fatalf("call %d: answered %d, made %d", n, first.Code, made)
				}
				w.now = w.now.Add(time.Minute)
				second := w.post("/v1/projects/"+id+"/duplicate", `{}`, "Idempotency-Key", "a")
				if w.projects() != 2 || made == 0 && second.Code != 200 {
					t.Fatalf("call %d: the repeat is answered %d %s, made %d", n, second.Code, second.Body, w.projects()-1)
				}
				if n > calls {
					return
				}
			}
		})
	}
}

// The first tag of a workspace is written into a scope that is made before it.
// Whatever call fails: where it is not made, its repeat makes it.
func TestIdempotencyKeyOfTheFirstTagOfAWorkspace(t *testing.T) {
	for _, fault := range []storetest.Fault{{Kind: store.Unavailable}, {Kind: store.Damaged}, {Kind: store.Throttled}} {
		t.Run(fmt.Sprintf("%+v", fault), func(t *testing.T) {
			for n := 1; ; n++ {
				w := newOnceWorld(t)
				for call := range 5 { // each is tried again
					w.faulty.FailCall(n+call, fault)
				}
				const tag = `{"name":"production"}`
				first := w.post("/api/v1/tags", tag, "Idempotency-Key", "a")
				calls := w.faulty.Calls()
				w.faulty.Reset()
				w.now = w.now.Add(time.Minute)
				w.answers(w.post("/api/v1/tags", tag, "Idempotency-Key", "a"), 200, `"production"`)
				if made := w.count("/api/v1/tags", `"production"`); made != 1 {
					t.Fatalf("call %d: it was answered %d, its repeat leaves %d tags", n, first.Code, made)
				}
				if n > calls {
					return
				}
			}
		})
	}
}

func TestARefusedHostLeavesNoPointersWhereItHasAnIdempotencyKey(t *testing.T) {
	w := newOnceWorld(t)
	network := idIn(w.post("/api/v1/networks", `{"name":"office"}`))
	const port = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
	body := fmt.Sprintf(`{"network_id":%q,"name":"web","ports":[{"id":%q,"number":1,"protocol":"Tcp"},{"number":1,"protocol":"Tcp"}]}`, network, port)
	w.answers(w.post("/api/v1/hosts", body, "Idempotency-Key", "a"), 400, "duplicate_port")
	left, err := w.faulty.Range(t.Context(), store.Query{Partition: "WORKSPACE#acme#POINTERS#" + port[:2]})
	if err != nil || len(left) != 0 {
		t.Errorf("it leaves %v, %v", left, err)
	}
}

// Hosts of two networks go in two transactions. Whatever call fails, the same
// request finishes it, whether or not the first part was done.
func TestIdempotencyKeyOfARequestInPartsThatFails(t *testing.T) {
	for _, fault := range []storetest.Fault{
		{Kind: store.Unavailable}, {Kind: store.Unavailable, AfterEffect: true}, {Kind: store.Damaged}, {Kind: store.Throttled},
	} {
		t.Run(fmt.Sprintf("%+v", fault), func(t *testing.T) {
			for n := 1; ; n++ {
				w := newOnceWorld(t)
				var ids []string
				for range 2 {
					network := idIn(w.post("/api/v1/networks", `{"name":"office"}`))
					ids = append(ids, idIn(w.post("/api/v1/hosts", fmt.Sprintf(`{"network_id":%q,"name":"web"}`, network))))
				}
				body := fmt.Sprintf("[%q,%q]", ids[0], ids[1])
				w.faulty.Reset()
				for call := range 5 { // each is tried again
					w.faulty.FailCall(n+call, fault)
				}
				first := w.post("/api/v1/hosts/bulk-delete", body, "Idempotency-Key", "a")
				calls := w.faulty.Calls()
				w.faulty.Reset()
				w.now = w.now.Add(time.Minute)
				w.answers(w.post("/api/v1/hosts/bulk-delete", body, "Idempotency-Key", "a"), 200, `"requested_count":2`)
				if left := w.count("/api/v1/hosts", `"hostname"`); left != 0 {
					t.Fatalf("call %d: it was answered %d, its repeat leaves %d hosts", n, first.Code, left)
				}
				if n > calls {
					return
				}
			}
		})
	}
}

// idIn is the first id in an answer of the network API.
func idIn(rec *httptest.ResponseRecorder) string {
	_, after, _ := strings.Cut(rec.Body.String(), `"id":"`)
	id, _, _ := strings.Cut(after, `"`)
	return id
}

// claim is a request with the key "a" and shopBody, not yet begun.
func (w *onceWorld) claim() *onceRequest {
	return &onceRequest{
		store: w.faulty, now: func() time.Time { return w.now }, lease: time.Second,
		key:     store.Key{Partition: "WORKSPACE#acme#IDEMPOTENCY", Sort: hashOf(http.MethodPost, "/v1/projects", "a")},
		request: hashOf(shopBody),
	}
}
