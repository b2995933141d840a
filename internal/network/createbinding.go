package network

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"almanac/internal/fault"
	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type CreateBindingInput struct {
	Body NewBinding
}

// NewBinding is a binding that is to be.
type NewBinding struct {
	ServiceID UUID `json:"service_id" check:"required" doc:"The service that is to listen" example:"497f6eca-6276-4993-bfeb-53cbbbba6f08"`
	BindingPlace
}

// BindingPlace is where a service is to listen.
type BindingPlace struct {
	_           struct{}    `shape:"open"`
	Type        BindingType `json:"type" check:"required,enum=Interface|Port" doc:"Interface: present there, without a port"`
	PortID      *UUID       `json:"port_id" check:"nullable" doc:"A port of the service's host; required with Port, not allowed with Interface"`
	InterfaceID *UUID       `json:"interface_id" check:"nullable" doc:"An interface of the service's host; required with Interface. With Port, null and absent are all interfaces"`
}

// binding is one without an id.
func (p BindingPlace) binding() (Binding, error) {
	b, violation := SentBinding{Type: p.Type, PortID: p.PortID, InterfaceID: p.InterfaceID}.binding()
	if violation != nil {
		return Binding{}, fault.ValidationFailed(*violation)
	}
	return b, nil
}

// CreateBinding makes a service listen somewhere else, too. Where it does so
// already, that binding is the answer; a binding to all interfaces replaces
// those of its port to one.
func (n *Inventory) CreateBinding(ctx context.Context, p tenant.Principal, in CreateBindingInput) (Binding, error) {
	sent, err := in.Body.binding()
	if err != nil {
		return Binding{}, err
	}
	return n.bind(ctx, p, string(in.Body.ServiceID), notFound("Service", in.Body.ServiceID), func(h *Host) (*Binding, error) {
		s := h.service(string(in.Body.ServiceID))
		if s == nil {
			return nil, nil
		}
		if b := s.covering(sent, ""); b != nil {
			return b, nil
		}
		b := sent
		b.ID = newIDOn(h.ID)
		s.Bindings = append(s.Bindings, b)
		return &b, nil
	})
}

// bind changes the bindings of a service on the host that has an id, or gives
// none. Change gives the binding that is the answer, or nil where what it is to
// change is not on the host.
func (n *Inventory) bind(ctx context.Context, p tenant.Principal, id string, none error, change func(*Host) (*Binding, error)) (Binding, error) {
	for {
		found, err := n.locate(ctx, p.Workspace, id, nil)
		if err != nil {
			return Binding{}, err
		}
		if found == nil {
			return Binding{}, none
		}
		if bound, err := change(found); bound == nil || err != nil {
			return Binding{}, cmp.Or(err, none)
		}
		var h *Host
		var bound *Binding
		err = n.commit(ctx, p, found.NetworkID, func(e *edit) error {
			var err error
			bound = nil
			if h, err = e.host(found.ID); err == nil {
				bound, err = change(h)
			}
			if errors.Is(err, timeline.ErrNoSuchDocument) {
				return nil
			}
			return err
		})
		if err != nil {
			return Binding{}, clash(err)
		}
		// What went to another host meanwhile is looked for again.
		if bound != nil {
			_, b := h.binding(bound.ID)
			return *b, nil
		}
	}
}

// clash words the refusals of the rules as bindings of their own give them: what
// stands against a binding is a conflict.
func clash(err error) error {
	if refusal, ok := errors.AsType[*Refusal](err); ok && refusal.Rule != RuleCrossHost {
		return fault.New(fault.Conflict, string(refusal.Rule), "Conflicting bindings").Detailf("%s", refusal.Message)
	}
	return faultOf(err)
}

// covering is the binding of a service that leaves nothing for another one to
// say, apart from the one with an id.
func (s *Service) covering(b Binding, except string) *Binding {
	i := slices.IndexFunc(s.Bindings, func(other Binding) bool {
		return other.ID != except && other.Type == b.Type && other.PortID == b.PortID && (other.InterfaceID == b.InterfaceID || other.everywhere())
	})
	if i < 0 {
		return nil
	}
	return &s.Bindings[i]
}
