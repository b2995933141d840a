package timeline

import "almanac/internal/store"

// Birth names this scope, and no other that has its id once it is deleted.
func (h Head) Birth() string { return h.birth }

// Ended tells that nobody writes into the scope any more and its past alone is
// read; its last instant is then that of its end.
func (h Head) Ended() bool { return h.ended }

// Unmoved is an op for a transaction of the caller's own. It holds as long as
// no commit and no delete has moved the scope on from h.
func (h Head) Unmoved(scope Scope) store.Op {
	return store.Check(scope.headKey(), store.VersionIs(h.version))
}

// Moved is an op for a transaction of the caller's own. It holds as Unmoved does,
// and changes nothing but that commits which are under way begin again.
func (h Head) Moved(scope Scope) store.Op {
	read := h.version
	h.version++
	return store.Put(h.item(scope), store.VersionIs(read))
}

// Also does ops in the transaction of this commit, if it changes anything. Where
// a condition of theirs does not hold, the change runs again. They are on no key
// of this scope.
func (tx *Tx) Also(ops ...store.Op) { tx.also = append(tx.also, ops...) }
