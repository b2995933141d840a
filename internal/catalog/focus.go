package catalog

import (
	"maps"
	"slices"

	"almanac/internal/catalog/graph"
)

// around gives the ids of the services and topics that are at most depth edges
// away from those named, or that belong to the groups named. Ids of nothing
// name nothing. Where no id is given, it gives all.
func (e *ProjectEntities) around(ids []string, depth int) map[string]bool {
	shown := map[string]bool{}
	if len(ids) == 0 {
		for id := range e.Services {
			shown[id] = true
		}
		for id := range e.Messaging {
			shown[id] = true
		}
		return shown
	}
	var reached []string
	reach := func(ids ...string) {
		for _, id := range ids {
			if !shown[id] {
				shown[id] = true
				reached = append(reached, id)
			}
		}
	}
	for _, id := range ids {
		if e.Services[id] != nil || e.Messaging[id] != nil {
			reach(id)
		}
		for _, groups := range []map[string]*GroupEntity{e.Categories, e.Owners, e.Flows} {
			if g := groups[id]; g != nil {
				reach(g.Services...)
				reach(g.Messaging...)
			}
		}
	}
	for range depth {
		last := reached
		reached = nil
		for _, id := range last {
			if s := e.Services[id]; s != nil {
				reach(s.Produces...)
				reach(s.Consumes...)
			}
			if m := e.Messaging[id]; m != nil {
				reach(m.Producers...)
				reach(m.Consumers...)
			}
		}
	}
	return shown
}

// graphOf is the graph of the services and topics with these ids, and of all
// edges between them, in the order of ids.
func graphOf(e *ProjectEntities, shown map[string]bool) graph.Graph {
	g := graph.Graph{Nodes: []graph.Node{}, Edges: []graph.Edge{}}
	for _, id := range slices.Sorted(maps.Keys(e.Messaging)) {
		m := e.Messaging[id]
		if shown[id] {
			g.Nodes = append(g.Nodes, e.node(id, graph.Topic, m.Name, m.Category, m.Owner, m.Flows))
		}
		for _, consumer := range m.Consumers {
			if shown[id] && shown[consumer] {
				g.Edges = append(g.Edges, edge(graph.TopicToService, id, consumer))
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(e.Services)) {
		s := e.Services[id]
		if shown[id] {
			g.Nodes = append(g.Nodes, e.node(id, graph.Service, s.Name, s.Category, s.Owner, s.Flows))
		}
		for _, topic := range s.Produces {
			if shown[id] && shown[topic] {
				g.Edges = append(g.Edges, edge(graph.ServiceToTopic, id, topic))
			}
		}
	}
	return g
}

func edge(typ, source, target string) graph.Edge {
	return graph.Edge{ID: source + "->" + target, Type: typ, Source: source, Target: target}
}

func (e *ProjectEntities) node(id, typ, label, category, owner string, flows []string) graph.Node {
	n := graph.Node{
		ID: id, Type: typ, Label: label, Category: category, Owner: owner,
		Flows: flows, FlowLabels: []string{}, FlowColors: []string{},
	}
	if c := e.Categories[category]; c != nil {
		n.CategoryLabel, n.CategoryColor = c.Name, c.Color
	}
	if o := e.Owners[owner]; o != nil {
		n.OwnerLabel, n.OwnerColor = o.Name, o.Color
	}
	for _, flow := range flows {
		n.FlowLabels = append(n.FlowLabels, e.Flows[flow].Name)
		n.FlowColors = append(n.FlowColors, e.Flows[flow].Color)
	}
	return n
}
