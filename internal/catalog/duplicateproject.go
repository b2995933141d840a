package catalog

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"almanac/internal/fault"
	"almanac/internal/shape"
	"almanac/internal/store"
	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type DuplicateProjectInput struct {
	ProjectID string      `path:"projectId" doc:"The project's id" example:"my-project-a1b2c"`
	Body      ProjectCopy `shape:"optional"`
}

type ProjectCopy struct {
	Name shape.Field[string] `json:"name" check:"minLength=3,maxLength=60,notBlank" doc:"The copy's name; without it, that of the project and the word copy" example:"Web shop, next year"`
}

// DuplicateProject makes a project that holds what another one holds at one
// instant, without its past. The copy is there as a whole or not at all, and it
// is in use, even where the other one is archived. Errors: ErrProjectNotFound,
// ErrProjectLimit, or BadRequest where there are more services than one copy
// carries.
func (c *Catalog) DuplicateProject(ctx context.Context, p tenant.Principal, in DuplicateProjectInput) (Project, error) {
	source, services, err := c.timeline.List(ctx, projectScope(p.Workspace, in.ProjectID))
	if err != nil {
		return Project{}, faultOf(err)
	}
	if len(services) > timeline.MaxDraft {
		return Project{}, fault.BadRequest("the project has %d services; a copy carries at most %d", len(services), timeline.MaxDraft)
	}
	facts, err := factsOf(source)
	if err != nil {
		return Project{}, err
	}
	facts.Archived = false
	facts.Name = nameOfCopy(facts.Name)
	in.Body.Name.Set(&facts.Name)

	var draft *timeline.Draft
	head, err := c.counted(ctx, p.Workspace, +1, func(count store.Op) (timeline.Head, error) {
		if draft == nil {
			if draft, err = c.draft(ctx, p, facts, services); err != nil {
				return timeline.Head{}, err
			}
		}
		return draft.Reveal(ctx, count)
	})
	if err != nil {
		if draft != nil {
			draft.Discard(ctx)
		}
		return Project{}, faultOf(err)
	}
	return projectOf(head, p)
}

// draft writes a project with copies of services, which nobody sees yet.
func (c *Catalog) draft(ctx context.Context, p tenant.Principal, facts projectFacts, services []timeline.Snapshot) (*timeline.Draft, error) {
	body, err := json.Marshal(facts)
	if err != nil {
		return nil, err
	}
	documents := make([]timeline.Document, len(services))
	for i, s := range services {
		documents[i] = timeline.Document{Key: s.Key, Name: s.Name, Body: s.Body}
	}
	for {
		draft, err := c.timeline.Draft(ctx, projectScope(p.Workspace, newProjectID(facts.Name)), body, actorOf(p), documents)
		if !errors.Is(err, timeline.ErrScopeExists) {
			return draft, err
		}
	}
}

// nameOfCopy is a project's name, cut where it must be, and the word copy.
func nameOfCopy(name string) string {
	const longest, word = 60, " copy"
	if runes := []rune(name); len(runes) > longest-len(word) {
		name = string(runes[:longest-len(word)])
	}
	return strings.TrimRight(name, " ") + word
}
