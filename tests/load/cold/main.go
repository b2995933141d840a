// Command cold measures cold starts: how long after its start a function asks
// for its first event, and how long until its first answer, as ratios to a
// hello-world function in the same run.
//
//	go run ./tests/load/cold -runs 40
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"
)

func main() {
	runs := flag.Int("runs", 60, "how often each variant is started, at least 1")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *runs, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "cold:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, runs int, out io.Writer) error {
	b, err := newBench(ctx)
	if err != nil {
		return err
	}
	defer b.close()
	variants := b.variants()
	results, err := b.measure(ctx, runs, variants)
	if err != nil {
		return err
	}
	hello := results[0]
	fmt.Fprintf(out, "Medians of %d starts each, in turns, and lower quartiles of processor time; ratios to hello-world.\n\n", runs)
	fmt.Fprintf(out, "%-38s %18s %18s %18s   %s\n", "", "start to ready", "to first answer", "processor time", "goal: ready")
	for i, v := range variants {
		r := results[i]
		verdict := ""
		if v.goal > 0 {
			verdict = fmt.Sprintf("≤ %.1f × met", v.goal)
			if ratio(r.ready, hello.ready) > v.goal {
				verdict = fmt.Sprintf("≤ %.1f × MISSED", v.goal)
			}
		}
		fmt.Fprintf(out, "%-38s %18s %18s %18s   %s\n", v.name,
			figure(r.ready, hello.ready), figure(r.answer, hello.answer), figure(r.processor, hello.processor), verdict)
	}
	return nil
}

func figure(d, base time.Duration) string {
	return fmt.Sprintf("%.2f ms %.2f ×", float64(d.Microseconds())/1000, ratio(d, base))
}

func ratio(d, base time.Duration) float64 { return float64(d) / float64(base) }
