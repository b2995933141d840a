package graph

import (
	"fmt"
	"strings"
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
	for _, r := range strings.Join(strings.Fields(visible(label)), " ") {
		if r == ' ' || r >= 0x80 || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "#%d;", r)
		}
	}
	return b.String()
}
