package lambda

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"almanac/internal/api"
	"almanac/internal/catalog"
	"almanac/internal/host/localhost"
	"almanac/internal/shape"
	"almanac/internal/store"
	"almanac/internal/store/bolt"
	"almanac/internal/store/dynamo"
	"almanac/internal/store/dynamo/dynamotest"
	"almanac/internal/tenant"
	"almanac/tests/lambda/runtimeapi"
)

// world is one history held twice: in a table, for functions, and in a file,
// for the laptop. Every item is the same to the byte, its random ids too.
type world struct {
	table  dynamo.Config
	both   *both
	laptop *httptest.Server // over the file
	cloud  *httptest.Server // the laptop's program over the table, to look into it
	key    string
	caller map[string]any // what the authorizer said of the key
}

// both writes to two stores what one of them is read for.
type both struct {
	store.Store
	second store.Store
	live   map[store.Key]store.Item // what was put last under each key
}

func (b *both) Transact(ctx context.Context, ops ...store.Op) error {
	if err := b.Store.Transact(ctx, ops...); err != nil {
		return err
	}
	for _, op := range ops {
		switch op.Kind {
		case store.OpPut:
			b.live[op.Item.Key] = op.Item
		case store.OpDelete:
			delete(b.live, op.Item.Key)
		}
	}
	return b.second.Transact(ctx, ops...)
}

var quiet = slog.New(slog.DiscardHandler)

func newWorld(t *testing.T) *world {
	t.Helper()
	file, err := bolt.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	w := &world{table: dynamotest.Config(t), key: tenant.NewSecret()}
	table := dynamo.Open(w.table)
	w.both = &both{Store: file, second: table, live: map[store.Key]store.Item{}}
	seed(t, w.both, w.key)
	w.laptop, w.cloud = laptop(t, file), laptop(t, table)
	w.caller = w.ask(t)
	return w
}

func laptop(t *testing.T, s store.Store) *httptest.Server {
	t.Helper()
	keys := tenant.NewKeys(s, time.Now)
	server := httptest.NewServer(localhost.Handler(api.Config{
		Deps: api.Deps{Store: s, Now: time.Now, MaxProjects: 100_000},
		Authenticate: func(r *http.Request) (tenant.Principal, error) {
			return keys.Authenticate(r.Context(), r.Header.Values("Authorization"))
		},
		Log: quiet,
	}))
	t.Cleanup(server.Close)
	return server
}

// seeded is when the history begins; it has one step an hour.
var seeded = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

// seed writes two projects, one of them with services of which some changed,
// one was renamed and one deleted.
func seed(t *testing.T, s store.Store, secret string) {
	t.Helper()
	clock := seeded
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
	must(keys.CreateKey(ctx, "local", "sample", secret))
	p, err := keys.Authenticate(ctx, []string{"Bearer " + secret})
	if err != nil {
		t.Fatal(err)
	}
	c := catalog.New(s, now, 10)
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
}

// ask gives the world's key to the compiled authorizer and returns what the
// gateway would pass on.
func (w *world) ask(t *testing.T) map[string]any {
	t.Helper()
	f := start(t, "authorizer", on(w.table)...)
	defer f.Stop()
	out := invoke(t, f, authorizerEvent(t, "Bearer "+w.key))
	var verdict struct {
		PrincipalID string
		Context     map[string]any
	}
	if err := json.Unmarshal(out.Payload, &verdict); err != nil || out.Failed {
		t.Fatalf("the authorizer answered %s", out.Payload)
	}
	caller := map[string]any{"principalId": verdict.PrincipalID, "integrationLatency": 12}
	maps.Copy(caller, verdict.Context)
	return caller
}

// event is an endpoint's golden event with the world's key.
func (w *world) event(t *testing.T, operation string) event {
	t.Helper()
	e := golden(t, operation)
	e.setHeader("Authorization", "Bearer "+w.key)
	e.RequestContext["authorizer"] = w.caller
	return e
}

func invoke(t *testing.T, f *runtimeapi.Function, payload []byte) runtimeapi.Outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	out, err := f.Invoke(ctx, payload, patience)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// byFunction is a function's answer to an event.
func byFunction(t *testing.T, f *runtimeapi.Function, e event) answer {
	t.Helper()
	out := invoke(t, f, e.bytes(t))
	var a answer
	if err := json.Unmarshal(out.Payload, &a); err != nil || out.Failed {
		t.Fatalf("the function failed: %s\n%s", out.Payload, f.Log())
	}
	if a.Headers != nil || a.IsBase64Encoded {
		t.Fatalf("unlike every answer of ours: %s", out.Payload)
	}
	return a
}

var client = &http.Client{Transport: &http.Transport{DisableCompression: true}}

// byHTTP is a server's answer to a request, in the same terms.
func byHTTP(t *testing.T, r *http.Request) answer {
	t.Helper()
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	res.Header.Del("Date") // the gateway sets its own
	return answer{StatusCode: res.StatusCode, MultiValueHeaders: res.Header, Body: string(body)}
}
