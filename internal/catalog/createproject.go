package catalog

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"strings"

	"almanac/internal/store"
	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type CreateProjectInput struct {
	Body NewProject
}

type NewProject struct {
	Name        string `json:"name" check:"required,minLength=3,maxLength=60,notBlank" doc:"The name people read" example:"Web shop"`
	Description string `json:"description" check:"required,maxLength=200" doc:"What the project is about" example:"The shop and what it stands on"`
}

// CreateProject makes an empty project, or ErrProjectLimit.
func (c *Catalog) CreateProject(ctx context.Context, p tenant.Principal, in CreateProjectInput) (Project, error) {
	for {
		project, err := c.CreateProjectAs(ctx, p, newProjectID(in.Body.Name), in.Body)
		if refusal, ok := errors.AsType[*timeline.Error](err); ok && refusal.Kind == timeline.ScopeExists {
			continue // that suffix was drawn before
		}
		return project, err
	}
}

// CreateProjectAs is CreateProject with an id that the caller chose.
func (c *Catalog) CreateProjectAs(ctx context.Context, p tenant.Principal, id string, in NewProject) (Project, error) {
	facts, err := json.Marshal(projectFacts{Name: in.Name, Description: in.Description})
	if err != nil {
		return Project{}, err
	}
	head, err := c.counted(ctx, p.Workspace, +1, func(count store.Op) (timeline.Head, error) {
		return c.timeline.CreateScope(ctx, projectScope(p.Workspace, id), facts, actorOf(p), count)
	})
	if err != nil {
		return Project{}, err
	}
	return projectOf(head, p)
}

const (
	maxProjectID = 60
	minProjectID = 8
	suffixLength = 5
)

// newProjectID is the folded name and a short random suffix: my-project-a1b2c.
func newProjectID(name string) string {
	base := fold(name)
	if base == "" {
		base = "project"
	}
	base = strings.TrimRight(base[:min(len(base), maxProjectID-suffixLength-1)], "-")
	n := max(suffixLength, minProjectID-len(base)-1)
	return base + "-" + strings.ToLower(rand.Text()[:n])
}
