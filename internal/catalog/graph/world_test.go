package graph

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// company is a graph as a company of so many services may have it: teams of
// eight in four tiers, each of which writes about so many topics; most topics
// are read in the next tier of the team, some in the same or the next tier of
// another, a few in earlier tiers; and one service in forty reads from all.
func company(services, topicsEach int) *Graph {
	random := rand.New(rand.NewPCG(1, uint64(services)))
	g := &Graph{}
	const team = 8
	seen := map[string]bool{}
	connect := func(typ, from, to string) {
		if id := from + "->" + to; !seen[id] {
			seen[id] = true
			g.Edges = append(g.Edges, Edge{id, typ, from, to})
		}
	}
	for i := range services {
		category := fmt.Sprintf("category--area-%d", i/team%12)
		id := fmt.Sprintf("service--team-%d-service-%d", i/team, i%team)
		g.Nodes = append(g.Nodes, Node{
			ID: id, Type: Service, Label: fmt.Sprintf("Team %d service %d", i/team, i%team),
			Category: category, CategoryLabel: category[len("category--"):], CategoryColor: Color(category),
		})
	}
	for i := range services {
		for range random.IntN(2*topicsEach-1) + 1 {
			n := len(g.Nodes) - services
			topic := fmt.Sprintf("messaging--team-%d-event-%d", i/team, n)
			owner := g.Nodes[i]
			g.Nodes = append(g.Nodes, Node{
				ID: topic, Type: Topic, Label: fmt.Sprintf("team-%d.event-%d.happened", i/team, n),
				Category: owner.Category, CategoryLabel: owner.CategoryLabel, CategoryColor: owner.CategoryColor,
			})
			connect(ServiceToTopic, owner.ID, topic)
			for range 1 + random.IntN(2) {
				first, tier := i/team*team, i%team/2
				other := random.IntN((services+team-1)/team) * team
				reader := first + 2*tier + 2 + random.IntN(2)
				switch p := random.IntN(100); {
				case tier == 3 && p < 50, p < 5:
					continue
				case p < 8:
					reader = first + random.IntN(team)
				case tier == 3, p < 20:
					reader = other + min(2*tier+random.IntN(4), team-1)
				case p < 25:
					reader = other/40*40 + team - 1
				}
				if reader < services && reader != i {
					connect(TopicToService, topic, g.Nodes[reader].ID)
				}
			}
		}
	}
	return g
}

// without is a copy of a graph without a service, and without the topics that
// only it has to do with.
func without(g *Graph, id string) *Graph {
	c := &Graph{}
	used := map[string]bool{}
	for _, e := range g.Edges {
		if e.Source != id && e.Target != id {
			c.Edges = append(c.Edges, e)
			used[e.Source], used[e.Target] = true, true
		}
	}
	for _, n := range g.Nodes {
		if n.ID != id && (n.Type == Service || used[n.ID]) {
			c.Nodes = append(c.Nodes, n)
		}
	}
	return c
}

func BenchmarkLay(b *testing.B) {
	for _, size := range []struct{ services, topics int }{{8, 2}, {60, 2}, {400, 2}, {1000, 3}} {
		b.Run(fmt.Sprintf("%d services", size.services), func(b *testing.B) {
			g := company(size.services, size.topics)
			b.ReportAllocs()
			for b.Loop() {
				g.Lay()
			}
			d := g.Lay()
			b.ReportMetric(float64(len(g.Nodes)), "nodes")
			b.ReportMetric(float64(len(g.Edges)), "edges")
			b.ReportMetric(float64(crossings(d)), "crossings")
			b.ReportMetric(float64(len(g.SVG(d, ""))), "svg-bytes")
		})
	}
}

// crossings counts the pairs of lines that cross, each bend taken as straight.
// What edges share counts once.
func crossings(d *Drawing) int {
	type line struct{ from, to Point }
	var lines []line
	seen := map[line]bool{}
	for _, route := range d.Routes {
		for i := 1; i < len(route); i++ {
			l := line{route[i-1], route[i]}
			if l.from.X > l.to.X {
				l.from, l.to = l.to, l.from
			}
			if !seen[l] {
				seen[l] = true
				lines = append(lines, l)
			}
		}
	}
	slices.SortFunc(lines, func(a, b line) int { return a.from.X - b.from.X })
	at := func(l line, x int) float64 {
		return float64(l.from.Y) + float64(l.to.Y-l.from.Y)*float64(x-l.from.X)/float64(l.to.X-l.from.X)
	}
	total := 0
	for i, a := range lines {
		for _, b := range lines[i+1:] {
			if b.from.X >= a.to.X {
				break
			}
			end := min(a.to.X, b.to.X)
			if (at(a, b.from.X)-at(b, b.from.X))*(at(a, end)-at(b, end)) < 0 {
				total++
			}
		}
	}
	return total
}
