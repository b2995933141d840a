package graph

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// anyGraph draws a graph of a few services and topics with any edges.
func anyGraph(t *rapid.T, acyclic bool) *Graph {
	g := &Graph{}
	services, topics := rapid.IntRange(0, 12).Draw(t, "services"), rapid.IntRange(0, 16).Draw(t, "topics")
	for i := range services {
		g.Nodes = append(g.Nodes, Node{ID: fmt.Sprintf("service--%d", i), Type: Service, Label: rapid.String().Draw(t, "label")})
	}
	for i := range topics {
		g.Nodes = append(g.Nodes, Node{ID: fmt.Sprintf("messaging--%d", i), Type: Topic, Label: rapid.StringN(0, 255, -1).Draw(t, "label")})
	}
	if services == 0 || topics == 0 {
		return g
	}
	// Ranks say who may lead to whom in a graph without cycles.
	connect := func(typ string, from, to Node, fromRank, toRank int) {
		if !acyclic || fromRank < toRank {
			g.Edges = append(g.Edges, Edge{from.ID + "->" + to.ID, typ, from.ID, to.ID})
		}
	}
	for s := range services {
		for topic := range topics {
			sends, reads := rapid.IntRange(0, 3).Draw(t, "sends") == 0, rapid.IntRange(0, 3).Draw(t, "reads") == 0
			if sends {
				connect(ServiceToTopic, g.Nodes[s], g.Nodes[services+topic], 2*s, 2*topic+1)
			}
			if reads {
				connect(TopicToService, g.Nodes[services+topic], g.Nodes[s], 2*topic+1, 2*s)
			}
		}
	}
	return g
}

func nodesByID(g *Graph) map[string]Node {
	all := map[string]Node{}
	for _, n := range g.Nodes {
		all[n.ID] = n
	}
	return all
}

// wellDrawn checks what holds for every drawing.
func wellDrawn(t rapid.TB, g *Graph, d *Drawing) {
	t.Helper()
	for i, a := range g.Nodes {
		if a.X < margin || a.Y < margin || a.X+a.Width > d.Width-margin || a.Y+a.Height > d.Height-margin {
			t.Fatalf("%s at %d, %d is not in the picture of %d × %d", a.ID, a.X, a.Y, d.Width, d.Height)
		}
		for _, b := range g.Nodes[:i] {
			if a.X < b.X+b.Width+8 && b.X < a.X+a.Width+8 && a.Y < b.Y+b.Height+8 && b.Y < a.Y+a.Height+8 {
				t.Fatalf("%s and %s touch", a.ID, b.ID)
			}
		}
	}
	all := nodesByID(g)
	for i, e := range g.Edges {
		from, to, route := all[e.Source], all[e.Target], d.Routes[i]
		first, last := route[0], route[len(route)-1]
		start, end := Point{from.X + from.Width, from.Y + from.Height/2}, Point{to.X, to.Y + to.Height/2}
		if d.Back[i] {
			start.X, end.X = from.X, to.X+to.Width
		}
		if first != start || last != end {
			t.Fatalf("%s runs from %v to %v, not from %v to %v", e.ID, first, last, start, end)
		}
		if (first.X < last.X) == d.Back[i] {
			t.Fatalf("%s runs from %v to %v, back: %v", e.ID, first, last, d.Back[i])
		}
		// Level lines pass between boxes; bends are between columns.
		for j := 2; j < len(route)-1; j += 2 {
			a, b := route[j-1], route[j]
			for _, n := range g.Nodes {
				if a.Y != b.Y || a.Y >= n.Y && a.Y <= n.Y+n.Height && max(a.X, b.X) > n.X && min(a.X, b.X) < n.X+n.Width {
					t.Fatalf("%s runs through %s, from %v to %v", e.ID, n.ID, a, b)
				}
			}
		}
	}
}

func TestAnyGraphIsWellDrawn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := anyGraph(t, false)
		nodes, edges := len(g.Nodes), len(g.Edges)
		d := g.Lay()
		if len(g.Nodes) != nodes || len(g.Edges) != edges || len(d.Routes) != edges {
			t.Fatalf("of %d nodes and %d edges %d, %d and %d routes are left", nodes, edges, len(g.Nodes), len(g.Edges), len(d.Routes))
		}
		wellDrawn(t, g, d)
	})
}

func TestLargeGraphsAreWellDrawn(t *testing.T) {
	for _, services := range []int{8, 60, 400} {
		g := company(services, 2)
		wellDrawn(t, g, g.Lay())
	}
}

func TestALongRowOfServicesIsLaidOutInTimeAndWhole(t *testing.T) {
	g := &Graph{}
	const services = 1000
	for i := range services {
		g.Nodes = append(g.Nodes, Node{ID: fmt.Sprint("service--", i), Type: Service}, Node{ID: fmt.Sprint("messaging--", i), Type: Topic})
	}
	for i := range services {
		for _, reader := range []int{i + 1, i * 7 % services, i * 31 % services} {
			from, to := fmt.Sprint("messaging--", i), fmt.Sprint("service--", reader%services)
			g.Edges = append(g.Edges, Edge{fmt.Sprint(from, to, reader), TopicToService, from, to})
		}
		g.Edges = append(g.Edges, Edge{fmt.Sprint(i), ServiceToTopic, fmt.Sprint("service--", i), fmt.Sprint("messaging--", i)})
	}
	began := time.Now()
	d := g.Lay()
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %v", took)
	}
	for i, a := range g.Nodes {
		for _, b := range g.Nodes[:i] {
			if a.X < b.X+b.Width && b.X < a.X+a.Width && a.Y < b.Y+b.Height && b.Y < a.Y+a.Height {
				t.Fatalf("%s lies over %s", a.ID, b.ID)
			}
		}
	}
	if text := g.SVG(d, ""); len(text) > 4<<20 {
		t.Errorf("the picture is %d bytes", len(text))
	}
}

func TestWithoutCyclesEveryEdgeRunsToTheRight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		if d := anyGraph(t, true).Lay(); slices.Contains(d.Back, true) {
			t.Fatal("an edge runs back")
		}
	})
}

func TestEdgesThatRunBackAreOnCyclesAndAllCyclesHaveOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := anyGraph(t, false)
		d := g.Lay()
		next := map[string][]string{}
		for i, e := range g.Edges {
			if !d.Back[i] {
				next[e.Source] = append(next[e.Source], e.Target)
			}
		}
		for i, e := range g.Edges {
			if d.Back[i] && !leads(next, g, d, e.Target, e.Source) {
				t.Fatalf("%s runs back and is on no cycle", e.ID)
			}
		}
		done, open := map[string]bool{}, map[string]bool{}
		var visit func(id string)
		visit = func(id string) {
			if open[id] {
				t.Fatalf("a cycle through %s runs to the right only", id)
			}
			if done[id] {
				return
			}
			done[id], open[id] = true, true
			for _, n := range next[id] {
				visit(n)
			}
			open[id] = false
		}
		for _, n := range g.Nodes {
			visit(n.ID)
		}
	})
}

// leads tells whether any edges lead from one node to another.
func leads(next map[string][]string, g *Graph, d *Drawing, from, to string) bool {
	all := map[string][]string{}
	for i, e := range g.Edges {
		if d.Back[i] {
			all[e.Source] = append(all[e.Source], e.Target)
		}
	}
	seen, queue := map[string]bool{from: true}, []string{from}
	for len(queue) > 0 {
		id := queue[0]
		queue = queue[1:]
		if id == to {
			return true
		}
		for _, n := range append(slices.Clone(next[id]), all[id]...) {
			if !seen[n] {
				seen[n] = true
				queue = append(queue, n)
			}
		}
	}
	return false
}

func TestTheOrderThatAGraphComesInChangesNothing(t *testing.T) {
	g := company(60, 2)
	shuffled := &Graph{slices.Clone(g.Nodes), slices.Clone(g.Edges)}
	random := rand.New(rand.NewPCG(3, 4))
	random.Shuffle(len(shuffled.Nodes), func(i, j int) {
		shuffled.Nodes[i], shuffled.Nodes[j] = shuffled.Nodes[j], shuffled.Nodes[i]
	})
	random.Shuffle(len(shuffled.Edges), func(i, j int) {
		shuffled.Edges[i], shuffled.Edges[j] = shuffled.Edges[j], shuffled.Edges[i]
	})
	if !reflect.DeepEqual(g.Lay(), shuffled.Lay()) || !reflect.DeepEqual(g, shuffled) {
		t.Error("the same graph in another order is drawn otherwise")
	}
}

func TestColumnsHoldServicesOrTopics(t *testing.T) {
	g := company(60, 2)
	d := g.Lay()
	kinds := map[int]string{} // by the middle of the column
	for _, part := range parts(len(g.Nodes), arcsOf(g)) {
		clear(kinds)
		for _, i := range part.nodes {
			n := g.Nodes[i]
			middle := n.X + n.Width/2
			if other := kinds[middle]; other != "" && other != n.Type {
				t.Errorf("at %d of %d there are services and topics", middle, d.Width)
			}
			kinds[middle] = n.Type
		}
	}
}

func arcsOf(g *Graph) []arc {
	index := map[string]int{}
	for i, n := range g.Nodes {
		index[n.ID] = i
	}
	var arcs []arc
	for _, e := range g.Edges {
		arcs = append(arcs, arc{index[e.Source], index[e.Target]})
	}
	return arcs
}

// What crosses is a heuristic's matter; these are a little more than what it reached.
func TestFewLinesCross(t *testing.T) {
	tree := &Graph{}
	for i := range 15 {
		for _, child := range []int{2*i + 1, 2*i + 2} {
			if child >= 31 {
				continue
			}
			// A node's type goes by its depth.
			from, to := fmt.Sprintf("n--%02d", i), fmt.Sprintf("n--%02d", child)
			tree.Edges = append(tree.Edges, Edge{from + "->" + to, "", from, to})
		}
	}
	for i := range 31 {
		kind := Service
		if int(math.Log2(float64(i+1)))%2 == 1 {
			kind = Topic
		}
		tree.Nodes = append(tree.Nodes, Node{ID: fmt.Sprintf("n--%02d", i), Type: kind})
	}
	for _, c := range []struct {
		name string
		g    *Graph
		most int
	}{
		{"a tree", tree, 0},
		{"8 services", company(8, 2), 4},
		{"60 services", company(60, 2), 260},
		{"400 services", company(400, 2), 14_000},
	} {
		d := c.g.Lay()
		got := crossings(d)
		t.Logf("%s, %d edges: %d crossings", c.name, len(c.g.Edges), got)
		if got > c.most {
			t.Errorf("%s: %d crossings, at most %d are expected", c.name, got, c.most)
		}
	}
}

// A service more is a service less, seen the other way round.
func TestWhenAServiceComesTheOthersMoveLittle(t *testing.T) {
	for _, services := range []int{60, 400} {
		whole := company(services, 2)
		d := whole.Lay()
		before := nodesByID(whole)
		var kept, middle, most []float64 // a value each time a service comes
		for i := range 24 {
			g := without(whole, fmt.Sprintf("service--team-%d-service-%d", i*7%(services/8), i%8))
			g.Lay()
			var moved []float64
			stayed := 0
			for _, n := range g.Nodes {
				was := before[n.ID]
				moved = append(moved, math.Abs(float64(n.Y-was.Y)))
				if math.Abs(float64(n.X-was.X)) < columnGap {
					stayed++
				}
			}
			slices.Sort(moved)
			kept = append(kept, float64(stayed)/float64(len(g.Nodes)))
			middle = append(middle, moved[len(moved)/2]/float64(d.Height))
			most = append(most, moved[len(moved)*9/10]/float64(d.Height))
		}
		mean := func(v []float64) (sum float64) {
			for _, x := range v {
				sum += x / float64(len(v))
			}
			return sum
		}
		t.Logf("%d services: %.1f %% of the nodes stay in their column; half of them move by at most %.1f %% of the picture's height, nine in ten by %.1f %%",
			services, 100*mean(kept), 100*mean(middle), 100*mean(most))
		if mean(kept) < 0.9 || mean(middle) > 0.04 || mean(most) > 0.12 {
			t.Errorf("%d services: too much moves", services)
		}
	}
}
