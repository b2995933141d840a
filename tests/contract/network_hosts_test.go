package contract

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
)

const hosts = inventory + "/hosts"

// filled puts an id in the place of each $name of a text: what the site has by
// that name, or else one that nothing has, always the same.
func (s *site) filled(text string) string {
	ids := s.named()
	for name, id := range map[string]string{
		"network": s.network.ID, "otherNetwork": s.otherNetwork.ID, "subnet": s.subnet.ID, "host": s.host.ID, "otherHost": s.otherHost.ID,
		"tag": s.tag.ID, "otherTag": s.otherTag.ID, "web": s.web.ID, "proxy": s.proxy.ID, "shell": s.shell.ID, "webs": s.web.Bindings[0].ID,
	} {
		ids[name] = id
	}
	return os.Expand(text, func(name string) string {
		if id := ids[name]; id != "" {
			return id
		}
		return uuid.NewSHA1(uuid.NameSpaceURL, []byte(name)).String()
	})
}

// hostWith is a new host of the site's network with more members.
func (s *site) hostWith(members ...string) string {
	return s.filled(strings.Join(append([]string{`{"network_id":"$network","name":"gamma"`}, members...), ",") + `}`)
}

// hostState is a PUT of the site's host with more members.
func (s *site) hostState(members ...string) string {
	return s.filled(strings.Join(append([]string{`{"name":"alpha"`}, members...), ",") + `}`)
}

// nested is a service as part of a host, by a name that is also that of its id,
// with bindings in the words of places.
func (s *site) nested(name, bindings string) string {
	return s.filled(`{"id":"$` + name + `","service_definition":"Nginx","name":"` + name + `","bindings":[` + s.places(bindings) + `]}`)
}

func (s *site) hostNow(id string) aHost {
	s.Helper()
	return data[aHost](s.get(hosts + "/" + id))
}

// binds is what the services of a host bind, in the words of places.
func (s *site) binds(h aHost) string {
	var all []string
	for _, service := range h.Services {
		all = append(all, service.Name+": "+s.shown(service.Bindings))
	}
	return strings.Join(all, "; ")
}

func TestAHostIsMadeWithItsInterfacesPortsAndServices(t *testing.T) {
	s := open(t).site()
	made := data[aHost](s.post(hosts, s.hostWith(`"id":"$own","created_at":"2001-01-01T00:00:00Z","source":{"type":"Discovery"}`,
		`"hostname":"gamma.example","description":"d","hidden":true,"tags":["$tag"],"virtualization":{"type":"Docker","details":{"container_name":"g"}}`,
		`"interfaces":[{"id":"$f","subnet_id":"$subnet","ip_address":"::FFFF:10.0.0.30","mac_address":"52-54-00-AB-CD-EF"}]`,
		`"ports":[{"number":443,"protocol":"Tcp"},{"id":"$q","number":53,"protocol":"Udp","type":"Ssh"}]`,
		`"services":[{"id":"$dns","service_definition":"DNS Server","name":"dns","tags":["$tag"],"bindings":[{"type":"Port","port_id":"$q","interface_id":"$f"}]},
			{"service_definition":"House Brew","name":"coffee"}]`)))
	now := times{made.CreatedAt, made.CreatedAt}
	id := func(name string) string { return s.filled("$" + name) }
	want := aHost{
		ID: made.ID, times: now, NetworkID: s.network.ID, Name: "gamma", Hostname: new("gamma.example"), Description: new("d"), Source: aSource{"Manual"},
		Virtualization: &aVirtualization{"Docker", map[string]any{"container_name": "g", "container_id": nil, "service_id": nil}}, Hidden: true, Tags: []string{s.tag.ID},
		Interfaces: []anInterface{{ID: id("f"), times: now, NetworkID: s.network.ID, HostID: made.ID, SubnetID: s.subnet.ID, IPAddress: "10.0.0.30", MACAddress: new("52:54:00:ab:cd:ef")}},
		Ports: []aPort{
			{id("q"), now, s.network.ID, made.ID, 53, "Udp", "Dns"}, {made.Ports[1].ID, now, s.network.ID, made.ID, 443, "Tcp", "Https"},
		},
		Services: []aService{
			{ID: id("dns"), times: now, HostID: made.ID, NetworkID: s.network.ID, ServiceDefinition: "DNS Server", Name: "dns", Source: aSource{"Manual"}, Tags: []string{s.tag.ID},
				Bindings: []aBinding{{made.Services[0].Bindings[0].ID, now, id("dns"), s.network.ID, "Port", id("q"), id("f")}}},
			{ID: made.Services[1].ID, times: now, HostID: made.ID, NetworkID: s.network.ID, ServiceDefinition: "House Brew", Name: "coffee", Source: aSource{"Manual"}, Tags: []string{}, Bindings: []aBinding{}, Position: 1},
		},
	}
	if !reflect.DeepEqual(made, want) || made.ID == id("own") || uuids.FindString(made.ID) == "" {
		t.Errorf("made is\n%+v, want\n%+v", made, want)
	}
	if got := s.hostNow(made.ID); !reflect.DeepEqual(got, made) {
		t.Errorf("stored is %+v", got)
	}
	if all, _ := listing[aHost](s.get(hosts + "?ids=" + made.ID)); len(all) != 1 || !reflect.DeepEqual(all[0], made) {
		t.Errorf("listed are %+v", all)
	}
	// Each of them is found by itself.
	if got := data[aService](s.get(services + "/" + id("dns"))); !reflect.DeepEqual(got, made.Services[0]) {
		t.Errorf("its service is %+v", got)
	}
	if got := data[aPort](s.get(ports + "/" + id("q"))); got != made.Ports[0] {
		t.Errorf("its port is %+v", got)
	}
}

func TestABareHostShowsItsNullsAndEmptyLists(t *testing.T) {
	s := open(t).site()
	body := s.post(hosts, s.hostWith()).ok().body
	for _, member := range []string{
		`"hostname":null`, `"description":null`, `"virtualization":null`, `"hidden":false`, `"tags":[]`, `"interfaces":[]`, `"ports":[]`, `"services":[]`,
	} {
		if !strings.Contains(body, member) {
			t.Errorf("%s is not in %s", member, body)
		}
	}
}

func TestAHostIsRefusedWhole(t *testing.T) {
	s := open(t).site()
	wire := func(members string) string { return `"interfaces":[{` + members + `}]` }
	service := func(members string) string { return `"services":[{"service_definition":"Nginx",` + members + `}]` }
	for name, c := range map[string]struct {
		members string
		status  int
		code    string
	}{
		"with a name of white space":                {`"name":" \t"`, 400, "validation_failed"},
		"with a name of 101 characters":             {`"name":"` + strings.Repeat("ö", 101) + `"`, 400, "validation_failed"},
		"with a description of 501 characters":      {`"description":"` + strings.Repeat("ö", 501) + `"`, 400, "validation_failed"},
		"with a hostname that is a number":          {`"hostname":5`, 400, "validation_failed"},
		"with an unknown virtualization":            {`"virtualization":{"type":"LXC","details":{}}`, 400, "validation_failed"},
		"with an unknown tag":                       {`"tags":["$nothing"]`, 400, "unknown_tag"},
		"with ports that are null":                  {`"ports":null`, 400, "validation_failed"},
		"with the port 0":                           {`"ports":[{"number":0,"protocol":"Tcp"}]`, 400, "validation_failed"},
		"with the port 65536":                       {`"ports":[{"number":65536,"protocol":"Tcp"}]`, 400, "validation_failed"},
		"with a port twice":                         {`"ports":[{"number":5,"protocol":"Tcp"},{"number":5,"protocol":"Tcp"}]`, 400, "duplicate_port"},
		"with an unknown protocol":                  {`"ports":[{"number":5,"protocol":"Sctp"}]`, 400, "validation_failed"},
		"with an id in braces":                      {`"ports":[{"id":"{$q}","number":5,"protocol":"Tcp"}]`, 400, "validation_failed"},
		"with an id twice":                          {`"ports":[{"id":"$q","number":5,"protocol":"Tcp"}],` + service(`"id":"$q","name":"s"`), 400, "duplicate_id"},
		"with an id of another host":                {`"ports":[{"id":"$otherHost","number":5,"protocol":"Tcp"}]`, 400, "id_taken"},
		"with an id of another host's port":         {`"ports":[{"id":"$px","number":5,"protocol":"Tcp"}]`, 400, "id_taken"},
		"with an id of another host's service":      {service(`"id":"$shell","name":"s"`), 400, "id_taken"},
		"with an id of a subnet":                    {`"ports":[{"id":"$subnet","number":5,"protocol":"Tcp"}]`, 400, "id_taken"},
		"with an address outside its subnet":        {wire(`"subnet_id":"$subnet","ip_address":"10.0.1.1"`), 400, "address_outside_subnet"},
		"with an address that is none":              {wire(`"subnet_id":"$subnet","ip_address":"10.0.0.256"`), 400, "validation_failed"},
		"with an address of a zone":                 {wire(`"subnet_id":"$subnet","ip_address":"fe80::1%eth0"`), 400, "validation_failed"},
		"with an address twice":                     {`"interfaces":[{"subnet_id":"$subnet","ip_address":"10.0.0.40"},{"subnet_id":"$subnet","ip_address":"::ffff:a00:28"}]`, 400, "duplicate_address"},
		"with a MAC address that is none":           {wire(`"subnet_id":"$subnet","ip_address":"10.0.0.40","mac_address":"52:54:00"`), 400, "validation_failed"},
		"in an unknown subnet":                      {wire(`"subnet_id":"$nothing","ip_address":"10.0.0.40"`), 404, "not_found"},
		"with an interface without an address":      {wire(`"subnet_id":"$subnet"`), 400, "validation_failed"},
		"with a service of an unknown definition":   {`"services":[{"service_definition":"Nothing known","name":"s"}]`, 400, "unknown_service_definition"},
		"with a service without a name":             {service(`"bindings":[]`), 400, "validation_failed"},
		"with a service with an unknown tag":        {service(`"name":"s","tags":["$nothing"]`), 400, "unknown_tag"},
		"with a binding that does not say where":    {service(`"name":"s","bindings":[{"type":"Port"}]`), 400, "validation_failed"},
		"with a binding to another host's port":     {service(`"name":"s","bindings":[{"type":"Port","port_id":"$px"}]`), 400, "binding_cross_host"},
		"with a position for one service of two":    {`"services":[{"service_definition":"Nginx","name":"s","position":0},{"service_definition":"Nginx","name":"t"}]`, 400, "validation_failed"},
		"with two services at one position":         {`"services":[{"service_definition":"Nginx","name":"s","position":3},{"service_definition":"Nginx","name":"t","position":3}]`, 400, "validation_failed"},
		"with two interfaces at one position":       {`"interfaces":[{"subnet_id":"$subnet","ip_address":"10.0.0.40","position":1},{"subnet_id":"$subnet","ip_address":"10.0.0.41","position":1}]`, 400, "validation_failed"},
		"with two services that claim one port":     {`"ports":[{"id":"$q","number":5,"protocol":"Tcp"}],"services":[{"service_definition":"Nginx","name":"s","bindings":[{"type":"Port","port_id":"$q"}]},{"service_definition":"Nginx","name":"t","bindings":[{"type":"Port","port_id":"$q"}]}]`, 400, "binding_claim"},
		"with a member that is given twice":         {`"hidden":true,"hidden":true`, 400, "validation_failed"},
		"with a service that has a negative place":  {service(`"name":"s","position":-1`), 400, "validation_failed"},
		"with a catalog service whose slug is none": {service(`"name":"s","catalog":{"project_id":"p","slug":"Not a slug"}`), 400, "validation_failed"},
	} {
		s.sub(name, func(s *site) {
			members := []string{`"name":"gamma"`, c.members}
			if strings.HasPrefix(c.members, `"name"`) {
				members = members[1:]
			}
			s.changesNothing(func() {
				sent := s.filled(`{"network_id":"$network",` + strings.Join(members, ",") + `}`)
				got := s.post(hosts, sent)
				got.fails(c.status, c.code)
				for _, id := range uuids.FindAllString(got.body, -1) {
					if !strings.Contains(sent, id) && !strings.Contains(got.body, "such as "+id) {
						s.Errorf("nobody has seen the id %s: %s", id, got.body)
					}
				}
				s.put(hosts+"/"+s.host.ID, s.filled(`{`+strings.Join(members, ",")+`}`)).fails(c.status, c.code)
			})
		})
	}
	s.changesNothing(func() {
		s.post(hosts, `{"name":"gamma"}`).fails(400, "validation_failed")
		s.post(hosts, s.filled(`{"network_id":"$network"}`)).fails(400, "validation_failed")
		s.post(hosts, s.filled(`{"network_id":"$nothing","name":"gamma"}`)).fails(404, "not_found")
		s.post(hosts, s.filled(`{"network_id":"$otherNetwork","name":"gamma","interfaces":[{"subnet_id":"$subnet","ip_address":"10.0.0.40"}]}`)).fails(400, "subnet_on_another_network")
		s.put(hosts+"/"+s.host.ID, s.hostState(`"network_id":"$otherNetwork"`)).fails(400, "host_on_another_network")
		s.put(hosts+"/"+s.host.ID, s.hostState(`"network_id":"$nothing"`)).fails(404, "not_found")
		s.put(hosts+"/"+s.p80.ID, s.hostState()).fails(404, "not_found")
		s.put(hosts+"/"+s.host.ID, `{}`).fails(400, "validation_failed")
	})
}

func TestNestedChildrenMayBringTheirOwnUUIDIfItIsFreeInTheWorkspace(t *testing.T) {
	s := open(t).site()
	const port = `"ports":[{"id":"$q","number":5,"protocol":"Tcp"}]`
	// Another workspace's id counts as free.
	network := data[aNetwork](s.send(s.ask("POST", inventory+"/networks", `{"name":"Theirs"}`).by(s.foreign))).ID
	theirs := data[aHost](s.send(s.ask("POST", hosts, s.filled(`{"network_id":"`+network+`","name":"theirs",`+port+`}`)).by(s.foreign)))
	mine := data[aHost](s.post(hosts, s.hostWith(port)))
	if mine.Ports[0].ID != theirs.Ports[0].ID {
		t.Errorf("the ports are %+v and %+v", mine.Ports, theirs.Ports)
	}
	// In every network of one workspace it is the same.
	for _, network := range []string{"$network", "$otherNetwork"} {
		s.changesNothing(func() {
			s.post(hosts, s.filled(`{"network_id":"`+network+`","name":"late",`+port+`}`)).fails(400, "id_taken")
		})
	}
	s.changesNothing(func() { s.put(hosts+"/"+s.host.ID, s.hostState(port)).fails(400, "id_taken") })
	s.delete(hosts + "/" + mine.ID).ok()
	s.post(hosts, s.filled(`{"network_id":"$otherNetwork","name":"late",`+port+`}`)).ok()
	if got := data[aHost](s.send(s.ask("GET", hosts+"/"+theirs.ID, "").by(s.foreign))); !reflect.DeepEqual(got, theirs) {
		t.Errorf("the other workspace's is %+v", got)
	}
}

func TestTheRulesOfBindingsHoldForServicesThatAreNestedInAHost(t *testing.T) {
	for _, c := range theTable {
		t.Run(strings.TrimPrefix(c.there+", then ", ", then ")+c.sent, func(t *testing.T) {
			s := open(t).emptied()
			all := s.nested("new", c.sent)
			if c.there != "" {
				all = s.nested("there", c.there) + "," + all
			}
			body := s.hostState(`"services":[` + all + `]`)
			if c.refused != "" {
				s.changesNothing(func() { s.put(hosts+"/"+s.host.ID, body).fails(400, c.refused) })
				return
			}
			got := data[aHost](s.put(hosts+"/"+s.host.ID, body))
			if last := got.Services[len(got.Services)-1]; s.shown(last.Bindings) != c.stored {
				t.Errorf("it binds %s, not %s", s.shown(last.Bindings), c.stored)
			}
		})
	}
}

func TestAPortMovesOrSwapsBetweenServicesInOneCall(t *testing.T) {
	s := open(t).site()
	for _, c := range []struct{ web, proxy string }{
		{"P(p443)", "P(p80,e0)"}, {"P(p80)", "P(p443)"}, {"", "P(p80) P(p443)"}, {"P(p80,e0)", "P(p80,e1)"}, {"P(p80,e1)", "P(p80,e0)"},
	} {
		got := data[aHost](s.put(hosts+"/"+s.host.ID, s.hostState(`"services":[`+s.nested("web", c.web)+`,`+s.nested("proxy", c.proxy)+`]`)))
		if want := "web: " + c.web + "; proxy: " + c.proxy; s.binds(got) != want {
			t.Errorf("it is %s, not %s", s.binds(got), want)
		}
	}
	if got := s.hostNow(s.host.ID); got.Services[0].ID != s.web.ID || got.Services[0].CreatedAt != s.web.CreatedAt || got.Services[1].ID != s.proxy.ID {
		t.Errorf("the services are %+v", got.Services)
	}
}

func TestOfNestedChildrenAbsentKeepsAndAnArraySyncs(t *testing.T) {
	for name, c := range map[string]struct{ members, want string }{
		"nothing": {`"hidden":false`, "2 interfaces, 2 ports, web: P(p80); proxy: P(p443,e0)"},
		"a bound port goes and services are absent":      {`"ports":[{"id":"$p80","number":80,"protocol":"Tcp"}]`, "2 interfaces, 1 ports, web: P(p80); proxy: "},
		"a bound interface goes and services are absent": {`"interfaces":[{"id":"$e1","subnet_id":"$subnet","ip_address":"10.0.0.11"}]`, "1 interfaces, 2 ports, web: P(p80); proxy: "},
		"all ports go":    {`"ports":[]`, "2 interfaces, 0 ports, web: ; proxy: "},
		"all services go": {`"services":[]`, "2 interfaces, 2 ports, "},
		"a service goes and one comes": {`"services":[{"id":"$proxy","service_definition":"Nginx","name":"proxy"},{"service_definition":"Nginx","name":"new","bindings":[{"type":"Port","port_id":"$p80"}]}]`,
			"2 interfaces, 2 ports, proxy: P(p443,e0); new: P(p80)"},
		"without ids all are new":             {`"ports":[{"number":80,"protocol":"Tcp"},{"number":443,"protocol":"Tcp"}]`, "2 interfaces, 2 ports, web: ; proxy: "},
		"a port changes, what binds it stays": {`"ports":[{"id":"$p80","number":443,"protocol":"Tcp"},{"id":"$p443","number":80,"protocol":"Tcp"}]`, "2 interfaces, 2 ports, web: P(p80); proxy: P(p443,e0)"},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t).site()
			got := data[aHost](s.put(hosts+"/"+s.host.ID, s.hostState(c.members)))
			if is := fmt.Sprintf("%d interfaces, %d ports, %s", len(got.Interfaces), len(got.Ports), s.binds(got)); is != c.want {
				t.Errorf("it has %s, not %s", is, c.want)
			}
			if now := s.hostNow(s.host.ID); !reflect.DeepEqual(now, got) {
				t.Errorf("stored is %+v", now)
			}
			// What lost a binding was changed, and what did not was not.
			for _, service := range got.Services {
				was := map[string]aService{s.web.ID: s.web, s.proxy.ID: s.proxy}[service.ID]
				if !strings.Contains(c.members, "services") && (len(service.Bindings) < len(was.Bindings)) != (service.UpdatedAt > was.UpdatedAt) {
					t.Errorf("%s was changed at %s, and before at %s", service.Name, service.UpdatedAt, was.UpdatedAt)
				}
			}
		})
	}
}

func TestASentServiceThatBindsARemovedPortIs400(t *testing.T) {
	s := open(t).site()
	for _, removed := range []string{`"ports":[{"id":"$p443","number":443,"protocol":"Tcp"}]`, `"ports":[]`} {
		s.changesNothing(func() {
			s.put(hosts+"/"+s.host.ID, s.hostState(removed, `"services":[`+s.nested("web", "P(p80)")+`]`)).fails(400, "binding_cross_host")
		})
	}
	s.changesNothing(func() {
		s.put(hosts+"/"+s.host.ID, s.hostState(`"interfaces":[]`, `"services":[`+s.nested("web", "P(p80,e0)")+`]`)).fails(400, "binding_cross_host")
	})
}

func TestHostsShowTheirChildrenByPosition(t *testing.T) {
	s := open(t).site()
	s.put(hosts+"/"+s.host.ID, s.hostState(
		`"interfaces":[{"id":"$e0","subnet_id":"$subnet","ip_address":"10.0.0.10","position":9},{"id":"$e1","subnet_id":"$subnet","ip_address":"10.0.0.11","position":4}]`,
		`"services":[{"id":"$web","service_definition":"Nginx","name":"web","position":6},{"id":"$proxy","service_definition":"Nginx","name":"proxy","position":2},{"service_definition":"Nginx","name":"new","position":4}]`)).ok()
	all, _ := listing[aHost](s.get(hosts + "?ids=" + s.host.ID))
	for _, h := range []aHost{all[0], s.hostNow(s.host.ID)} {
		var order []string
		for _, service := range h.Services {
			order = append(order, fmt.Sprint(service.Name, service.Position))
		}
		if strings.Join(order, " ") != "proxy2 new4 web6" || h.Interfaces[0].ID != s.e1.ID || h.Interfaces[1].ID != s.e0.ID || h.Interfaces[0].Position != 0 || h.Interfaces[1].Position != 1 {
			t.Errorf("they are %v and %+v", order, h.Interfaces)
		}
	}
	// Without positions those that there were stay where they are, and new ones follow.
	got := data[aHost](s.put(hosts+"/"+s.host.ID, s.hostState(`"services":[{"service_definition":"Nginx","name":"last"},{"id":"$web","service_definition":"Nginx","name":"web"},{"id":"$proxy","service_definition":"Nginx","name":"proxy"}]`)))
	if s.binds(got) != "proxy: P(p443,e0); web: P(p80); last: " || got.Services[2].Position != 7 {
		t.Errorf("they are %s", s.binds(got))
	}
}

func TestAnExpectedUpdatedAtThatIsNotIs409(t *testing.T) {
	s := open(t).site()
	s.changesNothing(func() {
		s.put(hosts+"/"+s.host.ID, s.hostState(`"hidden":true,"expected_updated_at":"2001-01-01T00:00:00Z"`)).fails(409, "conflict")
		s.put(hosts+"/"+s.host.ID, s.hostState(`"hidden":true,"expected_updated_at":"yesterday"`)).fails(400, "validation_failed")
	})
	got := data[aHost](s.put(hosts+"/"+s.host.ID, s.hostState(quoted(`"hidden":true,"expected_updated_at":%s`, s.host.UpdatedAt))))
	if !got.Hidden || got.UpdatedAt <= s.host.UpdatedAt {
		t.Errorf("it is %+v", got)
	}
	s.changesNothing(func() {
		s.put(hosts+"/"+s.host.ID, s.hostState(quoted(`"expected_updated_at":%s`, s.host.UpdatedAt))).fails(409, "conflict")
	})
}

func TestAHostThatWasReadCanBeSentBackAsItIsAndMovesNothing(t *testing.T) {
	s := open(t).site()
	s.put(hosts+"/"+s.otherHost.ID, s.filled(`{"name":"beta","description":"","tags":["$otherTag"],"virtualization":{"type":"Docker","details":{"container_id":"c0ffee"}}}`)).ok()
	for _, id := range []string{s.host.ID, s.otherHost.ID} {
		was := s.get(hosts + "/" + id).ok()
		s.changesNothing(func() {
			if is := s.put(hosts+"/"+id, sentBack(was)).ok(); is.body != was.body {
				t.Errorf("it was %s\nit is  %s", was.body, is.body)
			}
		})
	}
}

func TestAPutOfAHostClearsWhatItLeavesOutAndItsPartsDoNotMoveIt(t *testing.T) {
	s := open(t).site()
	got := data[aHost](s.put(hosts+"/"+s.host.ID, `{"name":"alpha","source":{"type":"X"},"created_at":5,"id":"x"}`))
	want := s.hostNow(s.host.ID)
	if got.Hostname != nil || len(got.Tags) != 0 || got.Source.Type != "Manual" || got.CreatedAt != s.host.CreatedAt || got.UpdatedAt <= s.host.UpdatedAt || !reflect.DeepEqual(got, want) {
		t.Errorf("it is %+v", got)
	}
	if moved := data[aHost](s.put(hosts+"/"+s.host.ID, s.hostState(`"services":[]`, `"ports":[]`))); moved.UpdatedAt != got.UpdatedAt {
		t.Errorf("what is on it moved it to %s", moved.UpdatedAt)
	}
}

func TestTheSameAddressMayStandOnOtherHosts(t *testing.T) {
	s := open(t).site()
	made := data[aHost](s.post(hosts, s.hostWith(`"interfaces":[{"subnet_id":"$subnet","ip_address":"10.0.0.10"}]`)))
	if made.Interfaces[0].IPAddress != s.e0.IPAddress {
		t.Errorf("it is %+v", made.Interfaces)
	}
}

func TestADeletedHostTakesWhatIsOnItAndKeepsItsPast(t *testing.T) {
	s := open(t).site()
	whole := s.hostNow(s.host.ID)
	if got := s.delete(hosts + "/" + s.host.ID).ok().body; !strings.Contains(got, `"data":null`) {
		t.Errorf("it answers %s", got)
	}
	for _, path := range []string{hosts + "/" + s.host.ID, services + "/" + s.web.ID, ports + "/" + s.p80.ID, interfaces + "/" + s.e0.ID, inventory + "/bindings/" + s.web.Bindings[0].ID} {
		s.get(path).fails(404, "not_found")
	}
	s.delete(hosts+"/"+s.host.ID).fails(404, "not_found")
	// The service that came last to the host was the last change of it.
	if was := data[aHost](s.get(hosts + "/" + s.host.ID + "?at=" + s.proxy.CreatedAt)); !reflect.DeepEqual(was, whole) {
		t.Errorf("it was %+v", was)
	}
	s.get(hosts+"/"+s.host.ID+"?at=2001-01-01T00:00:00Z").fails(404, "not_found")
}

func TestABulkDeleteOfHostsCountsThoseThatThereWere(t *testing.T) {
	s := open(t).site()
	s.changesNothing(func() {
		many := `["` + s.host.ID + strings.Repeat(`","`+s.host.ID, 10_000) + `"]`
		for _, body := range []string{`[]`, `{}`, `["x"]`, `[null]`, many} {
			s.post(hosts+"/bulk-delete", body).fails(400, "validation_failed")
		}
		if got := data[bulkDeleted](s.post(hosts+"/bulk-delete", s.filled(`["$nothing","$p80","$web","$network"]`))); got != (bulkDeleted{0, 4}) {
			t.Errorf("of what are no hosts: %+v", got)
		}
	})
	if got := data[bulkDeleted](s.post(hosts+"/bulk-delete", s.filled(`["$host","$nothing","$otherHost","$host"]`))); got != (bulkDeleted{2, 4}) {
		t.Errorf("it counts %+v", got)
	}
	if all, page := listing[aHost](s.get(hosts)); len(all) != 0 || page.TotalCount != 0 {
		t.Errorf("left are %+v", all)
	}
}

func TestTwoHostsBecomeOneUnderTheIdsOfBoth(t *testing.T) {
	s := open(t).site()
	got := data[aHost](s.put(hosts+"/"+s.host.ID+"/consolidate/"+s.otherHost.ID, ""))
	if got.ID != s.host.ID || got.UpdatedAt != s.host.UpdatedAt || s.binds(got) != "web: P(p80); proxy: P(p443,e0); shell: P(px)" {
		t.Errorf("it is %s of %+v", s.binds(got), got)
	}
	if f := got.Interfaces[2]; f.ID != s.ex.ID || f.Position != 2 || f.HostID != s.host.ID || f.CreatedAt != s.ex.CreatedAt {
		t.Errorf("the interface that came is %+v", f)
	}
	if shell := got.Services[2]; shell.ID != s.shell.ID || shell.Position != 2 || shell.CreatedAt != s.shell.CreatedAt || shell.UpdatedAt <= s.shell.UpdatedAt {
		t.Errorf("the service that came is %+v", shell)
	}
	s.get(hosts+"/"+s.otherHost.ID).fails(404, "not_found")
	if moved := data[aService](s.get(services + "/" + s.shell.ID)); moved.HostID != s.host.ID {
		t.Errorf("by its id it is %+v", moved)
	}
	if was := data[aService](s.get(services + "/" + s.shell.ID + "?at=" + s.shell.CreatedAt)); was.HostID != s.otherHost.ID {
		t.Errorf("it was %+v", was)
	}
}

func TestAPortAndAnAddressOfBothHostsAreThatOfTheDestination(t *testing.T) {
	s := open(t).site()
	twin := data[aHost](s.post(hosts, s.hostWith(`"interfaces":[{"id":"$f","subnet_id":"$subnet","ip_address":"10.0.0.11"}]`, `"ports":[{"id":"$q","number":443,"protocol":"Tcp"},{"id":"$r","number":9,"protocol":"Tcp"}]`,
		`"services":[{"service_definition":"Nginx","name":"twin","bindings":[{"type":"Port","port_id":"$q","interface_id":"$f"}]}]`)))
	got := data[aHost](s.put(hosts+"/"+s.host.ID+"/consolidate/"+twin.ID, ""))
	if s.binds(got) != "web: P(p80); proxy: P(p443,e0); twin: P(p443,e1)" || len(got.Ports) != 3 || len(got.Interfaces) != 2 {
		t.Errorf("it is %s of %+v", s.binds(got), got)
	}
	s.get(ports+"/"+s.filled("$q")).fails(404, "not_found")
}

func TestHostsThatCannotBecomeOneStayAsTheyAre(t *testing.T) {
	s := open(t).site()
	rival := data[aHost](s.post(hosts, s.hostWith(`"ports":[{"id":"$q","number":80,"protocol":"Tcp"}]`, `"services":[{"service_definition":"Nginx","name":"rival","bindings":[{"type":"Port","port_id":"$q"}]}]`)))
	far := data[aHost](s.post(hosts, s.filled(`{"network_id":"$otherNetwork","name":"far"}`)))
	for name, c := range map[string]struct {
		other  string
		status int
		code   string
	}{
		"with a port that both claim": {rival.ID, 400, "binding_claim"},
		"of two networks":             {far.ID, 400, "host_on_another_network"},
		"that are one":                {s.host.ID, 400, "same_host"},
		"of which there is none":      {nobodys, 404, "not_found"},
		"of which one is a port":      {s.p80.ID, 404, "not_found"},
		"by no UUID":                  {"x", 400, "bad_request"},
	} {
		s.sub(name, func(s *site) {
			s.changesNothing(func() { s.put(hosts+"/"+s.host.ID+"/consolidate/"+c.other, "").fails(c.status, c.code) })
		})
	}
}

func TestHostsAreListedByWhatIsAskedFor(t *testing.T) {
	s := open(t).site()
	gamma := data[aHost](s.post(hosts, s.filled(`{"network_id":"$otherNetwork","name":"Gamma ray","hostname":"aardvark","tags":["$otherTag"]}`)))
	// Two networks have no order of instants in common.
	sorted := func(compare func(a, b aHost) int, of ...aHost) string {
		slices.SortFunc(of, func(a, b aHost) int {
			return cmp.Or(compare(a, b), strings.Compare(a.CreatedAt, b.CreatedAt), strings.Compare(a.ID, b.ID))
		})
		var names []string
		for _, h := range of {
			names = append(names, h.Name)
		}
		return strings.Join(names, " ")
	}
	created := func(a, b aHost) int { return strings.Compare(a.CreatedAt, b.CreatedAt) }
	updated := func(a, b aHost) int { return strings.Compare(a.UpdatedAt, b.UpdatedAt) }
	down := func(a, b aHost) int { return created(b, a) }
	all := []aHost{s.host, s.otherHost, gamma}
	networks := "alpha beta Gamma ray"
	if s.otherNetwork.ID < s.network.ID {
		networks = "Gamma ray alpha beta"
	}
	for query, want := range map[string]string{
		"":                                      sorted(created, all...),
		"?order_direction=desc":                 sorted(down, all...),
		"?network_id=$network&limit=1&offset=1": "beta",
		"?limit=0":                              sorted(created, all...),
		"?network_id=$network":                  "alpha beta",
		"?network_id=$nothing":                  "",
		"?tag_ids=$tag":                         "alpha",
		"?tag_ids=$tag&tag_ids=$otherTag&tag_ids=$nothing": sorted(created, s.host, gamma),
		"?search=RAY":                                 "Gamma ray",
		"?ids=$otherHost&ids=$web":                    "beta",
		"?order_by=name":                              "Gamma ray alpha beta",
		"?order_by=hostname":                          "beta Gamma ray alpha",
		"?order_by=hostname&order_direction=desc":     "beta alpha Gamma ray",
		"?order_by=updated_at":                        sorted(updated, all...),
		"?order_by=network_id":                        networks,
		"?network_id=$network&at=" + s.host.CreatedAt: "alpha",
		"?at=2001-01-01T00:00:00Z":                    "",
	} {
		found, page := listing[aHost](s.get(hosts + s.filled(query)))
		var names []string
		for _, h := range found {
			names = append(names, h.Name)
		}
		total := len(found)
		if strings.Contains(query, "offset") {
			total = 2
		}
		if got := strings.Join(names, " "); got != want || page.TotalCount != total || page.HasMore {
			t.Errorf("%s gives %s of %+v, not %s", query, got, page, want)
		}
	}
	for _, query := range []string{"?order_by=position", "?order_by=", "?limit=-1", "?offset=x", "?network_id=x", "?tag_ids=prod", "?at=now", "?order_direction=up", "?ids=1"} {
		s.get(hosts+query).fails(400, "bad_request")
	}
	if _, page := listing[aHost](s.get(hosts + "?limit=2")); !page.HasMore {
		t.Errorf("after two of three there is %+v", page)
	}
	if theirs, _ := listing[aHost](s.send(s.ask("GET", hosts+"?network_id="+s.network.ID, "").by(s.foreign))); len(theirs) != 0 {
		t.Errorf("another workspace sees %+v", theirs)
	}
	rows, err := csv.NewReader(strings.NewReader(s.get(hosts + "/export/csv?order_by=name&limit=1").ok().body)).ReadAll()
	if err != nil || len(rows) != 4 || !slices.Equal(rows[0], []string{"id", "name", "hostname", "description", "network_id", "source", "hidden", "created_at", "updated_at"}) ||
		!slices.Equal(rows[1], []string{gamma.ID, "Gamma ray", "aardvark", "", s.otherNetwork.ID, "Manual", "false", gamma.CreatedAt, gamma.UpdatedAt}) {
		t.Errorf("the table is %q, %v", rows, err)
	}
}

func TestAHostHasAnETagThatSeesEveryPort(t *testing.T) {
	s := open(t).site()
	path := hosts + "/" + s.host.ID
	tag := s.get(path).ok().header.Get("ETag")
	if got := s.send(s.ask("GET", path, "").with("If-None-Match", tag)); tag == "" || got.status != 304 {
		t.Errorf("the ETag %q gives %d", tag, got.status)
	}
	s.post(ports, s.on(`"number":22,"protocol":"Tcp"`)).ok()
	s.changesNothing(func() {
		s.send(s.ask("PUT", path, s.hostState()).with("If-Match", tag)).fails(412, "conflict")
		s.send(s.ask("DELETE", path, "").with("If-Match", tag)).fails(412, "conflict")
		s.send(s.ask("PUT", path+"/consolidate/"+s.otherHost.ID, "").with("If-Match", tag)).fails(412, "conflict")
	})
	s.send(s.ask("PUT", path, s.hostState()).with("If-Match", s.get(path).ok().header.Get("ETag"))).ok()
}

func TestARepeatedPostOfAHostMakesItOnce(t *testing.T) {
	s := open(t).site()
	body := s.hostWith(`"ports":[{"id":"$q","number":5,"protocol":"Tcp"}]`)
	first := s.send(s.once("host-1", hosts, body)).ok()
	if again := s.send(s.once("host-1", hosts, body)).ok(); again.body != first.body {
		t.Errorf("it answers %s and %s", first.body, again.body)
	}
	if all, _ := listing[aHost](s.get(hosts + "?search=gamma")); len(all) != 1 {
		t.Errorf("made are %+v", all)
	}
}

func TestAHostWith160PortsAnd100ServicesFitsAndOneTooLargeIs400(t *testing.T) {
	s := open(t).site()
	large := func(number, bound int) string {
		var opened, run []string
		for i := range number {
			opened = append(opened, fmt.Sprintf(`{"id":"$p%d_","number":%d,"protocol":"Tcp"}`, i, i+1))
		}
		for i := range bound {
			run = append(run, fmt.Sprintf(`{"service_definition":"Nginx","name":"service-%d","bindings":[{"type":"Port","port_id":"$p%d_"}]}`, i, i))
		}
		return s.hostWith(`"ports":[`+strings.Join(opened, ",")+`]`, `"services":[`+strings.Join(run, ",")+`]`)
	}
	made := data[aHost](s.post(hosts, large(160, 100)))
	if got := s.hostNow(made.ID); len(got.Ports) != 160 || len(got.Services) != 100 || len(got.Services[99].Bindings) != 1 {
		t.Errorf("it has %d ports and %d services", len(got.Ports), len(got.Services))
	}
	s.delete(hosts + "/" + made.ID).ok()
	s.changesNothing(func() {
		if p := s.post(hosts, large(2000, 2000)).fails(400, "host_too_large"); !strings.Contains(p.Message, "393216 bytes") {
			t.Errorf("it says %s", p.Message)
		}
	})
}

func TestOf16HostsThatBringOneIdExactlyOneIsMade(t *testing.T) {
	s := open(t).site()
	statuses := make([]int, 16)
	var wg sync.WaitGroup
	for n := range statuses {
		network := []string{"$network", "$otherNetwork"}[n%2]
		body := s.filled(fmt.Sprintf(`{"network_id":"%s","name":"writer %d","ports":[{"id":"$q","number":5,"protocol":"Tcp"}]}`, network, n))
		wg.Go(func() { statuses[n] = s.post(hosts, body).status })
	}
	wg.Wait()
	slices.Sort(statuses)
	if statuses[0] != 200 || statuses[1] != 400 || statuses[15] != 400 {
		t.Errorf("the answers are %v", statuses)
	}
	if all, _ := listing[aHost](s.get(hosts + "?search=writer")); len(all) != 1 {
		t.Errorf("made are %+v", all)
	}
}
