// Package tenant knows who calls: workspaces, their keys, and what a key may do.
package tenant

// Principal is the caller of a request, proven by a key.
type Principal struct {
	Workspace string // every item the caller can reach lies under it
	ID        string // of the key; a rotated key keeps it
	Label     string // what people see as createdBy
	Role      Role   // empty: none, the key has scopes of its own
	Scopes    []Scope
	Plan      Plan // empty, of a key that was made on the host, is as Standard
}

// Plan says how much a key may ask for. The limits of each are the host's.
type Plan string

const (
	Free     Plan = "free"
	Standard Plan = "standard"
)

// holds tells whether a caller's plan is at least another one.
func (p Plan) holds(other Plan) bool { return p != Free || other == Free }
