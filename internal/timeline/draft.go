package timeline

import (
	"context"
	"crypto/rand"
	mathrand "math/rand/v2"
	"slices"
	"time"

	"github.com/google/uuid"

	"almanac/internal/store"
)

const (
	// draftLease is how long a draft waits for its writer. It is longer than
	// any request lives.
	draftLease = 2 * time.Minute
	// MaxDraft is how many documents a draft can have: what the transaction
	// that reveals it can tell of in the log, a few ops being left to its
	// caller and to what lies between us and the store.
	MaxDraft = 9_000
)

// Document is what a scope begins with.
type Document struct {
	Key, Name string
	Body      []byte
}

// opened is the first version of a document.
func (d Document) opened(by Stamp) Snapshot {
	return Snapshot{
		Key: d.Key, DocumentID: uuid.NewString(), ID: snapshotID(by.At), Name: d.Name,
		Created: by, From: by.At, By: by.By, Body: d.Body,
	}
}

// created is the event of a document's first version.
func (s Snapshot) created() eventRecord {
	return eventRecord{Type: Create, SnapshotID: s.ID, DocumentID: s.DocumentID, Key: s.Key, Name: s.Name}
}

// Draft is a scope with documents that nobody sees before it is whole, however
// many transactions they take. It ends by Reveal or Discard, or else some time
// after its writer is gone, by Maintain.
type Draft struct {
	t      *Timeline
	scope  Scope
	head   Head       // as it will be
	reveal []store.Op // the first is the head's
}

// Draft writes a scope that is hidden still. All that it holds is made by one
// actor at one instant, and its history begins with that. Keys differ. Errors:
// ErrScopeExists, ErrTooManyChanges, ErrTooLarge, each before anything was
// written; the store's.
func (t *Timeline) Draft(ctx context.Context, scope Scope, body []byte, by Actor, documents []Document) (*Draft, error) {
	if !scope.storable() {
		return nil, &Error{Kind: BadKey, Scope: scope, Key: scope.ID}
	}
	if len(body) > MaxBody {
		return nil, &Error{Kind: TooLarge, Scope: scope, Key: scope.ID}
	}
	ctx, cancel := bounded(store.Preparing(ctx))
	defer cancel()

	id := rand.Text()
	stamp := Stamp{t.instantAfter(0), by}
	d := &Draft{t: t, scope: scope, head: Head{
		ID: scope.ID, Body: body, Created: stamp, Updated: stamp, birth: id, commit: id,
		version: mathrand.Int64N(1 << 52), // as in CreateScope
	}}
	items, err := d.compose(documents)
	if err != nil {
		return nil, err
	}
	hidden := d.hidden()
	err = t.apply(ctx, []store.Op{
		store.Put(hidden.item(scope), store.Absent()),
		store.Put(scope.pendingItem(hidden.lease), store.Condition{}),
	}, func() (bool, error) {
		found, err := t.readHead(ctx, scope)
		return err == nil && found.birth == id, ignoreNotFound(err)
	})
	if e, ok := condition(err); ok && e.Op == 0 {
		return nil, &Error{Kind: ScopeExists, Scope: scope}
	}
	if err == nil {
		err = d.fill(ctx, hidden, items)
	}
	if err != nil {
		d.Discard(ctx)
		return nil, scope.failed("create", err)
	}
	return d, nil
}

// hidden is the head until the draft is revealed.
func (d *Draft) hidden() Head {
	h := d.head
	h.version--
	h.lease = h.Created.At + Instant(draftLease.Milliseconds())
	return h
}

// compose makes the live versions, and the transaction that reveals them. One
// log item holds as many events as any commit has, so that who reads the log
// need not expect more.
func (d *Draft) compose(documents []Document) ([]store.Item, error) {
	if len(documents) > MaxDraft {
		return nil, &Error{Kind: TooManyChanges, Scope: d.scope}
	}
	items := make([]store.Item, 0, len(documents))
	var chunks [][]eventRecord
	chunk := make([]eventRecord, 0, store.MaxOps-1) // beside the event of the scope itself
	for _, doc := range slices.Backward(documents) {
		if !storableKey(doc.Key) {
			return nil, &Error{Kind: BadKey, Scope: d.scope, Key: doc.Key}
		}
		if len(doc.Body) > MaxBody {
			return nil, &Error{Kind: TooLarge, Scope: d.scope, Key: doc.Key}
		}
		s := doc.opened(d.head.Created)
		items = append(items, live{Snapshot: s, since: s.From, headTells: true}.item(d.scope))
		if len(chunk) == cap(chunk) {
			chunks = append(chunks, chunk)
			chunk = make([]eventRecord, 0, store.MaxOps)
		}
		chunk = append(chunk, s.created())
	}
	chunks = append(chunks, chunk)

	change := Create
	var logs []store.Op
	for _, events := range chunks {
		// In a history, which is told backwards, they come in their order.
		slices.Reverse(events)
		d.head.Revision++
		d.head.Sequence += int64(len(events))
		d.head.logs = append(d.head.logs, len(events))
		logs = append(logs, store.Put(d.head.log(d.scope, change, events), store.Condition{}))
		change = ""
	}
	d.head.Live = len(documents)
	d.head.version++
	d.reveal = append([]store.Op{
		store.Put(d.head.item(d.scope), store.VersionIs(d.head.version-1)),
		store.Delete(d.scope.pendingKey(), store.Condition{}),
	}, logs...)
	if err := store.Validate(d.reveal...); err != nil {
		return nil, &Error{Kind: TooLarge, Scope: d.scope, Err: err}
	}
	return items, nil
}

// fill writes items as long as the hidden head stands.
func (d *Draft) fill(ctx context.Context, hidden Head, items []store.Item) error {
	guard := store.Check(d.scope.headKey(), store.VersionIs(hidden.version))
	for len(items) > 0 {
		ops, bytes := []store.Op{guard}, 0
		for _, item := range items[:min(len(items), batch)] {
			if bytes += store.Size(item); len(ops) > 1 && bytes > batchBytes {
				break
			}
			ops = append(ops, store.Put(item, store.Condition{}))
		}
		if err := d.t.under(ctx, ops); err != nil {
			return late(err)
		}
		items = items[len(ops)-1:]
	}
	return nil
}

// Reveal makes the draft a scope like any other, together with the ops of also,
// of which there are three at most. Where a condition of also fails it can be
// called again. Errors: the store's; for a condition of also that failed its Op
// is the index into also.
func (d *Draft) Reveal(ctx context.Context, also ...store.Op) (Head, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	err := d.t.apply(ctx, append(slices.Clip(d.reveal), also...), func() (bool, error) {
		found, err := d.t.readHead(ctx, d.scope)
		return err == nil && found.birth == d.head.birth && !found.hidden(), ignoreNotFound(err)
	})
	if e, ok := condition(err); ok && e.Op == 0 {
		err = errGone
	}
	if err != nil {
		return Head{}, d.scope.failed("create", alsoFailed(late(err), len(d.reveal)))
	}
	d.t.wholes.add(d.scope, d.head)
	return d.head, nil
}

// Discard removes a draft that is not revealed. What it cannot do now Maintain
// does.
func (d *Draft) Discard(ctx context.Context) {
	// The error is Maintain's to meet again.
	_ = d.t.discard(store.Preparing(ctx), d.scope, d.hidden())
}

// late words errGone for the writer of a draft: its lease has ended.
func late(err error) error {
	if err == errGone {
		return context.DeadlineExceeded
	}
	return err
}

// discard makes of a draft a scope that is being deleted, of which nobody has
// heard, and removes it.
func (t *Timeline) discard(ctx context.Context, scope Scope, draft Head) error {
	next := draft
	next.deleting, next.lease = true, 0
	next.version = mathrand.Int64N(1 << 52) // not that of the revealed head
	short, cancel := bounded(ctx)
	defer cancel()
	err := t.apply(short, []store.Op{
		store.Put(next.item(scope), store.VersionIs(draft.version)),
		store.Put(scope.pendingItem(t.overdue()), store.Condition{}),
	}, func() (bool, error) {
		found, err := t.readHead(short, scope)
		return err == nil && found.version == next.version, ignoreNotFound(err)
	})
	if e, ok := condition(err); ok && e.Op == 0 {
		return nil // it was revealed, or discarded by another
	}
	if err != nil {
		return err
	}
	return t.removeAll(ctx, scope, next)
}
