package catalog

import (
	"context"

	"almanac/internal/tenant"
)

// RawAnswer is a ServiceRaw with what its answer says of it.
type RawAnswer struct {
	raw   ServiceRaw
	etag  string
	final bool
}

func (a RawAnswer) Body() any    { return a.raw }
func (a RawAnswer) ETag() string { return a.etag }
func (a RawAnswer) Final() bool  { return a.final }

// GetServiceRaw reads what was written of the snapshot that holds at an
// instant. It can never change for an instant up to the project's last write:
// the last before the snapshot is read, since one between the two reads might
// have closed it before that instant.
func (c *Catalog) GetServiceRaw(ctx context.Context, p tenant.Principal, in GetServiceInput) (RawAnswer, error) {
	written := false
	if in.At != nil {
		head, err := c.timeline.HeadAt(ctx, projectScope(p.Workspace, in.ProjectID), *in.At)
		if err != nil {
			return RawAnswer{}, faultOf(err)
		}
		written = *in.At <= head.Updated.At
	}
	snapshot, err := c.snapshot(ctx, p, in)
	if err != nil {
		return RawAnswer{}, err
	}
	raw, err := rawOf(snapshot)
	if err != nil {
		return RawAnswer{}, err
	}
	// What was written stays the same when the snapshot closes, and so its tag.
	return RawAnswer{raw, `"` + snapshot.ID + `"`, written || snapshot.Closed()}, nil
}
