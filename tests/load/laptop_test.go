// Package load measures the laptop: whole requests over a loopback connection,
// the embedded store on the disk of the temporary directory.
package load

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"almanac/internal/api"
	"almanac/internal/catalog"
	"almanac/internal/host/localhost"
	"almanac/internal/shape"
	"almanac/internal/store/bolt"
	"almanac/internal/tenant"
)

const maxClients = 64

// laptop is a server with one project a client, each with one service of about
// 2 KB that was changed once.
type laptop struct {
	client   *http.Client
	services []string // URLs
	past     string   // an instant before the changes
}

func newLaptop(b *testing.B) *laptop {
	st, err := bolt.Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { st.Close() })
	deps := api.Deps{Store: st, Now: time.Now, MaxProjects: 1000}
	caller := tenant.Principal{Workspace: tenant.Local, ID: "bench", Label: "bench", Role: tenant.Owner}
	server := httptest.NewServer(localhost.Handler(api.Config{
		Deps:         deps,
		Log:          slog.New(slog.NewJSONHandler(io.Discard, nil)),
		Authenticate: func(*http.Request) (tenant.Principal, error) { return caller, nil },
	}))
	b.Cleanup(server.Close)
	l := &laptop{client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: maxClients}}}
	c := catalog.New(st, time.Now, 1000)
	for range maxClients {
		project, err := c.CreateProject(b.Context(), caller, catalog.CreateProjectInput{Body: catalog.NewProject{Name: "Bench"}})
		if err != nil {
			b.Fatal(err)
		}
		service, err := c.CreateService(b.Context(), caller, catalog.CreateServiceInput{ProjectID: project.ID, Body: catalog.NewService{
			Name: "Orders",
			ServiceFacts: catalog.ServiceFacts{Extras: shape.Of(map[string]string{
				"a": strings.Repeat("a", 450), "b": strings.Repeat("b", 450), "c": strings.Repeat("c", 450),
			})},
		}})
		if err != nil {
			b.Fatal(err)
		}
		l.services = append(l.services, server.URL+"/v1/projects/"+project.ID+"/services/orders")
		l.past = service.ValidFrom.String()
	}
	for _, url := range l.services {
		l.do(b, http.MethodPut, url, `{"description":"changed"}`)
	}
	return l
}

func (l *laptop) do(b *testing.B, method, url, body string) {
	req, err := http.NewRequestWithContext(b.Context(), method, url, bytes.NewReader([]byte(body)))
	if err != nil {
		b.Error(err)
		return
	}
	res, err := l.client.Do(req)
	if err != nil {
		b.Error(err)
		return
	}
	defer res.Body.Close()
	if text, err := io.ReadAll(res.Body); err != nil || res.StatusCode != http.StatusOK {
		b.Errorf("%s %s: %d %s %v", method, url, res.StatusCode, text, err)
	}
}

// clients spreads b.N requests over n clients and reports requests a second.
func clients(b *testing.B, n int, request func(client, turn int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for client := range n {
		wg.Go(func() {
			for turn := next.Add(1); turn <= int64(b.N); turn = next.Add(1) {
				request(client, int(turn))
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	rate := float64(b.N) / b.Elapsed().Seconds()
	b.ReportMetric(rate, "req/s")
	b.ReportMetric(rate/float64(runtime.GOMAXPROCS(0)), "req/s/core")
}

// Clients and server share the cores.
func BenchmarkLaptop(b *testing.B) {
	for _, n := range []int{1, 8, maxClients} {
		b.Run(fmt.Sprintf("GET-now/clients=%d", n), func(b *testing.B) {
			l := newLaptop(b)
			clients(b, n, func(client, _ int) { l.do(b, http.MethodGet, l.services[client], "") })
		})
		b.Run(fmt.Sprintf("GET-at/clients=%d", n), func(b *testing.B) {
			l := newLaptop(b)
			// The last service was created last: only it has a past at that instant.
			url := l.services[maxClients-1] + "?at=" + l.past
			clients(b, n, func(int, int) { l.do(b, http.MethodGet, url, "") })
		})
		b.Run(fmt.Sprintf("PUT-durable/clients=%d", n), func(b *testing.B) {
			l := newLaptop(b)
			clients(b, n, func(client, turn int) {
				l.do(b, http.MethodPut, l.services[client], fmt.Sprintf(`{"description":"%d"}`, turn))
			})
		})
	}
	b.Run(fmt.Sprintf("PUT-durable-one-project/clients=%d", maxClients), func(b *testing.B) {
		l := newLaptop(b)
		clients(b, maxClients, func(_, turn int) {
			l.do(b, http.MethodPut, l.services[0], fmt.Sprintf(`{"description":"%d"}`, turn))
		})
	})
}
