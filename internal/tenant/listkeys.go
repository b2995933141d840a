package tenant

import (
	"cmp"
	"context"
	"slices"
)

type ListKeysInput struct{}

// ListKeys lists all keys of the workspace, the newest first.
func (i *Issuer) ListKeys(ctx context.Context, p Principal, _ ListKeysInput) ([]Key, error) {
	all, err := i.all(ctx, p.Workspace)
	if err != nil {
		return nil, err
	}
	keys := make([]Key, len(all))
	for n, r := range all {
		keys[n] = keyOf(r)
	}
	slices.SortFunc(keys, func(a, b Key) int {
		return cmp.Or(cmp.Compare(b.CreatedAt, a.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return keys, nil
}
