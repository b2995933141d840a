package catalog

import (
	"context"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type GetSnapshotDiffInput struct {
	ProjectID  string `path:"projectId" doc:"The project's id" example:"my-project-a1b2c"`
	SnapshotID string `path:"snapshotId" doc:"The snapshotId of an event in the history, of a deletion, too"`
}

// SnapshotDiff is a service just before and just after one change. It can never
// change itself.
type SnapshotDiff struct {
	Before *ServiceRaw `json:"before,omitzero" doc:"What was written of the service before; absent where the change created it"`
	After  *ServiceRaw `json:"after,omitzero" doc:"What was written of it since; absent where the change deleted it"`

	snapshotID string
}

func (d SnapshotDiff) ETag() string { return `"` + d.snapshotID + `"` }

// GetSnapshotDiff reads what one event of the history changed, or gives
// ErrSnapshotNotFound.
func (c *Catalog) GetSnapshotDiff(ctx context.Context, p tenant.Principal, in GetSnapshotDiffInput) (SnapshotDiff, error) {
	change, err := c.timeline.Change(ctx, projectScope(p.Workspace, in.ProjectID), in.SnapshotID)
	if err != nil {
		return SnapshotDiff{}, faultOf(err)
	}
	diff := SnapshotDiff{snapshotID: change.SnapshotID}
	for _, side := range []struct {
		of   *timeline.Snapshot
		into **ServiceRaw
	}{{change.Before, &diff.Before}, {change.After, &diff.After}} {
		if side.of == nil {
			continue
		}
		raw, err := rawOf(*side.of)
		if err != nil {
			return SnapshotDiff{}, err
		}
		*side.into = &raw
	}
	return diff, nil
}
