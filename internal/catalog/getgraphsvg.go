package catalog

import (
	"context"

	"almanac/internal/tenant"
)

// SVGAnswer is a graph as a picture.
type SVGAnswer struct {
	text string
	seen
}

func (a SVGAnswer) Text() string    { return a.text }
func (SVGAnswer) MediaType() string { return "image/svg+xml" }

// GetGraphSvg is GetGraph as a picture.
func (c *Catalog) GetGraphSvg(ctx context.Context, p tenant.Principal, in GetGraphInput) (SVGAnswer, error) {
	g, seen, err := c.graph(ctx, p, in)
	if err != nil {
		return SVGAnswer{}, err
	}
	drawing, err := lay(&g)
	if err != nil {
		return SVGAnswer{}, err
	}
	// The project's name is none of it: it may change, the picture of an instant not.
	title := "Services and topics"
	if in.At != nil {
		title += " at " + seen.instant.String()
	}
	return SVGAnswer{g.SVG(drawing, title), seen}, nil
}
