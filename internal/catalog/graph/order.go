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

// More sweeps, or a choice among their outcomes, would save one crossing in ten,
// but a service more or less would then move all others.
const (
	sweeps = 2
	passes = 8  // at most, of sifting
	reach  = 24 // places up or down that a vertex is sifted
)

// order sorts each column so that few lines cross. It begins with the order of
// ids, as columns have it: each vertex goes to the mean of those that it is
// connected to, from left to right and back, then to where it crosses least.
func (m *mesh) order() {
	for _, column := range m.columns {
		m.number(column)
	}
	for sweep := range sweeps {
		for i := range m.columns {
			if sweep%2 == 0 {
				m.bySide(m.columns[i], m.left)
			} else {
				m.bySide(m.columns[len(m.columns)-1-i], m.right)
			}
		}
	}
	for range passes {
		if !m.siftAll() {
			break
		}
	}
}

func (m *mesh) number(column []int) {
	for i, v := range column {
		m.at[v] = i
	}
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

// siftAll moves each vertex up or down to where the fewest lines cross, and
// tells whether any moved.
func (m *mesh) siftAll() bool {
	better := false
	for _, column := range m.columns {
		for _, v := range column {
			m.sortNeighbours(v)
		}
		for _, v := range slices.Clone(column) {
			better = m.sift(column, v) || better
		}
	}
	return better
}

func (m *mesh) sift(column []int, v int) bool {
	from := m.at[v]
	to, least := from, 0
	for _, step := range []int{-1, 1} {
		change := 0
		for i := from + step; i >= 0 && i < len(column) && (i-from)*step <= reach; i += step {
			u := column[i]
			over := m.pair(m.left[v], m.left[u]) + m.pair(m.right[v], m.right[u])
			under := m.pair(m.left[u], m.left[v]) + m.pair(m.right[u], m.right[v])
			change += (under - over) * step
			if change < least {
				to, least = i, change
			}
		}
	}
	for i := from; i != to; m.at[column[i]], i = i, i+cmp.Compare(to, from) {
		column[i] = column[i+cmp.Compare(to, from)]
	}
	column[to], m.at[v] = v, to
	return to != from
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
