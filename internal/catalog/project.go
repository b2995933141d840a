package catalog

import (
	"encoding/json"
	"fmt"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

// Project is a project as its caller sees it.
type Project struct {
	ID            string           `json:"id" doc:"Made from the name when the project was created; it never changes" example:"my-project-a1b2c"`
	Name          string           `json:"name" doc:"The name people read"`
	Description   string           `json:"description" doc:"What the project is about"`
	Archived      bool             `json:"archived" doc:"Whether the project is out of use"`
	Pinned        bool             `json:"pinned" doc:"Whether the caller pinned it"`
	ServiceCount  int              `json:"serviceCount" doc:"How many services it has now"`
	IsOwner       bool             `json:"isOwner" doc:"Whether the caller created it"`
	CreatedBy     string           `json:"createdBy" doc:"Member e-mail or key label"`
	CreatedByType string           `json:"createdByType" doc:"MEMBER or API_KEY"`
	UpdatedBy     string           `json:"updatedBy" doc:"Who last wrote the project or one of its services"`
	UpdatedByType string           `json:"updatedByType" doc:"MEMBER or API_KEY"`
	CreatedAt     timeline.Instant `json:"createdAt" doc:"UTC, in milliseconds"`
	UpdatedAt     timeline.Instant `json:"updatedAt" doc:"When the project or one of its services was last written; UTC, in milliseconds"`
}

// projectFacts is what is stored of a project beside what the timeline knows.
type projectFacts struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Archived    bool   `json:"archived,omitzero"`
}

func factsOf(head timeline.Head) (projectFacts, error) {
	var facts projectFacts
	if err := json.Unmarshal(head.Body, &facts); err != nil {
		return facts, fmt.Errorf("project %q: %w", head.ID, err)
	}
	return facts, nil
}

func projectOf(head timeline.Head, p tenant.Principal) (Project, error) {
	facts, err := factsOf(head)
	return Project{
		ID:            head.ID,
		Name:          facts.Name,
		Description:   facts.Description,
		Archived:      facts.Archived,
		ServiceCount:  head.Live,
		IsOwner:       head.Created.By.ID == p.ID,
		CreatedBy:     head.Created.By.Name,
		CreatedByType: head.Created.By.Type,
		UpdatedBy:     head.Updated.By.Name,
		UpdatedByType: head.Updated.By.Type,
		CreatedAt:     head.Created.At,
		UpdatedAt:     head.Updated.At,
	}, err
}
