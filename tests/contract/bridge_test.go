package contract

import (
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"
)

// listener is one of the answer of …/services/{slug}/network.
type listener struct {
	ServiceID         string `json:"serviceId"`
	Name              string `json:"name"`
	ServiceDefinition string `json:"serviceDefinition"`
	Slug              string `json:"slug"`
	Host              struct {
		ID       string `json:"id"`
		Name     string `json:"name"`
		Hostname string `json:"hostname,omitzero"`
	} `json:"host"`
	Network struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"network"`
	Bindings []listenerBinding `json:"bindings"`
}

type listenerBinding struct {
	Type        string   `json:"type"`
	Port        int      `json:"port,omitzero"`
	Protocol    string   `json:"protocol,omitzero"`
	PortID      string   `json:"portId,omitzero"`
	InterfaceID string   `json:"interfaceId,omitzero"`
	Addresses   []string `json:"addresses"`
}

// shopSite has the shop's order-api and an inventory, in which nothing refers to it.
func shopSite(t *testing.T) (s *site, project, orders string) {
	t.Helper()
	h := open(t)
	path := h.shop()
	return h.site(), strings.TrimPrefix(path, "/v1/projects/"), path + "/services/order-api"
}

// refer makes a service on the site's host that refers to one of the catalog.
func (s *site) refer(name, project, slug, bindings string) aService {
	s.Helper()
	return data[aService](s.post(services, s.body(name, quoted(`"catalog":{"project_id":%s,"slug":%s}`, project, slug), `"bindings":[`+bindings+`]`)))
}

// listeners are the names of what listens, in an answer's order.
func (s *site) listeners(path string) (names []string) {
	s.Helper()
	for _, l := range read[[]listener](s.get(path).ok()) {
		names = append(names, l.Name)
	}
	return names
}

// listenersInPages is listeners on a page and those that follow it, with something
// that happens after each.
func (s *site) listenersInPages(path string, after func()) (names []string) {
	s.Helper()
	for pages := 0; path != ""; pages++ {
		got := s.get(path).ok()
		for _, l := range read[[]listener](got) {
			names = append(names, l.Name)
		}
		path = ""
		if link := got.header.Get("Link"); link != "" {
			path = strings.TrimSuffix(strings.TrimPrefix(link, "<"), `>; rel="next"`)
		}
		after()
		if pages > 3 {
			s.Fatal("the pages do not end")
		}
	}
	return names
}

// listens checks which services listen, now or at an instant.
func (s *site) listens(service, at string, want ...string) {
	s.Helper()
	path := service + "/network"
	if at != "" {
		path += "?at=" + url.QueryEscape(at)
	}
	if got := s.listeners(path); !reflect.DeepEqual(got, want) {
		s.Errorf("at %s of %s there are %q, not %q", at, service, got, want)
	}
}

func TestAServiceOfTheCatalogListensWhereTheNetworkSaysSo(t *testing.T) {
	s, project, orders := shopSite(t)
	s.get(orders+"/network").is(200, `[]`).has("Cache-Control", "no-store")
	made := s.refer("orders", project, "order-api",
		quoted(`{"type":"Port","port_id":%s,"interface_id":%s},{"type":"Interface","interface_id":%s}`, s.p443.ID, s.e1.ID, s.e0.ID))
	if made.Catalog == nil || *made.Catalog != (aCatalogRef{project, "order-api"}) {
		t.Errorf("the network shows the reference %+v", made.Catalog)
	}
	got := read[[]listener](s.get(orders + "/network").ok())
	if len(got) != 1 {
		t.Fatalf("it listens at %+v", got)
	}
	l := got[0]
	if l.ServiceID != made.ID || l.Name != "orders" || l.ServiceDefinition != "Nginx" || l.Slug != "order-api" ||
		l.Host.ID != s.host.ID || l.Host.Name != "alpha" || l.Host.Hostname != "alpha.example" || l.Network.ID != s.network.ID || l.Network.Name != "Headquarters" {
		t.Errorf("it is %+v", l)
	}
	want := []listenerBinding{
		{"Port", 443, "Tcp", s.p443.ID, s.e1.ID, []string{"10.0.0.11"}},
		{"Interface", 0, "", "", s.e0.ID, []string{"10.0.0.10"}},
	}
	if !reflect.DeepEqual(l.Bindings, want) {
		t.Errorf("it listens at %+v", l.Bindings)
	}
	s.delete(services + "/" + s.web.ID).ok()
	s.refer("all", project, "order-api", quoted(`{"type":"Port","port_id":%s}`, s.p80.ID))
	for _, l := range read[[]listener](s.get(orders + "/network").ok()) {
		if l.Name == "all" && !reflect.DeepEqual(l.Bindings, []listenerBinding{{"Port", 80, "Tcp", s.p80.ID, "", []string{"10.0.0.10", "10.0.0.11"}}}) {
			t.Errorf("on all interfaces it is %+v", l.Bindings)
		}
	}
}

func TestWhereAServiceListenedIsReadAtEveryInstant(t *testing.T) {
	s, project, orders := shopSite(t)
	made := s.refer("orders", project, "order-api", "")
	s.clock.advance(time.Second)
	// A PUT without the member keeps it, also on another host.
	moved := data[aService](s.put(services+"/"+made.ID, quoted(`{"name":"moved","host_id":%s,"network_id":%s,"service_definition":"Nginx","bindings":[]}`, s.otherHost.ID, s.network.ID)))
	s.clock.advance(time.Second)
	cleared := data[aService](s.put(services+"/"+made.ID, quoted(`{"name":"cleared","host_id":%s,"network_id":%s,"service_definition":"Nginx","bindings":[],"catalog":null}`, s.otherHost.ID, s.network.ID)))
	if moved.Catalog == nil || cleared.Catalog != nil {
		t.Errorf("the references are %v and %v", moved.Catalog, cleared.Catalog)
	}
	s.listens(orders, made.CreatedAt, "orders")
	s.listens(orders, moved.UpdatedAt, "moved")
	s.listens(orders, cleared.UpdatedAt)
	s.listens(orders, "")
	s.get(orders+"/network?at=2001-01-01T00:00:00Z").fails(404, "service_not_found")
	s.get(orders + "/network?at=yesterday").badRequest("yesterday")
}

func TestAReferenceFollowsTheRenamesOfItsServiceUntilAnotherHasTheSlug(t *testing.T) {
	s, project, orders := shopSite(t)
	s.refer("old", project, "order-api", "")
	s.clock.advance(time.Second)
	renamed := read[service](s.put(orders, `{"name":"Sales"}`).ok())
	sales := strings.TrimSuffix(orders, "order-api") + "sales"
	s.clock.advance(time.Second)
	s.refer("new", project, "sales", "")
	for _, l := range read[[]listener](s.get(sales + "/network").ok()) {
		if (l.Name == "old") != (l.Slug == "order-api") {
			t.Errorf("it shows %+v", l)
		}
	}
	s.listens(sales, "", "old", "new")
	s.get(orders+"/network").fails(404, "service_not_found")
	s.clock.advance(time.Second)
	before := read[service](s.put(sales, `{"owner":"others"}`).ok())
	s.clock.advance(time.Second)
	s.post(strings.TrimSuffix(orders, "/order-api"), `{"name":"Order API"}`).ok()
	s.listens(sales, "", "new")
	s.listens(orders, "", "old")
	s.listens(sales, string(before.UpdatedAt), "old", "new")
	s.listens(sales, string(renamed.UpdatedAt), "old")
}

func TestDeletingEitherSideNeverBreaksTheOther(t *testing.T) {
	s, project, orders := shopSite(t)
	made := s.refer("orders", project, "order-api", "")
	if got := s.refer("hollow", "no-such-project", "none", ""); got.Catalog == nil {
		t.Error("a reference to nothing is lost")
	}
	s.clock.advance(time.Second)
	s.delete(orders).ok()
	if got := data[aService](s.get(services + "/" + made.ID)); got.Catalog == nil || got.Catalog.Slug != "order-api" {
		t.Errorf("after the catalog's service is gone, the network's is %+v", got)
	}
	s.get(orders+"/network").fails(404, "service_not_found")
	s.listens(orders, made.CreatedAt, "orders")
	s.clock.advance(time.Second)
	s.post(strings.TrimSuffix(orders, "/order-api"), `{"name":"Order API"}`).ok()
	s.listens(orders, "", "orders")
	then := made.CreatedAt
	s.clock.advance(time.Second)
	s.delete(inventory + "/hosts/" + s.host.ID).ok()
	s.listens(orders, "")
	s.listens(orders, then, "orders")
	s.delete(inventory + "/networks/" + s.network.ID).ok()
	s.listens(orders, "")
	s.listens(orders, then, "orders")
	s.get(orders).ok()
	s.delete("/v1/projects/" + project).ok()
	s.get(orders+"/network").fails(404, "project_not_found")
}

func TestAnotherWorkspacesReferencesAreNeverShown(t *testing.T) {
	s, project, orders := shopSite(t)
	s.refer("ours", project, "order-api", "")
	theirs := *s.house
	theirs.key, theirs.foreign = s.foreign, s.key
	other := theirs.site()
	other.refer("theirs", project, "order-api", "")
	s.listens(orders, "", "ours")
	other.get(orders+"/network").fails(404, "project_not_found")
}

func TestListenersAreReadInPagesOfOneInstant(t *testing.T) {
	s, project, orders := shopSite(t)
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		s.refer(name, project, "order-api", "")
	}
	names := s.listenersInPages(orders+"/network?limit=2", func() {
		s.clock.advance(time.Second)
		s.refer("later", project, "order-api", "")
	})
	if strings.Join(names, "") != "abcde" {
		t.Errorf("the pages have %q", names)
	}
	for _, query := range []string{"limit=0", "limit=1001", "limit=x", "cursor=x", "cursor="} {
		s.get(orders+"/network?"+query).fails(400, "bad_request")
	}
}

// The slug that a service had goes to another one after the network's last change,
// at whose instant it was still the first one's.
func TestAllPagesOfListenersAreOfTheSameSlugs(t *testing.T) {
	s, project, orders := shopSite(t)
	s.refer("old", project, "order-api", "")
	s.refer("new", project, "sales", "")
	s.refer("newer", project, "sales", "")
	s.put(orders, `{"name":"Sales"}`).ok()
	sales := strings.TrimSuffix(orders, "order-api") + "sales"
	s.clock.advance(time.Second)
	s.refer("newest", project, "sales", "")
	s.clock.advance(time.Second)
	s.post(strings.TrimSuffix(orders, "/order-api"), `{"name":"Order API"}`).ok()
	for _, meanwhile := range []func(){func() {}, func() { s.put(sales, `{"name":"Shop"}`) }} {
		if got := s.listenersInPages(sales+"/network?limit=1", meanwhile); !reflect.DeepEqual(got, []string{"new", "newer", "newest"}) {
			t.Errorf("the pages have %q", got)
		}
	}
}

func TestAReferenceThatNoCatalogCouldHaveIsRefused(t *testing.T) {
	s, project, _ := shopSite(t)
	s.changesNothing(func() {
		for _, ref := range []string{
			`"order-api"`, `{}`, quoted(`{"project_id":%s}`, project), quoted(`{"project_id":%s,"slug":"Order API"}`, project), quoted(`{"project_id":%s,"slug":""}`, project),
			`{"project_id":"a#b","slug":"order-api"}`, quoted(`{"project_id":%s,"slug":"-a"}`, project), quoted(`{"project_id":%s,"slug":"a--b"}`, project), quoted(`{"project_id":%s,"slug":null}`, project),
		} {
			s.post(services, s.body("orders", `"catalog":`+ref)).fails(400, "validation_failed")
		}
	})
}

func TestWhereAServiceListensNeedsTheScopesOfBothApis(t *testing.T) {
	h := open(t)
	path := h.shop() + "/services/order-api/network"
	lacks := func(scope string) string {
		return `{"status":403,"code":"forbidden","message":"Forbidden","details":"the key lacks the scope ` + scope + `"}`
	}
	for _, c := range []struct{ scopes, missing string }{
		{`["catalog:read"]`, "network:read"},
		{`["catalog:write","compute:write"]`, "network:read"},
		{`["network:read"]`, "catalog:read"},
	} {
		h.send(h.ask("GET", path, "").by(h.issue(c.scopes).Key)).is(403, lacks(c.missing))
	}
	for _, scopes := range []string{`["catalog:read","network:read"]`, `["catalog:write","network:write"]`} {
		h.send(h.ask("GET", path, "").by(h.issue(scopes).Key)).is(200, `[]`)
	}
}
