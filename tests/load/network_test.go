package load

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"almanac/internal/api"
	"almanac/internal/host/localhost"
	"almanac/internal/store/bolt"
	"almanac/internal/tenant"
)

// inventory is a network of hosts. It is asked without a network, so that what is
// allocated is the server's.
type inventory struct {
	handler http.Handler
	network string
	hosts   []string
}

// newInventory makes hosts with ports, and services that bind one each.
func newInventory(b *testing.B, hosts, services int) *inventory {
	kept, err := bolt.Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { kept.Close() })
	caller := tenant.Principal{Workspace: tenant.Local, ID: "bench", Label: "bench", Role: tenant.Owner}
	n := &inventory{handler: localhost.Handler(api.Config{
		Deps:         api.Deps{Store: kept, Now: time.Now, MaxProjects: 10},
		Log:          slog.New(slog.NewJSONHandler(io.Discard, nil)),
		Authenticate: func(*http.Request) (tenant.Principal, error) { return caller, nil },
	})}
	n.network = n.make(b, "/networks", `{"name":"Bench"}`)
	for i := range hosts {
		n.hosts = append(n.hosts, n.make(b, "/hosts", n.host(i, services, 0)))
	}
	return n
}

// host is the ith host as a client sends it.
func (n *inventory) host(i, services, generation int) string {
	var ports, running []string
	for s := range services {
		id := fmt.Sprintf("%08x-0000-4000-8000-%012x", i, s)
		ports = append(ports, fmt.Sprintf(`{"id":"%s","number":%d,"protocol":"Tcp"}`, id, 1000+s))
		running = append(running, fmt.Sprintf(`{"id":"%08x-0000-4000-9000-%012x","name":"service %d of %d","service_definition":"Nginx","bindings":[{"type":"Port","port_id":"%s"}]}`, i, s, s, generation, id))
	}
	return fmt.Sprintf(`{"network_id":"%s","name":"host-%d","ports":[%s],"services":[%s]}`, n.network, i, strings.Join(ports, ","), strings.Join(running, ","))
}

func (n *inventory) make(b *testing.B, path, body string) (id string) {
	b.Helper()
	w := httptest.NewRecorder()
	n.ask(b, w, http.MethodPost, path, body)
	var answer struct{ Data struct{ ID string } }
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != http.StatusOK {
		b.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	return answer.Data.ID
}

func (n *inventory) ask(b *testing.B, w http.ResponseWriter, method, path, body string) {
	r := httptest.NewRequestWithContext(b.Context(), method, "/api/v1"+path, strings.NewReader(body))
	n.handler.ServeHTTP(w, r)
	if d, ok := w.(*discarding); ok && d.status != http.StatusOK {
		b.Fatalf("%s %s: %d", method, path, d.status)
	}
}

// One caller after another, each write durable.
func BenchmarkNetwork(b *testing.B) {
	for _, c := range []struct {
		name            string
		hosts, services int
		request         func(n *inventory, turn int) (method, path, body string)
	}{
		{"create-service-on-a-host-of-20", 200, 20, func(n *inventory, turn int) (string, string, string) {
			return http.MethodPost, "/services", fmt.Sprintf(`{"host_id":"%s","network_id":"%s","name":"new %d","service_definition":"Redis"}`, n.hosts[turn%len(n.hosts)], n.network, turn)
		}},
		{"get-a-host-of-20", 10, 20, func(n *inventory, turn int) (string, string, string) {
			return http.MethodGet, "/hosts/" + n.hosts[turn%len(n.hosts)], ""
		}},
		{"put-a-host-of-50", 10, 50, func(n *inventory, turn int) (string, string, string) {
			return http.MethodPut, "/hosts/" + n.hosts[turn%len(n.hosts)], n.host(turn%len(n.hosts), 50, turn)
		}},
		{"list-1000", 100, 10, func(n *inventory, _ int) (string, string, string) {
			return http.MethodGet, "/services?limit=1000&order_by=name&network_id=" + n.network, ""
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			n := newInventory(b, c.hosts, c.services)
			b.ReportAllocs()
			var w discarding
			processor(b, func() {
				for turn := 0; b.Loop(); turn++ {
					w = discarding{}
					method, path, body := c.request(n, turn)
					n.ask(b, &w, method, path, body)
				}
			})
			b.ReportMetric(float64(w.bytes), "body-B")
		})
	}
}
