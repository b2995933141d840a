package network

import (
	"context"

	"almanac/internal/tenant"
)

type CreateInterfaceInput struct {
	Body NewInterface
}

// NewInterface is an interface that is to be.
type NewInterface struct {
	HostID    UUID `json:"host_id" check:"required" doc:"The host it is on" example:"0d5a4a4e-3c1c-4f5e-9b9f-6a2f1d2c3b4a"`
	NetworkID UUID `json:"network_id" check:"required" doc:"The network of that host" example:"7c9e6679-7425-40de-944b-e07fc1f90ae7"`
	InterfaceFacts
}

// InterfaceFacts are what a client says of an interface, but for the host it is
// on. What else an interface is shown with can be sent back, and is not looked at.
type InterfaceFacts struct {
	_          struct{} `shape:"open"`
	SubnetID   UUID     `json:"subnet_id" check:"required" doc:"The subnet its address is in, of the host's network" example:"5c0d2d3e-8f4a-4a6b-b7c8-1d9e0f2a3b4c"`
	IPAddress  IP       `json:"ip_address" check:"required" doc:"In the subnet, and in it once a host; every spelling is taken" example:"10.0.3.17"`
	MACAddress *MAC     `json:"mac_address" check:"nullable" doc:"Its hardware address; null, and without it, unknown" example:"52:54:00:12:34:56"`
	Name       *string  `json:"name" check:"nullable,minLength=1,maxLength=100,notBlank" doc:"The name it has on the host; null, and without it, none" example:"eth0"`
}

// setOn makes an interface what a client said of it.
func (f InterfaceFacts) setOn(i *Interface) {
	i.SubnetID, i.IPAddress, i.MACAddress, i.Name = string(f.SubnetID), string(f.IPAddress), (*string)(f.MACAddress), f.Name
}

// CreateInterface puts a host into a subnet, after the interfaces that it has.
func (n *Inventory) CreateInterface(ctx context.Context, p tenant.Principal, in CreateInterfaceInput) (Interface, error) {
	h, id, err := n.addOn(ctx, p, in.Body.HostID, in.Body.NetworkID, func(e *edit, h *Host, id string) error {
		i := Interface{ID: id, Position: len(h.Interfaces)}
		in.Body.setOn(&i)
		h.Interfaces = append(h.Interfaces, i)
		return e.checkAddresses(h)
	})
	if err != nil {
		return Interface{}, err
	}
	return *h.networkInterface(id), nil
}
