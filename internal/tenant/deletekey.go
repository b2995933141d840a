package tenant

import (
	"context"

	"almanac/internal/limit"
	"almanac/internal/store"
)

type DeleteKeyInput struct {
	KeyID string `path:"keyId" doc:"The key's id" example:"7d1c2c64-0f5e-4a3a-9a53-2f3d5e1f9b10"`
}

// DeleteKey revokes a key with all its secrets, or returns ErrKeyNotFound. A
// key that is revoked already stays so. After a failure the same call goes on
// where it stopped.
func (i *Issuer) DeleteKey(ctx context.Context, p Principal, in DeleteKeyInput) error {
	for {
		r, item, err := i.listed(ctx, p.Workspace, in.KeyID)
		if err != nil {
			return err
		}
		if r.RevokedAt == 0 {
			err = i.revoke(ctx, r, item.Version)
		}
		if store.Lost(err) {
			continue
		}
		if err != nil {
			return err
		}
		return i.sweepAll(ctx, p.Workspace)
	}
}

func (i *Issuer) revoke(ctx context.Context, r listedRecord, version int64) error {
	r.RevokedAt = i.now().UnixMilli()
	op, err := putListed(r, version)
	if err != nil {
		return err
	}
	ops := []store.Op{op, limit.Close(r.ID, i.now())}
	for _, s := range r.Secrets {
		op, err := putSecret(r.keyRecord, s, store.Condition{})
		if err != nil {
			return err
		}
		ops = append(ops, op)
	}
	if i.gateway != nil {
		mark, err := i.pending(r.Workspace, r.ID, detaching)
		if err != nil {
			return err
		}
		ops = append(ops, store.Put(mark, store.Condition{}))
	}
	return i.store.Transact(ctx, ops...)
}
