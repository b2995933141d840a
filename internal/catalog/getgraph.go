package catalog

import (
	"context"

	"almanac/internal/catalog/graph"
	"almanac/internal/fault"
	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type GetGraphInput struct {
	ProjectID   string            `path:"projectId" doc:"The project's id" example:"my-project-a1b2c"`
	FilteredIDs []string          `query:"filteredIds" doc:"Ids of entities to show what is around them; separated by commas, or repeated. Without any, all is shown"`
	Depth       int               `query:"depth" check:"minimum=0,maximum=5" default:"1" doc:"How many edges around the filteredIds are shown"`
	At          *timeline.Instant `query:"at" doc:"RFC 3339 instant to read the past at; without it, now"`
}

// GraphAnswer is a graph with what its answer says of it.
type GraphAnswer struct {
	graph graph.Graph
	seen
}

func (a GraphAnswer) Body() any { return a.graph }

// errGraphTooLarge is what a graph becomes that is too large for an answer.
var errGraphTooLarge = fault.BadRequest("the graph is more than one answer carries; ask for a part of it with filteredIds, and a small depth")

func (seen) TooLarge() *fault.Error { return errGraphTooLarge }

// GetGraph reads who produces and consumes what, at one instant and laid out.
func (c *Catalog) GetGraph(ctx context.Context, p tenant.Principal, in GetGraphInput) (GraphAnswer, error) {
	g, seen, err := c.graph(ctx, p, in)
	if err != nil {
		return GraphAnswer{}, err
	}
	if _, err := lay(&g); err != nil {
		return GraphAnswer{}, err
	}
	return GraphAnswer{g, seen}, nil
}

// graph reads the graph, not laid out yet.
func (c *Catalog) graph(ctx context.Context, p tenant.Principal, in GetGraphInput) (graph.Graph, seen, error) {
	e, err := c.entities(ctx, p, GetEntitiesInput{in.ProjectID, in.At})
	if err != nil {
		return graph.Graph{}, seen{}, err
	}
	return graphOf(e, e.around(in.FilteredIDs, in.Depth)), e.seen, nil
}

// The most that is laid out: more of it would not fit into an answer.
const (
	maxNodes = 8_000
	maxEdges = 16_000
)

func lay(g *graph.Graph) (*graph.Drawing, error) {
	if len(g.Nodes) > maxNodes || len(g.Edges) > maxEdges {
		return nil, errGraphTooLarge
	}
	return g.Lay(), nil
}
