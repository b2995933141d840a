package network

import (
	"context"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type GetHostInput struct {
	ID UUID              `path:"id" doc:"The host's id" example:"0d5a4a4e-3c1c-4f5e-9b9f-6a2f1d2c3b4a"`
	At *timeline.Instant `query:"at" doc:"RFC 3339 instant to read the past at; without it, now"`
}

// GetHost reads a host with all that is on it, now or as it was.
func (n *Inventory) GetHost(ctx context.Context, p tenant.Principal, in GetHostInput) (Host, error) {
	h, err := n.findHost(ctx, p.Workspace, in.ID, in.At)
	if err != nil {
		return Host{}, err
	}
	err = n.showTags(ctx, p.Workspace, in.At, linkedOn(h)...)
	return *h, err
}

// findHost reads the host that has an id, as it is stored.
func (n *Inventory) findHost(ctx context.Context, workspace string, id UUID, at *timeline.Instant) (*Host, error) {
	h, err := n.locate(ctx, workspace, string(id), at)
	if err == nil && (h == nil || h.ID != string(id)) {
		err = notFound("Host", id)
	}
	return h, err
}
