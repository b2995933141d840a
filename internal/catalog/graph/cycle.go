package graph

// backward finds edges without which a graph has no cycle, few of them: those
// that run against an order of the nodes made by the heuristic of Eades, Lin
// and Smyth, within each strongly connected part. An edge that is on no cycle is
// never among them.
func backward(n int, arcs []arc) []bool {
	out, in := adjacency(n, arcs)
	component := strong(n, arcs, out)
	inside := func(a arc) bool { return component[a.from] == component[a.to] }
	// outs and ins count the edges inside to nodes that are not taken yet.
	outs, ins := make([]int, n), make([]int, n)
	for _, a := range arcs {
		if inside(a) {
			outs[a.from]++
			ins[a.to]++
		}
	}
	members := make([][]int, n)
	for v, c := range component {
		members[c] = append(members[c], v)
	}
	rank := make([]int, n)
	for _, nodes := range members {
		eades(nodes, arcs, out, in, inside, outs, ins, rank)
	}
	back := make([]bool, len(arcs))
	for i, a := range arcs {
		back[i] = inside(a) && rank[a.from] > rank[a.to]
	}
	return back
}

// eades ranks the nodes of one strongly connected part: sinks last, sources
// first, and where there is neither, the node with the most edges to spare.
func eades(nodes []int, arcs []arc, out, in [][]int, inside func(arc) bool, outs, ins, rank []int) {
	first, last := 0, len(nodes)-1
	left := append([]int(nil), nodes...)
	taken := make(map[int]bool, len(nodes))
	for len(left) > 0 {
		best, sink := 0, false
		for i, v := range left {
			if outs[v] == 0 {
				best, sink = i, true
				break
			}
			if u := left[best]; ins[u] != 0 && (ins[v] == 0 || outs[v]-ins[v] > outs[u]-ins[u]) {
				best = i
			}
		}
		v := left[best]
		left = append(left[:best], left[best+1:]...)
		taken[v] = true
		if sink {
			rank[v] = last
			last--
		} else {
			rank[v] = first
			first++
		}
		for _, e := range out[v] {
			if a := arcs[e]; inside(a) && !taken[a.to] {
				ins[a.to]--
			}
		}
		for _, e := range in[v] {
			if a := arcs[e]; inside(a) && !taken[a.from] {
				outs[a.from]--
			}
		}
	}
}

// adjacency gives, for each node, the edges that leave it and that reach it.
func adjacency(n int, arcs []arc) (out, in [][]int) {
	out, in = make([][]int, n), make([][]int, n)
	for i, a := range arcs {
		out[a.from] = append(out[a.from], i)
		in[a.to] = append(in[a.to], i)
	}
	return out, in
}

// strong numbers the strongly connected parts by Tarjan's algorithm, without
// recursion, so that a long chain needs no deep stack.
func strong(n int, arcs []arc, out [][]int) []int {
	component, index, low := make([]int, n), make([]int, n), make([]int, n)
	onStack := make([]bool, n)
	var stack []int
	type frame struct{ node, next int }
	var calls []frame
	counter, components := 0, 0
	for start := range n {
		if index[start] != 0 {
			continue
		}
		calls = append(calls, frame{start, 0})
		for len(calls) > 0 {
			f := &calls[len(calls)-1]
			v := f.node
			if f.next == 0 {
				counter++
				index[v], low[v] = counter, counter
				stack = append(stack, v)
				onStack[v] = true
			}
			if f.next < len(out[v]) {
				w := arcs[out[v][f.next]].to
				f.next++
				if index[w] == 0 {
					calls = append(calls, frame{w, 0})
				} else if onStack[w] {
					low[v] = min(low[v], index[w])
				}
				continue
			}
			calls = calls[:len(calls)-1]
			if len(calls) > 0 {
				u := calls[len(calls)-1].node
				low[u] = min(low[u], low[v])
			}
			if low[v] != index[v] {
				continue
			}
			for {
				w := stack[len(stack)-1]
				stack = stack[:len(stack)-1]
				onStack[w] = false
				component[w] = components
				if w == v {
					break
				}
			}
			components++
		}
	}
	return component
}
