package graph

import (
	"math"
	"slices"
)

// placed is a part of a graph with its upper left corner at 0, 0.
type placed struct {
	width, height int
	at            []Point // of each node: the upper left corner of its box
	routes        [][]Point
	back          []bool
}

// place lays out one part.
func (g *Graph) place(p *part, arcs []arc) *placed {
	local := make(map[int]int, len(p.nodes))
	topic := make([]bool, len(p.nodes))
	for i, n := range p.nodes {
		local[n] = i
		topic[i] = g.Nodes[n].Type == Topic
	}
	own := make([]arc, len(p.edges))
	for i, e := range p.edges {
		own[i] = arc{local[arcs[e].from], local[arcs[e].to]}
	}
	back := backward(len(p.nodes), own)
	for i, b := range back {
		if b {
			own[i] = arc{own[i].to, own[i].from}
		}
	}
	m, chains := meshOf(layers(topic, own), own, back)
	m.order()

	height := make([]int, len(m.at))
	for i, n := range p.nodes {
		height[i] = g.Nodes[n].Height
	}
	middle := m.heights(height, len(p.nodes))
	out := &placed{back: back, at: make([]Point, len(p.nodes)), routes: make([][]Point, len(own))}
	left, right := make([]int, len(m.at)), make([]int, len(m.at)) // the sides of each vertex
	x := 0
	for _, column := range m.columns {
		width := 0
		for _, v := range column {
			if v < len(p.nodes) {
				width = max(width, g.Nodes[p.nodes[v]].Width)
			}
		}
		for _, v := range column {
			left[v], right[v] = x, x+width
			if v < len(p.nodes) {
				own := g.Nodes[p.nodes[v]].Width
				left[v] = x + (width-own)/2
				right[v] = left[v] + own
				out.at[v] = Point{left[v], middle[v] - height[v]/2}
			}
			out.height = max(out.height, middle[v]+height[v]-height[v]/2)
		}
		out.width = x + width
		x += width + columnGap
	}
	for i, chain := range chains {
		route := []Point{{right[chain[0]], middle[chain[0]]}}
		for _, v := range chain[1 : len(chain)-1] {
			route = append(route, Point{left[v], middle[v]}, Point{right[v], middle[v]})
		}
		last := chain[len(chain)-1]
		route = append(route, Point{left[last], middle[last]})
		if back[i] {
			slices.Reverse(route)
		}
		out.routes[i] = route
	}
	return out
}

// mostPassing is how often edges may pass columns for all of them to be routed.
const mostPassing = 40_000

// routed is the length of the longest edges that are routed between boxes. Where
// many services stand in a row there may be more long edges than one can follow
// or afford: the longest ones are drawn straight, behind the boxes.
func routed(layer []int, arcs []arc) int {
	ofLength := make([]int, slices.Max(layer)+1)
	for _, a := range arcs {
		ofLength[layer[a.to]-layer[a.from]]++
	}
	passing := 0
	for length, n := range ofLength {
		if passing += n * length; passing > mostPassing {
			return length - 1
		}
	}
	return len(ofLength)
}

// meshOf puts a vertex into each column that an edge passes. Edges of one kind
// that leave one node share them, or those that reach one, whichever are more:
// they are drawn as one line that forks. It also gives each edge's vertices
// from left to right.
func meshOf(layer []int, arcs []arc, back []bool) (*mesh, [][]int) {
	m := &mesh{columns: make([][]int, slices.Max(layer)+1)}
	vertices, owner := len(layer), []int{}
	for v, l := range layer {
		m.columns[l] = append(m.columns[l], v)
		owner = append(owner, v)
	}
	type passing struct {
		hub, column int
		leave, back bool
	}
	shared := map[passing]int{}
	longest := routed(layer, arcs)
	out, in := adjacency(len(layer), arcs)
	type line struct{ from, to int }
	connected := map[line]bool{}
	var lines []line
	chains := make([][]int, len(arcs))
	for i, a := range arcs {
		if layer[a.to]-layer[a.from] > longest {
			chains[i] = []int{a.from, a.to}
			continue
		}
		chain := []int{a.from}
		for column := layer[a.from] + 1; column < layer[a.to]; column++ {
			key := passing{a.from, column, true, back[i]}
			if len(in[a.to]) > len(out[a.from]) {
				key = passing{a.to, column, false, back[i]}
			}
			v, ok := shared[key]
			if !ok {
				v = vertices
				vertices++
				shared[key] = v
				m.columns[column] = append(m.columns[column], v)
				owner = append(owner, a.from)
			}
			chain = append(chain, v)
		}
		chain = append(chain, a.to)
		chains[i] = chain
		for j := 1; j < len(chain); j++ {
			if l := (line{chain[j-1], chain[j]}); !connected[l] {
				connected[l] = true
				lines = append(lines, l)
			}
		}
	}
	m.at = make([]int, vertices)
	m.left, m.right = make([][]int, vertices), make([][]int, vertices)
	for _, l := range lines {
		m.right[l.from] = append(m.right[l.from], l.to)
		m.left[l.to] = append(m.left[l.to], l.from)
	}
	for _, column := range m.columns {
		slices.SortStableFunc(column, func(a, b int) int { return owner[a] - owner[b] })
	}
	return m, chains
}

// heights gives the middle of each vertex: in the order of its column, with
// the gaps kept, and as near as that allows to what it is connected to. The
// first so many vertices are nodes; the others are lines that pass.
func (m *mesh) heights(height []int, nodes int) []int {
	y := make([]float64, len(m.at))
	offsets := make([][]float64, len(m.columns))
	for c, column := range m.columns {
		offsets[c] = make([]float64, len(column))
		for i := 1; i < len(column); i++ {
			above, below := column[i-1], column[i]
			gap := lineGap
			if above < nodes && below < nodes {
				gap = nodeGap
			}
			offsets[c][i] = offsets[c][i-1] + float64(height[above]-height[above]/2+height[below]/2+gap)
		}
		for i, v := range column {
			y[v] = offsets[c][i]
		}
	}
	const rounds = 16
	for round := range rounds {
		for i := range m.columns {
			c := i
			if round%2 == 1 {
				c = len(m.columns) - 1 - i
			}
			m.settle(c, offsets[c], y, nodes, round)
		}
	}
	top := math.Inf(1)
	for v := range y {
		y[v] = math.Round(y[v])
		top = min(top, y[v]-float64(height[v]/2))
	}
	middle := make([]int, len(y))
	for v := range y {
		middle[v] = int(y[v] - top)
	}
	return middle
}

// settle moves a column's vertices to where they want to be, as near as their
// order and gaps allow: the least sum of squares, by pooling adjacent violators.
func (m *mesh) settle(c int, offset, y []float64, nodes, round int) {
	type block struct {
		sum, weight float64
		end         int
	}
	var blocks []block
	for i, v := range m.columns[c] {
		want, weight := m.wanted(v, y, nodes, round)
		b := block{(want - offset[i]) * weight, weight, i + 1}
		for len(blocks) > 0 {
			last := blocks[len(blocks)-1]
			if last.sum*b.weight < b.sum*last.weight {
				break
			}
			b.sum, b.weight = b.sum+last.sum, b.weight+last.weight
			blocks = blocks[:len(blocks)-1]
		}
		blocks = append(blocks, b)
	}
	i := 0
	for _, b := range blocks {
		// Whole numbers keep the gaps when all is rounded.
		for at := math.Round(b.sum / b.weight); i < b.end; i++ {
			y[m.columns[c][i]] = at + offset[i]
		}
	}
}

// wanted is the height that a vertex would have by itself, and how much that
// counts: the mean of its neighbours, of those on the side that the sweep comes
// from at first, then of all. Long edges are straightened more than others.
func (m *mesh) wanted(v int, y []float64, nodes, round int) (want, weight float64) {
	sides := [2][]int{m.left[v], m.right[v]}
	if round < 4 {
		sides[1-round%2] = nil
	}
	for _, side := range sides {
		for _, u := range side {
			w := 1.0
			if u >= nodes || v >= nodes {
				w = 2
			}
			want += w * y[u]
			weight += w
		}
	}
	if weight == 0 {
		return y[v], 0.01
	}
	return want / weight, weight
}
