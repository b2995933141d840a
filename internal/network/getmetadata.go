package network

import (
	"context"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type GetMetadataInput struct {
	At *timeline.Instant `query:"at" doc:"RFC 3339 instant to read the past at; without it, now"`
}

// Metadata is what clients choose from.
type Metadata struct {
	ServiceDefinitions []Definition `json:"service_definitions" doc:"The kinds of services, in the order of their ids: those that come with the program and those of the workspace"`
}

// GetMetadata lists what clients choose from.
func (n *Inventory) GetMetadata(ctx context.Context, p tenant.Principal, in GetMetadataInput) (Metadata, error) {
	all, err := n.allDefinitions(ctx, p.Workspace, in.At)
	return Metadata{all}, err
}
