package catalog

import (
	"context"

	"almanac/internal/tenant"
)

type GetLimitsInput struct{}

type Limits struct {
	CurrentProjects int64 `json:"currentProjects" doc:"How many projects the workspace has now" example:"7"`
	MaxProjects     int   `json:"maxProjects" doc:"How many it may have" example:"100000"`
}

// GetLimits tells how many projects the workspace has and may have.
func (c *Catalog) GetLimits(ctx context.Context, p tenant.Principal, _ GetLimitsInput) (Limits, error) {
	count, err := c.projectCount(ctx, projectCountKey(p.Workspace))
	return Limits{count, c.maxProjects}, err
}
