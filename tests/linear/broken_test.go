package linear

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"almanac/internal/api"
	"almanac/internal/host/localhost"
	"almanac/internal/store"
	"almanac/internal/store/bolt"
	"almanac/internal/tenant"
	"almanac/tests/program"
)

// A program that breaks its word is found out, and the report names what has no
// place. Each of these is the real program over a store that lies.
func TestABrokenProgramHasHistoriesWithoutAnOrder(t *testing.T) {
	for _, test := range []struct {
		name   string
		broken func(store.Store) store.Store
	}{
		{"a write is acknowledged and lost", func(s store.Store) store.Store { return &forgetful{Store: s} }},
		{"a read gives what was there before", func(s store.Store) store.Store {
			return &stale{Store: s, before: map[store.Key]store.Item{}, now: map[store.Key]store.Item{}}
		}},
		{"a commit does not wait for its turn", func(s store.Store) store.Store { return careless{s} }},
		{"what has gone is not in the past", func(s store.Store) store.Store { return amnesiac{s} }},
		{"a list is torn", func(s store.Store) store.Store { return torn{s} }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			kept, err := bolt.Open(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			defer kept.Close()
			server := serve(t, test.broken(kept))
			for seed := range uint64(300) {
				r, err := record(t.Context(), small, []program.Client{server}, seed)
				if err != nil || r.fault() == "" {
					continue // a broken program may also fail
				}
				longest, _ := r.longest()
				text := r.text(longest)
				if _, lost, _ := strings.Cut(text, "finds no place"); !strings.Contains(lost, " → ") {
					t.Errorf("the report names no operation:\n%s", text)
				}
				t.Logf("found by history %d", seed)
				return
			}
			t.Error("no history shows it")
		})
	}
}

// serve is the program over a store of the test's own.
func serve(t *testing.T, s store.Store) program.Client {
	t.Helper()
	caller := tenant.Principal{Workspace: tenant.Local, ID: "key", Label: "owner", Role: tenant.Owner}
	server := httptest.NewServer(localhost.Handler(api.Config{
		Deps:         api.Deps{Store: s, Now: time.Now, MaxProjects: api.MaxProjects},
		Log:          slog.New(slog.NewJSONHandler(io.Discard, nil)),
		Authenticate: func(*http.Request) (tenant.Principal, error) { return caller, nil },
	}))
	t.Cleanup(server.Close)
	return program.NewClient(server.URL, program.Key)
}

// inServices tells whether a transaction is about services.
func inServices(ops []store.Op) bool {
	return slices.ContainsFunc(ops, func(o store.Op) bool { return strings.HasPrefix(o.Item.Sort, "CUR#") })
}

// forgetful acknowledges every twentieth write and does not do it.
type forgetful struct {
	store.Store
	mu    sync.Mutex
	calls int
}

func (f *forgetful) Transact(ctx context.Context, ops ...store.Op) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.calls++; inServices(ops) && f.calls%20 == 0 {
		return nil
	}
	return f.Store.Transact(ctx, ops...)
}

// stale answers every third Get of a service with what the write before the
// last one left there.
type stale struct {
	store.Store
	mu          sync.Mutex
	gets        int
	before, now map[store.Key]store.Item
}

func (s *stale) Transact(ctx context.Context, ops ...store.Op) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.Store.Transact(ctx, ops...)
	for _, op := range ops {
		if err == nil && op.Kind == store.OpPut && strings.HasPrefix(op.Item.Sort, "CUR#") {
			if last, ok := s.now[op.Item.Key]; ok {
				s.before[op.Item.Key] = last
			}
			s.now[op.Item.Key] = op.Item
		}
	}
	return err
}

func (s *stale) Get(ctx context.Context, key store.Key) (store.Item, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old, ok := s.before[key]; ok {
		if s.gets++; s.gets%3 == 0 {
			return old, nil
		}
	}
	return s.Store.Get(ctx, key)
}

// careless holds no condition.
type careless struct{ store.Store }

func (c careless) Transact(ctx context.Context, ops ...store.Op) error {
	free := slices.Clone(ops)
	if inServices(ops) {
		for i := range free {
			free[i].If = store.Condition{}
		}
	}
	return c.Store.Transact(ctx, free...)
}

// amnesiac lists nothing that has left its key.
type amnesiac struct{ store.Store }

func (a amnesiac) Range(ctx context.Context, q store.Query) ([]store.Item, error) {
	items, err := a.Store.Range(ctx, q)
	if len(items) > 0 && strings.HasPrefix(items[0].Sort, "REG#") {
		items = nil
	}
	return items, err
}

// torn lists without the last item.
type torn struct{ store.Store }

func (s torn) Range(ctx context.Context, q store.Query) ([]store.Item, error) {
	items, err := s.Store.Range(ctx, q)
	if len(items) > 1 && strings.HasPrefix(items[0].Sort, "CUR#") {
		items = items[:len(items)-1]
	}
	return items, err
}
