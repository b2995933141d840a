package golden

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"
	"time"

	"almanac/internal/api"
	"almanac/internal/catalog"
	"almanac/internal/host/localhost"
	"almanac/internal/shape"
	"almanac/internal/store"
	"almanac/internal/tenant"
)

// Both writes to two stores what one of them is read for.
type Both struct {
	store.Store
	Second store.Store
	Live   map[store.Key]store.Item // what was put last under each key
}

func (b *Both) Transact(ctx context.Context, ops ...store.Op) error {
	if err := b.Store.Transact(ctx, ops...); err != nil {
		return err
	}
	for _, op := range ops {
		switch op.Kind {
		case store.OpPut:
			b.Live[op.Item.Key] = op.Item
		case store.OpDelete:
			delete(b.Live, op.Item.Key)
		}
	}
	return b.Second.Transact(ctx, ops...)
}

// Laptop serves a store as the laptop does.
func Laptop(t *testing.T, s store.Store) *httptest.Server {
	t.Helper()
	keys := tenant.NewKeys(s, time.Now)
	server := httptest.NewServer(localhost.Handler(api.Config{
		Deps: api.Deps{Store: s, Now: time.Now, MaxProjects: 100_000},
		Authenticate: func(r *http.Request) (tenant.Principal, error) {
			return keys.Authenticate(r.Context(), r.Header.Values("Authorization"))
		},
		Log: slog.New(slog.DiscardHandler),
	}))
	t.Cleanup(server.Close)
	return server
}

// Seeded is when the history begins; it has one step an hour.
var Seeded = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

// ShareToken stands in the golden events for the token of the shared project,
// which is another one in each history.
const ShareToken = "6d8f3a2e-1b4c-4f7d-8e90-a1b2c3d4e5f6"

// SpareKey is the id of the key that the golden events of keys are about.
const SpareKey = "5b0f3c1e-8d2a-4c57-9e64-71a2d3c4b5f6"

// SnapshotID is the id of the snapshot that the golden events of snapshots are
// about: the one that the first update of a service makes, seven steps in.
const SnapshotID = "019b8cf4-9d80-7000-8000-000000000000"

var drawn = regexp.MustCompile(`019b8cf4-9d80-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)

// known gives the snapshot of its instant the id that the golden events know.
type known struct{ store.Store }

func (k known) Transact(ctx context.Context, ops ...store.Op) error {
	for i := range ops {
		ops[i].Item.Body = drawn.ReplaceAll(ops[i].Item.Body, []byte(SnapshotID))
	}
	return k.Store.Transact(ctx, ops...)
}

// Seed writes two projects into a workspace, one of them with services of which some changed,
// one was renamed and one deleted, and a second key. The other project is pinned, the first one
// is shared. Then it makes an inventory of networks. It gives what the golden events mean.
func Seed(t *testing.T, s store.Store, workspace, secret string) Names {
	t.Helper()
	clock := Seeded
	now := func() time.Time { return clock }
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		clock = clock.Add(time.Hour)
	}
	keys := tenant.NewKeys(s, now)
	must(keys.CreateKey(ctx, workspace, "sample", secret))
	p, err := keys.Authenticate(ctx, []string{"Bearer " + secret})
	if err != nil {
		t.Fatal(err)
	}
	c := catalog.New(known{s}, now, 10)
	const id = "eshop-sample"
	_, err = c.CreateProjectAs(ctx, p, id, catalog.NewProject{Name: "eShop sample", Description: "The reference shop"})
	must(err)
	_, err = c.CreateProjectAs(ctx, p, "workshop-a1b2c", catalog.NewProject{Name: "Workshop", Description: "Where things are tried"})
	must(err)
	for _, name := range []string{"Basket.API", "Catalog.API", "Ordering.API", "Webhooks"} {
		_, err = c.CreateService(ctx, p, catalog.CreateServiceInput{ProjectID: id, Body: catalog.NewService{
			Name: name,
			ServiceFacts: catalog.ServiceFacts{
				Description: shape.Of(name + " <of the shop> & „mehr“"),
				Owner:       shape.Of("basket-team"),
				Flows:       shape.Of([]string{"checkout"}),
				Produces:    shape.Of([]catalog.Topic{{Name: "OrderStarted"}}),
				Extras:      shape.Of(map[string]string{"source": "src/" + name}),
			},
		}})
		must(err)
	}
	update := func(slug string, patch catalog.ServicePatch) {
		t.Helper()
		_, err := c.UpdateService(ctx, p, catalog.UpdateServiceInput{ProjectID: id, ServiceSlug: slug, Body: patch})
		must(err)
	}
	update("basket-api", catalog.ServicePatch{ServiceFacts: catalog.ServiceFacts{Description: shape.Of("Baskets, kept in Redis")}})
	update("ordering-api", catalog.ServicePatch{Name: shape.Of("Orders API")})
	must(c.DeleteService(ctx, p, catalog.DeleteServiceInput{ProjectID: id, ServiceSlug: "webhooks"}))
	_, err = c.Pin(ctx, p, catalog.PinInput{Body: catalog.PinnedProject{ProjectID: "workshop-a1b2c"}})
	must(err)
	_, err = tenant.NewIssuer(s, now, nil).CreateKeyAs(ctx, p, SpareKey, tenant.NewKey{
		Name: "spare", Scopes: []tenant.Scope{tenant.CatalogRead}, Plan: tenant.Free,
	})
	must(err)
	shared, err := c.CreateShareToken(ctx, p, catalog.ShareTokenInput{ProjectID: id})
	must(err)
	names := Names{ShareToken: shared.Token}
	seedInventory(t, s, secret, &clock, names)
	return names
}
