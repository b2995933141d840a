package contract

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"almanac/internal/api"
	"almanac/internal/tenant"
)

// The shapes of keys. The members without omitempty are always there.
type (
	apiKey struct {
		ID        string   `json:"id"`
		Name      string   `json:"name"`
		Scopes    []string `json:"scopes"`
		Role      *string  `json:"role,omitempty"`
		Plan      string   `json:"plan"`
		LastFour  string   `json:"lastFour"`
		CreatedAt stamp    `json:"createdAt"`
		CreatedBy *string  `json:"createdBy,omitempty"`
		ExpiresAt *stamp   `json:"expiresAt,omitempty"`
		RevokedAt *stamp   `json:"revokedAt,omitempty"`
	}
	createdKey struct {
		apiKey
		Key string `json:"key"`
	}
	rotatedKey struct {
		createdKey
		PreviousUntil stamp `json:"previousUntil"`
	}
)

// issue makes a key with these scopes, as a JSON list.
func (h *house) issue(scopes string) createdKey {
	h.Helper()
	return read[createdKey](h.post("/v1/keys", `{"name":"ci","scopes":`+scopes+`,"plan":"free"}`).ok())
}

func TestAKeyIsShownWithItsSecretOnceAndWithoutItEverAfter(t *testing.T) {
	h := open(t)
	made := h.post("/v1/keys", goodBodies["createKey"]).ok()
	k := read[createdKey](made)
	until, by := stamp("2998-12-31T23:00:00.000Z"), "owner"
	want := apiKey{
		ID: k.ID, Name: "ci", Scopes: []string{"catalog:write", "network:read"}, Plan: "free",
		LastFour: k.Key[40:], CreatedAt: k.CreatedAt, CreatedBy: &by, ExpiresAt: &until,
	}
	if !reflect.DeepEqual(k.apiKey, want) || !strings.HasPrefix(k.Key, "alm_") || len(k.Key) != 44 {
		t.Errorf("made as %+v", k)
	}
	shown := h.get("/v1/keys/" + k.ID).ok()
	if got := read[apiKey](shown); !reflect.DeepEqual(got, want) {
		t.Errorf("shown as %+v", got)
	}
	if list := h.get("/v1/keys").ok(); !strings.Contains(list.body, shown.body) || strings.Contains(list.body, k.Key) {
		t.Errorf("listed in %s", list.body)
	}
	h.delete("/v1/keys/"+k.ID).is(204, "")
	h.delete("/v1/keys/"+k.ID).is(204, "")
	if got := read[apiKey](h.get("/v1/keys/" + k.ID).ok()); got.RevokedAt == nil || *got.RevokedAt < k.CreatedAt {
		t.Errorf("after its deletion shown as %+v", got)
	}
	if strings.Contains(h.log.String(), k.Key) {
		t.Error("the log holds the secret")
	}
}

func TestTheKeysOfAWorkspaceAreListedTheNewestFirst(t *testing.T) {
	h := open(t)
	h.clock.advance(time.Second)
	first := h.issue(`["catalog:read"]`)
	h.clock.advance(time.Second)
	second := h.issue(`["admin"]`)
	list := read[[]apiKey](h.get("/v1/keys").ok())
	if len(list) != 4 || list[0].ID != second.ID || list[1].ID != first.ID {
		t.Errorf("listed are %+v", list)
	}
	owner := list[2]
	if owner.Role == nil {
		owner = list[3]
	}
	if owner.Role == nil || *owner.Role != "owner" || len(owner.Scopes) != 7 || owner.Plan != "standard" || owner.CreatedBy != nil {
		t.Errorf("the owner's key is %+v", owner)
	}
	if theirs := read[[]apiKey](h.send(h.ask("GET", "/v1/keys", "").by(h.foreign)).ok()); len(theirs) != 1 {
		t.Errorf("another workspace sees %+v", theirs)
	}
}

func TestViolationsOfANewKey(t *testing.T) {
	const scopes = "must be one of catalog:read, catalog:write, network:read, network:write, compute:read, compute:write, admin"
	cases := []bodyCase{
		{"nothing", `{}`, []string{bad("name", "is required", ""), bad("scopes", "is required", ""), bad("plan", "is required", "")}},
		{"an unknown plan", `{"name":"ci","scopes":["admin"],"plan":"gold"}`, []string{bad("plan", "must be one of free, standard", `"gold"`)}},
		{"a plan of null", `{"name":"ci","scopes":["admin"],"plan":null}`, []string{bad("plan", "must not be null", "")}},
		{"an unknown scope", `{"name":"ci","scopes":["admin","catalog:delete"],"plan":"free"}`, []string{bad("scopes[1]", scopes, `"catalog:delete"`)}},
		{"a scope in upper case", `{"name":"ci","scopes":["ADMIN"],"plan":"free"}`, []string{bad("scopes[0]", scopes, `"ADMIN"`)}},
		{"a wildcard", `{"name":"ci","scopes":["*"],"plan":"free"}`, []string{bad("scopes[0]", scopes, `"*"`)}},
		{"no scopes", `{"name":"ci","scopes":[],"plan":"free"}`, []string{bad("scopes", "size must be between 1 and 20", "")}},
		{"scopes as a text", `{"name":"ci","scopes":"admin","plan":"free"}`, []string{bad("scopes", "must be an array", `"admin"`)}},
		{"a blank name", `{"name":" ","scopes":["admin"],"plan":"free"}`, []string{bad("name", "must not be blank", `" "`)}},
		{"a name of 61", `{"name":"` + strings.Repeat("x", 61) + `","scopes":["admin"],"plan":"free"}`, []string{bad("name", "size must be between 1 and 60", `"`+strings.Repeat("x", 61)+`"`)}},
		{"a name with a line break", `{"name":"c\ni","scopes":["admin"],"plan":"free"}`, []string{bad("name", "must not hold control characters", "")}},
		{"an end that is no instant", `{"name":"ci","scopes":["admin"],"plan":"free","expiresAt":"tomorrow"}`,
			[]string{bad("expiresAt", `must be an RFC 3339 date-time such as 2026-04-22T15:30:00Z`, `"tomorrow"`)}},
		{"an end in the past", `{"name":"ci","scopes":["admin"],"plan":"free","expiresAt":"2026-04-22T15:30:00Z"}`, []string{bad("expiresAt", "must be in the future", "")}},
		{"a role", `{"name":"ci","scopes":["admin"],"plan":"free","role":"owner"}`, []string{bad("role", "unknown member", "")}},
		{"an end of null", `{"name":"ci","scopes":["admin"],"plan":"free","expiresAt":null}`, nil},
		{"a scope twice", `{"name":"ci","scopes":["admin","admin"],"plan":"free"}`, nil},
	}
	h := open(t)
	for _, c := range cases {
		h.sub(c.name, func(h *house) {
			got := h.post("/v1/keys", c.sent)
			if c.violations == nil {
				got.ok()
				return
			}
			got.is(400, invalid(c.violations...))
		})
	}
}

// opensScopes has, for each scope, the scopes of keys that it opens doors for.
var opensScopes = map[tenant.Scope][]string{
	tenant.CatalogRead:  {"catalog:read", "catalog:write"},
	tenant.CatalogWrite: {"catalog:write"},
	tenant.NetworkRead:  {"network:read", "network:write"},
	tenant.NetworkWrite: {"network:write"},
	tenant.Admin:        {"admin"},
}

// missing is the first scope that an endpoint needs and a key with some scopes has not got.
func missing(e api.Endpoint, scopes []string) tenant.Scope {
	for _, needed := range []tenant.Scope{e.Scope, e.Also} {
		opens := func(scope string) bool { return slices.Contains(opensScopes[needed], scope) }
		if needed != "" && !slices.ContainsFunc(scopes, opens) {
			return needed
		}
	}
	return ""
}

func TestEveryEndpointAsksForItsScopesAndNamesTheOneThatIsMissing(t *testing.T) {
	h := open(t)
	id := strings.TrimPrefix(h.shop(), "/v1/projects/")
	h.site()
	nowhere := *h
	nowhere.spare, nowhere.inv = nobodys, h.inv.nowhere()
	keys := map[string]string{}
	for _, scopes := range []string{
		"catalog:read", "catalog:write", "network:read", "network:write", "compute:read", "compute:write", "admin",
		"catalog:read network:read", "network:read admin", "network:write admin",
	} {
		keys[scopes] = h.issue(`["` + strings.ReplaceAll(scopes, " ", `","`) + `"]`).Key
	}
	h.changesNothing(func() {
		for _, e := range keyed() {
			let := 0
			for scopes, key := range keys {
				lacking := missing(e, strings.Fields(scopes))
				if lacking == "" {
					let++
				}
				h.sub(e.ID+" with "+scopes, func(h *house) {
					if lacking != "" {
						h.send(h.of(e, id).by(key)).is(403, inDialect(e.Path,
							`{"status":403,"code":"forbidden","message":"Forbidden","details":"the key lacks the scope `+string(lacking)+`"}`))
						return
					}
					r := nowhere.of(e, "none").by(key).sending("{") // it gets in, and does nothing
					r.path = strings.Replace(r.path, "House%20Brew", "none", 1)
					if got := h.send(r); got.status == 401 || got.status == 403 {
						h.Errorf("got %d %s", got.status, got.body)
					}
				})
			}
			if let == 0 {
				t.Errorf("%s needs %s %s, which no key here has", e.ID, e.Scope, e.Also)
			}
		}
	})
}

func TestAKeyCannotMakeOrTakeOverAStrongerOne(t *testing.T) {
	h := open(t)
	weak := h.issue(`["admin","catalog:read"]`)
	strong := h.issue(`["catalog:write"]`)
	const lacks = `{"status":403,"code":"forbidden","message":"Forbidden","details":"the key lacks the scope catalog:write, so it cannot grant it"}`
	h.changesNothing(func() {
		h.send(h.ask("POST", "/v1/keys", `{"name":"x","scopes":["catalog:read","catalog:write"],"plan":"free"}`).by(weak.Key)).is(403, lacks)
		h.send(h.ask("POST", "/v1/keys", `{"name":"x","scopes":["admin"],"plan":"standard"}`).by(weak.Key)).
			is(403, `{"status":403,"code":"forbidden","message":"Forbidden","details":"the key is in the plan free, so it cannot grant a larger one"}`)
		h.send(h.ask("POST", "/v1/keys/"+strong.ID+"/rotate", "").by(weak.Key)).is(403, lacks)
	})
	h.send(h.ask("POST", "/v1/keys", `{"name":"x","scopes":["catalog:read"],"plan":"free"}`).by(weak.Key)).ok()
}

// unauthorized is the body of a 401. A gateway has one for all.
func unauthorized(details string) string {
	if end == functions {
		return `{"status":401,"code":"unauthorized","message":"Authentication required"}`
	}
	return `{"status":401,"code":"unauthorized","message":"Authentication required","details":"` + details + `"}`
}

func TestAKeyIsMadeOnceForAnIdempotencyKeyAndItsRepeatIsToldSoAtOnce(t *testing.T) {
	h := open(t)
	create := func() answer {
		return h.send(h.ask("POST", "/v1/keys", `{"name":"ci","scopes":["catalog:write"],"plan":"free"}`).with("Idempotency-Key", "once"))
	}
	create().ok()
	h.changesNothing(func() {
		began := time.Now()
		if again := create(); again.status != 409 || !strings.Contains(again.body, "its answer is not kept") {
			t.Errorf("the repeat is answered %d %s", again.status, again.body)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("the repeat waits for %s", took)
		}
	})
}

func TestARevokedKeyAnExpiredOneAndAnOldSecretSayWhatTheyAre(t *testing.T) {
	h := open(t)
	ask := func(key string) answer { return h.send(h.ask("GET", "/v1/projects", "").by(key)) }
	const in = `{"name":"ci","scopes":["catalog:read"],"plan":"free","expiresAt":"2026-04-22T16:30:00Z"}`
	expiring := read[createdKey](h.post("/v1/keys", in).ok())
	lasting := h.issue(`["catalog:write"]`)
	rotated := read[rotatedKey](h.post("/v1/keys/"+lasting.ID+"/rotate", "").ok())
	if rotated.ID != lasting.ID || rotated.Key == lasting.Key || rotated.PreviousUntil != "2026-04-23T15:30:00.000Z" || rotated.LastFour != rotated.Key[40:] {
		t.Errorf("rotated as %+v", rotated)
	}

	h.clock.advance(time.Hour - time.Millisecond)
	ask(expiring.Key).ok()
	h.clock.advance(time.Millisecond)
	ask(expiring.Key).is(401, unauthorized("the key expired at 2026-04-22T16:30:00.000Z")).has("WWW-Authenticate", "Bearer")

	h.clock.advance(tenant.RotationGrace - time.Hour - time.Millisecond)
	made := read[project](h.send(h.ask("POST", "/v1/projects", goodBodies["createProject"]).by(lasting.Key)).ok())
	if seen := read[project](h.send(h.ask("GET", "/v1/projects/"+made.ID, "").by(rotated.Key)).ok()); !seen.IsOwner || seen.CreatedBy != "ci" {
		t.Errorf("by its new secret the key sees %+v", seen)
	}
	h.clock.advance(time.Millisecond)
	ask(lasting.Key).is(401, unauthorized("the key was rotated; the secret that was sent ended at 2026-04-23T15:30:00.000Z"))
	ask(rotated.Key).ok()

	h.delete("/v1/keys/"+lasting.ID).is(204, "")
	ask(rotated.Key).is(401, unauthorized("the key was revoked at 2026-04-23T15:30:00.000Z"))
	h.post("/v1/keys/"+lasting.ID+"/rotate", "").
		is(409, `{"status":409,"code":"conflict","message":"Key conflict","details":"the key was revoked at 2026-04-23T15:30:00.000Z; make a new one"}`)
}

func TestAnIDThatCanBeNoKeysIsNotFound(t *testing.T) {
	h := open(t)
	h.changesNothing(func() {
		for _, id := range []string{"x", "%23", strings.ToUpper(h.spare), h.spare + "%23", h.spare + "%2Frotate", "PENDING%23" + h.spare, strings.Repeat("x", 5000), "%F0%9F%98%80"} {
			const none = `{"status":404,"code":"not_found","message":"Key not found"}`
			h.get("/v1/keys/"+id).is(404, none)
			h.delete("/v1/keys/"+id).is(404, none)
			h.post("/v1/keys/"+id+"/rotate", "").is(404, none)
		}
		h.get("/v1/keys/%00").badRequest("keyId ")
		h.get("/v1/keys/%ff").badRequest("keyId ")
	})
}

func TestAHugeAuthorizationHeaderIsNoKey(t *testing.T) {
	h := open(t)
	h.send(h.ask("GET", "/v1/keys", "").by(strings.Repeat("x", 8000))).is(401, unauthorized("no such key: those that are made here begin with alm_"))
}
