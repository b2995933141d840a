package catalog

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"almanac/internal/store"
	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

// CreateShareToken shares a project under a new token, in place of the one it
// had, which opens nothing from then on.
func (c *Catalog) CreateShareToken(ctx context.Context, p tenant.Principal, in ShareTokenInput) (ShareToken, error) {
	for {
		head, was, err := c.share(ctx, p, in.ProjectID)
		if err != nil {
			return ShareToken{}, err
		}
		is := share{shareRecord{uuid.NewString(), timeline.InstantOf(c.now()), head.Birth()}, was.key, newVersion()}
		ops, err := replaceShare(was, is, tokenRecord{p.Workspace, in.ProjectID, head.Birth()})
		if err != nil {
			return ShareToken{}, err
		}
		err = c.store.Transact(ctx, append(ops, head.Unmoved(projectScope(p.Workspace, in.ProjectID)))...)
		if store.Lost(err) && ctx.Err() == nil {
			continue
		}
		return ShareToken{is.Token, is.CreatedAt}, err
	}
}

// replaceShare puts both items of a share, and removes the token before.
func replaceShare(was, is share, leads tokenRecord) ([]store.Op, error) {
	own, err := json.Marshal(is.shareRecord)
	if err != nil {
		return nil, err
	}
	token, err := json.Marshal(leads)
	if err != nil {
		return nil, err
	}
	ops := []store.Op{
		store.Put(store.Item{Key: is.key, Version: is.version, Body: own}, was.unchanged()),
		store.Put(store.Item{Key: tokenKey(hashOf(is.Token)), Version: 1, Body: token}, store.Absent()),
	}
	if was.version != 0 {
		ops = append(ops, store.Delete(tokenKey(hashOf(was.Token)), store.Condition{}))
	}
	return ops, nil
}
