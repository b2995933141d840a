package tenant

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"testing"
	"time"

	"almanac/internal/fault"
	"almanac/internal/store"
)

// crashing is a store and a gateway whose calls, counted together from 1, fail
// from one on: a process that ended there. With once, only that one fails.
type crashing struct {
	store.Store
	Gateway
	calls, at   int
	after, once bool // the first call that fails took effect
}

var errCrash = errors.New("injected")

func (c *crashing) call(do func() error) error {
	c.calls++
	switch {
	case c.calls == c.at && c.after:
		if err := do(); err != nil {
			return err
		}
	case c.calls < c.at || c.once && c.calls > c.at:
		return do()
	}
	return errCrash
}

func (c *crashing) Get(ctx context.Context, key store.Key) (item store.Item, err error) {
	err = c.call(func() (err error) { item, err = c.Store.Get(ctx, key); return err })
	return item, err
}

func (c *crashing) Range(ctx context.Context, q store.Query) (items []store.Item, err error) {
	err = c.call(func() (err error) { items, err = c.Store.Range(ctx, q); return err })
	return items, err
}

func (c *crashing) Transact(ctx context.Context, ops ...store.Op) error {
	return c.call(func() error { return c.Store.Transact(ctx, ops...) })
}

func (c *crashing) Attach(ctx context.Context, keyID string, plan Plan) error {
	return c.call(func() error { return c.Gateway.Attach(ctx, keyID, plan) })
}

func (c *crashing) Detach(ctx context.Context, keyID string) error {
	return c.call(func() error { return c.Gateway.Detach(ctx, keyID) })
}

// eachCrash runs an operation in a world of its own for each call that it
// makes, which fails before or after its effect, alone or with all after it;
// then check looks at what is left.
func eachCrash(t *testing.T, prepare func(*world) string, operation func(*world, *Issuer, string) error, check func(w *world, id string, err error)) {
	points := 0
	for n := 1; ; n++ {
		reached := false
		for _, after := range []bool{false, true} {
			for _, once := range []bool{false, true} {
				t.Run(fmt.Sprintf("call %d, after its effect %v, alone %v", n, after, once), func(t *testing.T) {
					w := newWorld(t)
					id := prepare(w)
					c := &crashing{Store: w.store, Gateway: w.plans, at: n, after: after, once: once}
					err := operation(w, NewIssuer(c, w.now, c), id)
					if c.calls < n {
						if err != nil {
							t.Errorf("without a fault: %v", err)
						}
						return
					}
					reached = true
					points++
					w.whole()
					check(w, id, err)
					w.heals()
				})
			}
		}
		if !reached {
			break
		}
	}
	t.Logf("%d crash points", points)
}

// whole checks that no key works in one of the two systems only.
func (w *world) whole() {
	w.Helper()
	gateway := w.inGateway()
	for id, plan := range w.live() {
		if gateway[id] != plan {
			w.Errorf("the key %s opens the store and is in the gateway's plan %q, not %q", id, gateway[id], plan)
		}
		if _, err := w.GetKey(w.Context(), w.owner, GetKeyInput{id}); err != nil {
			w.Error(err)
		}
	}
	all, err := w.all(w.Context(), "acme")
	if err != nil {
		w.Fatal(err)
	}
	for _, r := range all {
		for _, s := range r.Secrets {
			item, err := w.store.Get(w.Context(), secretKey(s.Hash))
			if err != nil {
				w.Errorf("the key %s is listed without its secret: %v", r.ID, err)
				continue
			}
			if r.RevokedAt != 0 && item.Expires == 0 {
				w.Errorf("the key %s is revoked and its secret is not: %s", r.ID, item.Body)
			}
		}
	}
}

// heals checks that the next key that is made leaves both systems with the same.
func (w *world) heals() {
	w.Helper()
	w.after(attachTime).make(w.owner, NewKey{Name: "next", Scopes: []Scope{CatalogRead}, Plan: Standard})
	if live, gateway := w.live(), w.inGateway(); !maps.Equal(live, gateway) {
		w.Errorf("live are %v, in the gateway %v", live, gateway)
	}
	marks, err := w.store.Range(w.Context(), store.Query{Partition: keysOf("acme"), From: pendingPrefix})
	if err != nil || len(marks) != 0 {
		w.Errorf("marks are left: %v, %v", marks, err)
	}
}

func TestACrashWhileAKeyIsMadeLeavesNothingThatWorksHalf(t *testing.T) {
	eachCrash(t,
		func(w *world) string { return w.make(w.owner, forCI).ID },
		func(w *world, i *Issuer, _ string) error {
			_, err := i.CreateKey(w.Context(), w.owner, CreateKeyInput{forCI})
			return err
		},
		func(w *world, id string, err error) {
			if err == nil {
				w.Error("it was acknowledged")
			}
			if w.live()[id] != Free {
				w.Error("another key is gone")
			}
			// Right away, a retry makes a key that works.
			if made := w.make(w.owner, forCI); w.inGateway()[made.ID] != Free || !w.opens(made.Secret) {
				w.Error("the retry's key does not work")
			}
			w.whole()
		})
}

func TestACrashWhileAFirstKeyIsMadeOnTheHostLeavesNothingThatWorksHalf(t *testing.T) {
	first := func(i *Issuer, secret string) error {
		return i.CreateOwnerKey(t.Context(), "fresh", "root", Free, secret)
	}
	eachCrash(t,
		func(*world) string { return NewSecret() },
		func(_ *world, i *Issuer, secret string) error { return first(i, secret) },
		func(w *world, secret string, err error) {
			if err == nil && !w.opens(secret) {
				w.Error("it was acknowledged")
			}
			again := NewSecret()
			if err := first(w.Issuer, again); err != nil {
				w.Fatal(err)
			}
			if _, keyed, err := w.keys.Workspace(t.Context(), "fresh"); !keyed || err != nil || !w.opens(again) {
				w.Errorf("the workspace has a key: %t, %v", keyed, err)
			}
			if err := w.after(attachTime).sweepAll(t.Context(), "fresh"); err != nil {
				w.Error(err)
			}
			all, err := w.all(t.Context(), "fresh")
			if err != nil {
				w.Error(err)
			}
			for _, key := range all {
				if w.inGateway()[key.ID] != Free {
					w.Errorf("%s opens the workspace and is in no plan", key.ID)
				}
				_ = w.plans.Detach(t.Context(), key.ID)
			}
			if left := w.inGateway(); len(left) != 0 {
				w.Errorf("the gateway knows %v", left)
			}
		})
}

func TestTheGatewayForgetsAKeyThatExpiredWithTheNextKeyThatIsMadeOrDeleted(t *testing.T) {
	for name, next := range map[string]func(w *world, other string){
		"made":    func(w *world, _ string) { w.make(w.owner, forCI) },
		"deleted": func(w *world, other string) { w.revoked(other) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			in := forCI
			in.ExpiresAt = w.at(time.Hour)
			made, other := w.make(w.owner, in), w.make(w.owner, forCI)
			w.after(time.Hour)
			next(w, other.ID)
			if _, there := w.inGateway()[made.ID]; there {
				t.Error("the gateway still has it")
			}
			shown := w.read(made.ID)
			if shown.ExpiresAt != *in.ExpiresAt || shown.RevokedAt != 0 {
				t.Errorf("it is shown as %+v", shown)
			}
			// It is forgotten once: the gateway is not asked again and again.
			if err := NewIssuer(w.store, w.now, refusing{}).sweepAll(t.Context(), "acme"); err != nil {
				t.Error(err)
			}
		})
	}
}

// refusing is a gateway that is not to be asked.
type refusing struct{ Gateway }

func (refusing) Detach(context.Context, string) error { return errCrash }

func TestACrashWhileAnExpiredKeyIsForgottenLosesNothing(t *testing.T) {
	eachCrash(t,
		func(w *world) string {
			in := forCI
			in.ExpiresAt = w.at(time.Hour)
			id := w.make(w.owner, in).ID
			w.after(time.Hour)
			return id
		},
		func(w *world, i *Issuer, _ string) error { return i.sweepAll(w.Context(), "acme") },
		func(w *world, id string, _ error) {
			if err := w.sweepAll(w.Context(), "acme"); err != nil {
				w.Error(err)
			}
			if _, there := w.inGateway()[id]; there {
				w.Error("the gateway still has it")
			}
		})
}

func TestACrashWhileAKeyIsRevokedLeavesNothingThatWorksHalf(t *testing.T) {
	eachCrash(t,
		func(w *world) string {
			id := w.make(w.owner, forCI).ID
			w.rotated(id)
			return id
		},
		func(w *world, i *Issuer, id string) error {
			return i.DeleteKey(w.Context(), w.owner, DeleteKeyInput{id})
		},
		func(w *world, id string, err error) {
			if err == nil {
				w.Error("it was acknowledged")
			}
			w.revoked(id)
			if _, there := w.inGateway()[id]; there || w.read(id).RevokedAt == 0 {
				w.Error("the retry did not revoke the key")
			}
			w.whole()
		})
}

func TestACrashWhileAKeyIsRotatedLeavesWhatItHad(t *testing.T) {
	var first string
	eachCrash(t,
		func(w *world) string {
			made := w.make(w.owner, forCI)
			first = made.Secret
			return made.ID
		},
		func(w *world, i *Issuer, id string) error {
			_, err := i.RotateKey(w.Context(), w.owner, RotateKeyInput{id})
			return err
		},
		func(w *world, id string, err error) {
			w.enter(first)
			w.enter(w.rotated(id).Secret)
			w.enter(first)
		})
}

func TestWhoMakesAKeyTooSlowlyMakesNone(t *testing.T) {
	w := newWorld(t)
	slow := NewIssuer(w.store, w.now, duringAttach{w.plans, func() {
		w.after(attachTime)
		if err := w.sweepAll(t.Context(), "acme"); err != nil {
			t.Error(err)
		}
	}})
	_, err := slow.CreateKey(t.Context(), w.owner, CreateKeyInput{forCI})
	fails(t, err, fault.Unavailable, "internal_error", "")
	if live, gateway := w.live(), w.inGateway(); len(live) != 0 || len(gateway) != 0 {
		t.Errorf("live are %v, in the gateway %v", live, gateway)
	}
}

// duringAttach does something before a key is attached.
type duringAttach struct {
	Gateway
	do func()
}

func (g duringAttach) Attach(ctx context.Context, keyID string, plan Plan) error {
	g.do()
	return g.Gateway.Attach(ctx, keyID, plan)
}

func TestAMarkOfAKeyThatIsBeingMadeIsLeftAlone(t *testing.T) {
	w := newWorld(t)
	busy := NewIssuer(w.store, w.now, duringAttach{w.plans, func() {
		w.after(attachTime - time.Millisecond)
		w.make(w.owner, forCI)
	}})
	made, err := busy.CreateKey(t.Context(), w.owner, CreateKeyInput{forCI})
	if err != nil || !w.opens(made.Secret) {
		t.Errorf("got %v", err)
	}
	if live := w.live(); len(live) != 2 || !maps.Equal(live, w.inGateway()) {
		t.Errorf("live are %v, in the gateway %v", live, w.inGateway())
	}
}
