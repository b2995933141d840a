package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// What both peers hold before they are measured.
const (
	services = 1000
	changes  = 100_000
	batch    = 25
)

func slug(n int) string { return fmt.Sprintf("service-%04d", n) }

// fill writes the services and their changes, in batches.
func (p *peer) fill(ctx context.Context) error {
	dice := rand.New(rand.NewPCG(1, 2))
	for n := 0; n < services+changes; n += batch {
		var all []map[string]any
		for i := range batch {
			all = append(all, map[string]any{
				"name":        slug((n + i) % services),
				"description": fmt.Sprintf("change %d %s", n+i, strings.Repeat("of many ", 10+dice.IntN(10))),
				"owner":       fmt.Sprintf("team-%d", n%40), "category": fmt.Sprintf("category-%d", n%7), "flows": []string{"checkout", "refund"},
				"produces": []map[string]string{{"name": fmt.Sprintf("topic.%d", n%300)}, {"name": fmt.Sprintf("topic.%d", n%299)}},
				"consumes": []map[string]string{{"name": fmt.Sprintf("topic.%d", n%301)}},
				"extras":   map[string]string{"runbook": "https://wiki.example/runbooks/" + slug(n%services), "tier": "2"},
			})
		}
		body, err := json.Marshal(all)
		if err != nil {
			return err
		}
		if _, err := p.do(ctx, http.MethodPut, p.services, string(body)); err != nil {
			return err
		}
		if n == services {
			p.from = time.Now()
		}
	}
	p.to = time.Now()
	return nil
}

// operation is one request of the workload.
type operation struct {
	name    string
	request func(p *peer, dice *rand.Rand) (method, url, body string)
}

func (p *peer) past(dice *rand.Rand) string {
	at := p.from.Add(time.Duration(dice.Int64N(int64(p.to.Sub(p.from)))))
	return "?at=" + at.UTC().Format("2006-01-02T15:04:05.000Z")
}

var operations = []operation{
	{"get now", func(p *peer, dice *rand.Rand) (string, string, string) {
		return http.MethodGet, p.services + "/" + slug(dice.IntN(services)), ""
	}},
	{"get at", func(p *peer, dice *rand.Rand) (string, string, string) {
		return http.MethodGet, p.services + "/" + slug(dice.IntN(services)) + p.past(dice), ""
	}},
	{"list at", func(p *peer, dice *rand.Rand) (string, string, string) {
		return http.MethodGet, p.services + p.past(dice), ""
	}},
	{"update", func(p *peer, dice *rand.Rand) (string, string, string) {
		return http.MethodPut, p.services + "/" + slug(dice.IntN(services)), fmt.Sprintf(`{"description":"%x"}`, dice.Uint64())
	}},
}

// measurement is what one peer did in its turns.
type measurement struct {
	latencies []time.Duration
	took, cpu time.Duration
}

func (m *measurement) percentile(p int) time.Duration {
	return m.latencies[(len(m.latencies)-1)*p/100]
}
func (m *measurement) rate() float64 { return float64(len(m.latencies)) / m.took.Seconds() }

// perCore is how many requests a core's whole second would do.
func (m *measurement) perCore() float64 { return float64(len(m.latencies)) / m.cpu.Seconds() }

// measure adds a turn of clients that each send one request after another.
func (m *measurement) measure(ctx context.Context, p *peer, o operation, clients int, turn time.Duration) error {
	before, err := cpu(p.pids...)
	if err != nil {
		return err
	}
	began := time.Now()
	latencies, errs := make([][]time.Duration, clients), make([]error, clients)
	var wg sync.WaitGroup
	for c := range clients {
		wg.Go(func() {
			dice := rand.New(rand.NewPCG(uint64(c), uint64(began.UnixNano())))
			for time.Since(began) < turn && errs[c] == nil {
				method, url, body := o.request(p, dice)
				sent := time.Now()
				_, errs[c] = p.do(ctx, method, url, body)
				latencies[c] = append(latencies[c], time.Since(sent))
			}
		})
	}
	wg.Wait()
	m.took += time.Since(began)
	after, err := cpu(p.pids...)
	m.cpu += after - before
	for c := range clients {
		m.latencies = append(m.latencies, latencies[c]...)
		if errs[c] != nil {
			return fmt.Errorf("%s: %w", o.name, errs[c])
		}
	}
	slices.Sort(m.latencies)
	return err
}
