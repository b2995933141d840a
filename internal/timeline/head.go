package timeline

import (
	"context"
	"crypto/rand"
	mathrand "math/rand/v2"

	"almanac/internal/store"
)

// CreateScope makes an empty scope, together with the ops of also. Errors:
// ErrScopeExists, ErrTooLarge, or the store's: for a condition of also that
// failed its Op is the index into also.
func (t *Timeline) CreateScope(ctx context.Context, scope Scope, body []byte, by Actor, also ...store.Op) (Head, error) {
	if !scope.storable() {
		return Head{}, &Error{Kind: BadKey, Scope: scope, Key: scope.ID}
	}
	if len(body) > MaxBody {
		return Head{}, &Error{Kind: TooLarge, Scope: scope, Key: scope.ID}
	}
	ctx, cancel := bounded(ctx)
	defer cancel()

	id := rand.Text()
	stamp := Stamp{t.instantAfter(0), by}
	head := Head{
		ID: scope.ID, Body: body, Created: stamp, Updated: stamp, Revision: 1, birth: id, commit: id,
		// Not 1: a writer that still holds the head of a deleted scope
		// must not match that of a new one with the same id.
		version: mathrand.Int64N(1 << 52),
	}
	ops := append([]store.Op{
		store.Put(head.item(scope), store.Absent()),
		store.Put(head.log(scope, Create, nil), store.Condition{}),
	}, also...)
	err := t.apply(ctx, ops, func() (bool, error) {
		found, err := t.readHead(ctx, scope)
		return err == nil && found.birth == id, ignoreNotFound(err)
	})
	if e, ok := condition(err); ok && e.Op == 0 {
		return Head{}, &Error{Kind: ScopeExists, Scope: scope}
	}
	if err != nil {
		return Head{}, scope.failed("create", alsoFailed(err, 2))
	}
	return head, nil
}

// Head reads a scope, or gives ErrNoSuchScope.
func (t *Timeline) Head(ctx context.Context, scope Scope) (Head, error) {
	if !scope.storable() {
		return Head{}, &Error{Kind: NoSuchScope, Scope: scope}
	}
	head, err := t.readHead(ctx, scope)
	if store.KindOf(err) == store.NotFound || err == nil && head.hidden() {
		return Head{}, &Error{Kind: NoSuchScope, Scope: scope}
	}
	if err != nil {
		return Head{}, scope.failed("read", err)
	}
	return head, nil
}

// Heads reads all scopes of a directory, in the order of their ids.
func (t *Timeline) Heads(ctx context.Context, directory string) ([]Head, error) {
	items, err := t.store.Range(ctx, store.Query{Partition: directory})
	if err != nil {
		return nil, Scope{ID: directory}.failed("list", err)
	}
	heads := make([]Head, 0, len(items))
	for _, item := range items {
		head, err := decodeHead(item)
		if err != nil {
			return nil, Scope{ID: directory}.failed("list", err)
		}
		if !head.hidden() {
			heads = append(heads, head)
		}
	}
	return heads, nil
}

// hidden tells whether the scope is not there for anybody but Maintain.
func (h Head) hidden() bool { return h.deleting || h.lease != 0 }

// readHead also reads the head of a hidden scope. Its errors are the store's,
// unwrapped.
func (t *Timeline) readHead(ctx context.Context, scope Scope) (Head, error) {
	item, err := t.store.Get(ctx, scope.headKey())
	if err != nil {
		return Head{}, err
	}
	return decodeHead(item)
}

func ignoreNotFound(err error) error {
	if store.KindOf(err) == store.NotFound {
		return nil
	}
	return err
}
