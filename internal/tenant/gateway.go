package tenant

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"almanac/internal/store"
)

// Gateway is what stands before the API in the cloud. It lets a caller pass
// only under the id of a key that it knows itself and that is in a plan.
type Gateway interface {
	// Attach makes the id known to the gateway in a plan. Doing it again is no error.
	Attach(ctx context.Context, keyID string, plan Plan) error
	// Detach makes the gateway forget an id, which it need not know.
	Detach(ctx context.Context, keyID string) error
}

// The gateway and the store are two systems, and a crash can come between any
// two calls. So a key is always attached before it is stored, and revoked
// before it is detached: what opens anything is whole, and a crash leaves no
// more than an id in the gateway that nobody can call under. Before the first
// of the two steps a mark is stored under the id, and removed with the last;
// sweep detaches whatever a mark is left of. The version of a mark is its stage.
const (
	attaching int64 = iota + 1
	detaching
)

type mark struct {
	At int64 `json:"at"` // ms UTC
}

// attachTime is when a mark of a key being made is left over: long after the
// time that a function has.
const attachTime = 5 * time.Minute

func (i *Issuer) pending(workspace, id string, stage int64) (store.Item, error) {
	body, err := json.Marshal(mark{i.now().UnixMilli()})
	return store.Item{
		Key:     store.Key{Partition: keysOf(workspace), Sort: pendingPrefix + id},
		Version: stage, Body: body,
	}, err
}

func (i *Issuer) sweepAll(ctx context.Context, workspace string) error {
	if i.gateway == nil {
		return nil
	}
	all, err := i.all(ctx, workspace)
	if err != nil {
		return err
	}
	return i.sweep(ctx, workspace, all)
}

// sweep finishes what the marks of a workspace tell of, and detaches those of
// all its keys that have expired. A failure leaves the rest to the next sweep.
func (i *Issuer) sweep(ctx context.Context, workspace string, all []listedRecord) error {
	if i.gateway == nil {
		return nil
	}
	items, err := i.store.Range(ctx, store.Query{
		Partition: keysOf(workspace), From: pendingPrefix, To: pendingPrefix + maxID,
	})
	var failed []error
	for _, item := range items {
		failed = append(failed, i.finish(ctx, item))
	}
	for _, r := range all {
		if r.ExpiresAt != 0 && i.now().UnixMilli() >= r.ExpiresAt && r.RevokedAt == 0 && !r.Detached {
			failed = append(failed, i.forget(ctx, workspace, r.ID))
		}
	}
	return errors.Join(append(failed, err)...)
}

// forget detaches a key that expired, which nothing brings back. Whoever
// changes it meanwhile revokes it, and so detaches it too.
func (i *Issuer) forget(ctx context.Context, workspace, id string) error {
	if err := i.gateway.Detach(ctx, id); err != nil {
		return err
	}
	r, item, err := i.listed(ctx, workspace, id)
	if err != nil {
		return err
	}
	r.Detached = true
	op, err := putListed(r, item.Version)
	if err == nil {
		err = i.store.Transact(ctx, op)
	}
	if store.Lost(err) {
		return nil
	}
	return err
}

func (i *Issuer) finish(ctx context.Context, item store.Item) error {
	if item.Version == attaching {
		var m mark
		if err := json.Unmarshal(item.Body, &m); err != nil {
			return fmt.Errorf("mark %q: %w", item.Sort, err)
		}
		if i.now().Sub(time.UnixMilli(m.At)) < attachTime {
			return nil
		}
		// From here on whoever is still making the key cannot store it.
		item.Version = detaching
		err := i.store.Transact(ctx, store.Put(item, store.VersionIs(attaching)))
		if store.Lost(err) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	if err := i.gateway.Detach(ctx, item.Sort[len(pendingPrefix):]); err != nil {
		return err
	}
	return i.store.Transact(ctx, store.Delete(item.Key, store.Condition{}))
}
