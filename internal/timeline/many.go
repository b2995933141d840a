package timeline

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
)

// atATime is how many reads of one request are under way together.
const atATime = 16

// each does what do says for the numbers below n, a few at a time, until one
// fails.
func each(n int, do func(i int) error) error {
	var (
		wg   sync.WaitGroup
		next atomic.Int64
		errs = make([]error, min(n, atATime))
	)
	for worker := range errs {
		wg.Go(func() {
			for errs[worker] == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if errs[worker] = do(i); errs[worker] != nil {
					next.Store(int64(n))
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// HeadsOf reads some scopes of a directory and leaves out those that are not
// there. They come in the order of their ids as given.
func (t *Timeline) HeadsOf(ctx context.Context, directory string, ids []string) ([]Head, error) {
	found := make([]*Head, len(ids))
	err := each(len(ids), func(i int) error {
		head, err := t.Head(ctx, Scope{directory, ids[i]})
		if err == nil {
			found[i] = &head
		} else if !errors.Is(err, ErrNoSuchScope) {
			return err
		}
		return nil
	})
	heads := make([]Head, 0, len(ids))
	for _, head := range found {
		if head != nil {
			heads = append(heads, *head)
		}
	}
	return heads, err
}

// Live reads what the store holds at many keys, a few at a time, and gives the
// open snapshots among them by key. It sees the changes of this commit.
func (tx *Tx) Live(keys ...string) (map[string]Snapshot, error) {
	var unread []string
	for _, key := range keys {
		if tx.slots[key] == nil && storableKey(key) {
			unread = append(unread, key)
		}
	}
	read := make([]*slot, len(unread))
	if err := each(len(unread), func(i int) error {
		found, ok, err := tx.t.live(tx.ctx, tx.scope, unread[i], maxInstant)
		read[i] = &slot{}
		if ok {
			read[i].before, read[i].after = &found, &found
		}
		return err
	}); err != nil {
		return nil, tx.scope.failed("read", err)
	}
	tx.reads += len(unread)
	for i, key := range unread {
		tx.slots[key] = read[i]
	}
	open := make(map[string]Snapshot, len(keys))
	for _, key := range keys {
		if s := tx.slots[key]; s != nil && s.after != nil {
			open[key] = s.after.Snapshot
		}
	}
	return open, nil
}
