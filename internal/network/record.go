package network

import (
	"encoding/json"
	"fmt"
	"strings"

	"almanac/internal/timeline"
)

// What is stored of a host leaves out what its place tells, and has short names,
// because writes are billed by the kilobyte. Numbers are Unix milliseconds; an
// update is left out where it is the creation.

type timesRecord struct {
	Created int64 `json:"c"`
	Updated int64 `json:"u,omitzero"`
}

type hostRecord struct {
	timesRecord
	Name           string            `json:"n"`
	Hostname       *string           `json:"h,omitzero"`
	Description    *string           `json:"d,omitzero"`
	Source         string            `json:"o,omitzero"`
	Virtualization *Virtualization   `json:"v,omitzero"`
	Hidden         bool              `json:"x,omitzero"`
	Tags           []string          `json:"t,omitzero"`
	Interfaces     []interfaceRecord `json:"f,omitzero"`
	Ports          []portRecord      `json:"p,omitzero"`
	Services       []serviceRecord   `json:"s,omitzero"`
}

type interfaceRecord struct {
	ID string `json:"i"`
	timesRecord
	SubnetID   string  `json:"s"`
	IPAddress  string  `json:"a"`
	MACAddress *string `json:"m,omitzero"`
	Name       *string `json:"n,omitzero"`
	Position   int     `json:"p,omitzero"`
}

type portRecord struct {
	ID string `json:"i"`
	timesRecord
	Number   int      `json:"n"`
	Protocol Protocol `json:"p"`
}

type serviceRecord struct {
	ID string `json:"i"`
	timesRecord
	ServiceDefinition string          `json:"d"`
	Name              string          `json:"n"`
	Bindings          []bindingRecord `json:"b,omitzero"`
	Virtualization    *Virtualization `json:"v,omitzero"`
	Source            string          `json:"o,omitzero"`
	Tags              []string        `json:"t,omitzero"`
	Position          int             `json:"p,omitzero"`
	Catalog           *catalogRecord  `json:"k,omitzero"`
}

// A catalogRecord is read whatever may be sent now: what is stored was allowed once.
type catalogRecord struct {
	ProjectID string `json:"project_id"`
	Slug      string `json:"slug"`
}

// A bindingRecord without a port is of an interface.
type bindingRecord struct {
	ID string `json:"i"`
	timesRecord
	PortID      string `json:"p,omitzero"`
	InterfaceID string `json:"f,omitzero"`
}

func (t Times) record() timesRecord {
	r := timesRecord{Created: int64(t.CreatedAt)}
	if t.UpdatedAt != t.CreatedAt {
		r.Updated = int64(t.UpdatedAt)
	}
	return r
}

func (r timesRecord) unpacked() Times {
	t := Times{timeline.Instant(r.Created), timeline.Instant(r.Created)}
	if r.Updated != 0 {
		t.UpdatedAt = timeline.Instant(r.Updated)
	}
	return t
}

// record leaves out the source that nearly all have.
func (s Source) record() string { return strings.TrimPrefix(s.Type, manual.Type) }

func sourceOf(record string) Source {
	if record == "" {
		return manual
	}
	return Source{record}
}

func (c *CatalogRef) record() *catalogRecord {
	if c == nil {
		return nil
	}
	return &catalogRecord{string(c.ProjectID), string(c.Slug)}
}

func (r *catalogRecord) unpacked() *CatalogRef {
	if r == nil {
		return nil
	}
	return &CatalogRef{CatalogID(r.ProjectID), CatalogID(r.Slug)}
}

func encodeHost(h *Host) ([]byte, error) {
	r := hostRecord{
		timesRecord: h.record(), Name: h.Name, Hostname: h.Hostname, Description: h.Description,
		Source: h.Source.record(), Virtualization: h.Virtualization, Hidden: h.Hidden, Tags: h.Tags,
	}
	for _, i := range h.Interfaces {
		r.Interfaces = append(r.Interfaces, interfaceRecord{
			i.ID, i.record(), i.SubnetID, i.IPAddress, i.MACAddress, i.Name, i.Position,
		})
	}
	for _, p := range h.Ports {
		r.Ports = append(r.Ports, portRecord{p.ID, p.record(), p.Number, p.Protocol})
	}
	for _, s := range h.Services {
		service := serviceRecord{
			ID: s.ID, timesRecord: s.record(), ServiceDefinition: s.ServiceDefinition, Name: s.Name,
			Virtualization: s.Virtualization, Source: s.Source.record(), Tags: s.Tags, Position: s.Position, Catalog: s.Catalog.record(),
		}
		for _, b := range s.Bindings {
			service.Bindings = append(service.Bindings, bindingRecord{b.ID, b.record(), b.PortID, b.InterfaceID})
		}
		r.Services = append(r.Services, service)
	}
	return json.Marshal(r)
}

func decodeHost(networkID, id string, body []byte) (*Host, error) {
	var r hostRecord
	if err := json.Unmarshal(body, &r); err != nil {
		return nil, fmt.Errorf("host %s: %w", id, err)
	}
	h := &Host{
		BareHost: BareHost{
			ID: id, Times: r.unpacked(), NetworkID: networkID, Name: r.Name, Hostname: r.Hostname, Description: r.Description,
			Source: sourceOf(r.Source), Virtualization: r.Virtualization, Hidden: r.Hidden, Tags: orEmpty(r.Tags),
		},
		Interfaces: []Interface{}, Ports: []Port{}, Services: []Service{},
	}
	for _, i := range r.Interfaces {
		h.Interfaces = append(h.Interfaces, Interface{
			ID: i.ID, Times: i.unpacked(), NetworkID: networkID, HostID: id,
			SubnetID: i.SubnetID, IPAddress: i.IPAddress, MACAddress: i.MACAddress, Name: i.Name, Position: i.Position,
		})
	}
	for _, p := range r.Ports {
		h.Ports = append(h.Ports, Port{
			ID: p.ID, Times: p.unpacked(), NetworkID: networkID, HostID: id,
			Number: p.Number, Protocol: p.Protocol, Type: portType(p.Number, p.Protocol),
		})
	}
	for _, s := range r.Services {
		service := Service{
			ID: s.ID, Times: s.unpacked(), HostID: id, NetworkID: networkID,
			ServiceDefinition: s.ServiceDefinition, Name: s.Name, Bindings: []Binding{}, Virtualization: s.Virtualization,
			Source: sourceOf(s.Source), Tags: orEmpty(s.Tags), Position: s.Position, Catalog: s.Catalog.unpacked(),
		}
		for _, b := range s.Bindings {
			kind := OnPort
			if b.PortID == "" {
				kind = OnInterface
			}
			service.Bindings = append(service.Bindings, Binding{
				ID: b.ID, Times: b.unpacked(), ServiceID: s.ID, NetworkID: networkID,
				Type: kind, PortID: b.PortID, InterfaceID: b.InterfaceID,
			})
		}
		h.Services = append(h.Services, service)
	}
	return h, nil
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
