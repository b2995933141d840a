package network

import (
	"cmp"
	"context"
	"crypto/rand"
	"slices"

	"almanac/internal/tenant"
)

type DeleteServiceDefinitionInput struct {
	ID string `path:"id" check:"maxLength=100" doc:"The id of one of the workspace's definitions" example:"Billing Gateway"`
	Guard
}

// DeleteServiceDefinition removes a definition of the workspace's that no service
// is of. So that none begins to be while all are looked at, it is retired first;
// where the request fails after that, it stays so until it is deleted or put again.
func (n *Inventory) DeleteServiceDefinition(ctx context.Context, p tenant.Principal, in DeleteServiceDefinitionInput) error {
	if isShipped(in.ID) {
		return errShipped(in.ID)
	}
	own, err := n.ownDefinitions(ctx, p.Workspace, nil)
	if err != nil {
		return err
	}
	if own.index(in.ID) < 0 {
		return noDefinition(in.ID)
	}
	// A definition that is in use is not retired, as far as can be known.
	if err := n.checkUnused(ctx, p.Workspace, in.ID); err != nil {
		return err
	}
	for {
		mark, err := n.retire(ctx, p, in)
		if err != nil {
			return err
		}
		inUse := n.checkUnused(ctx, p.Workspace, in.ID)
		ended, err := n.endRetirement(ctx, p, in.ID, mark, inUse == nil)
		if ended || err != nil {
			return cmp.Or(inUse, err)
		}
	}
}

// retire lets no service begin to be of a definition. Who retires one that is
// retired shares the mark of that: the definition has been retired all the time
// as long as the mark stays.
func (n *Inventory) retire(ctx context.Context, p tenant.Principal, in DeleteServiceDefinitionInput) (mark string, err error) {
	err = n.editDefinitions(ctx, p, func(own *ownDefinitions) error {
		i := own.index(in.ID)
		if i < 0 {
			return noDefinition(in.ID)
		}
		if err := in.holdsDefinition(own, i); err != nil {
			return err
		}
		if own.Retired[in.ID] == "" {
			if own.Retired == nil {
				own.Retired = map[string]string{}
			}
			own.Retired[in.ID] = rand.Text()
		}
		mark = own.Retired[in.ID]
		return nil
	})
	return mark, err
}

// endRetirement removes a definition, or else the mark, and tells whether it had
// that mark still.
func (n *Inventory) endRetirement(ctx context.Context, p tenant.Principal, id, mark string, remove bool) (had bool, err error) {
	err = n.editDefinitions(ctx, p, func(own *ownDefinitions) error {
		if had = own.Retired[id] == mark; had {
			delete(own.Retired, id)
			if remove {
				own.Definitions = slices.DeleteFunc(own.Definitions, func(d Definition) bool { return d.ID == id })
			}
		}
		return nil
	})
	return had, err
}

// checkUnused refuses a definition that some service is of now.
func (n *Inventory) checkUnused(ctx context.Context, workspace, id string) error {
	hosts, err := n.surveyHosts(ctx, workspace, "", nil)
	if err != nil {
		return faultOf(err)
	}
	for _, h := range hosts {
		for _, s := range h.Services {
			if s.ServiceDefinition == id {
				return ErrConflict.Detailf("the service %s is of the definition %q", s.ID, id)
			}
		}
	}
	return nil
}
