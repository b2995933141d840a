package network

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode"

	"almanac/internal/fault"
	"almanac/internal/tenant"
)

type PutServiceDefinitionInput struct {
	ID string `path:"id" check:"maxLength=100" doc:"Its id, which is its name: none of those that come with the program" example:"Billing Gateway"`
	Guard
	Body DefinitionFacts
}

// DefinitionFacts are what a client says of a definition.
type DefinitionFacts struct {
	_            struct{}          `shape:"open"`
	Name         *string           `json:"name" doc:"The same as the id in the path, where it is sent"`
	Description  string            `json:"description" check:"maxLength=500" doc:"What such a service does; without it, empty"`
	Category     string            `json:"category" check:"maxLength=50" doc:"A word to group definitions by; without it, Custom"`
	Icon         string            `json:"icon" check:"maxLength=200" doc:"Name of a picture for it; without it, empty"`
	DefaultPorts []SentDefaultPort `json:"default_ports" check:"maxItems=50" doc:"Where such a service listens unless it is told otherwise; without it, nowhere. Repetitions are left out"`
}

type SentDefaultPort struct {
	_        struct{} `shape:"open"`
	Number   int      `json:"number" check:"required,minimum=1,maximum=65535" doc:"1 to 65535" example:"8443"`
	Protocol Protocol `json:"protocol" check:"required,enum=Tcp|Udp" doc:"Tcp or Udp" example:"Tcp"`
}

// plainCategory is of definitions that were given none.
const plainCategory = "Custom"

// definition is what a client said of the one with an id.
func (f DefinitionFacts) definition(id string) (Definition, error) {
	if strings.TrimSpace(id) != id || id == "" || strings.ContainsFunc(id, func(r rune) bool { return r == '/' || unicode.IsControl(r) }) {
		return Definition{}, fault.BadRequest("id must be a name without slashes and control characters, and without white space around it")
	}
	if f.Name != nil && *f.Name != id {
		return Definition{}, fault.ValidationFailed(fault.Violation{Field: "name", Message: "must be the id in the path: a definition keeps its name"})
	}
	d := Definition{ID: id, Name: id, Description: f.Description, Category: cmp.Or(f.Category, plainCategory), Icon: f.Icon, DefaultPorts: []DefaultPort{}}
	for _, sent := range f.DefaultPorts {
		if port := (DefaultPort{sent.Number, sent.Protocol}); !slices.Contains(d.DefaultPorts, port) {
			d.DefaultPorts = append(d.DefaultPorts, port)
		}
	}
	return d, nil
}

// mostDefinitions is how many definitions of its own a workspace can have.
const mostDefinitions = 500

// PutServiceDefinition makes a definition of the workspace's what is sent, or a
// new one. One that is about to be deleted stays.
func (n *Inventory) PutServiceDefinition(ctx context.Context, p tenant.Principal, in PutServiceDefinitionInput) (Definition, error) {
	if isShipped(in.ID) {
		return Definition{}, errShipped(in.ID)
	}
	is, err := in.Body.definition(in.ID)
	if err != nil {
		return Definition{}, err
	}
	return is, n.editDefinitions(ctx, p, func(own *ownDefinitions) error {
		i := own.index(in.ID)
		if err := in.holdsDefinition(own, i); err != nil {
			return err
		}
		delete(own.Retired, in.ID)
		switch {
		case i >= 0:
			own.Definitions[i] = is
		case len(own.Definitions) == mostDefinitions:
			return invalid("too_many_definitions", "a workspace has at most %d service definitions of its own", mostDefinitions)
		default:
			own.Definitions = append(own.Definitions, is)
		}
		return nil
	})
}

// holdsDefinition is holds for a definition of the workspace's, which may not be.
func (g Guard) holdsDefinition(own *ownDefinitions, i int) error {
	if i >= 0 {
		return g.holds(own.Definitions[i])
	}
	if g.IfMatch.Sent() {
		return ErrPrecondition.Detailf("there is none")
	}
	return nil
}

func errShipped(id string) error {
	return ErrConflict.Detailf("the service definition %q comes with the program, and stays as it is", id)
}
