package graph

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// SVG writes a graph, laid out as d, as a picture that needs nothing else. The
// title is told to those who cannot see it. Attributes are in single quotes:
// inside JSON, which carries the answer in the cloud, they take no escape.
func (g *Graph) SVG(d *Drawing, title string) string {
	var b strings.Builder
	legend := g.legend()
	width := max(d.Width, legendWidth(legend), emptyWidth)
	height := max(d.Height, emptyHeight) + legendHeight(legend, width)
	fmt.Fprintf(&b, "<svg xmlns='http://www.w3.org/2000/svg' width='%d' height='%d' viewBox='0 0 %d %d' role='img' aria-labelledby='title desc'"+
		" font-family='Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif' font-size='%d'>\n", width, height, width, height, fontSize)
	fmt.Fprintf(&b, "<title id='title'>%s</title>\n<desc id='desc'>%s</desc>\n", escape(title), g.description())
	b.WriteString("<defs>" + arrowhead("to", ink) + arrowhead("back", faded) + "</defs>\n")
	fmt.Fprintf(&b, "<rect width='%d' height='%d' fill='#fff'/>\n", width, height)
	g.drawEdges(&b, d)
	g.drawNodes(&b)
	if len(g.Nodes) == 0 {
		fmt.Fprintf(&b, "<text x='%d' y='%d' fill='%s'>No services and no topics</text>\n", margin, emptyHeight/2+4, text)
	}
	drawLegend(&b, legend, max(d.Height, emptyHeight), width)
	b.WriteString("</svg>\n")
	return b.String()
}

// The picture of nothing has a size, too; pixels.
const (
	emptyWidth  = 240
	emptyHeight = 64
)

// Colours of what has none of its own.
const (
	ink   = "#5b6673" // edges
	faded = "#a15c00" // edges that run back
	text  = "#16202a"
	plain = "#5b6673" // what has no category
)

func arrowhead(id, color string) string {
	return fmt.Sprintf("<marker id='%s' viewBox='0 0 8 8' refX='7.5' refY='4' markerWidth='8' markerHeight='8' orient='auto'>"+
		"<path d='M0 0L8 4L0 8z' fill='%s'/></marker>", id, color)
}

// description says in words what the picture shows.
func (g *Graph) description() string {
	services, topics := 0, 0
	for _, n := range g.Nodes {
		if n.Type == Topic {
			topics++
		} else {
			services++
		}
	}
	return fmt.Sprintf("%s and %s, connected by %s from producers to topics and from topics to consumers. "+
		"Boxes are services, rounded boxes are topics; dashed arrows run back to the left.",
		count(services, "service"), count(topics, "topic"), count(len(g.Edges), "arrow"))
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (g *Graph) drawEdges(b *strings.Builder, d *Drawing) {
	for _, back := range []bool{true, false} {
		style := fmt.Sprintf("stroke='%s' marker-end='url(#to)'", ink)
		if back {
			style = fmt.Sprintf("stroke='%s' stroke-dasharray='6 4' marker-end='url(#back)'", faded)
		}
		fmt.Fprintf(b, "<g class='edges' fill='none' stroke-width='1.3' %s>\n", style)
		for i := range g.Edges {
			if d.Back[i] == back {
				fmt.Fprintf(b, "<path d='%s'/>\n", curve(d.Routes[i]))
			}
		}
		b.WriteString("</g>\n")
	}
}

// curve runs level through columns and bends between them.
func curve(route []Point) string {
	var b strings.Builder
	fmt.Fprintf(&b, "M%d %d", route[0].X, route[0].Y)
	for i := 1; i < len(route); i++ {
		from, to := route[i-1], route[i]
		switch {
		case from.Y == to.Y:
			fmt.Fprintf(&b, "H%d", to.X)
		default:
			middle := (from.X + to.X) / 2
			fmt.Fprintf(&b, "C%d %d %d %d %d %d", middle, from.Y, middle, to.Y, to.X, to.Y)
		}
	}
	return b.String()
}

func (g *Graph) drawNodes(b *strings.Builder) {
	fmt.Fprintf(b, "<g class='nodes' text-anchor='middle' stroke-width='2' fill='%s'>\n", text)
	for i := range g.Nodes {
		n := &g.Nodes[i]
		color, radius, paint := n.CategoryColor, 3, tint(n.CategoryColor)
		if color == "" {
			color, paint = plain, "#f4f6f8"
		}
		if n.Type == Topic {
			radius, paint = min(n.Height/2, 18), "#fff"
		}
		fmt.Fprintf(b, "<g><title>%s</title><rect x='%d' y='%d' width='%d' height='%d' rx='%d' fill='%s' stroke='%s'/>",
			escape(n.tooltip()), n.X, n.Y, n.Width, n.Height, radius, paint, color)
		lines := wrap(n.Label)
		y := n.Y + (n.Height-len(lines)*lineHeight)/2 + lineHeight - 4
		for _, line := range lines {
			fmt.Fprintf(b, "<text x='%d' y='%d'%s>%s</text>", n.X+n.Width/2, y, fit(line), escape(line))
			y += lineHeight
		}
		b.WriteString("</g>\n")
	}
	b.WriteString("</g>\n")
}

// fit are the attributes of a line that must not be longer than was foreseen.
func fit(line string) string {
	if !mustFit(line) {
		return ""
	}
	return fmt.Sprintf(" textLength='%d' lengthAdjust='spacingAndGlyphs'", textWidth(line))
}

// tooltip is what pointing at a node tells.
func (n *Node) tooltip() string {
	facts := []string{n.Label}
	if n.CategoryLabel != "" {
		facts = append(facts, "category: "+n.CategoryLabel)
	}
	if n.OwnerLabel != "" {
		facts = append(facts, "owner: "+n.OwnerLabel)
	}
	if len(n.FlowLabels) > 0 {
		facts = append(facts, "flows: "+strings.Join(n.FlowLabels, ", "))
	}
	return strings.Join(facts, "; ")
}

// tint is a colour nearly white, for the ground under dark text.
func tint(color string) string {
	var r, g, b int
	if _, err := fmt.Sscanf(color, "#%02x%02x%02x", &r, &g, &b); err != nil {
		return "#fff"
	}
	light := func(v int) int { return 255 - (255-v)/8 }
	return fmt.Sprintf("#%02x%02x%02x", light(r), light(g), light(b))
}

// entry is a category of the legend, or without a colour a line of words.
type entry struct{ label, color string }

// mostEntries is how many categories a legend explains; of more than that it
// would be no help, and says how many.
const mostEntries = 24

func (g *Graph) legend() []entry {
	named := map[string]entry{}
	for _, n := range g.Nodes {
		if n.Category != "" {
			named[n.Category] = entry{n.CategoryLabel, n.CategoryColor}
		}
	}
	var entries []entry
	for _, id := range slices.Sorted(maps.Keys(named)) {
		entries = append(entries, named[id])
	}
	if more := len(entries) - mostEntries; more > 0 {
		entries = append(entries[:mostEntries], entry{label: fmt.Sprintf("and %d more", more)})
	}
	return entries
}

const (
	swatch    = 14
	entryGap  = 26
	legendRow = 24
)

func (e entry) width() int { return swatch + 8 + textWidth(e.label) + entryGap }

func legendWidth(entries []entry) int {
	widest := 0
	for _, e := range entries {
		widest = max(widest, e.width()+2*margin)
	}
	return widest
}

// rows gives each entry its place.
func rows(entries []entry, width int) []Point {
	var at []Point
	x, y := margin, 0
	for _, e := range entries {
		if x > margin && (x+e.width() > width-margin || e.color == "") {
			x, y = margin, y+legendRow
		}
		at = append(at, Point{x, y})
		x += e.width()
	}
	return at
}

func legendHeight(entries []entry, width int) int {
	at := rows(entries, width)
	if len(at) == 0 {
		return 0
	}
	return at[len(at)-1].Y + legendRow + margin
}

func drawLegend(b *strings.Builder, entries []entry, top, width int) {
	if len(entries) == 0 {
		return
	}
	fmt.Fprintf(b, "<g class='legend' fill='%s'>\n", text)
	for i, p := range rows(entries, width) {
		e, x, y := entries[i], p.X, top+p.Y
		if e.color != "" {
			fmt.Fprintf(b, "<rect x='%d' y='%d' width='%d' height='%d' rx='2' fill='%s' stroke='%s' stroke-width='2'/>", x, y, swatch, swatch, tint(e.color), e.color)
			x += swatch + 8
		}
		fmt.Fprintf(b, "<text x='%d' y='%d'>%s</text>\n", x, y+swatch-3, escape(e.label))
	}
	b.WriteString("</g>\n")
}

// escape writes a text as XML, on one line.
func escape(s string) string {
	s = strings.ReplaceAll(visible(s), "&", "&amp;")
	s = strings.ReplaceAll(s, "<", "&lt;")
	return strings.ReplaceAll(s, ">", "&gt;")
}
