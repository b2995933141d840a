package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"almanac/internal/catalog"
	"almanac/internal/limit"
	"almanac/internal/store"
	"almanac/internal/store/bolt"
	"almanac/internal/tenant"
)

// counting counts what is written.
type counting struct {
	store.Store
	writes int
}

func (s *counting) Transact(ctx context.Context, ops ...store.Op) error {
	s.writes++
	return s.Store.Transact(ctx, ops...)
}

// sharedHost limits and has two shared projects. Who sends a key is refused, so
// that no public endpoint can have asked for one.
type sharedHost struct {
	*testing.T
	store   *counting
	tokens  []string
	log     strings.Builder
	handler http.Handler
}

func (h *sharedHost) get(token, rest string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/v1/public/"+token+rest, nil))
	return w
}

// onSharedHost runs a test under a fake clock.
func onSharedHost(t *testing.T, f func(h *sharedHost)) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		kept, err := bolt.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer kept.Close()
		h := &sharedHost{T: t, store: &counting{Store: kept}}
		p := tenant.Principal{Workspace: "acme", ID: "key-1", Label: "ci"}
		c := catalog.New(h.store, time.Now, 10)
		for _, id := range []string{"first-a1b2c", "second-a1b2c"} {
			if _, err := c.CreateProjectAs(t.Context(), p, id, catalog.NewProject{Name: id}); err != nil {
				t.Fatal(err)
			}
			token, err := c.CreateShareToken(t.Context(), p, catalog.ShareTokenInput{ProjectID: id})
			if err != nil {
				t.Fatal(err)
			}
			h.tokens = append(h.tokens, token.Token)
		}
		log := slog.New(slog.NewJSONHandler(&h.log, nil))
		h.handler = NewHandler(Config{
			Deps: Deps{Store: h.store, Now: time.Now, MaxProjects: 10},
			Authenticate: func(*http.Request) (tenant.Principal, error) {
				return tenant.Principal{}, errors.New("a key was asked for")
			},
			Limiter: limit.New(h.store, time.Now, log),
			Log:     log,
		}, Table()...)
		f(h)
	})
}

func TestAllWhoReadWithAShareTokenShareItsPlan(t *testing.T) {
	onSharedHost(t, func(h *sharedHost) {
		wantHeader(h.T, h.get(h.tokens[0], "/services"), policyField, `"shared";q=20;w=2`)
		for range 19 {
			if w := h.get(h.tokens[0], "/services"); w.Code != http.StatusOK {
				h.Fatal(w.Code, w.Body)
			}
		}
		w := h.get(h.tokens[0], "/entities")
		message := `"message":"Too many requests: the plan shared allows 10 requests a second, 20 at once"`
		if w.Code != http.StatusTooManyRequests || !strings.Contains(w.Body.String(), message) {
			h.Fatal(w.Code, w.Body)
		}
		wait, err := strconv.Atoi(w.Header().Get("Retry-After"))
		if err != nil || wait < 1 {
			h.Errorf("Retry-After is %q", w.Header()["Retry-After"])
		}
		if w := h.get(h.tokens[1], "/services"); w.Code != http.StatusOK {
			h.Errorf("another token is answered %d %s", w.Code, w.Body)
		}
		time.Sleep(time.Duration(wait) * time.Second)
		if w := h.get(h.tokens[0], "/services"); w.Code != http.StatusOK {
			h.Errorf("having waited: %d %s", w.Code, w.Body)
		}
		if strings.Contains(h.log.String(), h.tokens[0]) {
			h.Errorf("the token is in the log: %s", &h.log)
		}
	})
}

func TestATokenThatOpensNothingLeavesNoTrace(t *testing.T) {
	onSharedHost(t, func(h *sharedHost) {
		h.store.writes = 0
		for range 50 {
			for _, token := range []string{"6d8f3a2e-1b4c-4f7d-8e90-a1b2c3d4e5f6", "x"} {
				w := h.get(token, "/services")
				if w.Code != http.StatusNotFound {
					h.Fatal(w.Code, w.Body)
				}
				if got := w.Header().Values(limitField); got != nil {
					h.Errorf("it has a limit: %q", got)
				}
			}
		}
		if h.store.writes != 0 {
			h.Errorf("%d writes", h.store.writes)
		}
	})
}

func TestAStoreThatLimitsNothingIsToldOfWithoutTheToken(t *testing.T) {
	onSharedHost(t, func(h *sharedHost) {
		h.store.Store = readOnly{h.store.Store}
		if w := h.get(h.tokens[0], "/services"); w.Code != http.StatusOK {
			h.Fatal(w.Code, w.Body)
		}
		if text := h.log.String(); !strings.Contains(text, `"limiter":"open"`) || strings.Contains(text, h.tokens[0]) {
			h.Errorf("the log is %s", text)
		}
	})
}

// readOnly fails every write.
type readOnly struct{ store.Store }

func (readOnly) Transact(context.Context, ...store.Op) error {
	return &store.Error{Kind: store.Throttled, Op: -1, Err: errors.New("injected")}
}

// TestNoPublicAnswerHasAMemberForNames walks the types of all public answers.
func TestNoPublicAnswerHasAMemberForNames(t *testing.T) {
	names := []string{"createdBy", "updatedBy", "actorName", "actor", "email", "keyId"}
	seen := map[reflect.Type]bool{}
	var walk func(id string, typ reflect.Type)
	walk = func(id string, typ reflect.Type) {
		if seen[typ] {
			return
		}
		seen[typ] = true
		switch typ.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
			walk(id, typ.Elem())
		case reflect.Struct:
			for f := range typ.Fields() {
				name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
				if f.IsExported() && slices.Contains(names, name) {
					t.Errorf("%s answers with a %s, which has the member %s", id, typ, name)
				}
				walk(id, f.Type)
			}
		}
	}
	public := 0
	for _, e := range Table() {
		if e.Public() {
			public++
			walk(e.ID, e.answer)
		}
	}
	if public == 0 {
		t.Error("no endpoint is public")
	}
}
