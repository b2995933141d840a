// Package tenant knows who calls: workspaces, their keys, and what a key may do.
package tenant

// Principal is the caller of a request, proven by a key.
type Principal struct {
	Workspace string // every item the caller can reach lies under it
	ID        string // of the key; a rotated key keeps it
	Label     string // what people see as createdBy
	Role      Role
}

// Role is what a key may do in its workspace.
type Role string

const Owner Role = "owner"

// Scope is a permission that an endpoint asks for, as in "catalog:write".
type Scope string

const (
	CatalogRead  Scope = "catalog:read"
	CatalogWrite Scope = "catalog:write"
)

// May tells whether the role grants the scope.
func (p Principal) May(Scope) bool { return p.Role == Owner }
