package network

import (
	"context"
	"slices"

	"almanac/internal/tenant"
)

type UpdateBindingInput struct {
	ID UUID `path:"id" doc:"The binding's id" example:"1b4e28ba-2fa1-41d2-883f-0016d3cca427"`
	Guard
	Body BindingPlace
}

// UpdateBinding makes a service listen somewhere else instead. Where another of
// its bindings covers that, this one is no more and the other one the answer.
func (n *Inventory) UpdateBinding(ctx context.Context, p tenant.Principal, in UpdateBindingInput) (Binding, error) {
	sent, err := in.Body.binding()
	if err != nil {
		return Binding{}, err
	}
	id := string(in.ID)
	return n.bind(ctx, p, id, notFound("Binding", in.ID), func(h *Host) (*Binding, error) {
		if err := in.holds(seeBinding(in.ID)(h)); err != nil {
			return nil, err
		}
		s, b := h.binding(id)
		if b == nil {
			return nil, nil
		}
		if other := s.covering(sent, id); other != nil {
			covering := *other
			s.Bindings = slices.DeleteFunc(s.Bindings, func(b Binding) bool { return b.ID == id })
			return &covering, nil
		}
		b.Type, b.PortID, b.InterfaceID = sent.Type, sent.PortID, sent.InterfaceID
		return b, nil
	})
}
