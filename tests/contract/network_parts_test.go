package contract

import (
	"encoding/csv"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

const (
	ports      = inventory + "/ports"
	interfaces = inventory + "/interfaces"
	subnets    = inventory + "/subnets"
)

// on is what a body says of the place on the site's host, with more members as JSON.
func (s *site) on(more string) string {
	return quoted(`{"host_id":%s,"network_id":%s,`, s.host.ID, s.network.ID) + more + `}`
}

// wire is an interface of the site's host as a client sends it.
func (s *site) wire(ip string, more ...string) string {
	return s.on(strings.Join(append([]string{quoted(`"subnet_id":%s,"ip_address":%s`, s.subnet.ID, ip)}, more...), ","))
}

// lan is a subnet of the site's network as a client sends it.
func (s *site) lan(cidr string) string {
	return quoted(`{"network_id":%s,"name":"lan","cidr":%s}`, s.network.ID, cidr)
}

// sentBack is the data of an answer, as it is.
func sentBack(a answer) string {
	return a.body[strings.Index(a.body, `"data":`)+len(`"data":`) : strings.LastIndex(a.body, `,"meta":`)]
}

func TestAPortIsMadeOfItsNumberAndProtocolAndGetsAType(t *testing.T) {
	s := open(t).site()
	for body, kind := range map[string]string{
		`"number":22,"protocol":"Tcp"`: "Ssh", `"number":22,"protocol":"Udp"`: "Custom", `"number":1,"protocol":"Tcp"`: "Custom",
		`"number":65535,"protocol":"Udp","type":"Https","id":"` + nobodys + `","created_at":1`: "Custom",
	} {
		made := data[aPort](s.post(ports, s.on(body)))
		want := aPort{ID: made.ID, times: times{made.CreatedAt, made.CreatedAt}, HostID: s.host.ID, NetworkID: s.network.ID, Number: made.Number, Protocol: made.Protocol, Type: kind}
		if made != want || made.ID == nobodys || !strings.Contains(body, fmt.Sprintf(`"number":%d,"protocol":"%s"`, made.Number, made.Protocol)) {
			t.Errorf("%s is %+v", body, made)
		}
		if got := data[aPort](s.get(ports + "/" + made.ID)); got != made {
			t.Errorf("stored is %+v", got)
		}
	}
	if h := data[aHost](s.get(inventory + "/hosts/" + s.host.ID)); h.UpdatedAt != s.host.UpdatedAt || len(h.Ports) != 6 {
		t.Errorf("the host is %+v", h)
	}
}

func TestAPortIsRefusedWhole(t *testing.T) {
	s := open(t).site()
	good := s.on(`"number":22,"protocol":"Tcp"`)
	with := func(old, new string) string { return strings.Replace(good, old, new, 1) }
	for name, c := range map[string]struct {
		body   string
		status int
		code   string
	}{
		"with the number 0":              {with(":22", ":0"), 400, "validation_failed"},
		"with the number 65536":          {with(":22", ":65536"), 400, "validation_failed"},
		"with a number as text":          {with(":22", `:"22"`), 400, "validation_failed"},
		"with an unknown protocol":       {with("Tcp", "Sctp"), 400, "validation_failed"},
		"with a protocol in lower case":  {with("Tcp", "tcp"), 400, "validation_failed"},
		"without a protocol":             {with(`,"protocol":"Tcp"`, ""), 400, "validation_failed"},
		"without a host":                 {with(quoted(`"host_id":%s,`, s.host.ID), ""), 400, "validation_failed"},
		"with a host in braces":          {with(s.host.ID, "{"+s.host.ID+"}"), 400, "validation_failed"},
		"on an unknown host":             {with(s.host.ID, nobodys), 404, "not_found"},
		"in an unknown network":          {with(s.network.ID, nobodys), 404, "not_found"},
		"on a host of another network":   {with(s.network.ID, s.otherNetwork.ID), 400, "host_on_another_network"},
		"that the host has already":      {with(":22", ":443"), 400, "duplicate_port"},
		"cut short":                      {good[:30], 400, "validation_failed"},
		"that is over a mebibyte of air": {with(":22", strings.Repeat(" ", 1<<20)+":22"), 413, "bad_request"},
	} {
		s.sub(name, func(s *site) {
			s.changesNothing(func() { s.post(ports, c.body).fails(c.status, c.code) })
		})
	}
	s.changesNothing(func() {
		put := func(body string) answer { return s.put(ports+"/"+s.p80.ID, body) }
		put(`{"number":443,"protocol":"Tcp"}`).fails(400, "duplicate_port")
		put(`{"number":8080}`).fails(400, "validation_failed")
		put(quoted(`{"number":8080,"protocol":"Tcp","host_id":%s}`, s.otherHost.ID)).fails(400, "stays_on_host")
		put(quoted(`{"number":8080,"protocol":"Tcp","host_id":%s}`, nobodys)).fails(404, "not_found")
		put(quoted(`{"number":8080,"protocol":"Tcp","network_id":%s}`, s.otherNetwork.ID)).fails(400, "stays_on_host")
		put(quoted(`{"number":8080,"protocol":"Tcp","network_id":%s}`, nobodys)).fails(404, "not_found")
		s.put(ports+"/"+nobodys, `{"number":8080,"protocol":"Tcp"}`).fails(404, "not_found")
		s.put(ports+"/"+s.e0.ID, `{"number":8080,"protocol":"Tcp"}`).fails(404, "not_found")
	})
	other := strings.Replace(good, s.host.ID, s.otherHost.ID, 1)
	s.post(ports, strings.Replace(other, ":22", ":80", 1)).ok()
	s.post(ports, strings.Replace(good, ":22", ":443", 1)).fails(400, "duplicate_port")
	s.post(ports, strings.Replace(strings.Replace(good, ":22", ":443", 1), "Tcp", "Udp", 1)).ok()
}

func TestPortsInterfacesAndSubnetsCanBeSentBackAsTheyAreAndMoveNothing(t *testing.T) {
	s := open(t).site()
	for _, path := range []string{ports + "/" + s.p80.ID, interfaces + "/" + s.e1.ID, subnets + "/" + s.subnet.ID} {
		got := s.get(path).ok()
		s.changesNothing(func() {
			if is := sentBack(s.put(path, sentBack(got)).ok()); is != sentBack(got) {
				t.Errorf("it is %s, was %s", is, sentBack(got))
			}
		})
	}
}

func TestAPUTOfAPortAnInterfaceOrASubnetKeepsIDAndCreation(t *testing.T) {
	s := open(t).site()
	port := data[aPort](s.put(ports+"/"+s.p80.ID, `{"number":53,"protocol":"Udp","id":"`+nobodys+`","created_at":"2001-01-01T00:00:00Z"}`))
	want := s.p80
	want.Number, want.Protocol, want.Type, want.UpdatedAt = 53, "Udp", "Dns", port.UpdatedAt
	if port != want || port.UpdatedAt <= s.p80.UpdatedAt {
		t.Errorf("the port is %+v", port)
	}
	wire := data[anInterface](s.put(interfaces+"/"+s.e1.ID, quoted(`{"subnet_id":%s,"ip_address":"10.0.0.12","mac_address":"52-54-00-AB-CD-EF"}`, s.subnet.ID)))
	was := s.e1
	was.IPAddress, was.MACAddress, was.Name, was.UpdatedAt = "10.0.0.12", new("52:54:00:ab:cd:ef"), nil, wire.UpdatedAt
	if !reflect.DeepEqual(wire, was) || wire.UpdatedAt <= s.e1.UpdatedAt {
		t.Errorf("the interface is %+v", wire)
	}
	lan := data[aSubnet](s.put(subnets+"/"+s.subnet.ID, `{"name":"racks","cidr":"10.0.0.0/25"}`))
	if lan.Name != "racks" || lan.CIDR != "10.0.0.0/25" || lan.Description != nil || lan.ID != s.subnet.ID || lan.CreatedAt != s.subnet.CreatedAt || lan.UpdatedAt <= s.subnet.UpdatedAt {
		t.Errorf("the subnet is %+v", lan)
	}
	for path, member := range map[string]string{ports + "/" + s.p80.ID: `"number":80,`, interfaces + "/" + s.e1.ID: `"ip_address":"10.0.0.11"`, subnets + "/" + s.subnet.ID: `"cidr":"10.0.0.0/24"`} {
		if then := s.get(path + "?at=" + s.shell.CreatedAt).ok(); !strings.Contains(then.body, member) {
			t.Errorf("before it was %s", then.body)
		}
	}
	if h := data[aHost](s.get(inventory + "/hosts/" + s.host.ID)); h.UpdatedAt != s.host.UpdatedAt {
		t.Error("the host's time moved")
	}
}

func TestAnInterfaceIsMadeAfterTheOthersOfItsHost(t *testing.T) {
	s := open(t).site()
	made := data[anInterface](s.post(interfaces, s.wire("::ffff:10.0.0.99", `"mac_address":"5254.00AB.CDEF"`, `"name":"eth2"`, `"position":0`)))
	want := anInterface{
		ID: made.ID, times: times{made.CreatedAt, made.CreatedAt}, NetworkID: s.network.ID, HostID: s.host.ID, SubnetID: s.subnet.ID,
		IPAddress: "10.0.0.99", MACAddress: new("52:54:00:ab:cd:ef"), Name: new("eth2"), Position: 2,
	}
	if !reflect.DeepEqual(made, want) {
		t.Errorf("made is %+v", made)
	}
	if got := s.get(interfaces + "/" + s.e0.ID).ok(); !strings.Contains(got.body, `"mac_address":null`) {
		t.Errorf("what is unknown is not null: %s", got.body)
	}
}

func TestAnInterfaceIsRefusedWhole(t *testing.T) {
	s := open(t).site()
	away := data[aSubnet](s.post(subnets, quoted(`{"network_id":%s,"name":"away","cidr":"10.0.0.0/24"}`, s.otherNetwork.ID)))
	good := s.wire("10.0.0.50")
	with := func(old, new string) string { return strings.Replace(good, old, new, 1) }
	for name, c := range map[string]struct {
		body   string
		status int
		code   string
	}{
		"with an address outside its subnet":   {with("10.0.0.50", "10.0.1.0"), 400, "address_outside_subnet"},
		"with an address of the other kind":    {with("10.0.0.50", "2001:db8::1"), 400, "address_outside_subnet"},
		"with an address that its host has":    {with("10.0.0.50", "10.0.0.10"), 400, "duplicate_address"},
		"with it in another spelling":          {with("10.0.0.50", "::ffff:0a00:000a"), 400, "duplicate_address"},
		"with an address of three numbers":     {with("10.0.0.50", "10.0.50"), 400, "validation_failed"},
		"with an address that names a zone":    {with("10.0.0.50", "fe80::1%eth0"), 400, "validation_failed"},
		"with an address that is a range":      {with("10.0.0.50", "10.0.0.50/24"), 400, "validation_failed"},
		"without an address":                   {with(`,"ip_address":"10.0.0.50"`, ""), 400, "validation_failed"},
		"with a name of white space":           {s.wire("10.0.0.50", `"name":" "`), 400, "validation_failed"},
		"with a hardware address that is none": {s.wire("10.0.0.50", `"mac_address":"52:54"`), 400, "validation_failed"},
		"in an unknown subnet":                 {with(s.subnet.ID, nobodys), 404, "not_found"},
		"in a subnet of another network":       {with(s.subnet.ID, away.ID), 400, "subnet_on_another_network"},
		"on an unknown host":                   {with(s.host.ID, nobodys), 404, "not_found"},
		"on a host of another network":         {with(s.network.ID, s.otherNetwork.ID), 400, "host_on_another_network"},
	} {
		s.sub(name, func(s *site) {
			s.changesNothing(func() { s.post(interfaces, c.body).fails(c.status, c.code) })
		})
	}
	s.changesNothing(func() {
		put := func(body string) answer { return s.put(interfaces+"/"+s.e0.ID, body) }
		put(s.wire("10.0.0.11")).fails(400, "duplicate_address")
		put(s.wire("10.0.1.0")).fails(400, "address_outside_subnet")
		put(s.wire("10.0.0.50", `"position":-1`)).fails(400, "validation_failed")
		put(strings.Replace(good, s.subnet.ID, nobodys, 1)).fails(404, "not_found")
		put(strings.Replace(good, s.host.ID, s.otherHost.ID, 1)).fails(400, "stays_on_host")
		put(strings.Replace(good, s.network.ID, s.otherNetwork.ID, 1)).fails(400, "stays_on_host")
		put(strings.Replace(good, s.network.ID, nobodys, 1)).fails(404, "not_found")
	})
	s.post(interfaces, strings.Replace(s.wire("10.0.0.10"), s.host.ID, s.otherHost.ID, 1)).ok() // the same on another host
}

func TestInterfacePositionsAppendMoveAndCloseUp(t *testing.T) {
	s := open(t).site()
	c := data[anInterface](s.post(interfaces, s.wire("10.0.0.12", `"name":"eth2"`)))
	order := func() string {
		t.Helper()
		var words []string
		for _, i := range data[aHost](s.get(inventory + "/hosts/" + s.host.ID)).Interfaces {
			words = append(words, fmt.Sprint(*i.Name, "@", i.Position))
		}
		return strings.Join(words, " ")
	}
	if got := order(); got != "eth0@0 eth1@1 eth2@2" {
		t.Errorf("they are %s", got)
	}
	s.put(interfaces+"/"+c.ID, s.wire("10.0.0.12", `"name":"eth2"`, `"position":0`)).ok()
	if got := order(); got != "eth2@0 eth0@1 eth1@2" {
		t.Errorf("moved they are %s", got)
	}
	s.put(interfaces+"/"+c.ID, s.wire("10.0.0.12", `"name":"eth2"`, `"position":99`)).ok()
	if got := order(); got != "eth0@0 eth1@1 eth2@2" {
		t.Errorf("moved past the last they are %s", got)
	}
	s.delete(interfaces + "/" + s.e0.ID).ok()
	if got := order(); got != "eth1@0 eth2@1" {
		t.Errorf("closed up they are %s", got)
	}
}

// bound adds a service to the site that is on everything of its host.
func (s *site) bound(name, places string) aService {
	s.Helper()
	return s.newService(name, s.host.ID, s.places(places))
}

func TestAPortGoesWithItsBindingsAndMovesTheTimeOfTheirServices(t *testing.T) {
	s := open(t).site()
	present := s.bound("present", "I(e1)")
	s.delete(ports + "/" + s.p80.ID).ok()
	is := data[aService](s.get(services + "/" + s.web.ID))
	if len(is.Bindings) != 0 || is.UpdatedAt <= s.web.UpdatedAt {
		t.Errorf("what bound it is %+v", is)
	}
	s.get(inventory+"/bindings/"+s.web.Bindings[0].ID).fails(404, "not_found")
	for _, other := range []aService{s.proxy, present, s.shell} {
		if got := data[aService](s.get(services + "/" + other.ID)); !reflect.DeepEqual(got, other) {
			t.Errorf("another service is %+v, was %+v", got, other)
		}
	}
	if h := data[aHost](s.get(inventory + "/hosts/" + s.host.ID)); h.UpdatedAt != s.host.UpdatedAt || len(h.Ports) != 1 {
		t.Errorf("its host is %+v", h)
	}
	if then := data[aService](s.get(services + "/" + s.web.ID + "?at=" + present.CreatedAt)); !reflect.DeepEqual(then, s.web) {
		t.Errorf("then it was %+v", then)
	}
	s.get(ports + "/" + s.p80.ID + "?at=" + present.CreatedAt).ok()
	for _, again := range []answer{s.get(ports + "/" + s.p80.ID), s.delete(ports + "/" + s.p80.ID)} {
		again.fails(404, "not_found")
	}
}

func TestAnInterfaceGoesWithItsBindingsAndWidensNone(t *testing.T) {
	s := open(t).site()
	present := s.bound("present", "I(e0)")
	s.delete(interfaces + "/" + s.e0.ID).ok()
	for _, was := range []aService{s.proxy, present} {
		if is := data[aService](s.get(services + "/" + was.ID)); len(is.Bindings) != 0 || is.UpdatedAt <= was.UpdatedAt {
			t.Errorf("what bound it is %+v", is)
		}
	}
	if is := data[aService](s.get(services + "/" + s.web.ID)); !reflect.DeepEqual(is, s.web) {
		t.Errorf("what is on all interfaces is %+v", is)
	}
	s.bound("next", "P(p443)") // nobody was made to listen there
	if then := data[aService](s.get(services + "/" + s.proxy.ID + "?at=" + present.CreatedAt)); !reflect.DeepEqual(then, s.proxy) {
		t.Errorf("then it was %+v", then)
	}
}

func TestASubnetGoesWithItsInterfacesOnAllHosts(t *testing.T) {
	s := open(t).site()
	lab := data[aSubnet](s.post(subnets, s.lan("10.9.0.0/16")))
	kept := data[anInterface](s.post(interfaces, strings.Replace(s.wire("10.9.0.1"), s.subnet.ID, lab.ID, 1)))
	s.delete(subnets + "/" + s.subnet.ID).ok()
	s.get(subnets+"/"+s.subnet.ID).fails(404, "not_found")
	s.delete(subnets+"/"+s.subnet.ID).fails(404, "not_found")
	left, _ := listing[anInterface](s.get(interfaces))
	if len(left) != 1 || left[0].ID != kept.ID || left[0].Position != 0 || left[0].UpdatedAt <= kept.UpdatedAt {
		t.Errorf("left are %+v", left)
	}
	if is := data[aService](s.get(services + "/" + s.proxy.ID)); len(is.Bindings) != 0 || is.UpdatedAt <= s.proxy.UpdatedAt {
		t.Errorf("a service that bound one is %+v", is)
	}
	if is := data[aService](s.get(services + "/" + s.web.ID)); !reflect.DeepEqual(is, s.web) {
		t.Errorf("a service that bound none is %+v", is)
	}
	then, _ := listing[anInterface](s.get(interfaces + "?subnet_id=" + s.subnet.ID + "&at=" + kept.CreatedAt))
	if len(then) != 3 {
		t.Errorf("then it had %+v", then)
	}
	s.post(subnets, s.lan("10.0.0.0/24")).ok()
}

func TestASubnetIsMadeOfARangeThatNoOtherOfItsNetworkShares(t *testing.T) {
	s := open(t).site()
	made := data[aSubnet](s.post(subnets, quoted(`{"network_id":%s,"name":"guests","cidr":"2001:0DB8:0:0::/64","description":"phones","id":"x"}`, s.network.ID)))
	want := aSubnet{ID: made.ID, times: times{made.CreatedAt, made.CreatedAt}, NetworkID: s.network.ID, Name: "guests", CIDR: "2001:db8::/64", Description: new("phones")}
	if !reflect.DeepEqual(made, want) || !reflect.DeepEqual(data[aSubnet](s.get(subnets+"/"+made.ID)), made) {
		t.Errorf("made is %+v", made)
	}
	for name, c := range map[string]struct {
		body   string
		status int
		code   string
	}{
		"the same again":            {s.lan("10.0.0.0/24"), 400, "overlapping_subnets"},
		"a part of one":             {s.lan("10.0.0.128/25"), 400, "overlapping_subnets"},
		"one around one":            {s.lan("10.0.0.0/8"), 400, "overlapping_subnets"},
		"the same, spelt in IPv6":   {s.lan("::ffff:10.0.0.0/120"), 400, "overlapping_subnets"},
		"an IPv6 one around one":    {s.lan("2001:db8::/32"), 400, "overlapping_subnets"},
		"with the bits of a host":   {s.lan("10.7.0.1/24"), 400, "validation_failed"},
		"an address":                {s.lan("10.7.0.0"), 400, "validation_failed"},
		"with too long a prefix":    {s.lan("10.7.0.0/33"), 400, "validation_failed"},
		"without a range":           {quoted(`{"network_id":%s,"name":"lan"}`, s.network.ID), 400, "validation_failed"},
		"without a name":            {quoted(`{"network_id":%s,"cidr":"10.7.0.0/16"}`, s.network.ID), 400, "validation_failed"},
		"with a name of nothing":    {quoted(`{"network_id":%s,"name":"\t","cidr":"10.7.0.0/16"}`, s.network.ID), 400, "validation_failed"},
		"without a network":         {`{"name":"lan","cidr":"10.7.0.0/16"}`, 400, "validation_failed"},
		"in an unknown network":     {quoted(`{"network_id":%s,"name":"lan","cidr":"10.7.0.0/16"}`, nobodys), 404, "not_found"},
		"in a network that is none": {quoted(`{"network_id":%s,"name":"lan","cidr":"10.7.0.0/16"}`, s.host.ID), 404, "not_found"},
	} {
		s.sub(name, func(s *site) {
			s.changesNothing(func() { s.post(subnets, c.body).fails(c.status, c.code) })
		})
	}
	if got := s.post(subnets, s.lan("10.7.0.1/24")); !strings.Contains(got.body, "10.7.0.0/24") {
		t.Errorf("the right range is not named: %s", got.body)
	}
	s.post(subnets, quoted(`{"network_id":%s,"name":"lan","cidr":"10.0.0.0/24"}`, s.otherNetwork.ID)).ok()
	s.post(subnets, s.lan("10.0.1.0/24")).ok()
}

func TestARangeThatStrandsInterfacesIs400AndNamesOne(t *testing.T) {
	s := open(t).site() // with 10.0.0.10, .11 and .20
	put := func(cidr string) answer {
		return s.put(subnets+"/"+s.subnet.ID, quoted(`{"name":"Servers","cidr":%s}`, cidr))
	}
	s.changesNothing(func() {
		got := put("10.0.0.0/28")
		got.fails(400, "stranded_interface")
		if !strings.Contains(got.body, s.ex.ID) {
			t.Errorf("the interface is not named: %s", got.body)
		}
		put("10.1.0.0/16").fails(400, "stranded_interface")
		put("2001:db8::/64").fails(400, "stranded_interface")
		s.put(subnets+"/"+s.subnet.ID, quoted(`{"name":"Servers","cidr":"10.0.0.0/24","network_id":%s}`, s.otherNetwork.ID)).fails(400, "stays_in_network")
		s.put(subnets+"/"+s.subnet.ID, quoted(`{"name":"Servers","cidr":"10.0.0.0/24","network_id":%s}`, nobodys)).fails(404, "not_found")
	})
	for _, cidr := range []string{"10.0.0.0/27", "10.0.0.0/16"} {
		if is := data[aSubnet](put(cidr)); is.CIDR != cidr {
			t.Errorf("it is %+v", is)
		}
	}
	s.post(subnets, s.lan("10.1.0.0/16")).ok()
	s.changesNothing(func() { put("10.0.0.0/15").fails(400, "overlapping_subnets") })
}

func TestPortsInterfacesAndSubnetsAreListedByTheirFilters(t *testing.T) {
	s := open(t).site()
	v6 := data[aSubnet](s.post(subnets, quoted(`{"network_id":%s,"name":"Labs","cidr":"2001:db8::/64"}`, s.otherNetwork.ID)))
	lan := data[aSubnet](s.post(subnets, s.lan("10.9.0.0/16")))
	late := data[aPort](s.post(ports, s.on(`"number":22,"protocol":"Tcp"`)))
	ids := func(all ...string) []string { return slices.Sorted(slices.Values(all)) }
	allPorts, allWires := ids(s.p80.ID, s.p443.ID, s.px.ID, late.ID), ids(s.e0.ID, s.e1.ID, s.ex.ID)
	for path, want := range map[string][]string{
		ports: allPorts, ports + "?host_id=" + s.otherHost.ID: {s.px.ID}, ports + "?network_id=" + s.network.ID: allPorts,
		ports + "?network_id=" + s.otherNetwork.ID: nil, ports + "?network_id=" + nobodys: nil, ports + "?host_id=" + nobodys: nil,
		ports + "?ids=" + late.ID + "&ids=" + nobodys: {late.ID}, ports + "?at=" + s.shell.CreatedAt: ids(s.p80.ID, s.p443.ID, s.px.ID),
		ports + "?host_id=" + s.host.ID + "&limit=1&offset=2": {late.ID}, ports + "?at=2001-01-01T00:00:00Z": nil,
		interfaces: allWires, interfaces + "?host_id=" + s.host.ID: ids(s.e0.ID, s.e1.ID), interfaces + "?subnet_id=" + s.subnet.ID: allWires,
		interfaces + "?subnet_id=" + v6.ID: nil, interfaces + "?subnet_id=" + nobodys: nil, interfaces + "?network_id=" + s.network.ID: allWires,
		interfaces + "?network_id=" + s.otherNetwork.ID: nil, interfaces + "?search=ETH1": {s.e1.ID}, interfaces + "?ids=" + s.ex.ID: {s.ex.ID},
		subnets: ids(s.subnet.ID, v6.ID, lan.ID), subnets + "?network_id=" + s.otherNetwork.ID: {v6.ID}, subnets + "?search=serv": {s.subnet.ID},
		subnets + "?ids=" + v6.ID: {v6.ID}, subnets + "?network_id=" + nobodys: nil, subnets + "?network_id=" + s.network.ID + "&at=" + s.shell.CreatedAt: {s.subnet.ID},
		subnets + "?offset=1&network_id=" + s.network.ID: {lan.ID}, subnets + "?limit=1&network_id=" + s.network.ID: {s.subnet.ID},
	} {
		list, _ := listing[map[string]any](s.get(path))
		var got []string
		for _, one := range list {
			got = append(got, one["id"].(string))
		}
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("%s lists %v, want %v", path, got, want)
		}
	}
	for _, list := range []string{ports, interfaces, subnets} {
		for _, query := range []string{"?limit=-1", "?offset=x", "?ids=x", "?network_id=x", "?network_id=", "?at=yesterday"} {
			s.get(list+query).fails(400, "bad_request")
		}
	}
	if _, got := listing[aPort](s.get(ports + "?limit=3")); got != (pagination{4, 3, 0, true}) {
		t.Errorf("a page says %+v", got)
	}
	if list, _ := listing[aPort](s.get(ports)); list[len(list)-1].ID != late.ID {
		t.Errorf("the last made is not the last: %+v", list)
	}
}

func TestManyPortsInterfacesAndSubnetsGoInOneRequest(t *testing.T) {
	s := open(t).site()
	for _, c := range []struct {
		path string
		ids  []any
		want bulkDeleted
	}{
		{ports, []any{s.p80.ID, nobodys, s.px.ID, s.p80.ID, s.e0.ID}, bulkDeleted{2, 5}},
		{interfaces, []any{s.e0.ID, s.ex.ID, nobodys}, bulkDeleted{2, 3}},
		{subnets, []any{nobodys, s.subnet.ID, s.subnet.ID}, bulkDeleted{1, 3}},
	} {
		body := quoted("["+strings.Repeat("%s,", len(c.ids)-1)+"%s]", c.ids...)
		if got := data[bulkDeleted](s.post(c.path+"/bulk-delete", body)); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.path, got, c.want)
		}
		c.want.DeletedCount = 0
		if got := data[bulkDeleted](s.post(c.path+"/bulk-delete", body)); got != c.want {
			t.Errorf("%s again: %+v, want %+v", c.path, got, c.want)
		}
		s.changesNothing(func() {
			for _, wrong := range []string{`[]`, `{}`, `["x"]`, `null`} {
				s.post(c.path+"/bulk-delete", wrong).fails(400, "validation_failed")
			}
		})
	}
	if left, _ := listing[anInterface](s.get(interfaces)); len(left) != 0 {
		t.Errorf("interfaces left are %+v", left)
	}
	if left, _ := listing[aPort](s.get(ports)); len(left) != 1 || left[0].ID != s.p443.ID {
		t.Errorf("ports left are %+v", left)
	}
	for _, service := range []aService{s.web, s.proxy, s.shell} {
		if is := data[aService](s.get(services + "/" + service.ID)); len(is.Bindings) != 0 || is.UpdatedAt <= service.UpdatedAt {
			t.Errorf("a service is %+v", is)
		}
	}
}

func TestPortsInterfacesAndSubnetsChangeOnlyAsTheyWereSeen(t *testing.T) {
	s := open(t).site()
	// The subnet is the last, because its interfaces go with it.
	for _, c := range []struct{ path, body string }{
		{ports + "/" + s.p443.ID, `{"number":8443,"protocol":"Tcp"}`},
		{interfaces + "/" + s.e1.ID, s.wire("10.0.0.77")},
		{subnets + "/" + s.subnet.ID, `{"name":"racks","cidr":"10.0.0.0/24"}`},
	} {
		path, body := c.path, c.body
		seen := s.get(path).ok().header.Get("ETag")
		s.changesNothing(func() {
			s.send(s.ask("PUT", path, body).with("If-Match", `"another"`)).fails(412, "conflict")
			s.send(s.ask("DELETE", path, "").with("If-Match", `"another"`)).fails(412, "conflict")
			if got := s.send(s.ask("GET", path, "").with("If-None-Match", seen)); got.status != 304 {
				t.Errorf("%s: %d", path, got.status)
			}
		})
		next := s.send(s.ask("PUT", path, body).with("If-Match", seen)).ok().header.Get("ETag")
		if next == "" || next == seen {
			t.Errorf("%s: the ETag is %s, was %s", path, next, seen)
		}
		s.send(s.ask("DELETE", path, "").with("If-Match", seen)).fails(412, "conflict")
		s.send(s.ask("DELETE", path, "").with("If-Match", next)).ok()
	}
}

func TestPortsInterfacesAndSubnetsAreTablesToTakeAway(t *testing.T) {
	s := open(t).site()
	data[aSubnet](s.post(subnets, quoted(`{"network_id":%s,"name":"=cmd()","cidr":"10.9.0.0/16"}`, s.network.ID)))
	for path, want := range map[string][]string{
		ports + "/export/csv?host_id=" + s.otherHost.ID: {
			"id,host_id,network_id,number,protocol,type,created_at,updated_at",
			strings.Join([]string{s.px.ID, s.otherHost.ID, s.network.ID, "22", "Tcp", "Ssh", s.px.CreatedAt, s.px.UpdatedAt}, ","),
		},
		interfaces + "/export/csv?search=eth1": {
			"id,name,host_id,network_id,subnet_id,ip_address,mac_address,position,created_at,updated_at",
			strings.Join([]string{s.e1.ID, "eth1", s.host.ID, s.network.ID, s.subnet.ID, "10.0.0.11", "", "1", s.e1.CreatedAt, s.e1.UpdatedAt}, ","),
		},
		subnets + "/export/csv?search=serv": {
			"id,name,network_id,cidr,description,created_at,updated_at",
			strings.Join([]string{s.subnet.ID, "Servers", s.network.ID, "10.0.0.0/24", "", s.subnet.CreatedAt, s.subnet.UpdatedAt}, ","),
		},
		subnets + "/export/csv?network_id=" + nobodys: {"id,name,network_id,cidr,description,created_at,updated_at"},
	} {
		if got := s.get(path).ok(); got.body != strings.Join(want, "\r\n")+"\r\n" {
			t.Errorf("%s:\n%s\nwant\n%s", path, got.body, strings.Join(want, "\n"))
		}
	}
	lines, err := csv.NewReader(strings.NewReader(s.get(subnets + "/export/csv?search=cmd").ok().body)).ReadAll()
	if err != nil || len(lines) != 2 || lines[1][1] != "'=cmd()" {
		t.Errorf("a formula is %q, %v", lines, err)
	}
}

func TestAPortAnInterfaceOrASubnetIsMadeOnceAKey(t *testing.T) {
	s := open(t).site()
	for path, body := range map[string]string{ports: s.on(`"number":22,"protocol":"Tcp"`), interfaces: s.wire("10.0.0.99"), subnets: s.lan("10.9.0.0/16")} {
		once := func(body string) answer {
			return s.send(s.ask("POST", path, body).with("Idempotency-Key", "once"))
		}
		first := once(body).ok()
		s.changesNothing(func() {
			if again := once(body).ok(); again.body != first.body {
				t.Errorf("%s: again it is %s, was %s", path, again.body, first.body)
			}
			once(body+" ").fails(409, "conflict")
		})
	}
}
