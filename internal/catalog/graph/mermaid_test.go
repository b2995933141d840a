package graph

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"almanac/tests/browser"
)

// nasty are names that mean something to Mermaid, Markdown, HTML or JavaScript.
var nasty = []string{
	"end", "END", "End", "end end", "subgraph", "graph", "flowchart", "flowchart LR", "style", "linkStyle", "classDef", "class", "click", "default", "direction TB",
	"style a fill:#f9f;", "classDef x fill:#f9f,stroke:#333;", "click a href \"javascript:alert(1)\"", "a --> b", "a --- o", "x--x", "o", "x", "a & b", "a@{ shape: circle }",
	`"`, `""`, `"]`, `"])`, `"] --> b["`, `[`, `]`, `[[`, `(`, `)`, `((`, `{`, `}`, `{{`, `<`, `>`, `|`, `||`, `\`, `\\`, `\"`, `/`, `//`, `'`, "`", "``", "`x`", "`**x**`",
	"#", "##", "#35;", "#quot;", "#amp;", "#x41;", ";", ";;", "a;b", "a#b;c", "&", "&amp;", "&lt;b&gt;", "&#35;", "&quot", "%", "%%", "%% comment", "%%{init: {}}%%", "---", "--- title: x ---", "-->",
	"**bold**", "*it*", "_it_", "__it__", "~~x~~", "1. one", "1) one", "- one", "+ one", "* one", "# one", "> one", "| a | b |", "[x](y)", "![x](y)", "http://example.com", "www.example.com", "a@example.com", "$$x^2$$", "$x$", "fa:fa-car", "fa:car car", ":::x", ":", "::",
	"<b>x</b>", "<br>", "<br/>", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</div>", "<!--", "-->", "<![CDATA[", "]]>", "${x}", "{{x}}", "a\nb", "a\r\nb", "\ta", "a\\nb", "a\u2028b", "\x01\x02", "\x7f",
	"é", "日本語", "مرحبا", "שלום", "😀", "👩‍👩‍👧", "🇩🇪", "e\u0301", "\u202eabc", "\u200b", "\ufeff", "a\u00a0b", "ﬂ°°", "ﬂ°", "¶ß", "\ufffd", "0", "-1", "NaN", "null", "undefined", "__proto__", "constructor", "toString",
	strings.Repeat("W", 255), strings.Repeat("日", 60), strings.Repeat("a.", 100),
}

// names is the nasty ones, and others made of pieces of them.
func names() []string {
	random := rand.New(rand.NewPCG(5, 6))
	all := slices.Clone(nasty)
	for range 400 {
		var name strings.Builder
		for range 1 + random.IntN(4) {
			name.WriteString(nasty[random.IntN(len(nasty)-3)])
			if random.IntN(2) == 0 {
				name.WriteString(" ")
			}
		}
		all = append(all, name.String())
	}
	return all
}

// named is a graph of services and topics with these names, in a row.
func named(names []string) *Graph {
	g := &Graph{}
	for i, name := range names {
		n := Node{ID: fmt.Sprintf("service--n-%d", i), Type: Service, Label: name}
		if i%2 == 1 {
			n.ID, n.Type = fmt.Sprintf("messaging--end-%d", i), Topic
		}
		g.Nodes = append(g.Nodes, n)
		if i > 0 {
			from := g.Nodes[i-1]
			g.Edges = append(g.Edges, Edge{from.ID + "->" + n.ID, map[string]string{Service: TopicToService, Topic: ServiceToTopic}[n.Type], from.ID, n.ID})
		}
	}
	return g
}

func TestMermaidDrawsAnyNameAsItIs(t *testing.T) {
	type drawn struct {
		Labels, Shapes []string
		Edges          int
		Alien          int // elements that names made
	}
	var texts []string
	var graphs []*Graph
	for part := range slices.Chunk(names(), 50) {
		g := named(part)
		graphs, texts = append(graphs, g), append(texts, g.Mermaid())
	}
	sent, err := json.Marshal(texts) // escapes < and >, as a script needs
	if err != nil {
		t.Fatal(err)
	}
	var got []drawn
	browser.Evaluate(t, `
mermaid.initialize({startOnLoad: false});
const drawn = [];
for (const text of `+string(sent)+`) {
  const {svg} = await mermaid.render('g' + drawn.length, text);
  const page = new DOMParser().parseFromString(svg, 'text/html');
  const nodes = [...page.querySelectorAll('.node')];
  drawn.push({
    labels: nodes.map(n => n.id + ' ' + n.querySelector('.nodeLabel').textContent),
    shapes: nodes.map(n => n.querySelector('.label-container').localName),
    edges: page.querySelectorAll('.edgePaths path').length,
    alien: page.querySelectorAll('script, img, .nodeLabel b, .nodeLabel a, .nodeLabel br, .nodeLabel strong, .nodeLabel em, .nodeLabel i, .katex').length,
  });
}
return drawn;`, &got, browser.Mermaid(t))
	// Which space it is, and one that nobody sees, is not told apart.
	plain := func(s string) string {
		return strings.Join(strings.Fields(strings.ReplaceAll(s, "\u200b", "")), " ")
	}
	for i, g := range graphs {
		d := got[i]
		if len(d.Labels) != len(g.Nodes) || d.Edges != len(g.Edges) || d.Alien != 0 {
			t.Errorf("of %d nodes and %d edges Mermaid drew %d and %d, and %d elements of its own", len(g.Nodes), len(g.Edges), len(d.Labels), d.Edges, d.Alien)
		}
		for _, n := range g.Nodes {
			want := plain(visible(n.Label))
			found := slices.IndexFunc(d.Labels, func(label string) bool {
				id, text, _ := strings.Cut(label, " ")
				return strings.Contains(id, "-"+mermaidID(n.ID)+"-") && plain(text) == want
			})
			if found < 0 {
				t.Errorf("Mermaid did not draw %s as %q, but %q", n.ID, want, d.Labels)
				return
			}
			// A stadium is a path or a rectangle with round ends, as versions have it.
			if box := n.Type == Service; box != (d.Shapes[found] == "rect") {
				t.Errorf("%s, a %s, is drawn as a %s", n.ID, n.Type, d.Shapes[found])
			}
		}
	}
}

func TestTheTextOfMermaid(t *testing.T) {
	g := &Graph{
		Nodes: []Node{{ID: "messaging--order-created", Type: Topic, Label: "order.created"}, {ID: "service--a-b", Type: Service, Label: `A "b"`}},
		Edges: []Edge{{"e", ServiceToTopic, "service--a-b", "messaging--order-created"}},
	}
	want := `flowchart LR
    messaging__order_created(["order#46;created"])
    service__a_b["A #34;b#34;"]
    service__a_b --> messaging__order_created
`
	if got := g.Mermaid(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
