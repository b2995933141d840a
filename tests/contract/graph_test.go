package contract

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

type (
	graph struct {
		Nodes []graphNode `json:"nodes"`
		Edges []graphEdge `json:"edges"`
	}
	graphNode struct {
		ID            string   `json:"id"`
		Type          string   `json:"type"`
		Label         string   `json:"label"`
		Width         int      `json:"width"`
		Height        int      `json:"height"`
		X             int      `json:"x"`
		Y             int      `json:"y"`
		Category      string   `json:"category,omitempty"`
		CategoryLabel string   `json:"categoryLabel,omitempty"`
		CategoryColor string   `json:"categoryColor,omitempty"`
		Owner         string   `json:"owner,omitempty"`
		OwnerLabel    string   `json:"ownerLabel,omitempty"`
		OwnerColor    string   `json:"ownerColor,omitempty"`
		Flows         []string `json:"flows"`
		FlowLabels    []string `json:"flowLabels"`
		FlowColors    []string `json:"flowColors"`
	}
	graphEdge struct {
		ID     string `json:"id"`
		Type   string `json:"type"`
		Source string `json:"source"`
		Target string `json:"target"`
	}
)

// chain is five services in a row, each of which sends a topic to the next; the
// first two are one owner's, the last topic is in a flow, one service is alone.
func (h *house) chain() string {
	h.Helper()
	return h.draw(
		`{"name":"A","owner":"Team","produces":[{"name":"ab"}]}`,
		`{"name":"B","owner":"Team","category":"Core","produces":[{"name":"bc"}],"consumes":[{"name":"ab"}]}`,
		`{"name":"C","produces":[{"name":"cd"}],"consumes":[{"name":"bc"}]}`,
		`{"name":"D","produces":[{"name":"de","flows":["Late"]}],"consumes":[{"name":"cd"}]}`,
		`{"name":"E","consumes":[{"name":"de"}]}`,
		`{"name":"Alone"}`)
}

// shown are the labels of a graph, in the order of the alphabet.
func (h *house) shown(path string) string {
	h.Helper()
	g := read[graph](h.get(path).ok())
	ids := map[string]bool{}
	var labels []string
	for _, n := range g.Nodes {
		ids[n.ID] = true
		labels = append(labels, n.Label)
	}
	for _, e := range g.Edges {
		if !ids[e.Source] || !ids[e.Target] {
			h.Errorf("%s: the edge %s leads to what is not shown", path, e.ID)
		}
	}
	slices.Sort(labels)
	return strings.Join(labels, " ")
}

const everything = "A Alone B C D E ab bc cd de"

func TestTheGraphOfAProject(t *testing.T) {
	h := open(t)
	h.get(h.draw()+"/graph").is(200, `{"nodes":[],"edges":[]}`)
	path := h.draw(
		`{"name":"Order API","category":"Core","owner":"Sales","flows":["check out","returns"],"produces":[{"name":"order.created","flows":["returns"]}],"consumes":[{"name":"stock.low"}]}`,
		`{"name":"Mailer","consumes":[{"name":"order.created"},{"name":"order.created"}]}`)
	all := read[entities](h.get(path + "/entities").ok())
	got := read[graph](h.get(path + "/graph").ok())
	for i := range got.Nodes {
		n := &got.Nodes[i]
		if n.Width < 40 || n.Height < 20 || n.X < 0 || n.Y < 0 {
			t.Errorf("%s is %d × %d at %d, %d", n.ID, n.Width, n.Height, n.X, n.Y)
		}
		n.Width, n.Height, n.X, n.Y = 0, 0, 0, 0
	}
	colors := func(ids ...string) (list []string) {
		for _, id := range ids {
			list = append(list, all.Flows[id].Color)
		}
		return list
	}
	want := graph{
		Nodes: []graphNode{
			{ID: "messaging--order-created", Type: "TOPIC", Label: "order.created", Flows: []string{"flow--returns"}, FlowLabels: []string{"returns"}, FlowColors: colors("flow--returns")},
			{ID: "messaging--stock-low", Type: "TOPIC", Label: "stock.low", Flows: []string{}, FlowLabels: []string{}, FlowColors: []string{}},
			{ID: "service--mailer", Type: "SERVICE", Label: "Mailer", Flows: []string{}, FlowLabels: []string{}, FlowColors: []string{}},
			{
				ID: "service--order-api", Type: "SERVICE", Label: "Order API",
				Category: "category--core", CategoryLabel: "Core", CategoryColor: all.Categories["category--core"].Color,
				Owner: "owner--sales", OwnerLabel: "Sales", OwnerColor: all.Owners["owner--sales"].Color,
				Flows: []string{"flow--check-out", "flow--returns"}, FlowLabels: []string{"check out", "returns"}, FlowColors: colors("flow--check-out", "flow--returns"),
			},
		},
		Edges: []graphEdge{
			{"messaging--order-created->service--mailer", "TOPIC_TO_SERVICE", "messaging--order-created", "service--mailer"},
			{"messaging--stock-low->service--order-api", "TOPIC_TO_SERVICE", "messaging--stock-low", "service--order-api"},
			{"service--order-api->messaging--order-created", "SERVICE_TO_TOPIC", "service--order-api", "messaging--order-created"},
		},
	}
	if a, b := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); a != b {
		t.Errorf("got\n%s\nwant\n%s", a, b)
	}
}

func TestFilteredIDsFocusAGraph(t *testing.T) {
	h := open(t)
	path := h.chain() + "/graph"
	for query, want := range map[string]string{
		"":                                    everything,
		"?filteredIds=":                       everything,
		"?depth=0":                            everything,
		"?filteredIds=service--c":             "C bc cd",
		"?filteredIds=service--c&depth=0":     "C",
		"?filteredIds=service--c&depth=1":     "C bc cd",
		"?filteredIds=service--c&depth=2":     "B C D bc cd",
		"?filteredIds=service--c&depth=3":     "B C D ab bc cd de",
		"?filteredIds=service--c&depth=5":     "A B C D E ab bc cd de",
		"?filteredIds=messaging--de":          "D E de",
		"?filteredIds=service--alone&depth=5": "Alone",
		"?filteredIds=owner--team&depth=0":    "A B",
		"?filteredIds=owner--team":            "A B ab bc",
		"?filteredIds=category--core":         "B ab bc",
		"?filteredIds=flow--late&depth=0":     "de",
		"?filteredIds=flow--late":             "D E de",
		"?filteredIds=service--a,service--e":  "A E ab de",
		"?filteredIds=service--a&filteredIds=service--e,flow--late&depth=0": "A E de",
		"?filteredIds=+service--a+,,&depth=0":                               "A",
		"?filteredIds=service--a,service--none,nothing,owner--,--&depth=0":  "A",
		"?filteredIds=service--none":                                        "",
		"?filteredIds=SERVICE--A":                                           "",
	} {
		h.sub(query, func(h *house) {
			if got := h.shown(path + query); got != want {
				h.Errorf("shows %q, not %q", got, want)
			}
			// Its other forms show the same.
			for _, form := range []string{"/mermaid", "/svg"} {
				body := h.get(path + form + query).ok().body
				for name := range strings.FieldsSeq(everything) {
					shown := strings.Contains(body, `"`+name+`"`) || strings.Contains(body, ">"+name+"</text>")
					if shown != slices.Contains(strings.Fields(want), name) {
						h.Errorf("%s shows %s: %v", form, name, shown)
					}
				}
			}
		})
	}
	for query, words := range map[string][]string{
		"?depth=6":                              {"depth", `"6"`},
		"?depth=-1":                             {"depth", `"-1"`},
		"?depth=":                               {"depth", `""`},
		"?depth=one":                            {"depth", `"one"`},
		"?depth=1&depth=2":                      {"depth", "once"},
		"?filteredIds=a%FF":                     {"filteredIds"},
		"?filteredIds=a&filteredIds=b,c%00":     {"filteredIds"},
		"?filteredIds=service--a&at=2026-02-30": {"at", "2026-02-30"},
	} {
		if strings.Contains(query, "%FF") && !hasBytes() {
			continue
		}
		for _, form := range []string{"", "/mermaid", "/svg"} {
			h.get(path + form + query).badRequest(words...)
		}
	}
}

func TestNoTwoNodesAreInOnePlace(t *testing.T) {
	h := open(t)
	var services []string
	for i := range 24 {
		services = append(services, fmt.Sprintf(`{"name":"S %d","produces":[{"name":"t %d"}],"consumes":[{"name":"t %d"},{"name":"t %d"}]}`, i, i%17, (i+5)%17, (i*7)%17))
	}
	g := read[graph](h.get(h.draw(services...) + "/graph").ok())
	if len(g.Nodes) != 24+17 {
		t.Errorf("%d nodes", len(g.Nodes))
	}
	for i, a := range g.Nodes {
		for _, b := range g.Nodes[:i] {
			if a.X < b.X+b.Width && b.X < a.X+a.Width && a.Y < b.Y+b.Height && b.Y < a.Y+a.Height {
				t.Errorf("%+v lies over %+v", a, b)
			}
		}
	}
}

func TestMermaidAndPicture(t *testing.T) {
	h := open(t)
	path := h.draw(`{"name":"Order \"API\" <b>","category":"Core","produces":[{"name":"end; #1"}]}`) + "/graph"
	h.get(path+"/mermaid").is(200, "flowchart LR\n"+
		"    messaging__end_1([\"end#59; #35;#49;\"])\n"+
		"    service__order_api_b[\"Order #34;API#34; #60;b#62;\"]\n"+
		"    service__order_api_b --> messaging__end_1\n").has("X-Content-Type-Options", "nosniff")
	svg := h.get(path+"/svg").ok().has("X-Content-Type-Options", "nosniff").body
	for _, part := range []string{
		"<svg xmlns='http://www.w3.org/2000/svg'", "role='img' aria-labelledby='title desc'", "<title id='title'>Services and topics</title>",
		"<desc id='desc'>1 service and 1 topic, connected by 1 arrow ", `>Order "API" &lt;b&gt;</text>`, ">end; #1</text>", ">Core</text>",
	} {
		if !strings.Contains(svg, part) {
			t.Errorf("%q is not in the picture\n%s", part, svg)
		}
	}
	then := string(h.instants(strings.TrimSuffix(path, "/graph"))[0])
	if at := h.get(path + "/svg?at=" + then).ok().body; !strings.Contains(at, "<title id='title'>Services and topics at "+then+"</title>") {
		t.Errorf("the picture of an instant does not say which\n%s", at)
	}
	h.get(path+"/png").fails(404, "not_found")
}

// crowd writes services, thirty at a time, each with three topics of its own and
// one of the next service.
func (h *house) crowd(services int, name func(i int) string) string {
	h.Helper()
	type written struct {
		Name     string              `json:"name"`
		Category string              `json:"category"`
		Owner    string              `json:"owner"`
		Flows    []string            `json:"flows"`
		Produces []map[string]string `json:"produces"`
		Consumes []map[string]string `json:"consumes"`
	}
	path := "/v1/projects/" + h.newProject("Crowd")
	var all []string
	for i := range services {
		s := written{Name: fmt.Sprintf("Service of team %d, number %d", i/8, i), Category: fmt.Sprintf("area %d", i%12), Owner: fmt.Sprintf("team %d", i/8), Flows: []string{fmt.Sprintf("flow %d", i%40)}}
		for topic := range 3 {
			s.Produces = append(s.Produces, map[string]string{"name": name(3*i + topic), "owner": s.Owner, "category": s.Category})
		}
		for _, topic := range []int{3*i + 3 + i%8/7*24, 3*i + 7, 3 * (i * 7 % services)} {
			s.Consumes = append(s.Consumes, map[string]string{"name": name(topic % (3 * services))})
		}
		body, err := json.Marshal(s)
		if err != nil {
			h.Fatal(err)
		}
		all = append(all, string(body))
	}
	h.upsert(path, all)
	return path
}

// lambdaCarries is how much Lambda takes from a function, as JSON.
const lambdaCarries = 6 << 20

func TestAThousandServicesAndThreeThousandTopicsFitIntoAnAnswer(t *testing.T) {
	h := open(t)
	path := h.crowd(1000, func(i int) string { return fmt.Sprintf("shop.area-%d.something-%d.has-happened", i%12, i) })
	for _, picture := range pictures {
		body := h.get(path + picture).ok().body
		carried, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d bytes, %d as Lambda carries them", picture, len(body), len(carried))
		if len(carried) > lambdaCarries {
			t.Errorf("%s is %d bytes", picture, len(carried))
		}
	}
	g := read[graph](h.get(path + "/graph").ok())
	if len(g.Nodes) != 4000 {
		t.Errorf("%d nodes", len(g.Nodes))
	}
}

func TestAGraphTooLargeForAnAnswerAsksForFilteredIDs(t *testing.T) {
	h := open(t)
	path := h.crowd(2700, func(i int) string { return fmt.Sprintf("%d %s", i, strings.Repeat("long ", 48)) })
	for _, picture := range pictures {
		h.get(path + picture).badRequest("filteredIds")
		h.get(path + picture + "?at=2999-01-01T00:00:00Z").badRequest("filteredIds")
	}
	if got := h.shown(path + "/graph?filteredIds=service--service-of-team-0-number-0&depth=0"); got != "Service of team 0, number 0" {
		t.Errorf("a part of it shows %q", got)
	}
}
