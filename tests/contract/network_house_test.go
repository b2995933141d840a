package contract

import (
	"encoding/json"
	"regexp"
	"strings"

	"almanac/internal/api"
)

// networkProblem is an error of the network API.
type networkProblem struct {
	Success bool          `json:"success"`
	Error   string        `json:"error"`
	Code    string        `json:"code,omitzero"`
	Params  networkParams `json:"params,omitzero"`
	Meta    networkMeta   `json:"meta"`
}

type networkParams struct {
	Violations []violation `json:"violations,omitempty"`
	RetryAfter int         `json:"retry_after,omitzero"`
}

type networkMeta struct {
	APIVersion    int         `json:"api_version"`
	ServerVersion string      `json:"server_version"`
	Pagination    *pagination `json:"pagination,omitzero"`
}

type pagination struct {
	TotalCount int  `json:"total_count"`
	Limit      int  `json:"limit"`
	Offset     int  `json:"offset"`
	HasMore    bool `json:"has_more"`
}

// parcel is a success of the network API.
type parcel[T any] struct {
	Success bool        `json:"success"`
	Data    T           `json:"data"`
	Meta    networkMeta `json:"meta"`
}

// unpacked checks an envelope and gives what is in it.
func unpacked[T any](a answer) parcel[T] {
	a.Helper()
	p := read[parcel[T]](a.ok())
	if !p.Success || p.Meta.APIVersion != 1 || p.Meta.ServerVersion == "" || a.status != 200 {
		a.Errorf("%s: %d with the body %s", a.asked, a.status, a.body)
	}
	return p
}

// data gives what is in the envelope of one thing.
func data[T any](a answer) T {
	a.Helper()
	p := unpacked[T](a)
	if p.Meta.Pagination != nil {
		a.Errorf("%s: one thing has pages: %s", a.asked, a.body)
	}
	return p.Data
}

// listing gives what is in the envelope of a list, and which part of it that is.
func listing[T any](a answer) ([]T, pagination) {
	a.Helper()
	p := unpacked[[]T](a)
	if p.Meta.Pagination == nil {
		a.Fatalf("%s: a list without pages: %s", a.asked, a.body)
	}
	return p.Data, *p.Meta.Pagination
}

// The shapes of the contract's entities. A null is shown where a pointer is nil.
type (
	times struct {
		CreatedAt string `json:"created_at"`
		UpdatedAt string `json:"updated_at"`
	}
	aNetwork struct {
		ID string `json:"id"`
		times
		Name           string   `json:"name"`
		OrganizationID string   `json:"organization_id"`
		Tags           []string `json:"tags"`
	}
	aSubnet struct {
		ID string `json:"id"`
		times
		NetworkID   string  `json:"network_id"`
		Name        string  `json:"name"`
		CIDR        string  `json:"cidr"`
		Description *string `json:"description"`
	}
	aHost struct {
		ID string `json:"id"`
		times
		NetworkID      string           `json:"network_id"`
		Name           string           `json:"name"`
		Hostname       *string          `json:"hostname"`
		Description    *string          `json:"description"`
		Source         aSource          `json:"source"`
		Virtualization *aVirtualization `json:"virtualization"`
		Hidden         bool             `json:"hidden"`
		Tags           []string         `json:"tags"`
		Interfaces     []anInterface    `json:"interfaces"`
		Ports          []aPort          `json:"ports"`
		Services       []aService       `json:"services"`
	}
	anInterface struct {
		ID string `json:"id"`
		times
		NetworkID  string  `json:"network_id"`
		HostID     string  `json:"host_id"`
		SubnetID   string  `json:"subnet_id"`
		IPAddress  string  `json:"ip_address"`
		MACAddress *string `json:"mac_address"`
		Name       *string `json:"name"`
		Position   int     `json:"position"`
	}
	aPort struct {
		ID string `json:"id"`
		times
		NetworkID string `json:"network_id"`
		HostID    string `json:"host_id"`
		Number    int    `json:"number"`
		Protocol  string `json:"protocol"`
		Type      string `json:"type"`
	}
	aService struct {
		ID string `json:"id"`
		times
		HostID            string           `json:"host_id"`
		NetworkID         string           `json:"network_id"`
		ServiceDefinition string           `json:"service_definition"`
		Name              string           `json:"name"`
		Bindings          []aBinding       `json:"bindings"`
		Virtualization    *aVirtualization `json:"virtualization"`
		Source            aSource          `json:"source"`
		Tags              []string         `json:"tags"`
		Position          int              `json:"position"`
		Catalog           *aCatalogRef     `json:"catalog,omitzero"`
	}
	aBinding struct {
		ID string `json:"id"`
		times
		ServiceID   string `json:"service_id"`
		NetworkID   string `json:"network_id"`
		Type        string `json:"type"`
		PortID      string `json:"port_id,omitzero"`
		InterfaceID string `json:"interface_id,omitzero"`
	}
	aSource struct {
		Type string `json:"type"`
	}
	aVirtualization struct {
		Type    string         `json:"type"`
		Details map[string]any `json:"details"`
	}
	aCatalogRef struct {
		ProjectID string `json:"project_id"`
		Slug      string `json:"slug"`
	}
	aTag struct {
		ID string `json:"id"`
		times
		Name        string  `json:"name"`
		Description *string `json:"description"`
		Color       string  `json:"color"`
	}
	bulkDeleted struct {
		DeletedCount   int `json:"deleted_count"`
		RequestedCount int `json:"requested_count"`
	}
)

// site is a house with an inventory: a network with a subnet and two hosts, and
// a network with nothing in it.
type site struct {
	*house
	network, otherNetwork aNetwork
	subnet                aSubnet
	host, otherHost       aHost
	tag, otherTag         aTag
	e0, e1, ex            anInterface
	p80, p443, px         aPort
	web, proxy, shell     aService // the first two on host
}

const inventory = "/api/v1"

// site makes an inventory in the workspace local.
func (h *house) site() *site {
	h.Helper()
	s := &site{house: h}
	s.tag = data[aTag](h.post(inventory+"/tags", `{"name":"prod","color":"green"}`))
	s.otherTag = data[aTag](h.post(inventory+"/tags", `{"name":"lab"}`))
	h.put(inventory+"/service-definitions/House%20Brew", `{"description":"Makes coffee","category":"Kitchen","icon":"cup","default_ports":[{"number":8418,"protocol":"Tcp"}]}`).ok()
	s.network = data[aNetwork](h.post(inventory+"/networks", quoted(`{"name":"Headquarters","tags":[%s]}`, s.tag.ID)))
	s.otherNetwork = data[aNetwork](h.post(inventory+"/networks", `{"name":"Branch"}`))
	s.subnet = data[aSubnet](h.post(inventory+"/subnets", quoted(`{"network_id":%s,"name":"Servers","cidr":"10.0.0.0/24"}`, s.network.ID)))
	s.host = data[aHost](h.post(inventory+"/hosts", quoted(`{"network_id":%s,"name":"alpha","hostname":"alpha.example","tags":[%s],`+
		`"interfaces":[{"subnet_id":%s,"ip_address":"10.0.0.10","name":"eth0"},{"subnet_id":%s,"ip_address":"10.0.0.11","name":"eth1"}],`+
		`"ports":[{"number":80,"protocol":"Tcp"},{"number":443,"protocol":"Tcp"}]}`, s.network.ID, s.tag.ID, s.subnet.ID, s.subnet.ID)))
	s.otherHost = data[aHost](h.post(inventory+"/hosts", quoted(`{"network_id":%s,"name":"beta",`+
		`"interfaces":[{"subnet_id":%s,"ip_address":"10.0.0.20","name":"eth0"}],"ports":[{"number":22,"protocol":"Tcp"}]}`, s.network.ID, s.subnet.ID)))
	s.e0, s.e1, s.ex = s.host.Interfaces[0], s.host.Interfaces[1], s.otherHost.Interfaces[0]
	s.p80, s.p443, s.px = s.host.Ports[0], s.host.Ports[1], s.otherHost.Ports[0]
	s.web = s.newService("web", s.host.ID, `{"type":"Port","port_id":`+quoted("%s", s.p80.ID)+`}`)
	s.proxy = s.newService("proxy", s.host.ID, quoted(`{"type":"Port","port_id":%s,"interface_id":%s}`, s.p443.ID, s.e0.ID))
	s.shell = s.newService("shell", s.otherHost.ID, quoted(`{"type":"Port","port_id":%s}`, s.px.ID))
	h.inv = s
	return s
}

// newService puts a service on a host, with bindings as JSON.
func (s *site) newService(name, host, bindings string) aService {
	s.Helper()
	return data[aService](s.post(inventory+"/services", quoted(`{"name":%s,"host_id":%s,"network_id":%s,"service_definition":"Nginx","tags":[%s],"bindings":[`, name, host, s.network.ID, s.tag.ID)+bindings+`]}`))
}

// within gives the site to a subtest.
func (s *site) sub(name string, f func(s *site)) {
	s.Helper()
	s.house.sub(name, func(h *house) {
		c := *s
		c.house = h
		f(&c)
	})
}

// of asks for an endpoint of the table with what it accepts.
func (s *site) of(e api.Endpoint) request {
	if s == nil {
		panic("ask for a site first")
	}
	resource, _, _ := strings.Cut(strings.TrimPrefix(e.Path, inventory+"/"), "/")
	id := map[string]string{
		"networks": s.otherNetwork.ID, "subnets": s.subnet.ID, "hosts": s.host.ID, "interfaces": s.e0.ID, "ports": s.p80.ID,
		"services": s.web.ID, "bindings": s.web.Bindings[0].ID, "tags": s.otherTag.ID, "service-definitions": "House%20Brew",
	}[resource]
	given := strings.NewReplacer("{id}", id, "{other}", s.otherHost.ID, "{networkId}", s.network.ID,
		"{otherNetworkId}", s.otherNetwork.ID, "{subnetId}", s.subnet.ID, "{hostId}", s.host.ID, "{otherHostId}", s.otherHost.ID,
		"{interfaceId}", s.e0.ID, "{otherInterfaceId}", s.e1.ID, "{portId}", s.p80.ID, "{otherPortId}", s.p443.ID,
		"{serviceId}", s.web.ID, "{bindingId}", s.web.Bindings[0].ID, "{tagId}", s.tag.ID)
	return s.ask(e.Method, given.Replace(e.Path)+goodQueries[e.ID], given.Replace(goodBodies[e.ID]))
}

// nowhere is an inventory with nothing in it that anybody has.
func (s *site) nowhere() *site {
	text, err := json.Marshal(s.host)
	if err != nil {
		s.Fatal(err)
	}
	n := &site{house: s.house}
	if err := json.Unmarshal([]byte(s.bare(string(text))), &n.host); err != nil {
		s.Fatal(err)
	}
	n.otherHost = n.host
	n.otherHost.ID = nobodys[:len(nobodys)-1] + "1"
	n.network.ID, n.otherNetwork.ID, n.subnet.ID, n.tag.ID, n.otherTag.ID = nobodys, nobodys, nobodys, nobodys, nobodys
	n.e0.ID, n.e1.ID, n.p80.ID, n.p443.ID = nobodys, nobodys, nobodys, nobodys
	n.web.ID, n.web.Bindings = nobodys, []aBinding{{ID: nobodys}}
	return n
}

var uuids = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// bare gives every id the name of nobody's.
func (s *site) bare(text string) string { return uuids.ReplaceAllString(text, nobodys) }

// inventoryLists show all that a workspace has in its networks.
var inventoryLists = []string{
	inventory + "/networks?limit=0", inventory + "/subnets?limit=0", inventory + "/hosts?limit=0", inventory + "/tags?limit=0", "/api/metadata",
}

// inDialect gives an error of the catalog as the API of a path words it.
func inDialect(path, body string) string {
	if !inNetwork(path) {
		return body
	}
	var p problem
	if err := json.Unmarshal([]byte(body), &p); err != nil {
		panic(err)
	}
	if p.Details != "" {
		p.Message += ": " + p.Details
	}
	return quoted(`{"success":false,"error":%s,"code":%s,"meta":{"api_version":1,"server_version":%s}}`, p.Message, p.Code, api.Version)
}
