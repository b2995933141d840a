package network

import (
	"encoding/json"

	"almanac/internal/timeline"
)

// NetworkDiff is two states of a network compared. Each thing is told of in one
// place: what is on a host is not in the host. Times of changes are left out.
type NetworkDiff struct {
	From       timeline.Instant    `json:"from" doc:"The instant of the earlier state, no later than the last change of the network, or of the tags and definitions of the workspace"`
	To         timeline.Instant    `json:"to" doc:"The instant of the later state, no later than the last change of the network, or of the tags and definitions of the workspace"`
	Network    []MemberChange      `json:"network" doc:"What changed of the network itself, where both states have it"`
	Subnets    SubnetsDiff         `json:"subnets" doc:"Subnets by their ids"`
	Hosts      HostsDiff           `json:"hosts" doc:"Hosts by their ids, each without what is on it"`
	Interfaces InterfacesDiff      `json:"interfaces" doc:"Interfaces by their hosts and positions"`
	Ports      PortsDiff           `json:"ports" doc:"Ports by their hosts and numbers"`
	Services   NetworkServicesDiff `json:"services" doc:"Services by their hosts and positions"`
	Bindings   BindingsDiff        `json:"bindings" doc:"Bindings by their services"`
}

type SubnetsDiff struct {
	Added   []Subnet       `json:"added" doc:"Subnets that only the later state has"`
	Removed []Subnet       `json:"removed" doc:"Subnets that only the earlier state has"`
	Changed []EntityChange `json:"changed" doc:"Subnets of both states that differ"`
}

type HostsDiff struct {
	Added   []BareHost     `json:"added" doc:"Hosts that only the later state has"`
	Removed []BareHost     `json:"removed" doc:"Hosts that only the earlier state has"`
	Changed []EntityChange `json:"changed" doc:"Hosts of both states that differ themselves"`
}

type InterfacesDiff struct {
	Added   []Interface    `json:"added" doc:"Interfaces that only the later state has"`
	Removed []Interface    `json:"removed" doc:"Interfaces that only the earlier state has"`
	Moved   []Move         `json:"moved" doc:"Interfaces that another host has in the later state"`
	Changed []EntityChange `json:"changed" doc:"Interfaces of both states that differ in more than their host"`
}

type PortsDiff struct {
	Added   []Port         `json:"added" doc:"Ports that only the later state has"`
	Removed []Port         `json:"removed" doc:"Ports that only the earlier state has"`
	Moved   []Move         `json:"moved" doc:"Ports that another host has in the later state"`
	Changed []EntityChange `json:"changed" doc:"Ports of both states that differ in more than their host"`
}

type NetworkServicesDiff struct {
	Added   []Service      `json:"added" doc:"Services that only the later state has"`
	Removed []Service      `json:"removed" doc:"Services that only the earlier state has"`
	Moved   []Move         `json:"moved" doc:"Services that another host has in the later state"`
	Changed []EntityChange `json:"changed" doc:"Services of both states that differ in more than their host and their bindings"`
}

type BindingsDiff struct {
	Added   []Binding      `json:"added" doc:"Bindings that only the later state has"`
	Removed []Binding      `json:"removed" doc:"Bindings that only the earlier state has"`
	Changed []EntityChange `json:"changed" doc:"Bindings of both states that differ"`
}

// EntityChange is how something differs that both states have.
type EntityChange struct {
	ID      string         `json:"id" doc:"Its id"`
	Changes []MemberChange `json:"changes" doc:"In the order of the members' names"`
}

// MemberChange is one member of something in two states.
type MemberChange struct {
	Member string          `json:"member" doc:"The member's name" example:"name"`
	Before json.RawMessage `json:"before" doc:"Its value in the earlier state; null where it had none"`
	After  json.RawMessage `json:"after" doc:"Its value in the later state; null where it has none"`
}

// Move is something that went from one host to another one.
type Move struct {
	ID         string `json:"id" doc:"Its id"`
	FromHostID string `json:"from_host_id" doc:"The host it was on in the earlier state"`
	ToHostID   string `json:"to_host_id" doc:"The host it is on in the later state"`
}
