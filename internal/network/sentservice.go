package network

import (
	"encoding/json"
	"fmt"
	"slices"

	"almanac/internal/fault"
	"almanac/internal/shape"
)

// ServiceFacts are what a client says of a service, but for where it is. What
// else a service is shown with can be sent back, and is not looked at.
type ServiceFacts struct {
	_                 struct{}                `shape:"open"`
	ServiceDefinition string                  `json:"service_definition" check:"required,minLength=1,maxLength=100" doc:"What kind of service it is: the id of a definition of the registry" example:"PostgreSQL"`
	Name              string                  `json:"name" check:"required,minLength=1,maxLength=100,notBlank" doc:"The name people read" example:"orders-db"`
	Virtualization    *SentVirtualization     `json:"virtualization" check:"nullable" doc:"What it runs in; null, and without it, the host itself"`
	Tags              []UUID                  `json:"tags" check:"maxItems=100" doc:"Ids of tags, all of which there are; without it, none"`
	Catalog           shape.Field[CatalogRef] `json:"catalog" check:"nullable" doc:"The catalog's service that this one is; null is none, and absent what it is already"`
}

// SentBinding is where a service is to listen.
type SentBinding struct {
	_           struct{}    `shape:"open"`
	ID          *UUID       `json:"id" check:"nullable" doc:"Of a binding that the service has: it stays the same one. Any other counts as none"`
	Type        BindingType `json:"type" check:"required,enum=Interface|Port" doc:"Interface: present there, without a port"`
	PortID      *UUID       `json:"port_id" check:"nullable" doc:"A port of the service's host; required with Port, not allowed with Interface"`
	InterfaceID *UUID       `json:"interface_id" check:"nullable" doc:"An interface of the service's host; required with Interface. With Port, null and absent are all interfaces"`
}

// SentVirtualization is what a client says a service or a host runs in.
type SentVirtualization struct {
	_       struct{}   `shape:"open"`
	Type    string     `json:"type" check:"required,enum=Docker" doc:"Docker"`
	Details SentDocker `json:"details" check:"required" doc:"Of the container"`
}

type SentDocker struct {
	_             struct{} `shape:"open"`
	ContainerName *string  `json:"container_name" check:"nullable,maxLength=255" doc:"The container's name"`
	ContainerID   *string  `json:"container_id" check:"nullable,maxLength=255" doc:"The container's id"`
	ServiceID     *UUID    `json:"service_id" check:"nullable" doc:"Id of the service that runs containers"`
}

// setOn makes a service what a client said of it.
func (f ServiceFacts) setOn(s *Service) error {
	s.ServiceDefinition, s.Name, s.Tags = f.ServiceDefinition, f.Name, distinct(f.Tags)
	f.Catalog.SetOptional(&s.Catalog)
	var err error
	s.Virtualization, err = f.Virtualization.kept()
	return err
}

// kept is what is stored of it.
func (v *SentVirtualization) kept() (*Virtualization, error) {
	if v == nil {
		return nil, nil
	}
	details, err := json.Marshal(v.Details)
	return &Virtualization{v.Type, details}, err
}

// distinct leaves out repetitions.
func distinct(ids []UUID) []string {
	list := []string{}
	seen := map[UUID]bool{}
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			list = append(list, string(id))
		}
	}
	return list
}

// sentBindings reads the bindings of a body, where they are a member with a path.
func sentBindings(path string, sent []SentBinding) ([]Binding, error) {
	bindings := make([]Binding, len(sent))
	var violations []fault.Violation
	for i, s := range sent {
		b, violation := s.binding()
		if violation != nil {
			violation.Field = fmt.Sprintf("%s[%d].%s", path, i, violation.Field)
			violations = append(violations, *violation)
		}
		bindings[i] = b
	}
	if violations != nil {
		return nil, fault.ValidationFailed(violations...)
	}
	return bindings, nil
}

// binding also gives the member that is wrong, if one is.
func (s SentBinding) binding() (Binding, *fault.Violation) {
	switch {
	case s.Type == OnPort && s.PortID == nil:
		return Binding{}, &fault.Violation{Field: "port_id", Message: "is required with the type Port"}
	case s.Type == OnInterface && s.InterfaceID == nil:
		return Binding{}, &fault.Violation{Field: "interface_id", Message: "is required with the type Interface"}
	case s.Type == OnInterface && s.PortID != nil:
		return Binding{}, &fault.Violation{Field: "port_id", Message: "must be absent with the type Interface"}
	}
	text := func(id *UUID) string {
		if id == nil {
			return ""
		}
		return string(*id)
	}
	return Binding{ID: text(s.ID), Type: s.Type, PortID: text(s.PortID), InterfaceID: text(s.InterfaceID)}, nil
}

// bind makes bindings those of a service. Of those that it had each keeps its
// id, once; any other id counts as none.
func (s *Service) bind(bindings []Binding) {
	bindings = slices.Clone(bindings)
	for i := range bindings {
		if b := &bindings[i]; !slices.ContainsFunc(s.Bindings, func(had Binding) bool { return had.ID == b.ID }) {
			b.ID = ""
		}
	}
	bindings = normalise(bindings)
	kept := map[string]bool{}
	for i := range bindings {
		if b := &bindings[i]; kept[b.ID] {
			b.ID = ""
		} else {
			kept[b.ID] = true
		}
	}
	s.Bindings = bindings
}
