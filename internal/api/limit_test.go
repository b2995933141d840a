package api

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"almanac/internal/limit"
	"almanac/internal/store"
	"almanac/internal/store/bolt"
	"almanac/internal/tenant"

	"github.com/getkin/kin-openapi/openapi3"
)

// limitedHandler runs a test with a handler of every endpoint that limits the keys of
// a plan, under a fake clock.
func limitedHandler(t *testing.T, caller tenant.Principal, f func(t *testing.T, st store.Store, get func(path string) *httptest.ResponseRecorder)) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		st, err := bolt.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer st.Close()
		log := slog.New(slog.NewJSONHandler(io.Discard, nil))
		h := NewHandler(Config{
			Deps:         Deps{Store: st, Now: time.Now, MaxProjects: 10},
			Authenticate: func(*http.Request) (tenant.Principal, error) { return caller, nil },
			Limiter:      limit.New(st, time.Now, log),
			Log:          log,
		}, Table()...)
		f(t, st, func(path string) *httptest.ResponseRecorder {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
			return w
		})
	})
}

func wantHeader(t *testing.T, w *httptest.ResponseRecorder, name, want string) {
	t.Helper()
	if got := w.Header().Values(name); len(got) != 1 || got[0] != want {
		t.Errorf("%d has %s %q, want %q", w.Code, name, got, want)
	}
}

func TestEveryAnswerToAKeySaysWhatIsLeftOfItsPlan(t *testing.T) {
	owner := tenant.Principal{Workspace: "acme", ID: "key-1", Role: tenant.Owner}
	free := owner
	free.Plan = tenant.Free
	powerless := tenant.Principal{Workspace: "acme", ID: "key-1", Plan: tenant.Free}
	for _, c := range []struct {
		name         string
		caller       tenant.Principal
		path         string
		status       int
		policy, left string
	}{
		{"a success", free, "/v1/projects", 200, `"free";q=10;w=2`, `"free";r=9;t=1`},
		{"a key without a plan has the standard one", owner, "/v1/projects", 200, `"standard";q=100;w=2`, `"standard";r=99;t=1`},
		{"a wrong parameter", free, "/v1/projects?page=x", 400, `"free";q=10;w=2`, `"free";r=9;t=1`},
		{"what is not there", free, "/v1/projects/nothing", 404, `"free";q=10;w=2`, `"free";r=9;t=1`},
		{"what the key may not", powerless, "/v1/projects", 403, `"free";q=10;w=2`, `"free";r=9;t=1`},
	} {
		t.Run(c.name, func(t *testing.T) {
			limitedHandler(t, c.caller, func(t *testing.T, _ store.Store, get func(string) *httptest.ResponseRecorder) {
				w := get(c.path)
				if w.Code != c.status {
					t.Errorf("the status is %d, want %d", w.Code, c.status)
				}
				wantHeader(t, w, policyField, c.policy)
				wantHeader(t, w, limitField, c.left)
			})
		})
	}
}

func TestAKeyOverItsPlanIsToldWhenToComeBack(t *testing.T) {
	caller := tenant.Principal{Workspace: "acme", ID: "key-1", Role: tenant.Owner, Plan: tenant.Free}
	limitedHandler(t, caller, func(t *testing.T, _ store.Store, get func(string) *httptest.ResponseRecorder) {
		for range 10 {
			if w := get("/v1/projects"); w.Code != http.StatusOK {
				t.Fatal(w.Code, w.Body)
			}
		}
		// Nothing of a request is read before it is limited.
		w := get("/v1/projects?page=x")
		if w.Code != http.StatusTooManyRequests {
			t.Fatal(w.Code, w.Body)
		}
		var body map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
			t.Fatal(err)
		}
		wait, _ := body["retryAfter"].(float64)
		message := "Too many requests: the plan free allows 5 requests a second, 10 at once"
		if len(body) != 4 || body["status"] != 429.0 || body["code"] != "rate_limited" || body["message"] != message || wait < 1 || wait != float64(int(wait)) {
			t.Errorf("the body is %s", w.Body)
		}
		seconds := strconv.Itoa(int(wait))
		wantHeader(t, w, "Retry-After", seconds)
		wantHeader(t, w, policyField, `"free";q=10;w=2`)
		wantHeader(t, w, limitField, `"free";r=0;t=`+seconds)
		wantHeader(t, w, "Cache-Control", noStore)

		time.Sleep(time.Duration(wait) * time.Second)
		if w := get("/v1/projects"); w.Code != http.StatusOK {
			t.Errorf("having waited: %d %s", w.Code, w.Body)
		}
	})
}

func TestAKeyThatWasRevokedSinceItWasAuthenticatedIs401(t *testing.T) {
	caller := tenant.Principal{Workspace: "acme", ID: "key-1", Role: tenant.Owner}
	limitedHandler(t, caller, func(t *testing.T, st store.Store, get func(string) *httptest.ResponseRecorder) {
		if err := st.Transact(t.Context(), limit.Close(caller.ID, time.Now())); err != nil {
			t.Fatal(err)
		}
		w := get("/v1/projects")
		if w.Code != http.StatusUnauthorized || !strings.Contains(w.Body.String(), `"the key was revoked"`) {
			t.Errorf("it is %d %s", w.Code, w.Body)
		}
		wantHeader(t, w, "WWW-Authenticate", "Bearer")
	})
}

func TestWithoutALimiterNoAnswerSpeaksOfLimits(t *testing.T) {
	ours, _, target := handlers(t)
	w := httptest.NewRecorder()
	ours.ServeHTTP(w, httptest.NewRequest(http.MethodGet, target, nil))
	for name := range w.Header() {
		if strings.HasPrefix(strings.ToLower(name), "ratelimit") {
			t.Errorf("it has the header %s", name)
		}
	}
}

func TestLimitsAreDocumented(t *testing.T) {
	text, err := json.Marshal(OpenAPI(Table()))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range Table() {
		responses := doc.Paths.Value(e.Path).GetOperation(e.Method).Responses
		for status, headers := range map[int][]string{
			e.Success:                  {policyField, limitField},
			http.StatusTooManyRequests: {policyField, limitField, "Retry-After"},
		} {
			for _, name := range headers {
				if responses.Status(status).Value.Headers[name] == nil {
					t.Errorf("%s: the header %s of %d is not documented", e.ID, name, status)
				}
			}
		}
	}
}
