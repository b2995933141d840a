package load

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"almanac/internal/api"
	"almanac/internal/host/localhost"
	"almanac/internal/store/bolt"
	"almanac/internal/tenant"
)

// site is a server with networks. It is asked without a connection, as thousand is.
type site struct{ handler http.Handler }

func newSite(b *testing.B) site {
	kept, err := bolt.Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { kept.Close() })
	caller := tenant.Principal{Workspace: tenant.Local, ID: "bench", Label: "bench", Role: tenant.Owner}
	return site{localhost.Handler(api.Config{
		Deps:         api.Deps{Store: kept, Now: time.Now, MaxProjects: 10},
		Log:          slog.New(slog.NewJSONHandler(io.Discard, nil)),
		Authenticate: func(*http.Request) (tenant.Principal, error) { return caller, nil },
	})}
}

// ask does a request and reads its data into answer.
func (s site) ask(b *testing.B, method, path string, body, answer any) {
	b.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		b.Fatal(err)
	}
	w := httptest.NewRecorder()
	serve(b, s.handler, w, method, "/api/v1"+path, text)
	envelope := struct{ Data any }{answer}
	if err := json.Unmarshal(w.Body.Bytes(), &envelope); err != nil {
		b.Fatal(err)
	}
}

func (s site) network(b *testing.B) string {
	var made struct{ ID string }
	s.ask(b, http.MethodPost, "/networks", map[string]any{"name": "Bench"}, &made)
	return made.ID
}

// host makes a host with so many services, each on a port of its own, and gives
// it as it is shown.
func (s site) host(b *testing.B, network, name string, services int) (h map[string]any) {
	var ports, all []map[string]any
	for i := range services {
		ports = append(ports, map[string]any{"number": 8000 + i, "protocol": "Tcp"})
		all = append(all, map[string]any{"service_definition": "Nginx", "name": fmt.Sprint("web-", i)})
	}
	s.ask(b, http.MethodPost, "/hosts", map[string]any{"name": name, "network_id": network, "ports": ports, "services": all}, &h)
	for i, service := range h["services"].([]any) {
		port := h["ports"].([]any)[i].(map[string]any)["id"]
		service.(map[string]any)["bindings"] = []map[string]any{{"type": "Port", "port_id": port}}
	}
	s.ask(b, http.MethodPut, "/hosts/"+h["id"].(string), h, &h)
	return h
}

func BenchmarkNetwork(b *testing.B) {
	s := newSite(b)
	measure := func(name, method string, target func(n int) (path string, body any)) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			n := 0
			var w discarding
			processor(b, func() {
				for b.Loop() {
					path, body := target(n)
					text, err := json.Marshal(body)
					if err != nil {
						b.Fatal(err)
					}
					w = discarding{}
					serve(b, s.handler, &w, method, "/api/v1"+path, text)
					n++
				}
			})
			b.ReportMetric(float64(w.bytes), "body-B")
		})
	}
	thousand := s.network(b)
	var large map[string]any
	for i := range 50 {
		large = s.host(b, thousand, fmt.Sprint("host-", i), 20)
	}
	measure("list-of-1000-services", http.MethodGet, func(int) (string, any) {
		return "/services?limit=1000&network_id=" + thousand, nil
	})
	service := large["services"].([]any)[3].(map[string]any)["id"].(string)
	measure("get-service-on-a-host-of-20", http.MethodGet, func(int) (string, any) { return "/services/" + service, nil })

	// So many that none has many more than 20 in the end.
	others := s.network(b)
	var hosts []string
	for i := range 300 {
		hosts = append(hosts, s.host(b, others, fmt.Sprint("host-", i), 20)["id"].(string))
	}
	measure("create-service-on-a-host-of-20", http.MethodPost, func(n int) (string, any) {
		return "/services", map[string]any{
			"host_id": hosts[n%len(hosts)], "network_id": others, "service_definition": "Nginx", "name": "one more", "bindings": []any{},
		}
	})
	large = s.host(b, others, "large", 50)
	measure("put-host-with-50-services", http.MethodPut, func(n int) (string, any) {
		for _, service := range large["services"].([]any) {
			service.(map[string]any)["name"] = fmt.Sprint("web-", n)
		}
		return "/hosts/" + large["id"].(string), large
	})
}
