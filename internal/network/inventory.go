package network

import (
	"bytes"
	"context"
	"errors"

	"almanac/internal/store"
	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

// inventoryScope has what all networks of a workspace share. It is made with the
// first of that.
func inventoryScope(workspace string) timeline.Scope {
	return timeline.Scope{Directory: "WORKSPACE#" + workspace + "#INVENTORY", ID: "workspace"}
}

// shared reads a document of the workspace's, or gives nil where there is none.
func (n *Inventory) shared(ctx context.Context, workspace, key string, at *timeline.Instant) ([]byte, error) {
	found, _, err := n.document(ctx, inventoryScope(workspace), key, at)
	return found.Body, err
}

// share changes a document of the workspace's, later than an instant that networks
// may have reached before it. Change is given what it is, nil where there is none,
// and gives what it is to be; it may run again. Errors: those of change; the store's.
func (n *Inventory) share(ctx context.Context, p tenant.Principal, key string, after timeline.Instant, change func(body []byte, at timeline.Instant) ([]byte, error)) error {
	scope := inventoryScope(p.Workspace)
	commit := func() error {
		_, err := n.timeline.Commit(ctx, scope, actorOf(p), func(tx *timeline.Tx) error {
			tx.After(after)
			was, err := tx.Get(key)
			write := tx.Update
			if errors.Is(err, timeline.ErrNoSuchDocument) {
				write = tx.Create
			} else if err != nil {
				return err
			}
			is, err := change(was.Body, tx.At())
			if err != nil || bytes.Equal(is, was.Body) {
				return err
			}
			_, err = write(key, key, is)
			return err
		})
		if errors.Is(err, timeline.ErrTooLarge) {
			return invalid(key+"_too_large", "the %s of a workspace take at most %d bytes as they are stored", key, timeline.MaxBody)
		}
		return err
	}
	err := commit()
	if !errors.Is(err, timeline.ErrNoSuchScope) {
		return err
	}
	// What cannot be done where there is nothing makes nothing.
	if _, err := change(nil, 0); err != nil {
		return err
	}
	if _, err := n.timeline.CreateScope(store.Preparing(ctx), scope, nil, actorOf(p)); err != nil && !errors.Is(err, timeline.ErrScopeExists) {
		return err
	}
	return commit()
}
