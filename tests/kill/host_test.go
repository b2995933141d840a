package kill

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"almanac/tests/program"
)

const (
	hostRounds = 25
	hostWrites = 40 // before a kill, at most
	inventory  = "/api/v1"
)

// host is what is read of one, whose parts all have the generation of the
// write that they are from in their names.
type host struct {
	ID          string
	Name        string
	Description string `json:"description"`
	UpdatedAt   string `json:"updated_at"`
	Ports       []struct{ Number int }
	Interfaces  []struct{ Name string }
	Services    []struct {
		Name     string
		Bindings []struct {
			PortID string `json:"port_id"`
		}
	}
}

type envelope[T any] struct{ Data T }

// state is a host of one generation, as a client sends it: other ports, other
// interfaces and other services that bind them, each time.
func state(network, subnet, name string, own, generation int) string {
	var ports, interfaces, services []string
	for i := range 1 + generation%3 {
		id := fmt.Sprintf("%08x-%04x-4000-8000-%012x", own, generation, i)
		ports = append(ports, fmt.Sprintf(`{"id":"%s","number":%d,"protocol":"Tcp"}`, id, 1000+generation%1000*10+i))
		interfaces = append(interfaces, fmt.Sprintf(`{"subnet_id":"%s","ip_address":"10.%d.%d.%d","name":"g%d"}`, subnet, own, generation%250, i+1, generation))
		services = append(services, fmt.Sprintf(`{"name":"g%d","service_definition":"Nginx","bindings":[{"type":"Port","port_id":"%s"}]}`, generation, id))
	}
	return fmt.Sprintf(`{"network_id":"%s","name":"%s","description":"g%d","interfaces":[%s],"ports":[%s],"services":[%s]}`,
		network, name, generation, strings.Join(interfaces, ","), strings.Join(ports, ","), strings.Join(services, ","))
}

// whole tells of which one generation a host is, or that it is half of two.
func (h host) whole() (generation int, err error) {
	if _, err := fmt.Sscanf(h.Description, "g%d", &generation); err != nil {
		return 0, err
	}
	want := 1 + generation%3
	if len(h.Ports) != want || len(h.Interfaces) != want || len(h.Services) != want {
		return 0, fmt.Errorf("%s has %d ports, %d interfaces, %d services", h.Description, len(h.Ports), len(h.Interfaces), len(h.Services))
	}
	for i := range want {
		if h.Services[i].Name != h.Description || h.Interfaces[i].Name != h.Description || len(h.Services[i].Bindings) != 1 || h.Ports[i].Number != 1000+generation%1000*10+i {
			return 0, fmt.Errorf("%+v is of several generations", h)
		}
	}
	return generation, nil
}

// hostWriter replaces one host, again and again.
type hostWriter struct {
	own         int
	id          string
	sent, acked int // generations
	moments     []moment
}

// moment is an instant at which a host was of a generation.
type moment struct {
	at         string
	generation int
}

func (w *hostWriter) write(ctx context.Context, t *testing.T, server program.Client, network, subnet string, acked func()) {
	for {
		generation := w.sent + 1
		w.sent = generation
		method, path := "PUT", inventory+"/hosts/"+w.id
		if w.id == "" {
			method, path = "POST", inventory+"/hosts"
		}
		got, err := server.Do(ctx, method, path, state(network, subnet, fmt.Sprintf("host-%d", w.own), w.own, generation))
		if err != nil {
			return // killed
		}
		if got.Status != 200 {
			t.Errorf("%s was answered %d %s", got.Asked, got.Status, got.Body)
			return
		}
		answer, err := program.Read[envelope[host]](got)
		if err != nil {
			t.Error(err)
			return
		}
		w.id, w.acked = answer.Data.ID, generation
		w.moments = append(w.moments, moment{answer.Data.UpdatedAt, generation})
		acked()
	}
}

func TestAKillUnderNestedWritesOfHostsLeavesNoHostHalfWritten(t *testing.T) {
	data := t.TempDir()
	dice := rand.New(rand.NewPCG(*seed, 1))
	server := program.Serve(t, "--data", data)
	made := func(path, body string) string {
		t.Helper()
		got, err := server.Do(t.Context(), "POST", inventory+path, body)
		if err != nil || got.Status != 200 {
			t.Fatalf("%d %s %v", got.Status, got.Body, err)
		}
		answer, err := program.Read[envelope[host]](got)
		if err != nil {
			t.Fatal(err)
		}
		return answer.Data.ID
	}
	network := made("/networks", `{"name":"Killed"}`)
	subnet := made("/subnets", fmt.Sprintf(`{"network_id":"%s","name":"all","cidr":"10.0.0.0/8"}`, network))
	all := make([]*hostWriter, writers)
	for i := range all {
		all[i] = &hostWriter{own: i}
	}
	for round := range hostRounds {
		enough := make(chan struct{})
		acked := counter(1+dice.IntN(hostWrites), func() { close(enough) })
		var writing sync.WaitGroup
		for _, w := range all {
			writing.Go(func() { w.write(t.Context(), t, server.Client, network, subnet, acked) })
		}
		select {
		case <-enough:
		case <-time.After(patience):
			t.Error("the writers are stuck")
		}
		server.Kill()
		writing.Wait()
		server = program.Serve(t, "--data", data)
		known := map[string]*hostWriter{}
		for _, h := range list(t, server, network) {
			w := all[0]
			for _, each := range all {
				if h.Name == fmt.Sprintf("host-%d", each.own) {
					w = each
				}
			}
			generation, err := h.whole()
			if err != nil || generation != w.acked && generation != w.sent {
				t.Errorf("of %s generation %d was acknowledged and %d sent, there is %d, %v", h.Name, w.acked, w.sent, generation, err)
			}
			if known[h.Name] != nil && w.acked > 0 {
				t.Errorf("there are two of %s", h.Name)
			}
			known[h.Name] = w
			w.id = h.ID
		}
		for _, w := range all {
			if w.acked > 0 && known[fmt.Sprintf("host-%d", w.own)] == nil {
				t.Errorf("host-%d is gone", w.own)
			}
			for range min(3, len(w.moments)) {
				m := w.moments[dice.IntN(len(w.moments))]
				got, err := server.Do(t.Context(), "GET", inventory+"/hosts/"+w.id+"?at="+m.at, "")
				if err != nil || got.Status != 200 {
					t.Fatalf("%s: %d %s %v", got.Asked, got.Status, got.Body, err)
				}
				then, err := program.Read[envelope[host]](got)
				if err != nil {
					t.Fatal(err)
				}
				if generation, err := then.Data.whole(); err != nil || generation != m.generation {
					t.Errorf("at %s it was of generation %d, now it is said to have been %d, %v", m.at, m.generation, generation, err)
				}
			}
		}
		if t.Failed() {
			t.Fatalf("this was round %d of seed %d", round, *seed)
		}
	}
	server.Stop(t)
}

func list(t *testing.T, server *program.Server, network string) []host {
	t.Helper()
	got, err := server.Do(t.Context(), "GET", inventory+"/hosts?limit=0&network_id="+network, "")
	if err != nil || got.Status != 200 {
		t.Fatalf("%d %s %v", got.Status, got.Body, err)
	}
	answer, err := program.Read[envelope[[]host]](got)
	if err != nil {
		t.Fatal(err)
	}
	return answer.Data
}
