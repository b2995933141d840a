package graph

import (
	"fmt"
	"strings"
	"unicode"
)

// Mermaid writes a graph as a Mermaid flowchart: services are boxes, topics stadiums.
func (g *Graph) Mermaid() string {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	for _, n := range g.Nodes {
		shape := `["%s"]`
		if n.Type == Topic {
			shape = `(["%s"])`
		}
		fmt.Fprintf(&b, "    %s"+shape+"\n", mermaidID(n.ID), mermaidLabel(n.Label))
	}
	for _, e := range g.Edges {
		fmt.Fprintf(&b, "    %s --> %s\n", mermaidID(e.Source), mermaidID(e.Target))
	}
	return b.String()
}

// mermaidID is an id without what Mermaid reads as an arrow. A slug has no
// underscore, so that two ids stay two; and no keyword stands alone in it.
func mermaidID(id string) string { return strings.ReplaceAll(id, "-", "_") }

// mermaidLabel gives every character that could mean something to Mermaid, to
// Markdown or to HTML as Mermaid's own entity, by its number.
func mermaidLabel(label string) string {
	var b strings.Builder
	for _, r := range harmless(strings.Join(strings.Fields(visible(label)), " ")) {
		switch {
		case r == ' ', 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', r >= 0x80 && !unicode.In(r, unicode.Cf, unicode.Z):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "#%d;", r)
		}
	}
	return b.String()
}

// harmless tears apart what Mermaid looks for even inside quotes, by a space of
// another kind or one that nobody sees: a statement, and what it writes for
// entities itself while it works.
func harmless(label string) string {
	label = strings.ReplaceAll(label, "direction ", "direction\u00a0")
	label = strings.ReplaceAll(label, "ﬂ°", "ﬂ\u200b°")
	return strings.ReplaceAll(label, "¶ß", "¶\u200bß")
}
