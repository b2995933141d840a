package api

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"almanac/internal/catalog"
	"almanac/internal/shape"
	"almanac/internal/store/bolt"
	"almanac/internal/tenant"
)

// shop gives the dependencies of endpoints, over a store with one service of
// about 2 KB, and the path of that service.
func shop(t testing.TB) (Deps, tenant.Principal, string) {
	t.Helper()
	st, err := bolt.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	deps := Deps{Store: st, Now: time.Now, MaxProjects: 10}
	caller := tenant.Principal{Workspace: "acme", ID: "key-1", Label: "ci", Role: tenant.Owner}
	c := newCatalog(deps)
	project, err := c.CreateProject(t.Context(), caller, catalog.CreateProjectInput{Body: catalog.NewProject{Name: "Web shop"}})
	if err != nil {
		t.Fatal(err)
	}
	var topics []catalog.Topic
	for _, name := range []string{"order.created", "order.paid", "order.shipped", "order.cancelled", "stock.reserved", "stock.released"} {
		topics = append(topics, catalog.Topic{Name: name, Flows: []string{"checkout", "refund"}, Extras: map[string]string{"schema": "avro", "retention": "7d"}})
	}
	service, err := c.CreateService(t.Context(), caller, catalog.CreateServiceInput{ProjectID: project.ID, Body: catalog.NewService{
		Name: "Orders",
		ServiceFacts: catalog.ServiceFacts{
			Description: shape.Of(strings.Repeat("d", 150)),
			Owner:       shape.Of("orders-team"),
			Flows:       shape.Of([]string{"checkout", "refund"}),
			Produces:    shape.Of(topics),
			Consumes:    shape.Of(topics),
		},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return deps, caller, "/v1/projects/" + project.ID + "/services/" + service.Slug
}

// handlers gives the same GET twice: as this package serves it, and as bare a
// handler as one can write by hand.
func handlers(t testing.TB) (ours, bare http.Handler, target string) {
	deps, caller, target := shop(t)
	ours = NewHandler(Config{
		Deps:         deps,
		Authenticate: func(*http.Request) (tenant.Principal, error) { return caller, nil },
		Log:          slog.New(slog.NewJSONHandler(io.Discard, nil)),
	}, GetService())
	c := newCatalog(deps)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/projects/{projectId}/services/{serviceSlug}", func(w http.ResponseWriter, r *http.Request) {
		service, err := c.GetService(r.Context(), caller, catalog.GetServiceInput{
			ProjectID: r.PathValue("projectId"), ServiceSlug: r.PathValue("serviceSlug"),
		})
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(service); err != nil {
			panic(err)
		}
	})
	return ours, mux, target
}

func benchmark(h http.Handler, target string) func(*testing.B) {
	return func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, target, nil))
			if w.Code != http.StatusOK {
				b.Fatal(w.Code, w.Body)
			}
		}
	}
}

func BenchmarkGetService(b *testing.B) {
	ours, bare, target := handlers(b)
	b.Run("bare", benchmark(bare, target))
	b.Run("ours", benchmark(ours, target))
}

// A GET costs at most 1.6 times a bare handler; the medians of interleaved runs
// of one process are compared.
func TestGetCostsLittleMoreThanABareHandler(t *testing.T) {
	ours, bare, target := handlers(t)
	ratio := medianRatio(9, func() time.Duration { return timed(ours, target) }, func() time.Duration { return timed(bare, target) })
	t.Logf("a GET costs %.2f times a bare handler", ratio)
	if ratio > 1.6 {
		t.Errorf("a GET costs %.2f times a bare handler, at most 1.6 is allowed", ratio)
	}
}
