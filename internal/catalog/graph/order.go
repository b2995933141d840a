package graph

import (
	"cmp"
	"slices"
)

// mesh is a layered graph whose lines connect neighbouring columns only: where
// an edge passes through a column, it has a vertex of its own there.
type mesh struct {
	columns     [][]int // the vertices of each column, from top to bottom
	at          []int   // of each vertex: its place in its column
	left, right [][]int // of each vertex: those that it is connected to
}

func (m *mesh) number(column []int) {
	for i, v := range column {
		m.at[v] = i
	}
}

const (
	sweeps   = 24 // at most
	patience = 6  // sweeps that make it no better
	switches = 8  // passes of exchanging neighbours
)

// order sorts each column so that few lines cross: each vertex goes to the mean
// of those that it is connected to, sweeping from left to right and back, then
// neighbours are exchanged as long as that helps.
func (m *mesh) order() {
	for _, column := range m.columns {
		m.number(column)
	}
	best, fewest := m.copy(), m.crossings()
	for sweep, last := 0, 0; sweep < sweeps && fewest > 0 && sweep-last < patience; sweep++ {
		for i := range m.columns {
			if sweep%2 == 0 {
				m.bySide(m.columns[i], m.left)
			} else {
				m.bySide(m.columns[len(m.columns)-1-i], m.right)
			}
		}
		if n := m.crossings(); n < fewest {
			best, fewest, last = m.copy(), n, sweep
		}
	}
	m.columns = best
	for _, column := range m.columns {
		m.number(column)
	}
	for range switches {
		if !m.exchange() {
			break
		}
	}
}

func (m *mesh) copy() [][]int {
	columns := make([][]int, len(m.columns))
	for i := range columns {
		columns[i] = slices.Clone(m.columns[i])
	}
	return columns
}

// bySide sorts a column by the means of what its vertices are connected to on
// one side. A vertex with nothing there stays where it is.
func (m *mesh) bySide(column []int, side [][]int) {
	mean := make([]float64, len(column))
	for i, v := range column {
		mean[i] = float64(i)
		if len(side[v]) > 0 {
			sum := 0
			for _, u := range side[v] {
				sum += m.at[u]
			}
			mean[i] = float64(sum) / float64(len(side[v]))
		}
	}
	slices.SortStableFunc(column, func(a, b int) int { return cmp.Compare(mean[m.at[a]], mean[m.at[b]]) })
	m.number(column)
}

// crossings counts the pairs of lines that cross.
func (m *mesh) crossings() int {
	total := 0
	var ends, tree []int
	for i := 1; i < len(m.columns); i++ {
		// Sorted by their left ends, two lines cross where the right ends
		// are the other way round. A Fenwick tree counts those.
		ends = ends[:0]
		for _, v := range m.columns[i-1] {
			from := len(ends)
			for _, u := range m.right[v] {
				ends = append(ends, m.at[u])
			}
			slices.Sort(ends[from:])
		}
		tree = append(tree[:0], make([]int, len(m.columns[i])+1)...)
		for seen, end := range ends {
			below := 0
			for j := end + 1; j > 0; j -= j & -j {
				below += tree[j]
			}
			total += seen - below
			for j := end + 1; j < len(tree); j += j & -j {
				tree[j]++
			}
		}
	}
	return total
}

// exchange swaps neighbours in each column where fewer lines cross then, and
// tells whether there were any.
func (m *mesh) exchange() bool {
	better := false
	for _, column := range m.columns {
		for _, v := range column {
			m.sortNeighbours(v)
		}
		for i := 1; i < len(column); i++ {
			u, v := column[i-1], column[i]
			now := m.pair(m.left[u], m.left[v]) + m.pair(m.right[u], m.right[v])
			if now == 0 {
				continue
			}
			if m.pair(m.left[v], m.left[u])+m.pair(m.right[v], m.right[u]) < now {
				column[i-1], column[i] = v, u
				m.at[v], m.at[u] = i-1, i
				better = true
			}
		}
	}
	return better
}

func (m *mesh) sortNeighbours(v int) {
	byPlace := func(a, b int) int { return cmp.Compare(m.at[a], m.at[b]) }
	slices.SortFunc(m.left[v], byPlace)
	slices.SortFunc(m.right[v], byPlace)
}

// pair counts the crossings of the lines to above and to below, both sorted,
// where the vertex of above stands over that of below.
func (m *mesh) pair(above, below []int) int {
	crossings, j := 0, 0
	for _, u := range above {
		for j < len(below) && m.at[below[j]] < m.at[u] {
			j++
		}
		crossings += j
	}
	return crossings
}
