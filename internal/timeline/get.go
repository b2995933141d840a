package timeline

import "context"

// Get gives the open snapshot at key. Errors: ErrNoSuchScope; ErrNoSuchDocument,
// with RenamedTo where a rename left the key; the store's.
func (t *Timeline) Get(ctx context.Context, scope Scope, key string) (Snapshot, error) {
	found, ok, err := t.live(ctx, scope, key, maxInstant)
	if err != nil {
		return Snapshot{}, scope.failed("read", err)
	}
	if !ok {
		return Snapshot{}, t.missing(ctx, scope, key)
	}
	return found.Snapshot, nil
}

// GetAt gives the snapshot that key held at an instant; one after the last
// commit is as now. Errors are those of Get.
//
// It costs two reads whatever the length of the history: the closed version,
// then the head, which proves that the scope still is; or else the live one.
func (t *Timeline) GetAt(ctx context.Context, scope Scope, key string, at Instant) (Snapshot, error) {
	closed, ok, err := t.closedAt(ctx, scope, key, at)
	if err != nil {
		return Snapshot{}, scope.failed("read", err)
	}
	if ok {
		_, err := t.HeadAt(ctx, scope, at)
		return closed, err
	}
	open, ok, err := t.live(ctx, scope, key, at)
	if err != nil {
		return Snapshot{}, scope.failed("read", err)
	}
	if ok && open.From <= at {
		return open.Snapshot, nil
	}
	// A commit may have closed between the two reads what was open before them,
	// and may not have shown it yet.
	if _, err := t.fence(ctx, scope, at); err != nil {
		return Snapshot{}, err
	}
	if closed, ok, err = t.closedAt(ctx, scope, key, at); err != nil {
		return Snapshot{}, scope.failed("read", err)
	}
	if ok {
		return closed, nil
	}
	return Snapshot{}, t.vacatedError(ctx, scope, key, at)
}

// live reads the open version at key for who reads an instant, at which the
// scope may have stood still; the version may be later.
func (t *Timeline) live(ctx context.Context, scope Scope, key string, at Instant) (live, bool, error) {
	if !scope.storable() || !storableKey(key) {
		return live{}, false, nil
	}
	item, err := t.store.Get(ctx, scope.liveKey(key))
	if err != nil {
		return live{}, false, ignoreNotFound(err)
	}
	found, err := decodeLive(item)
	if err == nil && found.headTells {
		head, err := t.readHead(ctx, scope)
		return found, err == nil && head.seen(at), ignoreNotFound(err)
	}
	return found, err == nil, err
}

func (t *Timeline) closedAt(ctx context.Context, scope Scope, key string, at Instant) (Snapshot, bool, error) {
	if !scope.storable() || !storableKey(key) || at < 0 {
		return Snapshot{}, false, nil
	}
	items, err := t.store.Range(ctx, scope.floor(key, at))
	if err != nil || len(items) == 0 {
		return Snapshot{}, false, err
	}
	found, err := decodeClosed(key, items[0])
	return found.Snapshot, err == nil && at < found.Until, err
}

// missing is the error for a key that holds nothing now.
func (t *Timeline) missing(ctx context.Context, scope Scope, key string) error {
	if _, err := t.fence(ctx, scope, maxInstant); err != nil {
		return err
	}
	return t.vacatedError(ctx, scope, key, maxInstant)
}

// vacatedError is an ErrNoSuchDocument that says where the document went that
// held the key last before an instant.
func (t *Timeline) vacatedError(ctx context.Context, scope Scope, key string, at Instant) error {
	missing := &Error{Kind: NoSuchDocument, Scope: scope, Key: key}
	vacated, ok, err := t.vacated(ctx, scope, key)
	if err != nil {
		return err
	}
	if ok && at >= Instant(vacated.Last) {
		missing.RenamedTo = vacated.RenamedTo
	}
	return missing
}
