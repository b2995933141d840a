package golden

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"almanac/internal/api"
	"almanac/internal/host/localhost"
	"almanac/internal/store"
	"almanac/internal/tenant"
)

// Names lead from the ids that the golden events have to those that a seeded
// store has instead, because servers make them.
type Names map[string]string

// inventory makes networks in a workspace, as a client does, and adds the names of
// what it made.
type inventory struct {
	*testing.T
	handler http.Handler
	key     string
	now     *time.Time
	names   Names
}

// seedInventory makes, for the golden events,
//
//	networks   1…1 Headquarters, 1…2 Branch (with nothing in it)
//	subnets    2…1 10.0.0.0/24
//	hosts      3…1 alpha, 3…2 beta
//	interfaces 4…1 and 4…2 on alpha, 4…3 on beta
//	ports      5…1 80 and 5…2 443 on alpha, 5…3 22 on beta
//	services   6…1 web and 6…2 proxy on alpha, 6…3 shell on beta
//	bindings   7…1 web to port 80 of all interfaces, 7…2 proxy to port 443 of 4…1, 7…3 shell to port 22
//	tags       8…1 prod, 8…2 lab (on nothing)
//	definition House Brew (of no service)
func seedInventory(t *testing.T, s store.Store, secret string, clock *time.Time, names Names) {
	t.Helper()
	now := func() time.Time { return *clock }
	keys := tenant.NewKeys(s, now)
	i := inventory{t, localhost.Handler(api.Config{
		Deps: api.Deps{Store: s, Now: now, MaxProjects: 10},
		Authenticate: func(r *http.Request) (tenant.Principal, error) {
			return keys.Authenticate(r.Context(), r.Header.Values("Authorization"))
		},
		Log: slog.New(slog.DiscardHandler),
	}), secret, clock, names}
	i.make("8", 1, "/tags", `{"name":"prod","color":"green"}`)
	i.make("8", 2, "/tags", `{"name":"lab"}`)
	i.ask("PUT", "/service-definitions/House%20Brew", `{"description":"Makes coffee","category":"Kitchen","icon":"cup","default_ports":[{"number":8418,"protocol":"Tcp"}]}`)
	i.make("1", 1, "/networks", `{"name":"Headquarters","tags":["8…1"]}`)
	i.make("1", 2, "/networks", `{"name":"Branch"}`)
	i.make("2", 1, "/subnets", `{"network_id":"1…1","name":"Servers","cidr":"10.0.0.0/24"}`)
	alpha := i.make("3", 1, "/hosts", `{"network_id":"1…1","name":"alpha","hostname":"alpha.example","tags":["8…1"],`+
		`"interfaces":[{"subnet_id":"2…1","ip_address":"10.0.0.10","name":"eth0"},{"subnet_id":"2…1","ip_address":"10.0.0.11","name":"eth1"}],`+
		`"ports":[{"number":80,"protocol":"Tcp"},{"number":443,"protocol":"Tcp"}]}`)
	beta := i.make("3", 2, "/hosts", `{"network_id":"1…1","name":"beta",`+
		`"interfaces":[{"subnet_id":"2…1","ip_address":"10.0.0.20","name":"eth0"}],"ports":[{"number":22,"protocol":"Tcp"}]}`)
	for n, made := range append(alpha.Interfaces, beta.Interfaces...) {
		names[id("4", n+1)] = made.ID
	}
	for n, made := range append(alpha.Ports, beta.Ports...) {
		names[id("5", n+1)] = made.ID
	}
	for n, service := range []string{
		`{"name":"web","host_id":"3…1","network_id":"1…1","service_definition":"Nginx","tags":["8…1"],"catalog":{"project_id":"eshop-sample","slug":"basket-api"},"bindings":[{"type":"Port","port_id":"5…1"}]}`,
		`{"name":"proxy","host_id":"3…1","network_id":"1…1","service_definition":"HAProxy","bindings":[{"type":"Port","port_id":"5…2","interface_id":"4…1"}]}`,
		`{"name":"shell","host_id":"3…2","network_id":"1…1","service_definition":"SSH","bindings":[{"type":"Port","port_id":"5…3"}]}`,
	} {
		made := i.make("6", n+1, "/services", service)
		names[id("7", n+1)] = made.Bindings[0].ID
	}
}

// made is what an answer tells of what was made.
type made struct {
	ID                          string
	Interfaces, Ports, Bindings []made
}

// id is the nth golden id of a kind.
func id(kind string, n int) string {
	return fmt.Sprintf("%s0000000-0000-4000-8000-%012d", kind, n)
}

// make creates something and names it. In bodies 3…1 is id("3", 1).
func (i inventory) make(kind string, n int, path, body string) made {
	i.Helper()
	var answer struct{ Data made }
	text := i.ask("POST", path, body)
	if err := json.Unmarshal([]byte(text), &answer); err != nil || answer.Data.ID == "" {
		i.Fatalf("%s: %s", path, text)
	}
	i.names[id(kind, n)] = answer.Data.ID
	return answer.Data
}

func (i inventory) ask(method, path, body string) string {
	i.Helper()
	for golden, real := range i.names {
		body = strings.ReplaceAll(body, golden[:1]+"…"+strings.TrimLeft(golden[24:], "0"), real)
	}
	r := httptest.NewRequestWithContext(i.Context(), method, "/api/v1"+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+i.key)
	w := httptest.NewRecorder()
	i.handler.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		i.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	*i.now = i.now.Add(time.Hour)
	return w.Body.String()
}
