package contract

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

type (
	entities struct {
		Services   map[string]serviceEntity   `json:"services"`
		Messaging  map[string]messagingEntity `json:"messaging"`
		Categories map[string]groupEntity     `json:"categories"`
		Owners     map[string]groupEntity     `json:"owners"`
		Flows      map[string]groupEntity     `json:"flows"`
	}
	serviceEntity struct {
		ID          string             `json:"id"`
		Name        string             `json:"name"`
		Type        string             `json:"type"`
		Slug        string             `json:"slug"`
		Description *string            `json:"description,omitempty"`
		Category    string             `json:"category,omitempty"`
		Owner       string             `json:"owner,omitempty"`
		Flows       []string           `json:"flows"`
		Produces    []string           `json:"produces"`
		Consumes    []string           `json:"consumes"`
		Extras      *map[string]string `json:"extras,omitempty"`
	}
	messagingEntity struct {
		ID        string             `json:"id"`
		Name      string             `json:"name"`
		Type      string             `json:"type"`
		Category  string             `json:"category,omitempty"`
		Owner     string             `json:"owner,omitempty"`
		Flows     []string           `json:"flows"`
		Producers []string           `json:"producers"`
		Consumers []string           `json:"consumers"`
		Extras    *map[string]string `json:"extras,omitempty"`
	}
	groupEntity struct {
		ID        string   `json:"id"`
		Name      string   `json:"name"`
		Type      string   `json:"type"`
		Color     string   `json:"color"`
		Services  []string `json:"services"`
		Messaging []string `json:"messaging"`
	}
)

// draw makes a project of these services, a second apart, and gives its path.
func (h *house) draw(services ...string) string {
	h.Helper()
	path := "/v1/projects/" + h.newProject("Drawn")
	for _, body := range services {
		h.post(path+"/services", body).ok()
		h.clock.advance(time.Second)
	}
	return path
}

func TestTheEntitiesOfAProject(t *testing.T) {
	h := open(t)
	h.get(h.draw()+"/entities").is(200, `{"services":{},"messaging":{},"categories":{},"owners":{},"flows":{}}`)
	path := h.draw(
		`{"name":"Order API","description":"Orders","category":"Core","owner":"Sales","flows":["check out","returns"],"extras":{"k":"v"},
		  "produces":[{"name":"order.created","category":"Events","owner":"Sales","flows":["check out"],"extras":{"x":"y"}}],"consumes":[{"name":"stock.low"}]}`,
		`{"name":"Mailer","consumes":[{"name":"order.created"}]}`)
	got := read[entities](h.get(path + "/entities").ok())
	orders, text := "Orders", func(pairs map[string]string) *map[string]string { return &pairs }
	color := func(of map[string]groupEntity, id string) string { return of[id].Color }
	want := entities{
		Services: map[string]serviceEntity{
			"service--order-api": {ID: "service--order-api", Name: "Order API", Type: "Service", Slug: "order-api", Description: &orders, Category: "category--core",
				Owner: "owner--sales", Flows: []string{"flow--check-out", "flow--returns"}, Produces: []string{"messaging--order-created"}, Consumes: []string{"messaging--stock-low"}, Extras: text(map[string]string{"k": "v"})},
			"service--mailer": {ID: "service--mailer", Name: "Mailer", Type: "Service", Slug: "mailer", Flows: []string{}, Produces: []string{}, Consumes: []string{"messaging--order-created"}},
		},
		Messaging: map[string]messagingEntity{
			"messaging--order-created": {ID: "messaging--order-created", Name: "order.created", Type: "Messaging", Category: "category--events", Owner: "owner--sales", Flows: []string{"flow--check-out"},
				Producers: []string{"service--order-api"}, Consumers: []string{"service--mailer"}, Extras: text(map[string]string{"x": "y"})},
			"messaging--stock-low": {ID: "messaging--stock-low", Name: "stock.low", Type: "Messaging", Flows: []string{}, Producers: []string{}, Consumers: []string{"service--order-api"}},
		},
		Categories: map[string]groupEntity{
			"category--core":   {"category--core", "Core", "Category", color(got.Categories, "category--core"), []string{"service--order-api"}, []string{}},
			"category--events": {"category--events", "Events", "Category", color(got.Categories, "category--events"), []string{}, []string{"messaging--order-created"}},
		},
		Owners: map[string]groupEntity{
			"owner--sales": {"owner--sales", "Sales", "Owner", color(got.Owners, "owner--sales"), []string{"service--order-api"}, []string{"messaging--order-created"}},
		},
		Flows: map[string]groupEntity{
			"flow--check-out": {"flow--check-out", "check out", "Flow", color(got.Flows, "flow--check-out"), []string{"service--order-api"}, []string{"messaging--order-created"}},
			"flow--returns":   {"flow--returns", "returns", "Flow", color(got.Flows, "flow--returns"), []string{"service--order-api"}, []string{}},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

func TestFactsOfATopicMergeFieldByFieldAndNothingIsUnited(t *testing.T) {
	h := open(t)
	// In the order in which they win: producers before consumers, then the
	// latest update, then the slug. Two of one update cannot be told by time.
	path := h.draw(
		`{"name":"Z consumer","consumes":[{"name":"T","category":"of a consumer","owner":"of a consumer","flows":["of a consumer"],"extras":{"c":"of a consumer"}}]}`,
		`{"name":"B producer","produces":[{"name":"T","owner":"older","flows":["older"],"extras":{"a":"older"}}]}`,
		`{"name":"A producer","produces":[{"name":"t","owner":"newer","flows":[]}]}`,
		`{"name":"Y consumer","consumes":[{"name":"T!","category":"latest","owner":"latest","flows":["latest"],"extras":{"d":"latest"}}]}`)
	topic := func() messagingEntity {
		t.Helper()
		got := read[entities](h.get(path + "/entities").ok())
		if len(got.Messaging) != 1 {
			t.Fatalf("three names of one slug are %v", slices.Sorted(maps.Keys(got.Messaging)))
		}
		// What did not win is nowhere.
		for _, groups := range []map[string]groupEntity{got.Categories, got.Owners, got.Flows} {
			for id, g := range groups {
				if len(g.Services)+len(g.Messaging) == 0 {
					t.Errorf("%s has no members", id)
				}
			}
		}
		return got.Messaging["messaging--t"]
	}
	check := func(what, name, category, owner string, flows []string, extras map[string]string) {
		t.Helper()
		m := topic()
		if m.Name != name || m.Category != category || m.Owner != owner || !slices.Equal(m.Flows, flows) || m.Extras == nil || !maps.Equal(*m.Extras, extras) {
			t.Errorf("%s: %+v %v", what, m, m.Extras)
		}
		if !slices.Equal(m.Producers, []string{"service--a-producer", "service--b-producer"}) || !slices.Equal(m.Consumers, []string{"service--y-consumer", "service--z-consumer"}) {
			t.Errorf("%s: produced by %v, consumed by %v", what, m.Producers, m.Consumers)
		}
	}
	check("the producer updated last", "t", "category--latest", "owner--newer", []string{}, map[string]string{"a": "older"})
	h.put(path+"/services/b-producer", `{"description":"updated"}`).ok()
	h.clock.advance(time.Second)
	check("the other producer is updated", "T", "category--latest", "owner--older", []string{"flow--older"}, map[string]string{"a": "older"})
	h.put(path+"/services/z-consumer", `{"description":"updated"}`).ok()
	check("a consumer is updated", "T", "category--of-a-consumer", "owner--older", []string{"flow--older"}, map[string]string{"a": "older"})
	// Written at one instant, the slug decides.
	h.put(path+"/services", `[{"name":"B producer","description":"x"},{"name":"A producer","description":"x"}]`).ok()
	check("both producers are updated at one instant", "t", "category--of-a-consumer", "owner--newer", []string{}, map[string]string{"a": "older"})
}

func TestTwoNamesWithOneSlugAreOneEntityUnderTheWinnersName(t *testing.T) {
	h := open(t)
	path := h.draw(
		`{"name":"Old","category":"Big  Team!","owner":"Ünit","flows":["F","f","F"]}`,
		`{"name":"New","category":"big team","owner":"unit","flows":["f"],"produces":[{"name":"x","category":"BIG TEAM"}]}`)
	got := read[entities](h.get(path + "/entities").ok())
	for id, names := range map[string][2]string{
		"category--big-team": {got.Categories["category--big-team"].Name, "big team"},
		"owner--unit":        {got.Owners["owner--unit"].Name, "unit"},
		"flow--f":            {got.Flows["flow--f"].Name, "f"},
	} {
		if names[0] != names[1] {
			t.Errorf("%s is called %q, not %q", id, names[0], names[1])
		}
	}
	if len(got.Categories)+len(got.Owners)+len(got.Flows) != 3 {
		t.Errorf("%v %v %v", got.Categories, got.Owners, got.Flows)
	}
	if g := got.Flows["flow--f"]; !slices.Equal(g.Services, []string{"service--new", "service--old"}) || !slices.Equal(got.Services["service--old"].Flows, []string{"flow--f"}) {
		t.Errorf("a flow named twice: %+v, %v", g, got.Services["service--old"].Flows)
	}
	if g := got.Categories["category--big-team"]; !slices.Equal(g.Messaging, []string{"messaging--x"}) {
		t.Errorf("%+v", g)
	}
}

func TestANameThatFoldsToNothingHasItsKindAndAHash(t *testing.T) {
	h := open(t)
	path := h.draw(`{"name":"東京","category":"東京","owner":"東京","flows":["東京"],"produces":[{"name":"東京"}]}`)
	got := read[entities](h.get(path + "/entities").ok())
	ids := slices.Concat(slices.Collect(maps.Keys(got.Services)), slices.Collect(maps.Keys(got.Messaging)), slices.Collect(maps.Keys(got.Categories)),
		slices.Collect(maps.Keys(got.Owners)), slices.Collect(maps.Keys(got.Flows)))
	const hash = "cmabnmsz"
	want := []string{"service--svc-" + hash, "messaging--messaging-" + hash, "category--category-" + hash, "owner--owner-" + hash, "flow--flow-" + hash}
	if !slices.Equal(ids, want) {
		t.Errorf("got %v, want %v", ids, want)
	}
}

func TestAColourStaysWithItsName(t *testing.T) {
	h := open(t)
	first := read[entities](h.get(h.draw(`{"name":"A","category":"billing","owner":"blue team","flows":["x"]}`) + "/entities").ok())
	other := h.draw(`{"name":"Z","category":"zoo"}`, `{"name":"B","category":"billing","flows":["a","x"],"produces":[{"name":"t","owner":"blue team"}]}`)
	second := read[entities](h.get(other + "/entities").ok())
	hex := regexp.MustCompile(`^#[0-9a-f]{6}$`)
	for id, colors := range map[string][2]string{
		"category--billing": {first.Categories["category--billing"].Color, second.Categories["category--billing"].Color},
		"owner--blue-team":  {first.Owners["owner--blue-team"].Color, second.Owners["owner--blue-team"].Color},
		"flow--x":           {first.Flows["flow--x"].Color, second.Flows["flow--x"].Color},
	} {
		if colors[0] != colors[1] || !hex.MatchString(colors[0]) {
			t.Errorf("%s is %q in one project and %q in another", id, colors[0], colors[1])
		}
	}
	if second.Categories["category--zoo"].Color == second.Categories["category--billing"].Color {
		t.Error("two categories have one colour")
	}
}

// pictures are the paths, below a project, of all that is made from all services.
var pictures = []string{"/entities", "/graph", "/graph/mermaid", "/graph/svg"}

func TestEntitiesAndGraphsShowOneInstant(t *testing.T) {
	h := open(t)
	path := h.draw(`{"name":"First","produces":[{"name":"one"}]}`)
	h.put(path+"/services/first", `{"name":"Second","produces":[{"name":"two"}]}`).ok()
	h.clock.advance(time.Second)
	h.delete(path + "/services/second").ok()
	h.clock.advance(time.Second)
	h.put(path, `{"name":"Renamed"}`).ok()
	after := h.tens(path)
	for _, picture := range pictures {
		for at, want := range map[string]string{
			string(after(0)): "", string(after(10)): "First one", string(after(19)): "First one", string(after(20)): "Second two", string(after(29)): "Second two",
			string(after(30)): "", string(after(-1)): "", "2999-01-01T00:00:00Z": "", "": "",
		} {
			query := "?at=" + at
			if at == "" {
				query = ""
			}
			body := h.get(path + picture + query).ok().body
			for _, name := range []string{"First", "one", "Second", "two"} {
				shown := regexp.MustCompile(`["'>]` + name + `["'<]`).MatchString(body)
				if shown != slices.Contains(strings.Fields(want), name) {
					t.Errorf("%s%s: %s is shown: %v", picture, query, name, shown)
				}
			}
		}
		h.get(path+picture+"?at=yesterday").badRequest("at", "yesterday")
		h.get("/v1/projects/web-shop-zzzzz"+picture).fails(404, "project_not_found")
	}
}

func TestWhatIsAnsweredForAnInstantNeverChanges(t *testing.T) {
	h := open(t)
	path := h.draw(`{"name":"First","category":"c","produces":[{"name":"one"}]}`, `{"name":"Other","consumes":[{"name":"one"}]}`)
	type kept struct{ body, tag string }
	before := map[string]kept{}
	after := h.tens(path)
	for _, picture := range pictures {
		for _, at := range []string{string(after(-1)), string(after(10)), string(after(19)), string(after(20))} {
			a := h.get(path+picture+"?at="+at).ok().has("Cache-Control", forever)
			before[picture+"?at="+at] = kept{a.body, a.header.Get("ETag")}
		}
		for _, query := range []string{"", "?at=" + string(after(21)), "?at=2999-01-01T00:00:00Z"} {
			h.get(path+picture+query).ok().has("Cache-Control", "no-store")
		}
	}
	h.clock.advance(time.Second)
	h.put(path+"/services/first", `{"name":"Renamed","produces":[]}`).ok()
	h.put(path, `{"name":"Another name"}`).ok()
	h.post(path+"/services", `{"name":"New","produces":[{"name":"one","category":"other"}]}`).ok()
	h.delete(path + "/services/other").ok()
	for target, was := range before {
		h.get(path+target).is(200, was.body).has("ETag", was.tag).has("Cache-Control", forever)
		h.send(h.ask("GET", path+target, "").with("If-None-Match", was.tag)).is(304, "").has("Cache-Control", forever)
	}
}

func TestTheETagOfAGraphChangesWithTheProject(t *testing.T) {
	h := open(t)
	path := h.draw(`{"name":"First"}`)
	for i, picture := range pictures {
		tag := h.get(path + picture).ok().header.Get("ETag")
		h.send(h.ask("GET", path+picture, "").with("If-None-Match", tag)).is(304, "").has("Cache-Control", "no-store")
		h.clock.advance(time.Second)
		h.put(path+"/services/first", fmt.Sprintf(`{"owner":"owner %d"}`, i)).ok()
		if again := h.send(h.ask("GET", path+picture, "").with("If-None-Match", tag)).ok().header.Get("ETag"); again == tag || tag == "" {
			t.Errorf("%s had the tag %s, and %s after a change", picture, tag, again)
		}
	}
}
