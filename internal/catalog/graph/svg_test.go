package graph

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"almanac/tests/browser"
)

var keep = flag.String("keep", "", "write the pictures to this directory")

// The browser says where it has put what; the picture is shown as an image, too,
// where it gets nothing from outside.
const inspect = `
const found = [];
for (const text of TEXTS) {
  const parsed = new DOMParser().parseFromString(text, 'image/svg+xml');
  const failed = parsed.querySelector('parsererror');
  if (failed) { found.push({failed: failed.textContent}); continue; }
  const svg = document.body.appendChild(document.importNode(parsed.documentElement, true));
  const box = e => { const {x, y, width, height} = e.getBBox(); return {x, y, width, height}; };
  const image = new Image();
  image.src = 'data:image/svg+xml,' + encodeURIComponent(text);
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 300;
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0, 300, 300);
  const colours = new Set(new Uint32Array(context.getImageData(0, 0, 300, 300).data.buffer));
  found.push({
    width: svg.width.baseVal.value, height: svg.height.baseVal.value, drawn: box(svg),
    role: svg.getAttribute('role'),
    label: svg.getAttribute('aria-labelledby').split(' ').map(id => svg.querySelector(':scope > #' + id).textContent).join(' | '),
    nodes: [...svg.querySelectorAll('.nodes > g')].map(g => ({
      title: g.querySelector('title').textContent, box: box(g.querySelector('rect')), texts: [...g.querySelectorAll('text')].map(box),
    })),
    edges: svg.querySelectorAll('.edges path').length,
    legend: [...svg.querySelectorAll('.legend text')].map(box),
    foreign: svg.querySelectorAll('script, style, image, foreignObject, use, a, [href], [onload]').length,
    colours: colours.size,
  });
  svg.remove();
}
return found;`

type rectangle struct{ X, Y, Width, Height float64 }

func (r rectangle) within(outer rectangle) bool {
	return r.X >= outer.X && r.Y >= outer.Y && r.X+r.Width <= outer.X+outer.Width && r.Y+r.Height <= outer.Y+outer.Height
}

func (r rectangle) overlaps(s rectangle) bool {
	return r.X < s.X+s.Width && s.X < r.X+r.Width && r.Y < s.Y+s.Height && s.Y < r.Y+r.Height
}

// categorise puts the nodes of a graph into so many categories, one after the other.
func categorise(g *Graph, categories int) {
	for i := range g.Nodes {
		n := &g.Nodes[i]
		n.CategoryLabel = fmt.Sprint("Category ", i%categories)
		n.Category, n.CategoryColor = fmt.Sprintf("category--%03d", i%categories), Color(n.CategoryLabel)
	}
}

func TestALegendSaysHowManyCategoriesItLeavesOut(t *testing.T) {
	for categories, want := range map[int]string{1: "", 24: "", 25: "and 1 more", 40: "and 16 more"} {
		g := named(slices.Repeat([]string{"Order"}, 40))
		categorise(g, categories)
		text := g.SVG(g.Lay(), "Legend")
		_, legend, _ := strings.Cut(text, "<g class='legend'")
		lines := strings.Split(strings.TrimSuffix(legend, "\n</g>\n</svg>\n"), "\n")[1:]
		last := lines[len(lines)-1]
		if swatches := strings.Count(legend, "<rect"); swatches != min(categories, 24) {
			t.Errorf("%d of %d categories are explained", swatches, categories)
		}
		if strings.Contains(legend, " more<") != (want != "") || want != "" && !strings.HasPrefix(last, "<text x='24'") || !strings.Contains(last, want+"</text>") {
			t.Errorf("the legend of %d categories ends with %s", categories, last)
		}
	}
}

func TestALineIsSetToAWidthOnlyWhereItMightLeaveItsBox(t *testing.T) {
	for label, want := range map[string]int{
		"Order API": 0, strings.Repeat("W", 200): 0, "Заказы": 0, "Παραγγελίες": 0, "שירות הזמנות": 0, "خدمة الطلبات": 0, "注文サービス": 0, "주문 서비스": 0, "😀": 0,
		strings.Repeat("ש", 22): 1, strings.Repeat("س", 22): 1, strings.Repeat("日", 15): 1,
	} {
		g := named([]string{label})
		if got := strings.Count(g.SVG(g.Lay(), "Width"), "textLength"); got != want {
			t.Errorf("%d lines of %q are set to a width", got, label)
		}
	}
}

func TestABrowserShowsThePictureAsItIsMeant(t *testing.T) {
	graphs := map[string]*Graph{
		"nothing": {}, "8 services": company(8, 2), "60 services": company(60, 2), "400 services": company(400, 2), "nasty names": named(names()), "30 categories": named(slices.Repeat([]string{"Order", "הזמנה"}, 15)),
	}
	categorise(graphs["30 categories"], 30)
	// Categories of any name, for the legend.
	for i := range graphs["nasty names"].Nodes {
		n := &graphs["nasty names"].Nodes[i]
		n.Category, n.CategoryLabel = fmt.Sprint("category--", i%20), nasty[len(nasty)-1-i%20]
		n.CategoryColor = Color(n.CategoryLabel)
	}
	var titles, texts []string
	for name, g := range graphs {
		text := g.SVG(g.Lay(), name+" <&>")
		titles, texts = append(titles, name), append(texts, text)
		if strings.Contains(text, "://") && strings.Count(text, "http://www.w3.org/2000/svg") != strings.Count(text, "://") && name != "nasty names" {
			t.Errorf("%s: the picture refers to something outside", name)
		}
		if *keep != "" {
			if err := os.WriteFile(filepath.Join(*keep, name+".svg"), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	sent, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	var found []struct {
		Failed, Role, Label     string
		Width, Height           float64
		Drawn                   rectangle
		Edges, Foreign, Colours int
		Nodes                   []struct {
			Title string
			Box   rectangle
			Texts []rectangle
		}
		Legend []rectangle
	}
	browser.Evaluate(t, strings.Replace(inspect, "TEXTS", string(sent), 1), &found)
	for i, f := range found {
		name, g := titles[i], graphs[titles[i]]
		if f.Failed != "" {
			t.Errorf("%s: %s", name, f.Failed)
			continue
		}
		whole := rectangle{0, 0, f.Width, f.Height}
		if !f.Drawn.within(whole) {
			t.Errorf("%s: what is drawn, %v, is more than the picture of %v × %v", name, f.Drawn, f.Width, f.Height)
		}
		if f.Role != "img" || !strings.HasPrefix(f.Label, name+" <&> | ") || !strings.Contains(f.Label, count(len(g.Edges), "arrow")) {
			t.Errorf("%s is told to be %s, %q", name, f.Role, f.Label)
		}
		if len(f.Nodes) != len(g.Nodes) || f.Edges != len(g.Edges) || f.Foreign != 0 {
			t.Errorf("%s: %d nodes, %d edges, %d foreign elements", name, len(f.Nodes), f.Edges, f.Foreign)
		}
		if f.Colours < 10 {
			t.Errorf("%s: the picture has %d colours", name, f.Colours)
		}
		for j, n := range f.Nodes {
			for _, text := range n.Texts {
				if !text.within(n.Box) {
					t.Errorf("%s: the text of %q, %v, is not in its box, %v", name, n.Title, text, n.Box)
				}
			}
			for _, other := range f.Nodes[:j] {
				if n.Box.overlaps(other.Box) {
					t.Errorf("%s: %q lies over %q", name, n.Title, other.Title)
				}
			}
		}
		for j, text := range f.Legend {
			if !text.within(whole) || j > 0 && text.overlaps(f.Legend[j-1]) {
				t.Errorf("%s: the legend's text %v has no room", name, text)
			}
		}
	}
}
