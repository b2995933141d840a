package timeline

import (
	"context"
	"slices"
	"sync"

	"almanac/internal/store"
)

// What a transaction writes becomes visible item by item, in any order, until it
// is acknowledged: that is DynamoDB's isolation for all reads but those in a
// transaction. So a head may be read before what its commit wrote, and whoever
// went on from there would list, or write upon, what never was. Therefore each
// head names what its commit wrote, and nobody gets to see one that is young
// before all of that is there. As every commit begins with such a head, all
// commits before it are visible, too.

// settling is after how many milliseconds a commit is taken to be visible. It is
// far more than any takes, and allows for clocks that are apart.
const settling Instant = 10_000

// mostWaits is how often a reader waits, for two seconds or so. What is not
// visible then is lost, and whoever needs it says so.
const mostWaits = 40

// written is what a commit did at one key.
type written struct {
	Key    string `json:"k"`
	Before millis `json:"b,omitzero"` // from of the version that it closed
	Left   bool   `json:"l,omitzero"` // no document has the key any more
}

// wholes remembers the heads whose commits were seen whole. It is safe for
// concurrent use.
type wholes struct {
	mu       sync.Mutex
	versions map[Scope]int64
}

// mostWholes bounds what is remembered, and so forgotten at once.
const mostWholes = 10_000

func (w *wholes) add(scope Scope, head Head) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.versions == nil || len(w.versions) >= mostWholes {
		w.versions = map[Scope]int64{}
	}
	w.versions[scope] = head.version
}

func (w *wholes) has(scope Scope, head Head) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	version, ok := w.versions[scope]
	return ok && version == head.version
}

// whole tells whether all that the commit of a head wrote is visible, or later
// commits are that wrote upon it.
func (t *Timeline) whole(ctx context.Context, scope Scope, head Head) (bool, error) {
	if InstantOf(t.now())-head.Updated.At >= settling || t.wholes.has(scope, head) {
		return true, nil
	}
	there := make([]bool, len(head.wrote)+1)
	err := each(len(there), func(i int) (err error) {
		if i < len(head.wrote) {
			there[i], err = t.wrote(ctx, scope, head.wrote[i], head.Updated.At)
		} else {
			there[i], err = t.logged(ctx, scope, head)
		}
		return err
	})
	if err != nil || slices.Contains(there, false) {
		return false, err
	}
	t.wholes.add(scope, head)
	return true, nil
}

// wrote tells whether what was written at a key at an instant is visible.
func (t *Timeline) wrote(ctx context.Context, scope Scope, w written, at Instant) (bool, error) {
	item, err := t.store.Get(ctx, scope.liveKey(w.Key))
	if ignoreNotFound(err) != nil {
		return false, err
	}
	if err == nil {
		found, err := decodeLive(item)
		if err != nil || found.From < at {
			return false, err
		}
	} else if !w.Left {
		return false, nil // not yet, or no more: then the head has moved on
	}
	if w.Before != 0 {
		if _, err := t.store.Get(ctx, scope.closedKey(w.Key, Instant(w.Before))); err != nil {
			return false, ignoreNotFound(err)
		}
	}
	if w.Left {
		vacated, ok, err := t.vacated(ctx, scope, w.Key)
		return ok && Instant(vacated.Last) >= at, err
	}
	return true, nil
}

// logged tells whether the log tells of the commit of a head.
func (t *Timeline) logged(ctx context.Context, scope Scope, head Head) (bool, error) {
	sequence, revision := head.Sequence, head.Revision
	for _, events := range slices.Backward(head.logs) {
		sequence -= int64(events)
		if _, err := t.store.Get(ctx, scope.logKey(sequence, revision, events)); err != nil {
			return false, ignoreNotFound(err)
		}
		revision--
	}
	return true, nil
}

// fenced does a read that follows what commits left behind. Where something is
// not there it may be of a commit under way, and the read is done again after it.
func (t *Timeline) fenced(ctx context.Context, scope Scope, at Instant, read func() error) error {
	err := read()
	if store.KindOf(err) != store.Damaged {
		return err
	}
	if _, err := t.fence(ctx, scope, at); err != nil {
		return err
	}
	return read()
}

// closedFor gives the version that held at an instant, of a key of which it is
// known that one did and has ended.
func (t *Timeline) closedFor(ctx context.Context, scope Scope, key string, at Instant) (found Snapshot, err error) {
	err = t.fenced(ctx, scope, at, func() error {
		var ok bool
		found, ok, err = t.closedAt(ctx, scope, key, at)
		if err == nil && !ok {
			err = t.gap(ctx, scope, "the version of "+key+" at", int64(at))
		}
		return err
	})
	return found, err
}
