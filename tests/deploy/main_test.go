// Package deploy holds the stack, deployed on an emulator that others wrote,
// against the laptop: real functions under their own roles, called over HTTP.
package deploy

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"almanac/internal/store"
	"almanac/internal/store/bolt"
	"almanac/internal/tenant"
	"almanac/tests/deploy/emulated"
	"almanac/tests/lambda/golden"
)

// stack is deployed once, for all tests. Each works in workspaces of its own.
var stack *emulated.Stack

// The deployment and what is called on it are told to who asks with -v.
func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	ctx := context.Background()
	folder, err := os.MkdirTemp("", "almanac-deploy-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(folder)
	e, err := emulated.Start(ctx, folder)
	if err != nil {
		return 0, err
	}
	defer e.Stop()
	for _, what := range e.Adds() {
		fmt.Println("the project's shim adds to the emulator:", what)
	}
	began := time.Now()
	if stack, err = emulated.Deploy(ctx, e, "../..", folder); err != nil {
		return 0, err
	}
	fmt.Printf("deployed %d resources in %.1f s\n", len(stack.Template.Resources), time.Since(began).Seconds())
	if code = m.Run(); code != 0 {
		fmt.Println(e.Output())
		return code, nil
	}
	if err := stack.Delete(ctx); err != nil {
		return 0, err
	}
	return 0, e.Lost(stack)
}

// world is one history in a workspace of its own, held twice: in the deployed
// table and in a laptop's file.
type world struct {
	key    string
	keyID  string       // of a key in a plan
	names  golden.Names // what the golden events mean
	laptop string       // address
}

var worlds int

// newWorld admits its key to a plan of the deployed gateway; of none with "".
func newWorld(t *testing.T, plan string) *world {
	t.Helper()
	worlds++
	file, err := bolt.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	w := &world{key: tenant.NewSecret()}
	both := &golden.Both{Store: file, Second: nowhere{}, Live: map[store.Key]store.Item{}}
	w.names = golden.Seed(t, both, fmt.Sprintf("world-%d", worlds), w.key)
	deploy(t, both.Live)
	w.laptop = golden.Laptop(t, file).URL
	if plan != "" {
		if w.keyID, err = stack.Admit(t.Context(), w.key, planID(t, plan)); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// nowhere keeps nothing of what is written to it.
type nowhere struct{ store.Store }

func (nowhere) Transact(context.Context, ...store.Op) error { return nil }

// deploy puts items into the deployed table, as many at once as it takes.
func deploy(t *testing.T, items map[store.Key]store.Item) {
	t.Helper()
	var puts []store.Op
	for _, item := range items {
		puts = append(puts, store.Put(item, store.Condition{}))
	}
	for some := range slices.Chunk(puts, store.MaxOps) {
		if err := stack.Table().Transact(t.Context(), some...); err != nil {
			t.Fatal(err)
		}
	}
}

func planID(t *testing.T, name string) string {
	t.Helper()
	for p := range strings.SplitSeq(stack.Outputs["Plans"], ",") {
		if id, ok := strings.CutPrefix(p, name+"="); ok {
			return id
		}
	}
	t.Fatalf("%s has no %s", stack.Outputs["Plans"], name)
	return ""
}

// event is an endpoint's golden event with the world's key and ids.
func (w *world) event(t *testing.T, operation string) golden.Event {
	t.Helper()
	e := golden.Read(t, operation)
	if e.NeedsKey() {
		e.SetHeader("Authorization", "Bearer "+w.key)
	}
	e.Name(w.names)
	return e
}

// call is the answer that the deployed stack gives to a request.
func call(t *testing.T, r *http.Request) golden.Answer {
	t.Helper()
	a := golden.ByHTTP(t, r)
	t.Logf("%d %s %s", a.StatusCode, r.Method, strings.TrimPrefix(r.URL.String(), stack.URL))
	return a
}
