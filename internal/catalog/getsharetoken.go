package catalog

import (
	"context"

	"almanac/internal/tenant"
)

// GetShareToken reads the token under which a project is shared, or
// ErrShareTokenNotFound.
func (c *Catalog) GetShareToken(ctx context.Context, p tenant.Principal, in ShareTokenInput) (ShareToken, error) {
	head, s, err := c.share(ctx, p, in.ProjectID)
	if err != nil {
		return ShareToken{}, err
	}
	if !s.of(head) {
		return ShareToken{}, ErrShareTokenNotFound
	}
	return ShareToken{s.Token, s.CreatedAt}, nil
}
