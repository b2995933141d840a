package catalog

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"almanac/internal/tenant"
)

type ListProjectsInput struct {
	Page      int    `query:"page" check:"minimum=0,maximum=2147483647" default:"0" doc:"Number of the page, from 0"`
	Size      int    `query:"size" check:"minimum=1,maximum=100" default:"20" doc:"Projects on a page"`
	Pinned    *bool  `query:"pinned" doc:"Only those that the caller pinned, or did not"`
	Archived  *bool  `query:"archived" doc:"Only those archived, or not"`
	CreatedBy string `query:"createdBy" doc:"Only those created by this member e-mail, key label or actor id"`
	Query     string `query:"query" doc:"Only those whose name holds this text, in any case"`
}

type ProjectPage struct {
	Data       []Project `json:"data" doc:"The projects of this page, newest update first"`
	Page       int       `json:"page" doc:"Number of this page, from 0"`
	Size       int       `json:"size" doc:"Projects on a full page"`
	Total      int       `json:"total" doc:"Projects on all pages"`
	TotalPages int       `json:"totalPages" doc:"How many pages there are"`
	First      bool      `json:"first" doc:"Whether this is the first page"`
	Last       bool      `json:"last" doc:"Whether no page follows"`
}

// ListProjects lists a page of the workspace's projects, newest update first.
func (c *Catalog) ListProjects(ctx context.Context, p tenant.Principal, in ListProjectsInput) (ProjectPage, error) {
	heads, err := c.timeline.Heads(ctx, projectsOf(p.Workspace))
	if err != nil {
		return ProjectPage{}, err
	}
	pins, err := c.pins(ctx, p)
	if err != nil {
		return ProjectPage{}, err
	}
	query := strings.ToLower(in.Query)
	var found []Project
	for _, head := range heads {
		project, err := projectOf(head, p)
		if err != nil {
			return ProjectPage{}, err
		}
		project.Pinned = pins[head.ID].marks(head)
		creator := head.Created.By
		if in.Pinned != nil && project.Pinned != *in.Pinned ||
			in.Archived != nil && project.Archived != *in.Archived ||
			in.CreatedBy != "" && in.CreatedBy != creator.Name && in.CreatedBy != creator.ID ||
			!strings.Contains(strings.ToLower(project.Name), query) {
			continue
		}
		found = append(found, project)
	}
	slices.SortFunc(found, func(a, b Project) int {
		return cmp.Or(cmp.Compare(b.UpdatedAt, a.UpdatedAt), cmp.Compare(a.ID, b.ID))
	})
	total := len(found)
	from := min(in.Page*in.Size, total)
	pages := (total + in.Size - 1) / in.Size
	return ProjectPage{
		Data:       append([]Project{}, found[from:min(from+in.Size, total)]...),
		Page:       in.Page,
		Size:       in.Size,
		Total:      total,
		TotalPages: pages,
		First:      in.Page == 0,
		Last:       in.Page >= pages-1,
	}, nil
}
