package network

import (
	"encoding/json"

	"almanac/internal/timeline"
)

// Times are when something was made and last changed. A change of what is in it
// does not move them.
type Times struct {
	CreatedAt timeline.Instant `json:"created_at" doc:"When it was made; UTC, in milliseconds"`
	UpdatedAt timeline.Instant `json:"updated_at" doc:"When it was last changed itself; UTC, in milliseconds"`
}

// Network is a part of an organisation's hosts that is looked at as one.
type Network struct {
	ID string `json:"id" doc:"UUID"`
	Times
	Name           string   `json:"name" doc:"The name people read"`
	OrganizationID string   `json:"organization_id" doc:"UUID of the workspace"`
	Tags           []string `json:"tags" doc:"Ids of its tags"`
}

// Subnet is a range of addresses of a network.
type Subnet struct {
	ID string `json:"id" doc:"UUID"`
	Times
	NetworkID   string  `json:"network_id" doc:"The network it is in"`
	Name        string  `json:"name" doc:"The name people read"`
	CIDR        string  `json:"cidr" doc:"Its addresses, in canonical form" example:"10.0.3.0/24"`
	Description *string `json:"description" doc:"What it is for"`
}

// BareHost is a host without what is on it.
type BareHost struct {
	ID string `json:"id" doc:"UUID"`
	Times
	NetworkID      string          `json:"network_id" doc:"The network it is in"`
	Name           string          `json:"name" doc:"The name people read"`
	Hostname       *string         `json:"hostname" doc:"The name it has in the network"`
	Description    *string         `json:"description" doc:"What it is for"`
	Source         Source          `json:"source" doc:"Where it is known from"`
	Virtualization *Virtualization `json:"virtualization" doc:"What it runs in; null for a machine of its own"`
	Hidden         bool            `json:"hidden" doc:"Whether it is left out where hosts are shown"`
	Tags           []string        `json:"tags" doc:"Ids of its tags"`
}

// Host is a machine with all that is on it, which is stored as one.
type Host struct {
	BareHost
	Interfaces []Interface `json:"interfaces" doc:"By position"`
	Ports      []Port      `json:"ports" doc:"By number, then protocol"`
	Services   []Service   `json:"services" doc:"By position"`
}

// Interface is a host's place in a subnet.
type Interface struct {
	ID string `json:"id" doc:"UUID"`
	Times
	NetworkID  string  `json:"network_id" doc:"The network it is in"`
	HostID     string  `json:"host_id" doc:"The host it is on"`
	SubnetID   string  `json:"subnet_id" doc:"The subnet its address is in"`
	IPAddress  string  `json:"ip_address" doc:"In canonical form" example:"10.0.3.17"`
	MACAddress *string `json:"mac_address" doc:"In lower case with colons" example:"52:54:00:12:34:56"`
	Name       *string `json:"name" doc:"The name it has on the host" example:"eth0"`
	Position   int     `json:"position" doc:"Its place among those of the host, from 0"`
}

// Port is a number that services of a host can listen on.
type Port struct {
	ID string `json:"id" doc:"UUID"`
	Times
	NetworkID string   `json:"network_id" doc:"The network it is in"`
	HostID    string   `json:"host_id" doc:"The host it is on"`
	Number    int      `json:"number" doc:"1 to 65535"`
	Protocol  Protocol `json:"protocol" doc:"Tcp or Udp"`
	Type      string   `json:"type" doc:"What usually listens there, such as Https; else Custom"`
}

// Service is what runs on a host.
type Service struct {
	_  struct{} `name:"NetworkService"`
	ID string   `json:"id" doc:"UUID"`
	Times
	HostID            string          `json:"host_id" doc:"The host it is on"`
	NetworkID         string          `json:"network_id" doc:"The network it is in"`
	ServiceDefinition string          `json:"service_definition" doc:"What kind of service it is, from the registry"`
	Name              string          `json:"name" doc:"The name people read"`
	Bindings          []Binding       `json:"bindings" doc:"Where it listens"`
	Virtualization    *Virtualization `json:"virtualization" doc:"What it runs in; null for the host itself"`
	Source            Source          `json:"source" doc:"Where it is known from"`
	Tags              []string        `json:"tags" doc:"Ids of its tags"`
	Position          int             `json:"position" doc:"Its place among those of the host, from 0"`
	Catalog           *CatalogRef     `json:"catalog,omitzero" doc:"The catalog's service that this one is; absent where nobody said so"`
}

// BindingType says what a binding is of.
type BindingType string

const (
	OnInterface BindingType = "Interface"
	OnPort      BindingType = "Port"
)

// Binding says where a service listens: on a port of one interface; on a port
// of all interfaces, where InterfaceID is empty; or on an interface without a
// port, where PortID is. One that a client sends may have no id yet.
type Binding struct {
	ID string `json:"id" doc:"UUID"`
	Times
	ServiceID   string      `json:"service_id" doc:"The service that listens"`
	NetworkID   string      `json:"network_id" doc:"The network it is in"`
	Type        BindingType `json:"type" doc:"Interface or Port"`
	PortID      string      `json:"port_id,omitzero" doc:"The port; absent with Interface"`
	InterfaceID string      `json:"interface_id,omitzero" doc:"The interface; absent for a port on all interfaces"`
}

// Source is where something is known from.
type Source struct {
	Type string `json:"type" doc:"Manual: an API request made it"`
}

// manual is the source of what API requests make.
var manual = Source{"Manual"}

// Virtualization is what something runs in.
type Virtualization struct {
	Type    string          `json:"type" doc:"Docker"`
	Details json.RawMessage `json:"details" doc:"As the client sent them"`
}

// Tag is a label of a workspace for hosts, services and networks.
type Tag struct {
	ID string `json:"id" doc:"UUID"`
	Times
	Name        string  `json:"name" doc:"Unique in the workspace"`
	Description *string `json:"description" doc:"What it says of what has it"`
	Color       string  `json:"color" doc:"A word for a colour"`
}
