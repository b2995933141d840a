package localhost

import (
	"net"
	"net/http"
	"sync"
)

// newcomers are the connections that have sent nothing yet: a browser opens
// some in advance. A server that stops would take each for a request that is
// about to come, and wait five seconds for it: https://go.dev/issue/22682.
type newcomers struct {
	mu     sync.Mutex
	conns  map[net.Conn]bool
	closed bool
}

// note is told of every change of a connection's state.
func (n *newcomers) note(c net.Conn, state http.ConnState) {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case state != http.StateNew:
		delete(n.conns, c)
	case n.closed:
		c.Close()
	case n.conns == nil:
		n.conns = map[net.Conn]bool{c: true}
	default:
		n.conns[c] = true
	}
}

// close ends those that are there, and those that were on their way in.
func (n *newcomers) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.closed = true
	for c := range n.conns {
		c.Close()
	}
}
