package graph

// layers gives every node of a graph without cycles its column, so that each
// edge runs to the right and edges are short. Services get even columns and
// topics odd ones: an edge connects one of each, so columns hold one kind.
func layers(topic []bool, arcs []arc) []int {
	n := len(topic)
	out, in := adjacency(n, arcs)
	sorted := topological(n, arcs, out, in)
	layer := make([]int, n)
	for v := range n {
		if topic[v] {
			layer[v] = 1
		}
	}
	for _, v := range sorted {
		for _, e := range out[v] {
			layer[arcs[e].to] = max(layer[arcs[e].to], layer[v]+1)
		}
	}
	// What has more edges to the right is moved there as far as they let it,
	// and the other way round. Going right first lets whole chains go.
	const rounds = 8
	for range rounds {
		moved := false
		for i := range sorted {
			v := sorted[n-1-i]
			if len(out[v]) == 0 || len(in[v]) > len(out[v]) {
				continue
			}
			to := layer[arcs[out[v][0]].to] - 1
			for _, e := range out[v] {
				to = min(to, layer[arcs[e].to]-1)
			}
			moved = moved || to != layer[v]
			layer[v] = to
		}
		for _, v := range sorted {
			if len(in[v]) <= len(out[v]) {
				continue
			}
			to := layer[arcs[in[v][0]].from] + 1
			for _, e := range in[v] {
				to = max(to, layer[arcs[e].from]+1)
			}
			moved = moved || to != layer[v]
			layer[v] = to
		}
		if !moved {
			break
		}
	}
	// What may as well be further left is: a topic stays with its producers.
	for _, v := range sorted {
		if len(in[v]) == 0 || len(in[v]) < len(out[v]) {
			continue
		}
		to := layer[arcs[in[v][0]].from] + 1
		for _, e := range in[v] {
			to = max(to, layer[arcs[e].from]+1)
		}
		layer[v] = to
	}
	least := layer[0]
	for _, l := range layer {
		least = min(least, l)
	}
	for v := range layer {
		layer[v] -= least
	}
	return layer
}

// topological lists the nodes so that every edge leads to a later one.
func topological(n int, arcs []arc, out, in [][]int) []int {
	waits := make([]int, n)
	sorted := make([]int, 0, n)
	for v := range n {
		if waits[v] = len(in[v]); waits[v] == 0 {
			sorted = append(sorted, v)
		}
	}
	for i := 0; i < len(sorted); i++ {
		for _, e := range out[sorted[i]] {
			to := arcs[e].to
			if waits[to]--; waits[to] == 0 {
				sorted = append(sorted, to)
			}
		}
	}
	return sorted
}
