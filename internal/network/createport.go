package network

import (
	"context"

	"almanac/internal/tenant"
)

type CreatePortInput struct {
	Body NewPort
}

// NewPort is a port that is to be.
type NewPort struct {
	HostID    UUID `json:"host_id" check:"required" doc:"The host it is on" example:"0d5a4a4e-3c1c-4f5e-9b9f-6a2f1d2c3b4a"`
	NetworkID UUID `json:"network_id" check:"required" doc:"The network of that host" example:"7c9e6679-7425-40de-944b-e07fc1f90ae7"`
	PortFacts
}

// PortFacts are what a client says of a port, but for where it is. What else a
// port is shown with can be sent back, and is not looked at.
type PortFacts struct {
	_        struct{} `shape:"open"`
	Number   int      `json:"number" check:"required,minimum=1,maximum=65535" doc:"With the protocol, once a host" example:"5432"`
	Protocol Protocol `json:"protocol" check:"required,enum=Tcp|Udp" doc:"Tcp or Udp"`
}

// CreatePort opens a port on a host for its services to listen on.
func (n *Inventory) CreatePort(ctx context.Context, p tenant.Principal, in CreatePortInput) (Port, error) {
	h, id, err := n.addOn(ctx, p, in.Body.HostID, in.Body.NetworkID, func(_ *edit, h *Host, id string) error {
		h.Ports = append(h.Ports, Port{ID: id, Number: in.Body.Number, Protocol: in.Body.Protocol})
		return nil
	})
	if err != nil {
		return Port{}, err
	}
	return *h.port(id), nil
}
