package catalog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"almanac/internal/store"
	"almanac/internal/timeline"
)

// Shared is the project that a share token leads to.
type Shared struct {
	ID        string // stands for the token, which it does not tell
	Workspace string
	Project   string

	birth string
}

// Shared finds the project of a share token, or gives ErrShareTokenNotFound. It
// says nothing of whether the project still is: Confirm does.
func (c *Catalog) Shared(ctx context.Context, token string) (Shared, error) {
	if id, err := uuid.Parse(token); err != nil || id.String() != token {
		return Shared{}, ErrShareTokenNotFound
	}
	hash := hashOf(token)
	item, err := c.store.Get(ctx, tokenKey(hash))
	if store.KindOf(err) == store.NotFound {
		return Shared{}, ErrShareTokenNotFound
	}
	if err != nil {
		return Shared{}, err
	}
	var r tokenRecord
	if err := json.Unmarshal(item.Body, &r); err != nil {
		return Shared{}, fmt.Errorf("share token %s: %w", hash, err)
	}
	return Shared{"share-" + hash, r.Workspace, r.Project, r.Birth}, nil
}

// Confirm gives ErrShareTokenNotFound when what is read under the project's id
// is not, or was not all the time since Shared found it, what was shared: an id
// may belong to another project once its own is deleted.
func (c *Catalog) Confirm(ctx context.Context, s Shared) error {
	head, err := c.timeline.Head(ctx, projectScope(s.Workspace, s.Project))
	if errors.Is(err, timeline.ErrNoSuchScope) || err == nil && head.Birth() != s.birth {
		return ErrShareTokenNotFound
	}
	return err
}
