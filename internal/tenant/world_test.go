package tenant

import (
	"context"
	"errors"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"almanac/internal/fault"
	"almanac/internal/store"
	"almanac/internal/store/bolt"
	"almanac/internal/timeline"
)

// plansOf is a gateway that remembers ids with their plans.
type plansOf struct {
	mu   sync.Mutex
	keys map[string]Plan
}

func (g *plansOf) Attach(_ context.Context, keyID string, plan Plan) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.keys[keyID] = plan
	return nil
}

func (g *plansOf) Detach(_ context.Context, keyID string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.keys, keyID)
	return nil
}

// world is two workspaces with an owner key each, before a gateway, under a
// clock that moves only when it is told to.
type world struct {
	*testing.T
	*Issuer
	keys    *Keys
	store   store.Store
	plans   *plansOf
	clock   *time.Time
	secret  string // of the owner of acme
	owner   Principal
	foreign Principal
}

func newWorld(t *testing.T) *world {
	t.Helper()
	st, err := bolt.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	clock := time.UnixMilli(1_000_000)
	now := func() time.Time { return clock }
	plans := &plansOf{keys: map[string]Plan{}}
	w := &world{T: t, Issuer: NewIssuer(st, now, plans), keys: NewKeys(st, now), store: st, plans: plans, clock: &clock, secret: NewSecret()}
	other := NewSecret()
	for workspace, secret := range map[string]string{"acme": w.secret, "other": other} {
		if err := w.keys.CreateKey(t.Context(), workspace, "root of "+workspace, secret); err != nil {
			t.Fatal(err)
		}
	}
	w.owner, w.foreign = w.enter(w.secret), w.enter(other)
	return w
}

func (w *world) after(d time.Duration) *world { *w.clock = w.clock.Add(d); return w }

func (w *world) at(d time.Duration) *timeline.Instant {
	return new(timeline.InstantOf(w.clock.Add(d)))
}

// enter is who a secret lets in.
func (w *world) enter(secret string) Principal {
	w.Helper()
	p, err := w.keys.Authenticate(w.Context(), []string{"Bearer " + secret})
	if err != nil {
		w.Fatal(err)
	}
	return p
}

// opens tells whether a secret lets anyone in.
func (w *world) opens(secret string) bool {
	_, err := w.keys.Authenticate(w.Context(), []string{"Bearer " + secret})
	return err == nil
}

func (w *world) shut(secret, says string) {
	w.Helper()
	_, err := w.keys.Authenticate(w.Context(), []string{"Bearer " + secret})
	fails(w.T, err, fault.Unauthenticated, "unauthorized", says)
}

func fails(t *testing.T, err error, kind fault.Kind, code, says string) {
	t.Helper()
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Kind != kind || f.Code != code || !strings.Contains(f.Details, says) {
		t.Errorf("got %v, not %s with %q", err, code, says)
	}
}

func (w *world) make(p Principal, in NewKey) CreatedKey {
	w.Helper()
	made, err := w.CreateKey(w.Context(), p, CreateKeyInput{in})
	if err != nil {
		w.Fatal(err)
	}
	return made
}

func (w *world) rotated(id string) RotatedKey {
	w.Helper()
	r, err := w.RotateKey(w.Context(), w.owner, RotateKeyInput{id})
	if err != nil {
		w.Fatal(err)
	}
	return r
}

func (w *world) revoked(id string) {
	w.Helper()
	if err := w.DeleteKey(w.Context(), w.owner, DeleteKeyInput{id}); err != nil {
		w.Fatal(err)
	}
}

func (w *world) read(id string) Key {
	w.Helper()
	key, err := w.GetKey(w.Context(), w.owner, GetKeyInput{id})
	if err != nil {
		w.Fatal(err)
	}
	return key
}

func (w *world) list(p Principal) []Key {
	w.Helper()
	keys, err := w.ListKeys(w.Context(), p, ListKeysInput{})
	if err != nil {
		w.Fatal(err)
	}
	return keys
}

// live are the ids of the keys of acme that were made for a plan and neither
// revoked nor expired, with their plans.
func (w *world) live() map[string]Plan {
	w.Helper()
	live := map[string]Plan{}
	for _, key := range w.list(w.owner) {
		if key.Role == "" && key.RevokedAt == 0 && (key.ExpiresAt == 0 || key.ExpiresAt > *w.at(0)) {
			live[key.ID] = key.Plan
		}
	}
	return live
}

// inGateway are the ids that the gateway knows, with their plans.
func (w *world) inGateway() map[string]Plan {
	w.plans.mu.Lock()
	defer w.plans.mu.Unlock()
	return maps.Clone(w.plans.keys)
}

var forCI = NewKey{Name: "ci", Scopes: []Scope{CatalogWrite}, Plan: Free}
