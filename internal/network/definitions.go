package network

import (
	"context"
	"slices"
)

// definitionsKey is of the one document that has the definitions which a
// workspace has registered itself.
const definitionsKey = "definitions"

// checkDefinition refuses the id of a definition that neither the program nor
// the workspace has.
func (n *Inventory) checkDefinition(ctx context.Context, workspace, id string) error {
	is := func(d Definition) bool { return d.ID == id }
	if slices.ContainsFunc(definitions(), is) {
		return nil
	}
	var own []Definition
	if err := n.shared(ctx, workspace, definitionsKey, nil, &own); err != nil {
		return err
	}
	if !slices.ContainsFunc(own, is) {
		return invalid("unknown_service_definition", "there is no service definition with the id %q", id)
	}
	return nil
}
