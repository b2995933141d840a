package timeline

import (
	"context"
	"crypto/rand"
	mathrand "math/rand/v2"
	"slices"

	"almanac/internal/store"
)

// CreateScope makes an empty scope, together with the ops of also. Errors:
// ErrScopeExists, ErrTooLarge, or the store's: for a condition of also that
// failed its Op is the index into also.
func (t *Timeline) CreateScope(ctx context.Context, scope Scope, body []byte, by Actor, also ...store.Op) (Head, error) {
	return t.CreateScopeWith(ctx, scope, body, by, nil, also...)
}

// CreateScopeWith is CreateScope of a scope that holds documents from its first
// instant on. Keys differ.
func (t *Timeline) CreateScopeWith(ctx context.Context, scope Scope, body []byte, by Actor, documents []Document, also ...store.Op) (Head, error) {
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
	head.logs = []int{len(documents)}
	var events []eventRecord
	var items []store.Op
	for _, doc := range documents {
		if !storableKey(doc.Key) {
			return Head{}, &Error{Kind: BadKey, Scope: scope, Key: doc.Key}
		}
		if len(doc.Body) > MaxBody {
			return Head{}, &Error{Kind: TooLarge, Scope: scope, Key: doc.Key}
		}
		s := doc.opened(stamp)
		items = append(items, store.Put(live{Snapshot: s, since: s.From}.item(scope), store.Condition{}))
		events = append(events, s.created())
		head.wrote = append(head.wrote, written{Key: doc.Key})
	}
	head.Sequence, head.Live = int64(len(documents)), len(documents)
	ops := slices.Concat([]store.Op{
		store.Put(head.item(scope), store.Absent()),
		store.Put(head.log(scope, Create, events), store.Condition{}),
	}, items, also)
	err := t.apply(ctx, ops, func() (bool, error) {
		found, err := t.readHead(ctx, scope)
		return err == nil && found.birth == id, ignoreNotFound(err)
	})
	if e, ok := condition(err); ok && e.Op == 0 {
		return Head{}, &Error{Kind: ScopeExists, Scope: scope}
	}
	if err != nil {
		return Head{}, scope.failed("create", alsoFailed(err, 2+len(documents)))
	}
	t.wholes.add(scope, head)
	return head, nil
}

// Head reads a scope, or gives ErrNoSuchScope.
func (t *Timeline) Head(ctx context.Context, scope Scope) (Head, error) {
	return t.HeadAt(ctx, scope, maxInstant)
}

// HeadAt is Head for who reads an instant: it also gives a scope that has ended
// since, as its end left it.
func (t *Timeline) HeadAt(ctx context.Context, scope Scope, at Instant) (Head, error) {
	return t.headBy(ctx, scope, at, t.store.Get)
}

// fence is HeadAt once all commits are visible of which something was visible
// before.
func (t *Timeline) fence(ctx context.Context, scope Scope, at Instant) (Head, error) {
	return t.headBy(ctx, scope, at, t.store.Settled)
}

// headBy reads the head by a read of the store's, until its commit is whole.
func (t *Timeline) headBy(ctx context.Context, scope Scope, at Instant, get func(context.Context, store.Key) (store.Item, error)) (Head, error) {
	if !scope.storable() {
		return Head{}, &Error{Kind: NoSuchScope, Scope: scope}
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	for try := 0; ; try++ {
		head, err := headOf(get(ctx, scope.headKey()))
		if store.KindOf(err) == store.NotFound || err == nil && !head.seen(at) {
			return Head{}, &Error{Kind: NoSuchScope, Scope: scope}
		}
		whole := false
		if err == nil {
			whole, err = t.whole(ctx, scope, head)
		}
		if whole || err == nil && try == mostWaits {
			return head, nil
		}
		if err == nil {
			if end := store.Pause(ctx, try); end != nil {
				err = unknown(end)
			}
		}
		if err != nil {
			return Head{}, scope.failed("read", err)
		}
	}
}

// Heads reads all scopes of a directory, in the order of their ids.
func (t *Timeline) Heads(ctx context.Context, directory string) ([]Head, error) {
	return t.HeadsAt(ctx, directory, maxInstant)
}

// HeadsAt is Heads for who reads an instant: those that have ended since are
// among them.
func (t *Timeline) HeadsAt(ctx context.Context, directory string, at Instant) ([]Head, error) {
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
		if head.seen(at) {
			heads = append(heads, head)
		}
	}
	return heads, nil
}

// hidden tells whether the scope is not there for anybody but Maintain.
func (h Head) hidden() bool { return h.deleting || h.lease != 0 }

// seen tells whether the scope is there for who reads an instant.
func (h Head) seen(at Instant) bool { return !h.hidden() && (!h.ended || at < h.Updated.At) }

// readHead also reads the head of a hidden scope. Its errors are the store's,
// unwrapped.
func (t *Timeline) readHead(ctx context.Context, scope Scope) (Head, error) {
	return headOf(t.store.Get(ctx, scope.headKey()))
}

func headOf(item store.Item, err error) (Head, error) {
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
