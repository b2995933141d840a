package tenant

import (
	"slices"
	"strings"

	"almanac/internal/fault"
)

// Scope is a permission that an endpoint asks for. The write scope of an API
// includes its read scope; admin includes none, and is asked for beside another
// one by what only administrators do.
type Scope string

const (
	CatalogRead  Scope = "catalog:read"
	CatalogWrite Scope = "catalog:write"
	NetworkRead  Scope = "network:read"
	NetworkWrite Scope = "network:write"
	ComputeRead  Scope = "compute:read"
	ComputeWrite Scope = "compute:write"
	Admin        Scope = "admin"
)

// allScopes has every scope once, in the order in which keys show theirs.
var allScopes = []Scope{CatalogRead, CatalogWrite, NetworkRead, NetworkWrite, ComputeRead, ComputeWrite, Admin}

// Role is a set of scopes with a name. A key has either a role or scopes.
type Role string

const (
	Owner         Role = "owner"
	Administrator Role = "admin"
	Member        Role = "member"
	Viewer        Role = "viewer"
)

// Scopes are what a role grants. Owner and admin grant the same; an owner is
// who made the workspace on its host. No other role grants anything.
func (r Role) Scopes() []Scope {
	switch r {
	case Owner, Administrator:
		return allScopes
	case Member:
		return allScopes[:6:6]
	case Viewer:
		return viewerScopes
	}
	return nil
}

var viewerScopes = []Scope{CatalogRead, NetworkRead, ComputeRead}

// May tells whether the caller holds a scope.
func (p Principal) May(s Scope) bool { return grants(p.Role.Scopes(), s) || grants(p.Scopes, s) }

func grants(held []Scope, s Scope) bool {
	if slices.Contains(held, s) {
		return true
	}
	api, read := strings.CutSuffix(string(s), ":read")
	return read && slices.Contains(held, Scope(api+":write"))
}

var errForbidden = fault.New(fault.Forbidden, "forbidden", "Forbidden")

// Require returns a forbidden error that names the scope unless the caller holds it.
func (p Principal) Require(s Scope) error {
	if p.May(s) {
		return nil
	}
	return errForbidden.Detailf("the key lacks the scope %s", s)
}

// mayGrant returns a forbidden error unless the caller holds all that a key
// with these scopes and this plan would.
func (p Principal) mayGrant(scopes []Scope, plan Plan) error {
	for _, s := range scopes {
		if !p.May(s) {
			return errForbidden.Detailf("the key lacks the scope %s, so it cannot grant it", s)
		}
	}
	if !p.Plan.holds(plan) {
		return errForbidden.Detailf("the key is in the plan %s, so it cannot grant a larger one", p.Plan)
	}
	return nil
}
