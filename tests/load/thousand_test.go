package load

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"almanac/internal/api"
	"almanac/internal/host/localhost"
	"almanac/internal/store"
	"almanac/internal/store/bolt"
	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

// thousand is a project of a thousand services that talk by a thousand topics,
// after ten thousand changes. It is asked without a network, so that what is
// allocated is the server's.
type thousand struct {
	handler http.Handler
	project string
	middle  string // an instant half-way through the changes
}

const batch = 25 // services of a bulk upsert

// noting remembers which scope was written last.
type noting struct {
	store.Store
	last *timeline.Scope
}

func (n noting) Transact(ctx context.Context, ops ...store.Op) error {
	for _, op := range ops {
		if scope, ok := timeline.LogOf(op.Item.Key); ok {
			*n.last = scope
		}
	}
	return n.Store.Transact(ctx, ops...)
}

func newThousand(b *testing.B) *thousand {
	kept, err := bolt.Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { kept.Close() })
	var scope timeline.Scope
	caller := tenant.Principal{Workspace: tenant.Local, ID: "bench", Label: "bench", Role: tenant.Owner}
	t := &thousand{handler: localhost.Handler(api.Config{
		Deps:         api.Deps{Store: noting{kept, &scope}, Now: time.Now, MaxProjects: 10},
		Log:          slog.New(slog.NewJSONHandler(io.Discard, nil)),
		Authenticate: func(*http.Request) (tenant.Principal, error) { return caller, nil },
	})}
	made := httptest.NewRecorder()
	t.do(b, made, http.MethodPost, "/v1/projects", []byte(`{"name":"Thousand","description":""}`))
	var project struct{ ID string }
	if err := json.Unmarshal(made.Body.Bytes(), &project); err != nil {
		b.Fatal(err)
	}
	t.project = "/v1/projects/" + project.ID
	for n := 0; n < 11_000; n += batch {
		t.do(b, &discarding{}, http.MethodPut, t.project+"/services", upsert(n))
		if n == 6000 {
			t.middle = time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
		}
	}
	// What a server does in the background.
	if err := timeline.New(kept, time.Now).Maintain(b.Context(), scope); err != nil {
		b.Fatal(err)
	}
	return t
}

// upsert is a body that creates or changes the next services after n.
func upsert(n int) []byte {
	type topic struct {
		Name string `json:"name"`
	}
	var all []map[string]any
	for i := n; i < n+batch; i++ {
		s := i % 1000
		all = append(all, map[string]any{
			"name": fmt.Sprintf("Service %03d", s), "description": fmt.Sprint("change ", i, strings.Repeat(" of many", 15)),
			"owner": fmt.Sprint("team ", s%40), "category": fmt.Sprint("category ", s%7), "flows": []string{"checkout", "refund"},
			"produces": []topic{{fmt.Sprint("topic ", s)}}, "consumes": []topic{{fmt.Sprint("topic ", s/2)}, {fmt.Sprint("topic ", s/3)}},
			"extras": map[string]string{"runbook": "https://wiki.example/runbooks/" + fmt.Sprint(s), "tier": "2"},
		})
	}
	body, err := json.Marshal(all)
	if err != nil {
		panic(err)
	}
	return body
}

// discarding is an answer that nobody keeps.
type discarding struct {
	header http.Header
	status int
	bytes  int
}

func (d *discarding) Header() http.Header {
	if d.header == nil {
		d.header = http.Header{}
	}
	return d.header
}
func (d *discarding) WriteHeader(status int)      { d.status = status }
func (d *discarding) Write(b []byte) (int, error) { d.bytes += len(b); return len(b), nil }

func (t *thousand) do(b *testing.B, w http.ResponseWriter, method, target string, body []byte) {
	serve(b, t.handler, w, method, target, body)
}

// serve does a request that must succeed.
func serve(b *testing.B, handler http.Handler, w http.ResponseWriter, method, target string, body []byte) {
	handler.ServeHTTP(w, httptest.NewRequest(method, target, bytes.NewReader(body)))
	status := 0
	switch w := w.(type) {
	case *discarding:
		status = w.status
	case *httptest.ResponseRecorder:
		status = w.Code
	}
	if status != http.StatusOK {
		b.Fatalf("%s %s: %d %v", method, target, status, w)
	}
}

// processor reports what b took of the processor: on a busy machine it tells
// more than the time that passed.
func processor(b *testing.B, f func()) {
	var before, after syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &before); err != nil {
		b.Fatal(err)
	}
	f()
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &after); err != nil {
		b.Fatal(err)
	}
	taken := after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano()
	b.ReportMetric(float64(taken)/float64(b.N)/1e6, "cpu-ms/op")
}

func BenchmarkThousandServices(b *testing.B) {
	t := newThousand(b)
	for _, read := range []struct{ name, target string }{
		{"list-now", t.project + "/services"},
		{"list-at", t.project + "/services?at=" + t.middle},
		{"entities", t.project + "/entities"},
		{"graph", t.project + "/graph"},
		{"graph-around-one", t.project + "/graph?filteredIds=service--service-500&depth=2"},
	} {
		b.Run(read.name, func(b *testing.B) {
			b.ReportAllocs()
			var w discarding
			processor(b, func() {
				for b.Loop() {
					w = discarding{}
					t.do(b, &w, http.MethodGet, read.target, nil)
				}
			})
			b.ReportMetric(float64(w.bytes), "body-B")
		})
	}
	b.Run(fmt.Sprintf("bulk-upsert-of-%d", batch), func(b *testing.B) {
		b.ReportAllocs()
		n := 11_000
		processor(b, func() {
			for b.Loop() {
				t.do(b, &discarding{}, http.MethodPut, t.project+"/services", upsert(n))
				n += batch
			}
		})
	})
}
