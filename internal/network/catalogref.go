package network

import (
	"context"
	"fmt"
	"strings"

	"almanac/internal/store"
)

// CatalogID is the id of a project or the slug of a service, as the catalog
// makes them.
type CatalogID string

// longestCatalogID is that of the slug of a name of 60 letters such as ß, each
// of which becomes two.
const longestCatalogID = 120

// UnmarshalText takes what the catalog could have made, whether it has or not.
func (c *CatalogID) UnmarshalText(text []byte) error {
	possible := len(text) <= longestCatalogID
	for word := range strings.SplitSeq(string(text), "-") {
		possible = possible && word != "" && strings.Trim(word, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
	}
	if !possible {
		return fmt.Errorf("must be lower-case letters and digits with single hyphens between them, %d at most, as in order-api", longestCatalogID)
	}
	*c = CatalogID(text)
	return nil
}

// Pattern is how schemas describe what UnmarshalText takes, but for its length.
func (CatalogID) Pattern() string { return `^[a-z0-9]+(-[a-z0-9]+)*$` }

// CatalogRef names a service of the catalog. It is a note: nothing asks whether
// there is such a service, and none of the two sides knows when the other goes.
type CatalogRef struct {
	ProjectID CatalogID `json:"project_id" check:"required" doc:"The project's id, of at most 120 characters" example:"my-project-a1b2c"`
	Slug      CatalogID `json:"slug" check:"required" doc:"The service's slug, of at most 120 characters; it leads to the service also when that is renamed, until another one takes the slug" example:"order-api"`
}

// pointReferences makes the references to the catalog lead to the hosts of an
// edit that get them.
func (n *Inventory) pointReferences(ctx context.Context, workspace string, e *edit) error {
	var pointers []store.Item
	for _, id := range e.order {
		h := e.hosts[id]
		if h.is == nil {
			continue
		}
		known := h.was.references()
		for ref := range h.is.references() {
			if !known[ref] {
				pointers = append(pointers, pointerFrom(workspace, ref, place{e.network, hostKey(id)}))
			}
		}
	}
	return n.putPointers(ctx, pointers)
}

// references are those of the services of a host; nil has none.
func (h *Host) references() map[CatalogRef]bool {
	refs := map[CatalogRef]bool{}
	if h != nil {
		for _, s := range h.Services {
			if s.Catalog != nil {
				refs[*s.Catalog] = true
			}
		}
	}
	return refs
}
