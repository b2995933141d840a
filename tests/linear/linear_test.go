// Package linear has clients use one project of the running program at the same
// time, and searches for one order of all their operations in which each could
// have been answered as it was: porcupine does the search, by a model of the
// contract. Where there is none, the program has lost, reordered, torn or
// rewritten something.
package linear

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"almanac/internal/store/dynamo/dynamotest"
	"almanac/tests/program"

	"github.com/anishathalye/porcupine"
)

var (
	histories = flag.Int("histories", 1000, "histories to record on bolt; on DynamoDB it is a tenth of them")
	firstSeed = flag.Uint64("seed", 1, "what the first history's clients do; the next ones count on")
	failures  = flag.String("failures", filepath.Join(os.TempDir(), "almanac-linear"), "folder for histories that have no order")
)

func TestMain(m *testing.M) { os.Exit(program.Main(m)) }

func TestConcurrentHistoriesHaveAnOrder(t *testing.T) {
	t.Run("on bolt", func(t *testing.T) {
		s := program.Serve(t, "--data", t.TempDir())
		check(t, 4, *histories, s.Client)
		s.Stop(t)
	})
	// As in the cloud: several servers of one table, none of which is certain
	// of what becomes of its requests.
	t.Run("on DynamoDB with faults", func(t *testing.T) {
		table := dynamotest.Config(t)
		flags := []string{"--store", "dynamodb", "--table", table.Table, "--endpoint", unreliable(t, table.Endpoint)}
		one := program.Serve(t, append(flags, "--data", t.TempDir())...)
		two := program.Serve(t, append(flags, "--data", t.TempDir())...)
		check(t, 16, max(1, *histories/10), one.Client, two.Client)
		one.Stop(t)
		two.Stop(t)
	})
}

// check records histories, some at a time, and finds an order for each.
func check(t *testing.T, atATime, histories int, servers ...program.Client) {
	t.Helper()
	var next atomic.Uint64
	var operations, unknown atomic.Int64
	var wg sync.WaitGroup
	for range atATime {
		wg.Go(func() {
			for n := next.Add(1); n <= uint64(histories) && !t.Failed(); n = next.Add(1) {
				r, err := record(t.Context(), small, servers, *firstSeed+n-1)
				if err != nil {
					t.Errorf("history %d: %v", *firstSeed+n-1, err)
					return
				}
				for _, o := range r.operations {
					operations.Add(1)
					if o.Output.(output).status == 0 {
						unknown.Add(1)
					}
				}
				if fault := r.fault(); fault != "" {
					t.Errorf("history %d %s\n%s", *firstSeed+n-1, fault, r.report(*firstSeed+n-1))
				}
			}
		})
	}
	wg.Wait()
	t.Logf("%d histories of %d operations, %d of them of unknown outcome", histories, operations.Load(), unknown.Load())
}

// patience is how long the search for an order may take.
const patience = time.Minute

func (r *recorder) model() porcupine.Model {
	var last []event
	for _, o := range r.operations {
		if o.ClientId == r.clients && o.Input.(input).kind == history {
			last = o.Output.(output).events
		}
	}
	return model(r.born, last)
}

// fault tells what is wrong with a history, if anything is.
func (r *recorder) fault() string {
	switch porcupine.CheckOperationsTimeout(r.model(), r.operations, patience) {
	case porcupine.Ok:
		return ""
	case porcupine.Unknown:
		return fmt.Sprintf("could not be decided in %s", patience)
	default:
		return "has no order"
	}
}
