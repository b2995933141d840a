package network

import (
	"context"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type CreateTagInput struct {
	Body TagFacts
}

// TagFacts are what a client says of a tag.
type TagFacts struct {
	_           struct{} `shape:"open"`
	Name        string   `json:"name" check:"required,minLength=1,maxLength=100,notBlank" doc:"Unique in the workspace, to the letter" example:"production"`
	Description *string  `json:"description" check:"nullable,maxLength=500" doc:"What it says of what has it; null, and without it, nothing"`
	Color       *string  `json:"color" check:"nullable,minLength=1,maxLength=50,notBlank" doc:"A word for a colour; null, and without it, Gray for a new tag and else as it is" example:"Blue"`
}

// plainColor is of tags that were given none.
const plainColor = "Gray"

// setOn makes a tag what a client said of it.
func (f TagFacts) setOn(t *Tag) {
	t.Name, t.Description = f.Name, f.Description
	if f.Color != nil {
		t.Color = *f.Color
	}
}

// mostTags is how many tags a workspace can have. All of them are read wherever
// something has one.
const mostTags = 1000

// CreateTag adds a tag to those of the workspace.
func (n *Inventory) CreateTag(ctx context.Context, p tenant.Principal, in CreateTagInput) (Tag, error) {
	made := Tag{ID: newID(), Color: plainColor}
	in.Body.setOn(&made)
	err := n.editTags(ctx, p, 0, func(all *allTags, at timeline.Instant) error {
		if len(all.tags) >= mostTags {
			return invalid("too_many_tags", "a workspace has at most %d tags", mostTags)
		}
		made.Times = Times{at, at}
		all.tags = append(all.tags, made)
		return all.unique(made)
	})
	return made, err
}
