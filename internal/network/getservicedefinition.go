package network

import (
	"context"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type GetServiceDefinitionInput struct {
	ID string            `path:"id" check:"maxLength=100" doc:"The definition's id, which is its name" example:"PostgreSQL"`
	At *timeline.Instant `query:"at" doc:"RFC 3339 instant to read the past at; without it, now"`
}

// GetServiceDefinition reads a definition that comes with the program, or one of
// the workspace's, now or as it was.
func (n *Inventory) GetServiceDefinition(ctx context.Context, p tenant.Principal, in GetServiceDefinitionInput) (Definition, error) {
	if i := indexDefinition(definitions(), in.ID); i >= 0 {
		return definitions()[i], nil
	}
	own, err := n.ownDefinitions(ctx, p.Workspace, in.At)
	if err != nil {
		return Definition{}, err
	}
	if i := own.index(in.ID); i >= 0 {
		return own.Definitions[i], nil
	}
	return Definition{}, noDefinition(in.ID)
}

func noDefinition(id string) error {
	return ErrNotFound.Detailf("there is no service definition with the id %q", id)
}
