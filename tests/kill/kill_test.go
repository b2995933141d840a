// Package kill ends the running program by kill -9 under writes, again and
// again, and asks the next one what is left: all that was acknowledged, and of
// what was not, all or nothing.
package kill

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"almanac/tests/program"
)

var (
	rounds = flag.Int("rounds", 100, "how often the server is killed")
	seed   = flag.Uint64("seed", 1, "what the writers do, and after how many writes the server is killed")
)

func TestMain(m *testing.M) { os.Exit(program.Main(m)) }

const (
	writers    = 4
	perProject = 10 // kills that a project lives through
	manyWrites = 60 // before a kill, at most
	patience   = 30 * time.Second
)

type service struct{ Slug, Name, Description, ValidFrom string }

// run is what must be true of the memory that the servers share.
type run struct {
	*testing.T
	server   *program.Server
	project  string
	services map[string]string // descriptions by slug, of the project
	events   int               // of the project
	pasts    []past
	unsure   []request // creates that were in flight when the server was killed
}

// past is an answer that was said to be good for ever.
type past struct{ path, body string }

func TestAKillAtAnyMomentLosesNothingAndLeavesNothingHalfDone(t *testing.T) {
	data := t.TempDir()
	dice := rand.New(rand.NewPCG(*seed, 0))
	r := &run{T: t, server: program.Serve(t, "--data", data)}
	for round := range *rounds {
		if round%perProject == 0 {
			path, err := r.server.NewProject(t.Context(), fmt.Sprintf("Round %d", round))
			if err != nil {
				t.Fatal(err)
			}
			r.project, r.services, r.events = path, map[string]string{}, 0
		}
		all := make([]*writer, writers)
		for i := range all {
			all[i] = newWriter(fmt.Sprintf("r%d-w%d", round, i), *seed)
		}
		r.killUnder(all, 1+dice.IntN(manyWrites))
		r.server = program.Serve(t, "--data", data)
		r.settle(all)
		r.checkHistory()
		r.checkPasts(dice)
		if t.Failed() {
			t.Fatalf("this was round %d of seed %d", round, *seed)
		}
	}
	t.Logf("%d answers of the past were compared after kills, %d creates were in flight", len(r.pasts), len(r.unsure))
	r.resend()
	r.server.Stop(t)
}

// killUnder kills the server when its writers have had so many answers: each of
// the others is then somewhere in the midst of a write.
func (r *run) killUnder(all []*writer, answers int) {
	r.Helper()
	var wg sync.WaitGroup
	enough, reads := make(chan struct{}), make(chan string, 1000)
	acked := counter(answers, func() { close(enough) })
	var writing sync.WaitGroup
	for _, w := range all {
		writing.Go(func() {
			w.write(r.Context(), r.T, r.server.Client, r.project, func(s service) {
				if s.Slug != "" {
					select {
					case reads <- r.project + "/services/" + s.Slug + "/raw?at=" + s.ValidFrom:
					default: // there is enough to read
					}
				}
				acked()
			})
		})
	}
	wg.Go(func() { r.read(reads) })
	select {
	case <-enough:
	case <-time.After(patience):
		r.Error("the writers are stuck")
	}
	r.server.Kill()
	writing.Wait()
	close(reads)
	wg.Wait()
}

// counter calls f when it is called for the n-th time.
func counter(n int, f func()) func() {
	var mu sync.Mutex
	return func() {
		mu.Lock()
		defer mu.Unlock()
		if n--; n == 0 {
			f()
		}
	}
}

// read keeps the answers that can never change.
func (r *run) read(paths <-chan string) {
	for path := range paths {
		got, err := r.server.Do(r.Context(), "GET", path, "")
		if err != nil {
			continue // killed
		}
		if got.Status != 200 {
			r.Errorf("%s, which was just written: %d %s", got.Asked, got.Status, got.Body)
		}
		if strings.Contains(got.Header.Get("Cache-Control"), "immutable") {
			r.pasts = append(r.pasts, past{path, got.Body})
		}
	}
}

// settle finds out what the server holds of each writer: all that was
// acknowledged, with the write that was not, or without it.
func (r *run) settle(all []*writer) {
	r.Helper()
	for _, w := range all {
		maps.Copy(r.services, w.held)
		r.events += w.events
	}
	listed := map[string]string{}
	for _, s := range ask[[]service](r, r.project+"/services") {
		listed[s.Slug] = s.Description
		if one := ask[service](r, r.project+"/services/"+s.Slug); one != s {
			r.Errorf("the list says %+v, the service itself %+v", s, one)
		}
	}
	for _, w := range all {
		own := maps.Clone(listed)
		maps.DeleteFunc(own, func(slug, _ string) bool { return !strings.HasPrefix(slug, w.name+"-") })
		if w.after != nil && maps.Equal(own, w.after) {
			maps.DeleteFunc(r.services, func(slug, _ string) bool { return strings.HasPrefix(slug, w.name+"-") })
			maps.Copy(r.services, own)
			r.events += w.inFlight
		}
		if w.last.key != "" {
			r.unsure = append(r.unsure, w.last)
		}
	}
	if !maps.Equal(listed, r.services) {
		r.Errorf("acknowledged:\n%v\nlisted:\n%v", r.services, listed)
	}
	if count := ask[struct{ ServiceCount int }](r, r.project).ServiceCount; count != len(listed) {
		r.Errorf("%d services are counted, %d listed", count, len(listed))
	}
}

// checkPasts reads some answers again.
func (r *run) checkPasts(dice *rand.Rand) {
	for range min(40, len(r.pasts)) {
		p := r.pasts[dice.IntN(len(r.pasts))]
		got, err := r.server.Do(r.Context(), "GET", p.path, "")
		if err != nil || got.Status != 200 || got.Body != p.body {
			r.Errorf("%s was for ever %s and is %d %s %v", p.path, p.body, got.Status, got.Body, err)
		}
	}
}

// resend does as a client that had no answer: it sends the same request with
// the same Idempotency-Key, and it is done once, whether it was done before or not.
func (r *run) resend() {
	for _, in := range r.unsure {
		slug := strings.TrimPrefix(in.key, "create ")
		got, err := r.server.Do(r.Context(), in.method, in.path, in.body, "Idempotency-Key: "+in.key)
		if err != nil || got.Status != 200 {
			r.Errorf("%s, sent again: %d %s %v", in.key, got.Status, got.Body, err)
			continue
		}
		creates := ask[struct{ Events []event }](r, strings.TrimSuffix(in.path, "/services")+"/history?changeType=CREATE&service="+slug).Events
		if len(creates) != 1 || creates[0].Timestamp != shown(got).ValidFrom {
			r.Errorf("%s was answered %s and done %v", in.key, got.Body, creates)
		}
	}
}

func ask[T any](r *run, path string) T {
	r.Helper()
	got, err := r.server.Do(r.Context(), "GET", path, "")
	if err != nil {
		r.Fatal(err)
	}
	v, err := program.Read[T](got)
	if err != nil {
		r.Fatal(err)
	}
	return v
}
