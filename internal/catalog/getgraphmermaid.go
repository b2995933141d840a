package catalog

import (
	"context"

	"almanac/internal/tenant"
)

// MermaidAnswer is a graph as the text of a Mermaid flowchart.
type MermaidAnswer struct {
	text string
	seen
}

func (a MermaidAnswer) Text() string    { return a.text }
func (MermaidAnswer) MediaType() string { return "text/plain; charset=utf-8" }

// GetGraphMermaid is GetGraph for documents that Mermaid draws.
func (c *Catalog) GetGraphMermaid(ctx context.Context, p tenant.Principal, in GetGraphInput) (MermaidAnswer, error) {
	g, seen, err := c.graph(ctx, p, in)
	if err != nil {
		return MermaidAnswer{}, err
	}
	return MermaidAnswer{g.Mermaid(), seen}, nil
}
