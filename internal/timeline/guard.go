package timeline

import "almanac/internal/store"

// Birth names this scope, and no other that has its id once it is deleted.
func (h Head) Birth() string { return h.birth }

// Unmoved is an op for a transaction of the caller's own. It holds as long as
// no commit and no delete has moved the scope on from h.
func (h Head) Unmoved(scope Scope) store.Op {
	return store.Check(scope.headKey(), store.VersionIs(h.version))
}
