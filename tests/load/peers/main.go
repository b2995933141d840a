// Command peers compares Almanac on a laptop with what one would else write for
// the same purpose: a small server over a temporal table in PostgreSQL 15. Both
// get the same services and changes and the same requests, in turns, on one
// machine, and both have a write on the disk before they answer.
//
//	go run ./tests/load/peers
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"text/tabwriter"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	clients := flag.Int("clients", 8, "requests at the same time")
	turn := flag.Duration("turn", 3*time.Second, "how long one peer is measured at a time")
	turns := flag.Int("turns", 3, "turns of each peer for each operation")
	flag.Parse()
	err := run(ctx, *clients, *turns, *turn, os.Stdout)
	if errors.Is(err, errNoPostgres) {
		fmt.Fprintln(os.Stderr, "peers: NOTHING WAS COMPARED:", err)
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, clients, turns int, turn time.Duration, out io.Writer) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	dir, err := os.MkdirTemp("", "almanac-peers-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil {
		return err
	}
	home := filepath.Join(dir, "postgres")
	if err := os.Mkdir(home, 0o755); err != nil {
		return err
	}
	db, err := startPostgres(ctx, home)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.stop()) }()
	for _, pkg := range []string{"almanac/cmd/almanac", "almanac/tests/load/peers/temporal"} {
		build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", dir+"/", pkg)
		if said, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("%s does not build: %w: %s", pkg, err, said)
		}
	}
	var children sync.WaitGroup
	defer func() { cancel(); children.Wait() }() // before their database and files go
	almanac, err := startAlmanac(ctx, &children, filepath.Join(dir, "almanac"), filepath.Join(dir, "data"))
	if err != nil {
		return err
	}
	temporal, err := startTemporal(ctx, &children, filepath.Join(dir, "temporal"), db)
	if err != nil {
		return err
	}
	peers := []*peer{almanac, temporal}
	for _, p := range peers {
		if err := p.fill(ctx); err != nil {
			return err
		}
		fmt.Fprintf(out, "%s has %d services and %d changes, %d a request, after %s\n", p.name, services, changes, batch, p.to.Sub(p.from).Round(time.Second/10))
	}
	if err := db.tidy(ctx); err != nil {
		return err
	}
	return compare(ctx, peers, clients, turns, turn, out)
}

// compare measures each operation on both, in turns, and prints a row for it.
func compare(ctx context.Context, peers []*peer, clients, turns int, turn time.Duration, out io.Writer) error {
	fmt.Fprintf(out, "%d clients; ratios are Almanac to PostgreSQL\n\n", clients)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\tp50\tp99\trequests/s\ta core's s\t")
	for _, o := range operations {
		measured := make([]measurement, len(peers))
		for range turns {
			for i, p := range peers {
				if err := measured[i].measure(ctx, p, o, clients, turn); err != nil {
					return err
				}
			}
		}
		for i, p := range peers {
			m := &measured[i]
			fmt.Fprintf(table, "%s, %s\t%s\t%s\t%.0f\t%.0f\t\n", o.name, p.name,
				m.percentile(50).Round(time.Microsecond), m.percentile(99).Round(time.Microsecond), m.rate(), m.perCore())
		}
		a, b := &measured[0], &measured[1]
		ratio := func(x, y time.Duration) float64 { return float64(x) / float64(y) }
		fmt.Fprintf(table, "%s, ratio\t%.2f\t%.2f\t%.2f\t%.2f\t\n", o.name,
			ratio(a.percentile(50), b.percentile(50)), ratio(a.percentile(99), b.percentile(99)), a.rate()/b.rate(), a.perCore()/b.perCore())
	}
	return table.Flush()
}
