package catalog

import (
	"context"
	"math"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

// ServiceSlugs gives all slugs that mean the service which holds a slug at an
// instant, that one first: the others are those that it had before, and that no
// other service has taken since. It also gives when the service became what it
// is at the instant. Errors are those of GetService.
func (c *Catalog) ServiceSlugs(ctx context.Context, p tenant.Principal, in GetServiceInput) ([]string, timeline.Instant, error) {
	snapshot, err := c.snapshot(ctx, p, in)
	if err != nil {
		return nil, 0, err
	}
	at := timeline.Instant(math.MaxInt64)
	if in.At != nil {
		at = *in.At
	}
	former, err := c.timeline.FormerKeys(ctx, projectScope(p.Workspace, in.ProjectID), snapshot, at)
	if err != nil {
		return nil, 0, faultOf(err)
	}
	return append([]string{snapshot.Key}, former...), snapshot.From, nil
}
