package network

import (
	"fmt"
	"slices"

	"almanac/internal/fault"
)

// HostFacts are what a client says of a host itself. What else a host is shown
// with can be sent back, and is not looked at.
type HostFacts struct {
	_              struct{}            `shape:"open"`
	Name           string              `json:"name" check:"required,minLength=1,maxLength=100,notBlank" doc:"The name people read" example:"web-01"`
	Hostname       *string             `json:"hostname" check:"nullable,maxLength=255" doc:"The name it has in the network; null, and without it, none" example:"web-01.example.com"`
	Description    *string             `json:"description" check:"nullable,maxLength=500" doc:"What it is for; null, and without it, nothing"`
	Virtualization *SentVirtualization `json:"virtualization" check:"nullable" doc:"What it runs in; null, and without it, a machine of its own"`
	Hidden         bool                `json:"hidden" doc:"Whether it is left out where hosts are shown; without it, no"`
	Tags           []UUID              `json:"tags" check:"maxItems=100" doc:"Ids of tags, all of which there are; without it, none"`
}

// HostParts are what a client says is on a host. What is absent stays as it is;
// a list is all that there is of its sort.
type HostParts struct {
	Interfaces []SentInterface `json:"interfaces" doc:"All interfaces of the host: those with the id of one are that one, any others are new, and those left out are no more, nor what was bound there. Without it, as it is"`
	Ports      []SentPort      `json:"ports" doc:"All ports, in the same way"`
	Services   []SentService   `json:"services" doc:"All services, in the same way"`
}

// SentInterface is an interface of a host that is sent as a whole.
type SentInterface struct {
	ID *UUID `json:"id" check:"nullable" doc:"Of an interface of the host, or one that nothing in the workspace has; without it, one is made"`
	InterfaceFacts
	Position *int `json:"position" check:"nullable,minimum=0,maximum=1000000" doc:"Its place among the interfaces, which are counted from 0 in the order of what is sent; all or none have one. Without it those that there were stay in their order, and new ones follow"`
}

// SentPort is a port of a host that is sent as a whole.
type SentPort struct {
	ID *UUID `json:"id" check:"nullable" doc:"Of a port of the host, or one that nothing in the workspace has; without it, one is made"`
	PortFacts
}

// SentService is a service of a host that is sent as a whole.
type SentService struct {
	ID *UUID `json:"id" check:"nullable" doc:"Of a service of the host, or one that nothing in the workspace has; without it, one is made"`
	ServiceFacts
	Bindings []SentBinding `json:"bindings" check:"maxItems=1000" doc:"Where it listens: those left out are no more. Without it, as it is, but for ports and interfaces that are no more"`
	Position *int          `json:"position" check:"nullable,minimum=0,maximum=1000000" doc:"Its place among the services; all or none have one. Without it those that there were stay where they are, and new ones follow"`
}

// setOn makes a host what a client said of it.
func (f HostFacts) setOn(h *Host) error {
	h.Name, h.Hostname, h.Description, h.Hidden = f.Name, f.Hostname, f.Description, f.Hidden
	h.Tags = distinct(f.Tags)
	var err error
	h.Virtualization, err = f.Virtualization.kept()
	return err
}

// check finds what is wrong with the parts whatever the host is: places without
// a port or an interface, and positions.
func (p HostParts) check() error {
	var violations []fault.Violation
	positions := make([]*int, len(p.Interfaces))
	for i, f := range p.Interfaces {
		positions[i] = f.Position
	}
	violations = append(violations, positionViolations("interfaces", positions)...)
	positions = make([]*int, len(p.Services))
	for i, s := range p.Services {
		positions[i] = s.Position
		for j, b := range s.Bindings {
			if _, violation := b.binding(); violation != nil {
				violation.Field = fmt.Sprintf("services[%d].bindings[%d].%s", i, j, violation.Field)
				violations = append(violations, *violation)
			}
		}
	}
	violations = append(violations, positionViolations("services", positions)...)
	if violations != nil {
		return fault.ValidationFailed(violations...)
	}
	return nil
}

// positionViolations holds the positions in a list to be all there, or none, and
// distinct.
func positionViolations(list string, positions []*int) (violations []fault.Violation) {
	given := 0
	for _, p := range positions {
		if p != nil {
			given++
		}
	}
	if given == 0 {
		return nil
	}
	at := map[int]bool{}
	for i, p := range positions {
		field := fmt.Sprintf("%s[%d].position", list, i)
		switch {
		case p == nil:
			violations = append(violations, fault.Violation{Field: field, Message: "is required where another one in the list has it"})
		case at[*p]:
			violations = append(violations, fault.Violation{Field: field, Message: "is the position of another one in the list"})
		default:
			at[*p] = true
		}
	}
	return violations
}

// sentIDs are the ids that a client gave what is on a host.
func (p HostParts) sentIDs() (ids []string) {
	add := func(id *UUID) {
		if id != nil {
			ids = append(ids, string(*id))
		}
	}
	for _, f := range p.Interfaces {
		add(f.ID)
	}
	for _, port := range p.Ports {
		add(port.ID)
	}
	for _, s := range p.Services {
		add(s.ID)
	}
	return ids
}

// broughtTo are those that a host has not got.
func (p HostParts) broughtTo(h *Host) []string {
	has := map[string]bool{}
	for id := range h.ids() {
		has[id] = true
	}
	return slices.DeleteFunc(p.sentIDs(), func(id string) bool { return has[id] })
}

// sentTags are the tags of a host and of what is sent to be on it.
func (p HostParts) sentTags(of HostFacts) []string {
	tags := slices.Clone(of.Tags)
	for _, s := range p.Services {
		tags = append(tags, s.Tags...)
	}
	return distinct(tags)
}
