package graph

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
)

// Drawing is where the parts of a graph are.
type Drawing struct {
	Width, Height int
	Routes        [][]Point // of each edge: where it leaves, bends and arrives
	Back          []bool    // of each edge: it runs from right to left
}

// Point is a place in pixels, with y growing downwards.
type Point struct{ X, Y int }

// Distances in pixels.
const (
	margin    = 24 // around all
	nodeGap   = 22 // between boxes of a column
	lineGap   = 12 // between lines that pass through a column
	columnGap = 84 // between columns, for the edges to bend
	partGap   = 48 // between parts that no edge connects
)

// Lay sorts a graph by ids and gives every node its size and place: services and
// topics in columns of their own, edges from left to right but for as few as
// cycles need, no two boxes over each other. Ends of edges must be nodes.
func (g *Graph) Lay() *Drawing {
	slices.SortFunc(g.Nodes, func(a, b Node) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(g.Edges, func(a, b Edge) int { return strings.Compare(a.ID, b.ID) })
	index := make(map[string]int, len(g.Nodes))
	for i := range g.Nodes {
		n := &g.Nodes[i]
		index[n.ID] = i
		n.Width, n.Height = size(n.Label)
	}
	arcs := make([]arc, len(g.Edges))
	for i, e := range g.Edges {
		arcs[i] = arc{index[e.Source], index[e.Target]}
	}
	d := &Drawing{Routes: make([][]Point, len(g.Edges)), Back: make([]bool, len(g.Edges))}
	g.pack(d, parts(len(g.Nodes), arcs), arcs)
	return d
}

// arc is an edge by the places of its ends in a slice.
type arc struct{ from, to int }

// part is nodes that edges connect, and those edges.
type part struct {
	nodes, edges []int
	*placed
}

// parts splits a graph, in the order of their first nodes.
func parts(nodes int, arcs []arc) []*part {
	root := make([]int, nodes)
	for i := range root {
		root[i] = i
	}
	find := func(i int) int {
		for root[i] != i {
			root[i] = root[root[i]]
			i = root[i]
		}
		return i
	}
	for _, a := range arcs {
		from, to := find(a.from), find(a.to)
		root[max(from, to)] = min(from, to)
	}
	byRoot := make([]*part, nodes)
	var all []*part
	for i := range nodes {
		r := find(i)
		if byRoot[r] == nil {
			byRoot[r] = &part{}
			all = append(all, byRoot[r])
		}
		byRoot[r].nodes = append(byRoot[r].nodes, i)
	}
	for i, a := range arcs {
		p := byRoot[find(a.from)]
		p.edges = append(p.edges, i)
	}
	return all
}

// pack places each part and puts them side by side in rows, large ones first.
// Parts of about one size keep their order, so that one that grows by a little
// stays where it is.
func (g *Graph) pack(d *Drawing, all []*part, arcs []arc) {
	cell, area, widest := 0, 0, 0
	for _, p := range all {
		p.placed = g.place(p, arcs)
		if len(p.nodes) == 1 {
			cell = max(cell, p.width)
		}
	}
	for _, p := range all {
		if len(p.nodes) == 1 {
			p.width = cell // those that stand alone stand in columns
		}
		area += (p.width + partGap) * (p.height + partGap)
		widest = max(widest, p.width)
	}
	slices.SortStableFunc(all, func(a, b *part) int {
		return cmp.Compare(bits.Len(uint(len(b.nodes))), bits.Len(uint(len(a.nodes))))
	})
	widest = max(widest, root(area*8/5))
	x, y, row, alone := 0, 0, 0, false
	for _, p := range all {
		gap := partGap
		if len(p.nodes) == 1 {
			gap = nodeGap
		}
		if x > 0 && (x+p.width > widest || len(p.nodes) == 1 && !alone) {
			x, y, row = 0, y+row+gap, 0
		}
		alone = len(p.nodes) == 1
		g.put(d, p, x+margin, y+margin)
		x += p.width + gap
		row = max(row, p.height)
	}
	for _, n := range g.Nodes {
		d.Width = max(d.Width, n.X+n.Width+margin)
		d.Height = max(d.Height, n.Y+n.Height+margin)
	}
	for _, route := range d.Routes {
		for _, p := range route {
			d.Height = max(d.Height, p.Y+margin)
		}
	}
}

// root is the integer square root.
func root(n int) int {
	r := 0
	for bit := 1 << 30; bit > 0; bit >>= 1 {
		if (r|bit)*(r|bit) <= n {
			r |= bit
		}
	}
	return r
}

func (g *Graph) put(d *Drawing, p *part, x, y int) {
	for i, n := range p.nodes {
		g.Nodes[n].X, g.Nodes[n].Y = p.at[i].X+x, p.at[i].Y+y
	}
	for i, e := range p.edges {
		d.Back[e] = p.back[i]
		for _, point := range p.routes[i] {
			d.Routes[e] = append(d.Routes[e], Point{point.X + x, point.Y + y})
		}
	}
}
