package catalog

import (
	"context"
	"math"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

// ServiceSlugs gives all slugs that mean the service which holds a slug at an
// instant, that one first: the others are those that it had before, and that no
// other service has taken since. It also gives the instant at which it read them,
// no later than the project's last change: there they are the same for good.
// Errors are those of GetService.
func (c *Catalog) ServiceSlugs(ctx context.Context, p tenant.Principal, in GetServiceInput) ([]string, timeline.Instant, error) {
	scope := projectScope(p.Workspace, in.ProjectID)
	at := timeline.Instant(math.MaxInt64)
	if in.At != nil {
		at = *in.At
	}
	head, err := c.timeline.HeadAt(ctx, scope, at)
	if err != nil {
		return nil, 0, faultOf(err)
	}
	at = min(at, head.Updated.At)
	in.At = &at
	snapshot, err := c.snapshot(ctx, p, in)
	if err != nil {
		return nil, 0, err
	}
	former, err := c.timeline.FormerKeys(ctx, scope, snapshot, at)
	if err != nil {
		return nil, 0, faultOf(err)
	}
	return append([]string{snapshot.Key}, former...), at, nil
}
