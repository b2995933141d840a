package network

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

// definitionsKey is of the one document that has the definitions which a
// workspace has registered itself.
const definitionsKey = "definitions"

// ownDefinitions are those that a workspace has registered itself.
type ownDefinitions struct {
	Definitions []Definition `json:"d,omitzero"`
	// Retired are ids of those that are about to be deleted, each with a text
	// that is random. No service can begin to be of one of them.
	Retired map[string]string `json:"r,omitempty"`
}

func decodeDefinitions(body []byte) (own ownDefinitions, err error) {
	if body == nil {
		return own, nil
	}
	if err := json.Unmarshal(body, &own); err != nil {
		return own, fmt.Errorf("service definitions: %w", err)
	}
	return own, nil
}

func (own ownDefinitions) index(id string) int { return indexDefinition(own.Definitions, id) }

func indexDefinition(all []Definition, id string) int {
	return slices.IndexFunc(all, func(d Definition) bool { return d.ID == id })
}

// isShipped tells whether the program comes with a definition.
func isShipped(id string) bool { return indexDefinition(definitions(), id) >= 0 }

// ownDefinitions gives the definitions of a workspace, now or at an instant.
func (n *Inventory) ownDefinitions(ctx context.Context, workspace string, at *timeline.Instant) (ownDefinitions, error) {
	body, err := n.shared(ctx, workspace, definitionsKey, at)
	if err != nil {
		return ownDefinitions{}, err
	}
	return decodeDefinitions(body)
}

// allDefinitions are those that services of a workspace can be of, in the order
// of their ids.
func (n *Inventory) allDefinitions(ctx context.Context, workspace string, at *timeline.Instant) ([]Definition, error) {
	own, err := n.ownDefinitions(ctx, workspace, at)
	if err != nil {
		return nil, err
	}
	all := slices.Concat(definitions(), own.Definitions)
	slices.SortFunc(all, func(a, b Definition) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.ID), strings.ToLower(b.ID)), cmp.Compare(a.ID, b.ID))
	})
	return all, nil
}

// editDefinitions changes the definitions of a workspace. Change may run again.
func (n *Inventory) editDefinitions(ctx context.Context, p tenant.Principal, change func(own *ownDefinitions) error) error {
	return n.share(ctx, p, definitionsKey, 0, func(body []byte, _ timeline.Instant) ([]byte, error) {
		own, err := decodeDefinitions(body)
		if err != nil {
			return nil, err
		}
		if err := change(&own); err != nil {
			return nil, err
		}
		return json.Marshal(own)
	})
}

// checkDefinitions refuses what services of the edit are to be and were not
// before, where neither the program nor the workspace defines it. A definition
// of the workspace's stays one until the commit is done, or else the change runs
// again.
func (e *edit) checkDefinitions(ctx context.Context, n *Inventory, workspace string, before *Host) error {
	var fresh []string
	for _, id := range e.order {
		h := e.hosts[id].is
		if h == nil {
			continue
		}
		for _, s := range h.Services {
			if was := before.service(s.ID); (was == nil || was.ServiceDefinition != s.ServiceDefinition) && !isShipped(s.ServiceDefinition) {
				fresh = append(fresh, s.ServiceDefinition)
			}
		}
	}
	if fresh == nil {
		return nil
	}
	scope := inventoryScope(workspace)
	head, err := n.timeline.Head(ctx, scope)
	if errors.Is(err, timeline.ErrNoSuchScope) {
		return unknownDefinition(fresh[0])
	}
	if err != nil {
		return err
	}
	own, err := n.ownDefinitions(ctx, workspace, nil)
	if err != nil {
		return err
	}
	for _, id := range fresh {
		if own.index(id) < 0 {
			return unknownDefinition(id)
		}
		if own.Retired[id] != "" {
			return invalid(codeUnknownDefinition, "the service definition %q is being deleted", id)
		}
	}
	e.tx.Also(head.Unmoved(scope))
	return nil
}

const codeUnknownDefinition = "unknown_service_definition"

func unknownDefinition(id string) error {
	return invalid(codeUnknownDefinition, "there is no service definition with the id %q", id)
}
