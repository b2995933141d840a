package network

import (
	"context"
	"errors"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

// BulkDeleteHosts removes hosts as BulkDeleteServices does services.
func (n *Inventory) BulkDeleteHosts(ctx context.Context, p tenant.Principal, in BulkDeleteInput) (BulkDeleted, error) {
	is := func(h *Host, id string) bool { return h.ID == id }
	count, err := n.inParts(ctx, p, in.Body, is, func(e *edit, one holder) ([]string, error) {
		err := e.remove(one.id)
		if errors.Is(err, timeline.ErrNoSuchDocument) {
			return nil, nil
		}
		return one.ids, err
	})
	return BulkDeleted{count, len(in.Body)}, faultOf(err)
}
