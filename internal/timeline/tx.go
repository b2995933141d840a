package timeline

import (
	"bytes"
	"context"

	"github.com/google/uuid"

	"almanac/internal/store"
)

// Tx collects the changes of one commit. It sees its own changes, and each
// document can change once in it. It is for one goroutine and ends with the
// function that it was given to.
type Tx struct {
	ctx   context.Context // of the Commit that it is part of
	t     *Timeline
	scope Scope
	head  Head
	at    Instant
	by    Actor

	body    []byte
	bodySet bool
	slots   map[string]*slot
	touched []string // keys of the changed slots, in order of change
	events  []eventRecord
	grown   int // documents made less documents deleted
	reads   int // slots read from the store
	also    []store.Op
}

// slot is what happens to one key.
type slot struct {
	before, after *live
	closed        *closed        // before, ended
	vacated       *vacatedRecord // before left the key
	changed       bool
}

func (t *Timeline) begin(ctx context.Context, scope Scope, head Head, by Actor) *Tx {
	return &Tx{
		ctx: ctx, t: t, scope: scope, head: head, at: t.instantAfter(head.Updated.At), by: by,
		body: head.Body, slots: map[string]*slot{},
	}
}

// instantAfter is the instant of the next write: now, but after the last.
func (t *Timeline) instantAfter(last Instant) Instant {
	return max(min(InstantOf(t.now()), maxInstant), last+1)
}

// Head is the scope as the commit found it.
func (tx *Tx) Head() Head { return tx.head }

// At is the instant at which the changes will hold.
func (tx *Tx) At() Instant { return tx.at }

// After makes all changes hold from later than an instant on, which another
// scope may have reached before this one. It comes before the first of them.
func (tx *Tx) After(instant Instant) {
	if len(tx.touched) > 0 {
		panic("timeline: After comes before the first change")
	}
	tx.at = max(tx.at, instant+1)
}

// Get gives the open snapshot at key, or ErrNoSuchDocument.
func (tx *Tx) Get(key string) (Snapshot, error) {
	s, err := tx.held(key)
	if err != nil {
		return Snapshot{}, err
	}
	return s.after.Snapshot, nil
}

// Trace gives the open snapshot of the document that a snapshot is of, whatever
// key it has now, or else of one that was made again from it and has its key;
// and whether there is one.
func (tx *Tx) Trace(was Snapshot) (Snapshot, bool, error) {
	s, err := tx.slot(was.Key)
	if err != nil {
		return Snapshot{}, false, err
	}
	if s.after == nil || s.after.DocumentID != was.DocumentID {
		var last ending
		err := tx.t.fenced(tx.ctx, tx.scope, maxInstant, func() (err error) {
			last, err = tx.t.follow(tx.ctx, tx.scope, Place{was.DocumentID, was.Key, was.From})
			return err
		})
		if err != nil {
			return Snapshot{}, false, err
		}
		if last.Type == Delete {
			if s.after == nil || s.after.origin() != was.origin() {
				return Snapshot{}, false, nil
			}
			return s.after.Snapshot, true, nil
		}
		if s, err = tx.held(last.Key); err != nil {
			return Snapshot{}, false, err
		}
	}
	return s.after.Snapshot, s.after.DocumentID == was.DocumentID, nil
}

// Create makes a document. Errors: ErrKeyTaken, ErrTooLarge.
func (tx *Tx) Create(key, name string, body []byte) (Snapshot, error) {
	return tx.create(key, name, body, "")
}

// Recreate makes a document as another one was that has ended, and which Trace
// knows it by. Errors: as Create's.
func (tx *Tx) Recreate(was Snapshot) (Snapshot, error) {
	return tx.create(was.Key, was.Name, was.Body, was.origin())
}

func (tx *Tx) create(key, name string, body []byte, origin string) (Snapshot, error) {
	s, err := tx.free(key, body)
	if err != nil {
		return Snapshot{}, err
	}
	tx.grown++
	return tx.open(s, key, "", name, body, Snapshot{
		DocumentID: uuid.NewString(), Origin: origin, Created: Stamp{tx.at, tx.by},
	}, tx.at, Create), nil
}

// Update makes a new version, equal to the old one or not. Errors:
// ErrNoSuchDocument, ErrTooLarge.
func (tx *Tx) Update(key, name string, body []byte) (Snapshot, error) {
	s, err := tx.changeable(key, body)
	if err != nil {
		return Snapshot{}, err
	}
	old := *s.after
	tx.close(s)
	return tx.open(s, key, "", name, body, old.Snapshot, old.since, Update), nil
}

// Rename makes a new version at another key. Errors: ErrNoSuchDocument of from,
// ErrKeyTaken of to, ErrTooLarge.
func (tx *Tx) Rename(from, to, name string, body []byte) (Snapshot, error) {
	if from == to {
		return tx.Update(from, name, body)
	}
	s, err := tx.changeable(from, body)
	if err != nil {
		return Snapshot{}, err
	}
	target, err := tx.free(to, body)
	if err != nil {
		return Snapshot{}, err
	}
	old := s.after.Snapshot
	if err := tx.vacate(s, to); err != nil {
		return Snapshot{}, err
	}
	return tx.open(target, to, from, name, body, old, tx.at, Update), nil
}

// Delete ends a document and gives its last snapshot, closed. Errors:
// ErrNoSuchDocument.
func (tx *Tx) Delete(key string) (Snapshot, error) {
	s, err := tx.changeable(key, nil)
	if err != nil {
		return Snapshot{}, err
	}
	if err := tx.vacate(s, ""); err != nil {
		return Snapshot{}, err
	}
	tx.grown--
	s.vacated.EventID, s.vacated.Name, s.vacated.By = snapshotID(tx.at), s.closed.Name, tx.by
	tx.events = append(tx.events, eventRecord{
		Type: Delete, SnapshotID: s.vacated.EventID, DocumentID: s.closed.DocumentID,
		Key: key, Name: s.closed.Name,
	})
	return s.closed.Snapshot, nil
}

// SetBody replaces the scope's own facts. Over MaxBody the commit ends with
// ErrTooLarge.
func (tx *Tx) SetBody(body []byte) {
	tx.body = body
	tx.bodySet = !bytes.Equal(body, tx.head.Body)
}

// slot reads what the store holds at key, once.
func (tx *Tx) slot(key string) (*slot, error) {
	if s, ok := tx.slots[key]; ok {
		return s, nil
	}
	s := &slot{}
	tx.reads++
	item, err := tx.t.store.Get(tx.ctx, tx.scope.liveKey(key))
	if err == nil {
		found, err := decodeLive(item)
		if err != nil {
			return nil, tx.scope.failed("read", err)
		}
		s.before, s.after = &found, &found
	} else if store.KindOf(err) != store.NotFound {
		return nil, tx.scope.failed("read", err)
	}
	tx.slots[key] = s
	return s, nil
}

// held is the slot of a live document.
func (tx *Tx) held(key string) (*slot, error) {
	if !storableKey(key) {
		return nil, &Error{Kind: NoSuchDocument, Scope: tx.scope, Key: key}
	}
	s, err := tx.slot(key)
	if err != nil {
		return nil, err
	}
	if s.vacated != nil && s.after == nil {
		return nil, &Error{Kind: NoSuchDocument, Scope: tx.scope, Key: key, RenamedTo: s.vacated.RenamedTo}
	}
	if s.after == nil {
		return nil, tx.t.vacatedError(tx.ctx, tx.scope, key, maxInstant)
	}
	return s, nil
}

// changeable is the slot of a live document that this commit has left alone.
func (tx *Tx) changeable(key string, body []byte) (*slot, error) {
	if len(body) > MaxBody {
		return nil, &Error{Kind: TooLarge, Scope: tx.scope, Key: key}
	}
	s, err := tx.held(key)
	if err != nil {
		return nil, err
	}
	if s.after != s.before {
		return nil, &Error{Kind: ChangedTwice, Scope: tx.scope, Key: key}
	}
	return s, nil
}

// free is the slot of a key that no live document has.
func (tx *Tx) free(key string, body []byte) (*slot, error) {
	if !storableKey(key) {
		return nil, &Error{Kind: BadKey, Scope: tx.scope, Key: key}
	}
	if len(body) > MaxBody {
		return nil, &Error{Kind: TooLarge, Scope: tx.scope, Key: key}
	}
	s, err := tx.slot(key)
	if err != nil {
		return nil, err
	}
	if s.after != nil {
		return nil, &Error{Kind: KeyTaken, Scope: tx.scope, Key: key}
	}
	return s, nil
}

// open puts a new version into a slot and notes its event.
func (tx *Tx) open(s *slot, key, previous, name string, body []byte, of Snapshot, since Instant, change ChangeType) Snapshot {
	snapshot := Snapshot{
		Key: key, DocumentID: of.DocumentID, Origin: of.Origin, ID: snapshotID(tx.at), Name: name,
		Created: of.Created, From: tx.at, By: tx.by, Body: body,
	}
	s.after = &live{Snapshot: snapshot, since: since, previous: previous, headTells: tx.head.ending}
	tx.touch(s, key)
	tx.events = append(tx.events, eventRecord{
		Type: change, SnapshotID: snapshot.ID, DocumentID: snapshot.DocumentID,
		Key: key, PreviousKey: previous, Name: name,
	})
	return snapshot
}

func (tx *Tx) close(s *slot) {
	s.closed = &closed{s.before.Snapshot, s.before.previous}
	s.closed.Until = tx.at
	tx.touch(s, s.closed.Key)
}

// vacate closes a version whose document leaves the key.
func (tx *Tx) vacate(s *slot, renamedTo string) error {
	before, ok, err := tx.t.vacated(tx.ctx, tx.scope, s.before.Key)
	if err != nil {
		return err
	}
	vacated := vacatedRecord{
		First: millis(s.before.since), Last: millis(tx.at), Since: millis(s.before.since),
		DocumentID: s.before.DocumentID, RenamedTo: renamedTo,
	}
	if ok {
		vacated.First = before.First
	}
	tx.close(s)
	s.vacated, s.after = &vacated, nil
	return nil
}

func (tx *Tx) touch(s *slot, key string) {
	if !s.changed {
		s.changed = true
		tx.touched = append(tx.touched, key)
	}
}

// written is what the commit does at each key, for its head.
func (tx *Tx) written() (all []written) {
	for _, key := range tx.touched {
		s := tx.slots[key]
		w := written{Key: key, Left: s.after == nil}
		if s.closed != nil {
			w.Before = millis(s.closed.From)
		}
		all = append(all, w)
	}
	return all
}

func (s *slot) ops(scope Scope) (ops []store.Op) {
	switch {
	case s.after != nil:
		ops = append(ops, store.Put(s.after.item(scope), store.Condition{}))
	case s.before != nil:
		ops = append(ops, store.Delete(scope.liveKey(s.before.Key), store.Condition{}))
	}
	if s.closed != nil {
		ops = append(ops, store.Put(s.closed.item(scope), store.Condition{}))
	}
	if s.vacated != nil {
		ops = append(ops, store.Put(s.vacated.item(scope, s.before.Key), store.Condition{}))
	}
	return ops
}

// snapshotID is a UUIDv7 of an instant of ours, not of this machine's clock: it
// leads to its commit in the log.
func snapshotID(at Instant) string {
	id := uuid.New()
	for i := range 6 {
		id[i] = byte(at >> (40 - 8*i))
	}
	id[6] = id[6]&0x0f | 0x70
	return id.String()
}
