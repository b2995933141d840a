package main

import (
	"context"
	"encoding/pem"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"almanac/tests/lambda/runtimeapi"
)

// variant is a function and the world it starts in.
type variant struct {
	name   string
	binary string
	env    []string
	goal   float64 // of the ratio of start to ready; 0: none
	wants  string  // what the first answer holds
}

// result is what one start took; of many, the medians of the times and the
// lower quartile of processor time, to which a busy machine only adds.
type result struct {
	ready, answer time.Duration // since the process was started
	processor     time.Duration // user and system time until the first answer
}

type bench struct {
	dir        string
	table      *table
	plain, tls *httptest.Server
}

func newBench(ctx context.Context) (b *bench, err error) {
	b = &bench{}
	defer func() {
		if err != nil {
			b.close()
		}
	}()
	if b.dir, err = os.MkdirTemp("", "almanac-cold-"); err != nil {
		return b, err
	}
	if err = runtimeapi.Build(b.dir, "", "almanac/tests/load/cold/hello", "almanac/functions/getService"); err != nil {
		return b, err
	}
	if b.table, err = newTable(ctx, filepath.Join(b.dir, "data")); err != nil {
		return b, err
	}
	b.plain, b.tls = httptest.NewServer(b.table), httptest.NewTLSServer(b.table)
	return b, b.writeRoots()
}

func (b *bench) rootsFile() string { return filepath.Join(b.dir, "roots.pem") }

// writeRoots pins the local server's certificate beside those that functions are
// deployed with: reading them is part of a cold start.
func (b *bench) writeRoots() error {
	if err := os.Mkdir(filepath.Join(b.dir, "empty"), 0o755); err != nil {
		return err
	}
	mod, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return err
	}
	roots, err := os.ReadFile(filepath.Join(filepath.Dir(string(mod)), "infra", "roots.pem"))
	if err != nil {
		return err
	}
	own := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: b.tls.Certificate().Raw})
	return os.WriteFile(b.rootsFile(), append(roots, own...), 0o644)
}

func (b *bench) close() {
	for _, server := range []*httptest.Server{b.plain, b.tls} {
		if server != nil {
			server.CloseClientConnections()
			server.Close()
		}
	}
	if b.table != nil {
		_ = b.table.items.Close()
	}
	// What remains lies in the system's temporary folder.
	_ = os.RemoveAll(b.dir)
}

// variants begin with hello-world.
func (b *bench) variants() []variant {
	at := func(server *httptest.Server, more ...string) []string {
		return append(more, "ALMANAC_TABLE=table", "ALMANAC_ENDPOINT="+server.URL)
	}
	const answer = `"statusCode":200`
	return []variant{
		{"hello-world", "hello", nil, 0, "hello"},
		{"getService, no call in init", "getService", at(b.plain, "ALMANAC_WARM=off"), 1.5, answer},
		{"getService, a plain HTTP call in init", "getService", at(b.plain), 1.8, answer},
		{"getService, a TLS call in init", "getService", at(b.tls,
			"SSL_CERT_FILE="+b.rootsFile(), "SSL_CERT_DIR="+filepath.Join(b.dir, "empty")), 3, answer},
	}
}

// measure starts the variants in turns, each time beginning with another one.
func (b *bench) measure(ctx context.Context, runs int, variants []variant) ([]result, error) {
	all := make([][]result, len(variants))
	for n := range runs {
		for i := range variants {
			i = (i + n) % len(variants)
			r, err := b.start(ctx, variants[i])
			if err != nil {
				return nil, fmt.Errorf("%s: %w", variants[i].name, err)
			}
			all[i] = append(all[i], r)
		}
	}
	of := make([]result, len(variants))
	for i, results := range all {
		of[i] = result{
			ready:     sorted(results, func(r result) time.Duration { return r.ready })[runs/2],
			answer:    sorted(results, func(r result) time.Duration { return r.answer })[runs/2],
			processor: sorted(results, func(r result) time.Duration { return r.processor })[runs/4],
		}
	}
	return of, nil
}

func sorted(results []result, of func(result) time.Duration) []time.Duration {
	var all []time.Duration
	for _, r := range results {
		all = append(all, of(r))
	}
	slices.Sort(all)
	return all
}

// start is one cold start: the event waits already when the function asks.
func (b *bench) start(ctx context.Context, v variant) (result, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	f, err := runtimeapi.Start(filepath.Join(b.dir, v.binary), v.env...)
	if err != nil {
		return result{}, err
	}
	defer f.Stop()
	out, err := f.Invoke(ctx, b.table.event, 10*time.Second)
	if err != nil {
		return result{}, err
	}
	ready, err := f.Ready(ctx)
	if err != nil {
		return result{}, err
	}
	if out.Failed || !strings.Contains(string(out.Payload), v.wants) {
		return result{}, fmt.Errorf("answered %s\n%s", out.Payload, f.Log())
	}
	state := f.Stop()
	return result{ready: ready, answer: f.Since(out.At), processor: state.UserTime() + state.SystemTime()}, nil
}
