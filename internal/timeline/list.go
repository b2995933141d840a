package timeline

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"almanac/internal/store"
)

// List gives all open snapshots of one instant, that of the head, in the order
// of their keys. Errors: ErrNoSuchScope, the store's.
func (t *Timeline) List(ctx context.Context, scope Scope) (Head, []Snapshot, error) {
	return t.ListAt(ctx, scope, maxInstant)
}

// ListAt gives all snapshots that held at an instant, or at the last commit
// where that was earlier, in the order of their keys. It also gives the head as
// it is now. Errors are those of List. An instant before the last commit is read
// from the checkpoints; where there are none, from all live versions and one
// more for each key that has changed since.
func (t *Timeline) ListAt(ctx context.Context, scope Scope, at Instant) (Head, []Snapshot, error) {
	head, err := t.HeadAt(ctx, scope, at)
	if err != nil {
		return Head{}, nil, err
	}
	at = min(at, head.Updated.At)
	err = errNoCheckpoint
	var s stretch
	if at < head.Updated.At {
		s.held, err = t.checkpointed(ctx, scope, head, at)
	}
	if errors.Is(err, errNoCheckpoint) {
		s, err = t.look(ctx, scope, head, at, "", 0)
		if err == nil {
			err = t.settle(ctx, scope, at, &s)
		}
	}
	if err != nil {
		return Head{}, nil, scope.listError(err)
	}
	if !s.proven {
		again, err := t.HeadAt(ctx, scope, at)
		if err != nil {
			return Head{}, nil, err
		}
		if again.birth != head.birth {
			return t.ListAt(ctx, scope, at)
		}
	}
	return head, s.held, nil
}

const (
	// probe is how many live versions tell how much of a list has changed
	// since an instant.
	probe = 32
	// mostLooked is how many live versions are read at once.
	mostLooked = 1001
)

// Page gives the snapshots after a key that held at an instant, in the order of
// their keys, until take wants no more. It is given the scope's head, read just
// now, and how many snapshots take will see where it passes over none. It costs
// what it shows: the live versions of a stretch of keys, and one more for each
// that has changed since; or the checkpoints, where that is less. What take saw
// counts for nothing where there is an error: ErrNoSuchScope, the store's.
func (t *Timeline) Page(ctx context.Context, scope Scope, head Head, at Instant, after string, about int, take func(Snapshot) bool) error {
	at = min(at, head.Updated.At)
	past := at < head.Updated.At
	about = max(about, 1)
	limit := min(about, mostLooked)
	if past {
		limit = min(limit, probe)
	}
	if past && after == "" && about >= head.Live {
		all, err := t.checkpointed(ctx, scope, head, at)
		if err == nil {
			offer(all, take)
			return t.unbroken(ctx, scope, head, at)
		}
		if !errors.Is(err, errNoCheckpoint) {
			return scope.listError(err)
		}
		past = false
	}
	proven, spent := true, 0
	for {
		s, err := t.look(ctx, scope, head, at, after, limit)
		if err != nil {
			return scope.listError(err)
		}
		proven = proven && s.proven
		spent += s.bytes/unit + len(s.unsettled)
		if past && s.until != "" {
			// What the rest of the page will cost in this way, against
			// half of a list of now, which is what checkpoints mostly do.
			rest := (s.bytes/unit + len(s.unsettled)) * max(about-limit, 0) / limit
			if spent+rest > head.Live*s.bytes/limit/unit/2 {
				all, err := t.checkpointed(ctx, scope, head, at)
				if err == nil {
					from, _ := slices.BinarySearchFunc(all, after+"\x00", func(s Snapshot, key string) int {
						return cmp.Compare(s.Key, key)
					})
					offer(all[from:], take)
					return t.unbroken(ctx, scope, head, at)
				}
				if !errors.Is(err, errNoCheckpoint) {
					return scope.listError(err)
				}
				past = false
			}
		}
		if err := t.settle(ctx, scope, at, &s); err != nil {
			return scope.listError(err)
		}
		if !offer(s.held, take) || s.until == "" {
			break
		}
		after = s.until
		if about -= len(s.held); about <= 0 {
			about = 2 * limit
		}
		limit = min(about, mostLooked)
	}
	if proven {
		return nil
	}
	return t.unbroken(ctx, scope, head, at)
}

// offer tells whether take wants more.
func offer(list []Snapshot, take func(Snapshot) bool) bool {
	for _, s := range list {
		if !take(s) {
			return false
		}
	}
	return true
}

// unbroken proves that what was read of a scope since its head is of one life,
// or gives ErrNoSuchScope.
func (t *Timeline) unbroken(ctx context.Context, scope Scope, head Head, at Instant) error {
	again, err := t.HeadAt(ctx, scope, at)
	if err == nil && again.birth != head.birth {
		err = &Error{Kind: NoSuchScope, Scope: scope}
	}
	return err
}

// listError leaves ErrNoSuchScope as it is: a delete may begin under a list.
func (s Scope) listError(err error) error {
	if errors.Is(err, ErrNoSuchScope) {
		return err
	}
	return s.failed("list", err)
}

// stretch is what the keys after one held at an instant.
type stretch struct {
	held      []Snapshot  // in the order of their keys
	until     string      // the last key that was looked at; empty: all
	unsettled []unsettled // keys whose versions that are closed tell
	bytes     int         // of the live versions looked at
	proven    bool        // no commit came under the read, nor a delete
}

// unsettled is a key that may have held something at an instant, or did.
type unsettled struct {
	key  string
	held bool
}

// look reads the live versions after a key, so many of them, or all where limit
// is 0, and the keys vacated between.
//
// The order of its reads matters: first the head, then the live versions, then
// the vacated keys. A document that is renamed meanwhile is then seen in at
// least one of the two; the other way round it could be missed in both. Of a
// commit that shows itself in the live versions the fence shows the rest.
func (t *Timeline) look(ctx context.Context, scope Scope, head Head, at Instant, after string, limit int) (s stretch, err error) {
	live := scope.allLive()
	live.Limit = limit
	if after != "" {
		live.From = livePrefix + after + "\x00"
	}
	items, err := t.store.Range(ctx, live)
	if err != nil {
		return s, err
	}
	settled := make(map[string]bool, len(items))
	standing := 0 // versions of the head or before
	s.held = make([]Snapshot, 0, len(items))
	for _, item := range items {
		found, err := decodeLive(item)
		if err != nil {
			return s, err
		}
		s.bytes += store.Size(item)
		if found.From <= head.Updated.At {
			standing++
		}
		if settled[found.Key] = found.since <= at; found.From <= at {
			s.held = append(s.held, found.Snapshot)
		} else if found.since <= at {
			s.unsettled = append(s.unsettled, unsettled{found.Key, true})
		}
	}
	if limit > 0 && len(items) == limit {
		s.until = strings.TrimPrefix(items[limit-1].Sort, livePrefix)
	}
	// The documents of the head that no later commit has touched: if that is
	// all of them, then there is none. Of a part of them the head must tell.
	untouched := after == "" && s.until == "" && standing == head.Live
	if !untouched {
		again, err := t.fence(ctx, scope, at)
		if err != nil {
			return s, err
		}
		untouched = again.version == head.version
	}
	if s.proven = untouched && at == head.Updated.At; s.proven {
		return s, nil
	}
	vacated := scope.allVacated()
	if after != "" {
		vacated.From = vacatedPrefix + after + "\x00"
	}
	if s.until != "" {
		vacated.To = vacatedPrefix + s.until + "\x00"
	}
	if items, err = t.store.Range(ctx, vacated); err != nil {
		return s, err
	}
	for _, item := range items {
		key := strings.TrimPrefix(item.Sort, vacatedPrefix)
		if settled[key] {
			continue
		}
		v, err := decodeVacated(item)
		if err != nil {
			return s, err
		}
		if Instant(v.First) <= at && at < Instant(v.Last) {
			s.unsettled = append(s.unsettled, unsettled{key, v.heldAt(at)})
		}
	}
	return s, nil
}

// settle reads the closed versions of a stretch, a few at a time.
func (t *Timeline) settle(ctx context.Context, scope Scope, at Instant, s *stretch) error {
	if len(s.unsettled) == 0 {
		return nil
	}
	found := make([]*Snapshot, len(s.unsettled))
	if err := each(len(found), func(i int) error {
		snapshot, ok, err := t.closedAt(ctx, scope, s.unsettled[i].key, at)
		if err == nil && !ok && s.unsettled[i].held {
			snapshot, err = t.closedFor(ctx, scope, s.unsettled[i].key, at)
			ok = err == nil
		}
		if ok {
			found[i] = &snapshot
		}
		return err
	}); err != nil {
		return err
	}
	for _, closed := range found {
		if closed != nil {
			s.held = append(s.held, *closed)
		}
	}
	slices.SortFunc(s.held, func(a, b Snapshot) int { return cmp.Compare(a.Key, b.Key) })
	return nil
}
