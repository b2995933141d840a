package catalog

import (
	"context"

	"almanac/internal/store"
	"almanac/internal/tenant"
)

// DeleteShareToken ends the sharing of a project, or returns
// ErrShareTokenNotFound.
func (c *Catalog) DeleteShareToken(ctx context.Context, p tenant.Principal, in ShareTokenInput) error {
	for {
		head, s, err := c.share(ctx, p, in.ProjectID)
		if err != nil {
			return err
		}
		if !s.of(head) {
			return ErrShareTokenNotFound
		}
		err = c.store.Transact(ctx, s.end()...)
		if store.Lost(err) && ctx.Err() == nil {
			continue
		}
		return err
	}
}
