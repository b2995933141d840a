package network

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"almanac/internal/fault"
	"almanac/internal/store"
)

// withLan is a site with the subnet lan, 10.0.3.0/24.
func withLan(t *testing.T) *site { return withLanOn(t, onDisk(t)) }

func withLanOn(t *testing.T, on store.Store) *site {
	t.Helper()
	s := newSiteOn(t, on)
	s.ids["network"], s.ids["host"], s.ids["lan"] = s.network, s.host.ID, s.subnetOf("10.0.3.0/24").ID
	return s
}

// text puts an id in the place of each $name in a text, always the same one.
func (s *site) text(text string) string {
	return os.Expand(text, func(name string) string {
		if s.ids[name] == "" {
			s.ids[name] = newID()
		}
		return s.ids[name]
	})
}

// sendHost is a POST of a host to the site's network with more members.
func (s *site) sendHost(members string) (Host, error) {
	s.Helper()
	body, err := decoded[NewHost](s.T, s.text(`{"network_id":"$network","name":"new"`+members+`}`))
	s.must(err)
	s.tick()
	return s.CreateHost(s.Context(), ann, CreateHostInput{body})
}

func (s *site) newHost(members string) Host {
	s.Helper()
	h, err := s.sendHost(members)
	s.must(err)
	return h
}

// replaceHost is a PUT of a host with more members than the name.
func (s *site) replaceHost(id, members string) (Host, error) {
	s.Helper()
	body, err := decoded[HostState](s.T, s.text(`{"name":"new"`+members+`}`))
	s.must(err)
	s.tick()
	return s.UpdateHost(s.Context(), ann, UpdateHostInput{ID: UUID(id), Body: body})
}

func (s *site) replacedHost(id, members string) Host {
	s.Helper()
	h, err := s.replaceHost(id, members)
	s.must(err)
	return h
}

func (s *site) hostNow(id string) Host {
	s.Helper()
	h, err := s.GetHost(s.Context(), ann, GetHostInput{ID: UUID(id)})
	s.must(err)
	return h
}

// shape is what is on a host in short: interfaces, ports, services with what
// they bind, each by the name of its id, or by what it is.
func (s *site) shape(h Host) string {
	names := map[string]string{}
	for name, id := range s.ids {
		names[id] = name
	}
	or := func(id, what string) string {
		if name := names[id]; name != "" {
			return name
		}
		return what
	}
	var words []string
	for _, i := range h.Interfaces {
		names[i.ID] = or(i.ID, i.IPAddress)
		words = append(words, names[i.ID])
	}
	words = append(words, "|")
	for _, p := range h.Ports {
		names[p.ID] = or(p.ID, string(p.Protocol)+portName(p))
		words = append(words, names[p.ID])
	}
	words = append(words, "|")
	for _, service := range h.Services {
		var at []string
		for _, b := range service.Bindings {
			at = append(at, strings.Trim(names[b.PortID]+"@"+names[b.InterfaceID], "@"))
		}
		words = append(words, or(service.ID, service.Name)+"("+strings.Join(at, " ")+")")
	}
	return strings.Join(words, " ")
}

func portName(p Port) string {
	text, _ := json.Marshal(p.Number)
	return string(text)
}

const threeTier = `,
	"interfaces":[{"id":"$eth0","subnet_id":"$lan","ip_address":"10.0.3.1","mac_address":"52-54-00-12-34-56","name":"eth0"},{"id":"$eth1","subnet_id":"$lan","ip_address":"10.0.3.2"}],
	"ports":[{"id":"$https","number":443,"protocol":"Tcp"},{"id":"$dns","number":53,"protocol":"Udp"},{"id":"$ssh","number":22,"protocol":"Tcp"}],
	"services":[
		{"id":"$web","service_definition":"Caddy","name":"web","bindings":[{"type":"Port","port_id":"$https"},{"type":"Interface","interface_id":"$eth1"}]},
		{"id":"$sshd","service_definition":"SSH","name":"sshd","bindings":[{"type":"Port","port_id":"$ssh","interface_id":"$eth0"}]},
		{"id":"$idle","service_definition":"Caddy","name":"idle"}]`

func TestAHostIsMadeWithAllThatIsOnIt(t *testing.T) {
	s := withLan(t)
	tags := s.tag(2)
	s.ids["red"], s.ids["blue"] = string(tags[0]), string(tags[1])
	// One that binds an interface cannot also bind a port on all.
	nested := strings.Replace(threeTier, `{"type":"Port","port_id":"$https"}`, `{"type":"Port","port_id":"$https","interface_id":"$eth0"}`, 1)
	got := s.newHost(nested + `,"id":"$own","hostname":"web-01","description":"front","hidden":true,"tags":["$blue","$red","$blue"],
		"virtualization":{"type":"Docker","details":{"container_name":"c"}},"source":{"type":"Discovery"},"created_at":"1970-01-01T00:00:00Z"`)
	now := Times{s.instant(), s.instant()}
	iface := func(name, ip string, mac, label *string, at int) Interface {
		return Interface{s.ids[name], now, s.network, got.ID, s.ids["lan"], ip, mac, label, at}
	}
	port := func(name string, number int, protocol Protocol, kind string) Port {
		return Port{s.ids[name], now, s.network, got.ID, number, protocol, kind}
	}
	service := func(name, definition string, at int, bindings ...Binding) Service {
		service := Service{
			ID: s.ids[name], Times: now, HostID: got.ID, NetworkID: s.network, ServiceDefinition: definition, Name: name,
			Bindings: []Binding{}, Source: manual, Tags: []string{}, Position: at,
		}
		for i, b := range bindings {
			b.ID, b.Times, b.ServiceID, b.NetworkID = got.Services[at].Bindings[i].ID, now, service.ID, s.network
			service.Bindings = append(service.Bindings, b)
		}
		return service
	}
	want := Host{
		BareHost: BareHost{
			ID: got.ID, Times: now, NetworkID: s.network, Name: "new", Hostname: new("web-01"), Description: new("front"), Source: manual, Hidden: true,
			Virtualization: &Virtualization{"Docker", json.RawMessage(`{"container_name":"c","container_id":null,"service_id":null}`)},
			Tags:           []string{s.ids["blue"], s.ids["red"]},
		},
		Interfaces: []Interface{iface("eth0", "10.0.3.1", new("52:54:00:12:34:56"), new("eth0"), 0), iface("eth1", "10.0.3.2", nil, nil, 1)},
		Ports:      []Port{port("ssh", 22, TCP, "Ssh"), port("dns", 53, UDP, "Dns"), port("https", 443, TCP, "Https")},
		Services: []Service{
			service("web", "Caddy", 0, Binding{Type: OnPort, PortID: s.ids["https"], InterfaceID: s.ids["eth0"]}, Binding{Type: OnInterface, InterfaceID: s.ids["eth1"]}),
			service("sshd", "SSH", 1, Binding{Type: OnPort, PortID: s.ids["ssh"], InterfaceID: s.ids["eth0"]}),
			service("idle", "Caddy", 2),
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got.ID == s.ids["own"] {
		t.Error("the client chose the host's id")
	}
	if stored := s.hostNow(got.ID); !reflect.DeepEqual(stored, want) {
		t.Errorf("stored is %+v", stored)
	}
	for _, name := range []string{"eth0", "https", "idle"} {
		if h := s.find(s.ids[name], nil); h == nil || h.ID != got.ID {
			t.Errorf("%s leads to %v", name, h)
		}
	}
}

func TestAHostMayBeBare(t *testing.T) {
	s := withLan(t)
	got := s.newHost("")
	text, err := json.Marshal(got)
	s.must(err)
	for _, member := range []string{
		`"hostname":null`, `"description":null`, `"virtualization":null`, `"hidden":false`, `"tags":[]`, `"interfaces":[]`, `"ports":[]`, `"services":[]`, `"source":{"type":"Manual"}`,
	} {
		if !strings.Contains(string(text), member) {
			t.Errorf("%s is not in %s", member, text)
		}
	}
	if !reflect.DeepEqual(s.hostNow(got.ID), got) {
		t.Errorf("stored is %+v", s.hostNow(got.ID))
	}
}

func TestIdsThatAreMissingAreMadeByTheServer(t *testing.T) {
	s := withLan(t)
	got := s.newHost(`,"interfaces":[{"subnet_id":"$lan","ip_address":"10.0.3.1"},{"id":null,"subnet_id":"$lan","ip_address":"10.0.3.2"}],
		"ports":[{"number":80,"protocol":"Tcp"},{"number":443,"protocol":"Tcp"}],"services":[{"service_definition":"Caddy","name":"a"},{"service_definition":"Caddy","name":"b"}]`)
	seen := map[string]bool{}
	for id := range got.ids() {
		if seen[id] || family(id) != family(got.ID) {
			t.Errorf("the id %s of %s", id, got.ID)
		}
		seen[id] = true
	}
	if len(seen) != 6 {
		t.Errorf("there are %d", len(seen))
	}
}

func TestPositionsOfNestedChildrenAreAllGivenOrNone(t *testing.T) {
	s := withLan(t)
	got := s.newHost(`,"interfaces":[{"id":"$b","subnet_id":"$lan","ip_address":"10.0.3.2","position":7},{"id":"$a","subnet_id":"$lan","ip_address":"10.0.3.1","position":3}],
		"services":[{"id":"$y","service_definition":"Caddy","name":"y","position":4},{"id":"$x","service_definition":"Caddy","name":"x","position":0}]`)
	if s.shape(got) != "a b | | x() y()" || got.Interfaces[1].Position != 1 || got.Services[1].Position != 4 {
		t.Errorf("it is %s, %+v", s.shape(got), got)
	}
	for _, c := range []struct{ name, members, fields string }{
		{"one of two is without", `,"services":[{"service_definition":"Caddy","name":"a","position":0},{"service_definition":"Caddy","name":"b"}]`, "services[1].position"},
		{"one of three has one", `,"services":[{"service_definition":"Caddy","name":"a"},{"service_definition":"Caddy","name":"b","position":null},{"service_definition":"Caddy","name":"c","position":3}]`, "services[0].position services[1].position"},
		{"two have the same", `,"interfaces":[{"subnet_id":"$lan","ip_address":"10.0.3.1","position":2},{"subnet_id":"$lan","ip_address":"10.0.3.2","position":2}]`, "interfaces[1].position"},
	} {
		for way, send := range map[string]func(string) (Host, error){"POST": s.sendHost, "PUT": func(m string) (Host, error) { return s.replaceHost(got.ID, m) }} {
			s.refused(way+": "+c.name, fault.Invalid, "validation_failed", func() error {
				_, err := send(c.members)
				var fields []string
				for _, v := range fault.Of(err).Violations {
					fields = append(fields, v.Field)
				}
				if strings.Join(fields, " ") != c.fields {
					t.Errorf("%s: the fields are %v", c.name, fields)
				}
				return err
			})
		}
	}
}

// pointersNow counts what the store has of pointers to hosts.
func (s *site) pointersNow(ids ...string) (count int) {
	s.Helper()
	for _, id := range ids {
		items, err := s.store.Range(s.Context(), store.Query{Partition: pointers(ann.Workspace, id)})
		s.must(err)
		count += len(items)
	}
	return count
}

func TestWhatAHostCannotBeMadeOfStoresNothing(t *testing.T) {
	s := withLan(t)
	s.newHost(`,"interfaces":[{"id":"$taken_f","subnet_id":"$lan","ip_address":"10.0.3.1"}],"ports":[{"id":"$taken_p","number":1,"protocol":"Tcp"}],"services":[{"id":"$taken_s","service_definition":"Caddy","name":"a"}]`)
	away := &world{T: t, Inventory: s.Inventory, network: newID(), now: s.now}
	_, err := s.timeline.CreateScope(t.Context(), networkScope(ann.Workspace, away.network), nil, actorOf(ann))
	s.must(err)
	far := busy(1)
	away.put(far)
	s.ids["far"], s.ids["far_p"], s.ids["wan"] = far.ID, far.Ports[0].ID, away.subnetOf("10.0.3.0/24").ID
	existing := s.newHost("")
	port := func(members string) string { return `,"ports":[{` + members + `,"number":80,"protocol":"Tcp"}]` }
	service := func(members string) string {
		return `,"ports":[{"id":"$mine_p","number":80,"protocol":"Tcp"},{"id":"$mine_q","number":81,"protocol":"Tcp"}],
			"interfaces":[{"id":"$mine_f","subnet_id":"$lan","ip_address":"10.0.3.1"}],"services":[{"service_definition":"Caddy","name":"a",` + members + `}]`
	}
	for _, c := range []struct {
		name, members string
		kind          fault.Kind
		code          string
	}{
		{"an id of a port of another host", port(`"id":"$taken_p"`), fault.Invalid, "id_taken"},
		{"an id of an interface of another host", port(`"id":"$taken_f"`), fault.Invalid, "id_taken"},
		{"an id of a service of another host", port(`"id":"$taken_s"`), fault.Invalid, "id_taken"},
		{"an id of a host", port(`"id":"$host"`), fault.Invalid, "id_taken"},
		{"an id of a subnet", port(`"id":"$lan"`), fault.Invalid, "id_taken"},
		{"an id of a port that the server made", port(`"id":"$p80"`), fault.Invalid, "id_taken"},
		{"an id of a port in another network", port(`"id":"$far_p"`), fault.Invalid, "id_taken"},
		{"an id of a host of another network", port(`"id":"$far"`), fault.Invalid, "id_taken"},
		{"an id that is sent twice", `,"ports":[{"id":"$twice","number":80,"protocol":"Tcp"},{"id":"$twice","number":81,"protocol":"Tcp"}]`, fault.Invalid, "duplicate_id"},
		{"an id of two sorts", port(`"id":"$twice"`) + `,"services":[{"id":"$twice","service_definition":"Caddy","name":"a"}]`, fault.Invalid, "duplicate_id"},
		{"a port twice", `,"ports":[{"number":80,"protocol":"Tcp"},{"number":80,"protocol":"Tcp"}]`, fault.Invalid, "duplicate_port"},
		{"an address twice", `,"interfaces":[{"subnet_id":"$lan","ip_address":"10.0.3.1"},{"subnet_id":"$lan","ip_address":"::ffff:10.0.3.1"}]`, fault.Invalid, "duplicate_address"},
		{"an address outside its subnet", `,"interfaces":[{"subnet_id":"$lan","ip_address":"10.0.4.1"}]`, fault.Invalid, "address_outside_subnet"},
		{"a subnet of nothing", `,"interfaces":[{"subnet_id":"$nowhere","ip_address":"10.0.3.1"}]`, fault.NotFound, ""},
		{"a subnet of another network", `,"interfaces":[{"subnet_id":"$wan","ip_address":"10.0.3.1"}]`, fault.Invalid, "subnet_on_another_network"},
		{"a tag of nothing", `,"tags":["$nowhere"]`, fault.Invalid, "unknown_tag"},
		{"a tag of nothing on a service", service(`"tags":["$nowhere"]`), fault.Invalid, "unknown_tag"},
		{"a definition of nothing", strings.Replace(service(`"tags":[]`), "Caddy", "Missing Service", 1), fault.Invalid, "unknown_service_definition"},
		{"a binding to a port that is not sent", service(`"bindings":[{"type":"Port","port_id":"$p80"}]`), fault.Invalid, "binding_cross_host"},
		{"bindings in conflict", service(`"bindings":[{"type":"Port","port_id":"$mine_p"},{"type":"Interface","interface_id":"$mine_f"}]`), fault.Invalid, "binding_conflict"},
		{"two services with one port", strings.Replace(service(`"bindings":[{"type":"Port","port_id":"$mine_p"}]`), `"services":[`,
			`"services":[{"service_definition":"Caddy","name":"b","bindings":[{"type":"Port","port_id":"$mine_p","interface_id":"$mine_f"}]},`, 1), fault.Invalid, "binding_claim"},
		{"a binding that does not say where", service(`"bindings":[{"type":"Port"}]`), fault.Invalid, "validation_failed"},
		{"a network of nothing", `,"network_id":"$nowhere"`, fault.NotFound, ""},
	} {
		send := func(of string) func() error {
			return func() error {
				text := s.text(`{"network_id":"$network","name":"new"` + c.members + `}`)
				if strings.Contains(c.members, "network_id") {
					text = s.text(`{"name":"new"` + c.members + `}`)
				}
				if of == "" {
					body, err := decoded[NewHost](t, text)
					s.must(err)
					_, err = s.CreateHost(t.Context(), ann, CreateHostInput{body})
					return err
				}
				body, err := decoded[HostState](t, text)
				s.must(err)
				_, err = s.UpdateHost(t.Context(), ann, UpdateHostInput{ID: UUID(of), Body: body})
				return err
			}
		}
		s.text(c.members)
		ids := slices.Collect(func(yield func(string) bool) {
			for _, id := range s.ids {
				if !yield(id) {
					return
				}
			}
		})
		before := s.pointersNow(ids...)
		s.refused("POST: "+c.name, c.kind, c.code, send(""))
		if after := s.pointersNow(ids...); after != before {
			t.Errorf("%s: %d pointers became %d", c.name, before, after)
		}
		s.refused("PUT: "+c.name, c.kind, c.code, send(existing.ID))
	}
}

func TestAnIdIsFreeWhenNothingInTheWorkspaceHasIt(t *testing.T) {
	s := withLan(t)
	setUpStranger(s)
	const members = `,"ports":[{"id":"$port","number":80,"protocol":"Tcp"}]`
	// Another workspace's counts as free.
	strangers, err := s.surveyHosts(t.Context(), "other", "", nil)
	s.must(err)
	s.ids["port"] = strangers[0].Ports[0].ID
	first := s.newHost(members)
	s.refused("while another host has it", fault.Invalid, "id_taken", func() error { _, err := s.sendHost(members); return err })
	then := s.instant()
	s.tick()
	s.must(s.DeleteHost(t.Context(), ann, DeleteHostInput{ID: UUID(first.ID)}))
	second := s.newHost(members)
	if second.Ports[0].CreatedAt != s.instant() {
		t.Errorf("the port was made at %v", second.Ports[0].CreatedAt)
	}
	// It goes from one to the other.
	third := s.newHost("")
	s.refused("while the second has it", fault.Invalid, "id_taken", func() error { _, err := s.replaceHost(third.ID, members); return err })
	s.replacedHost(second.ID, `,"ports":[]`)
	s.replacedHost(third.ID, members)
	if h := s.find(s.ids["port"], nil); h == nil || h.ID != third.ID {
		t.Errorf("it leads to %+v", h)
	}
	if h := s.find(s.ids["port"], &then); h == nil || h.ID != first.ID {
		t.Errorf("it led to %+v", h)
	}
}
