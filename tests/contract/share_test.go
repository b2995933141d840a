package contract

import (
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"almanac/internal/api"
)

type shareToken struct {
	Token     string `json:"token"`
	CreatedAt stamp  `json:"createdAt"`
}

const noToken = `{"status":404,"code":"public_share_token_not_found","message":"Public share token not found"}`

var uuidV4 = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// reading asks without a key for what a share token leads to.
func reading(token, rest string) request {
	return request{method: "GET", path: "/v1/public/" + token + rest, header: http.Header{}}
}

func (h *house) read(token, rest string) answer { h.Helper(); return h.send(reading(token, rest)) }

// publicEndpoints are those of the table, by the part of their paths below the token.
func publicEndpoints() map[string]api.Endpoint {
	public := map[string]api.Endpoint{}
	for _, e := range api.Table() {
		if e.Public() {
			public[strings.NewReplacer("/v1/public/{token}", "", "{serviceSlug}", "order-api").Replace(e.Path)] = e
		}
	}
	return public
}

// bazaar makes a project in which two actors wrote under names that stand
// nowhere else, with a past, and gives its path and its token.
func (h *house) bazaar() (path, token string) {
	h.Helper()
	h.key = h.newKey("local", "ada@example.org")
	path = "/v1/projects/" + h.newProject("Bazaar")
	h.post(path+"/services", `{"name":"Order API","owner":"sales","category":"core","flows":["checkout"],"produces":[{"name":"order.created"}],`+
		`"extras":{"createdBy":"is no actor here","actorName":"neither"}}`).ok()
	h.clock.advance(1e9)
	h.post(path+"/services", `{"name":"Cart API","consumes":[{"name":"order.created"}]}`).ok()
	h.key = h.newKey("local", "bob@example.org")
	h.clock.advance(1e9)
	h.put(path+"/services/order-api", `{"description":"All orders"}`).ok()
	h.put(path+"/services/cart-api", `{"name":"Basket API"}`).ok()
	h.post(path+"/services", `{"name":"Mail API"}`).ok()
	h.delete(path + "/services/mail-api").ok()
	return path, read[shareToken](h.post(path+"/public-share-token", "").ok()).Token
}

var actors = []string{"ada@example.org", "bob@example.org"}

func TestAShareTokenIsMadeShownAndDeleted(t *testing.T) {
	h := open(t)
	path := "/v1/projects/" + h.newProject("Web shop")
	share := path + "/public-share-token"
	h.get(share).is(404, noToken)
	h.delete(share).is(404, noToken)
	h.clock.advance(1e9)
	made := h.post(share, "").ok()
	if token := read[shareToken](made); !uuidV4.MatchString(token.Token) || token.CreatedAt <= h.instants(path)[0] {
		t.Errorf("made %+v", token)
	}
	h.clock.advance(1e9)
	h.get(share).is(200, made.body)
	h.delete(share).is(204, "")
	h.get(share).is(404, noToken)
	h.delete(share).is(404, noToken)
}

func TestAShareTokenOfAProjectThatIsNotThereIsProjectNotFound(t *testing.T) {
	h := open(t)
	theirs := h.shop() + "/public-share-token"
	h.key = h.foreign
	for _, share := range []string{theirs, "/v1/projects/web-shop-zzzzz/public-share-token"} {
		h.post(share, "").is(404, noProject)
		h.get(share).is(404, noProject)
		h.delete(share).is(404, noProject)
	}
}

func TestANewShareTokenReplacesTheOldOneAtOnce(t *testing.T) {
	h := open(t)
	path, first := h.bazaar()
	h.read(first, "/services").ok()
	second := read[shareToken](h.post(path+"/public-share-token", "").ok()).Token
	if second == first {
		t.Fatal("the new token is the old one")
	}
	for rest := range publicEndpoints() {
		h.read(first, rest).is(404, noToken)
		h.read(second, rest).ok()
	}
}

func TestADeletedShareTokenOpensNothingFromThenOn(t *testing.T) {
	h := open(t)
	path, token := h.bazaar()
	h.delete(path+"/public-share-token").is(204, "")
	for rest := range publicEndpoints() {
		h.read(token, rest).is(404, noToken).has("Cache-Control", "no-store").has("WWW-Authenticate", "")
	}
	if again := read[shareToken](h.post(path+"/public-share-token", "").ok()).Token; again == token {
		t.Error("the next token is the one that was deleted")
	}
	h.read(token, "/services").is(404, noToken)
}

func TestOfManyTokensMadeAtOnceExactlyOneIsValid(t *testing.T) {
	h := open(t)
	path, _ := h.bazaar()
	for range 5 {
		var mu sync.Mutex
		var made []string
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				token := read[shareToken](h.post(path+"/public-share-token", "").ok()).Token
				mu.Lock()
				defer mu.Unlock()
				made = append(made, token)
			})
		}
		wg.Wait()
		valid := slices.DeleteFunc(slices.Clone(made), func(token string) bool { return h.read(token, "/services").status != 200 })
		if shown := read[shareToken](h.get(path + "/public-share-token").ok()).Token; !slices.Equal(valid, []string{shown}) {
			t.Errorf("of %v the valid ones are %v, and shown is %s", made, valid, shown)
		}
	}
}

func TestTheSameIdempotencyKeyMakesOneShareToken(t *testing.T) {
	h := open(t)
	path := h.shop()
	r := h.ask("POST", path+"/public-share-token", "").with("Idempotency-Key", "once")
	first := h.send(r).ok()
	h.send(r).is(200, first.body)
	h.get(path+"/public-share-token").is(200, first.body)
}

func TestTheShareTokenOfADeletedProjectOpensNothing(t *testing.T) {
	h := open(t)
	path, token := h.bazaar()
	then := string(h.tens(path)(29))
	h.delete(path).is(204, "")
	for rest := range publicEndpoints() {
		h.read(token, rest).is(404, noToken)
		h.read(token, rest+"?at="+then).is(404, noToken)
	}
	h.get(path+"/public-share-token").is(404, noProject)
}

func TestAShareTokenLeadsToNoOtherProject(t *testing.T) {
	h := open(t)
	path, token := h.bazaar()
	other := "/v1/projects/" + h.newProject("Other")
	h.post(other+"/services", `{"name":"Hidden API"}`).ok()
	id := strings.TrimPrefix(other, "/v1/projects/")
	h.read(token, "/services/hidden-api").fails(404, "service_not_found")
	want := h.read(token, "/services").ok().body
	h.read(token, "/services?projectId="+id).is(200, want)
	h.read(token, "/services?workspace=elsewhere&token="+nobodys).is(200, want)
	h.read(token, "/services/..%2F..%2F"+id+"%2Fservices%2Fhidden-api").fails(404, "service_not_found")
	h.read(token, "/projects/"+id+"/services").is(404, noRoute)
	h.delete(other).is(204, "")
	h.read(token, "/services").is(200, want)
	h.get(path + "/services").ok()
}

func TestATokenThatCanBeNobodysIsNotFoundWhateverElseIsWrong(t *testing.T) {
	h := open(t)
	_, token := h.bazaar()
	for _, bad := range []string{
		nobodys, "x", "null", "%20", "%00", "%ff", "*", token[:35], token + "0", strings.ToUpper(token), "{" + token + "}",
		"urn:uuid:" + token, strings.ReplaceAll(token, "-", ""), token + "%2Fservices", "SHARE%23" + token, strings.Repeat("x", 5000),
	} {
		for rest := range publicEndpoints() {
			h.read(bad, rest).is(404, noToken)
		}
		h.read(bad, "/services?at=yesterday&limit=0").is(404, noToken)
		h.read(bad, "/history?actor=bob").is(404, noToken)
	}
	h.read("", "/services").is(404, noRoute)
}

// twins are requests that a project's own routes and the public ones take; the
// numbers are instants, those of h.tens.
var twins = []string{
	"/services", "/services?actor=bob", "/services?limit=1", "/services?q=ord", "/services?owner=sales&topic=order.created", "/services?category=none",
	"/services?at={19}", "/services?at={29}", "/services?at=2026-04-22T16:30:00%2B01:00", "/services?at=2000-01-01T00:00:00Z",
	"/services?at=2100-01-01T00:00:00Z", "/services?at=yesterday", "/services?limit=0", "/services?cursor=%25",
	"/services/order-api", "/services/order-api?at={20}", "/services/cart-api", "/services/cart-api?at={29}",
	"/services/basket-api?at={29}", "/services/mail-api", "/services/nothing", "/services/order-api?at=", "/services/%00",
	"/services/order-api/raw", "/services/order-api/raw?at={20}", "/services/mail-api/raw", "/services/order-api/raw?at=x",
	"/services/order-api/history", "/services/basket-api/history", "/services/cart-api/history?limit=1", "/services/order-api/history?limit=1",
	"/services/nothing/history", "/services/order-api/history?from={20}&to={61}", "/services/order-api/history?cursor=x",
	"/entities", "/entities?at={20}", "/entities?at=x",
	"/graph", "/graph?filteredIds=service--order-api&depth=0", "/graph?at={19}", "/graph?depth=6",
	"/graph/mermaid", "/graph/mermaid?at={20}", "/graph/svg", "/graph/svg?filteredIds=nothing", "/graph/svg?at={20}",
	"/history", "/history?page=1&size=2", "/history?service=order-api", "/history?changeType=DELETE", "/history?changeType=x", "/history?size=0",
	"/history?from={20}&to={30}",
}

func TestAPublicRouteAnswersWhatTheProjectsOwnDoesWithoutTheNamesOfActors(t *testing.T) {
	h := open(t)
	path, token := h.bazaar()
	asked, after := map[string]bool{}, h.tens(path)
	for _, rest := range twins {
		for _, number := range []int{19, 20, 29, 30, 61} {
			rest = strings.ReplaceAll(rest, fmt.Sprintf("{%d}", number), string(after(number)))
		}
		h.sub(rest, func(h *house) {
			own, public := h.get(path+rest), h.read(token, rest)
			asked[strings.Split(rest, "?")[0]] = true
			if public.status != own.status || !equalButForNames(public, own) {
				h.Errorf("got\n%d %s, the project's own is\n%d %s", public.status, public.body, own.status, own.body)
			}
			public.has("Cache-Control", "no-store").has("ETag", own.header.Get("ETag")).has("Content-Type", own.header.Get("Content-Type"))
			public.has("Link", strings.Replace(own.header.Get("Link"), path, "/v1/public/"+token, 1))
			for _, name := range actors {
				if text := public.body + fmt.Sprint(public.header); strings.Contains(text, name) {
					h.Errorf("names %s: %s", name, text)
				}
			}
			if next := linked(public); next != "" {
				if page, ownPage := h.send(request{method: "GET", path: next, header: http.Header{}}), h.get(linked(own)); !equalButForNames(page, ownPage) {
					h.Errorf("the next page is %s, the project's own %s", page.body, ownPage.body)
				}
			}
		})
	}
	for rest, e := range publicEndpoints() {
		if !asked[rest] {
			t.Errorf("%s is not compared with its twin", e.ID)
		}
	}
}

// linked is the path of the next page, empty where there is none.
func linked(a answer) string {
	next, _, _ := strings.Cut(strings.TrimPrefix(a.header.Get("Link"), "<"), ">")
	return next
}

// equalButForNames compares a public answer with the project's own.
func equalButForNames(public, own answer) bool {
	if own.header.Get("Content-Type") != "application/json" {
		return public.body == own.body
	}
	return reflect.DeepEqual(plain(public, public.body), nameless(plain(own, own.body)))
}

// nameless leaves out the members that name actors. What a service calls its
// extras is its own affair.
func nameless(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = nameless(v[i])
		}
	case map[string]any:
		for _, name := range []string{"createdBy", "updatedBy", "actorName"} {
			delete(v, name)
		}
		for name, member := range v {
			if name != "extras" {
				v[name] = nameless(member)
			}
		}
	}
	return v
}

func TestNamesOfActorsCannotBeAskedForWithoutAKey(t *testing.T) {
	h := open(t)
	path, token := h.bazaar()
	if n := read[history](h.get(path + "/history?actor=bob@example.org").ok()).TotalCount; n == 0 {
		t.Fatal("a member finds nothing")
	}
	for _, query := range []string{"actor=bob@example.org", "actor=nobody", "actor=", "%61ctor=bob@example.org"} {
		h.read(token, "/history?"+query).badRequest("actor")
	}
}

func TestAPublicAnswerIsTheSameWithAnyKeyAndWithNone(t *testing.T) {
	h := open(t)
	_, token := h.bazaar()
	for rest, e := range publicEndpoints() {
		want := h.read(token, rest).ok()
		for name, values := range map[string][]string{
			"the project's own key": {"Bearer " + h.key}, "another workspace's key": {"Bearer " + h.foreign},
			"a mistyped key": {"Bearer " + mistyped(h.key)}, "an empty header": {""}, "two headers": {"Bearer " + h.key, "Bearer " + h.foreign},
		} {
			h.sub(e.ID+" with "+name, func(h *house) {
				h.send(reading(token, rest).with("Authorization", values...)).is(200, want.body).has("ETag", want.header.Get("ETag"))
			})
		}
	}
}

func TestAPublicAnswerIsNeverStoredButAnswered304WhileItIsTheSame(t *testing.T) {
	h := open(t)
	path, token := h.bazaar()
	for _, rest := range []string{"/services/order-api", "/services/order-api/raw", "/services/order-api/raw?at=" + string(h.tens(path)(20))} {
		tag := h.read(token, rest).ok().has("Cache-Control", "no-store").header.Get("ETag")
		if tag == "" {
			t.Errorf("%s has no ETag", rest)
		}
		h.send(reading(token, rest).with("If-None-Match", tag)).is(304, "").has("Cache-Control", "no-store").has("ETag", tag)
		h.send(reading(token, rest).with("If-None-Match", `"other"`)).ok()
	}
	tag := h.read(token, "/services/order-api").header.Get("ETag")
	h.delete(path+"/public-share-token").is(204, "")
	h.send(reading(token, "/services/order-api").with("If-None-Match", tag)).is(404, noToken)
}

func TestAPublicPathOnlyReads(t *testing.T) {
	h := open(t)
	_, token := h.bazaar()
	h.changesNothing(func() {
		for rest := range publicEndpoints() {
			for _, method := range []string{"HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
				r := reading(token, rest)
				r.method, r.body = method, strings.NewReader(`{"name":"Intruder"}`)
				if got := h.send(r).has("Allow", "GET"); got.status != 405 {
					t.Errorf("%s answers %d", got.asked, got.status)
				}
			}
		}
	})
}

func TestAShareTokenIsInNoLineOfTheLog(t *testing.T) {
	h := open(t)
	path, token := h.bazaar()
	h.get(path + "/public-share-token").ok()
	for rest, e := range publicEndpoints() {
		h.read(token, rest).ok()
		if !slices.ContainsFunc(h.lines(), func(line map[string]any) bool { return line["operation"] == e.ID && line["workspace"] == h.workspace }) {
			t.Errorf("%s is not logged", e.ID)
		}
		h.read(token, rest+"?at=x&from=x").fails(400, "bad_request")
		h.read(token, rest+"/nothing/at/all").fails(404, "not_found")
	}
	h.send(request{method: "PUT", path: "/v1/public/" + token + "/services", header: http.Header{}}).fails(405, "bad_request")
	h.delete(path+"/public-share-token").is(204, "")
	h.read(token, "/services").is(404, noToken)
	if strings.Contains(h.log.String(), token) {
		t.Errorf("the token is in the log:\n%s", h.log)
	}
}

func TestPublicEndpointsAreDocumentedAsNeedingNoKeyAndNamingNobody(t *testing.T) {
	doc, err := document()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range publicEndpoints() {
		o := doc.Paths.Value(e.Path).GetOperation("GET")
		if o.Security == nil || len(*o.Security) != 0 {
			t.Errorf("%s asks for %v", e.ID, o.Security)
		}
		if o.Responses.Status(401) != nil || o.Responses.Status(403) != nil {
			t.Errorf("%s refuses keys", e.ID)
		}
		if o.Parameters.GetByInAndName("path", "token") == nil || o.Parameters.GetByInAndName("path", "projectId") != nil || o.Parameters.GetByInAndName("query", "actor") != nil {
			t.Errorf("%s takes %v", e.ID, o.Parameters)
		}
	}
	for name, schema := range doc.Components.Schemas {
		if !strings.HasPrefix(name, "Public") {
			continue
		}
		for _, member := range []string{"createdBy", "updatedBy", "actorName"} {
			if schema.Value.Properties[member] != nil {
				t.Errorf("%s shows %s", name, member)
			}
		}
	}
}
