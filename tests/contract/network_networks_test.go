package contract

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

const networks = inventory + "/networks"

// newNetwork makes a network with nothing in it.
func (s *site) newNetwork(name string) aNetwork {
	s.Helper()
	return data[aNetwork](s.post(networks, quoted(`{"name":%s}`, name)))
}

func TestANetworkNeedsANameAlone(t *testing.T) {
	s := open(t).site()
	made := s.newNetwork("Warehouse")
	want := aNetwork{made.ID, times{made.CreatedAt, made.CreatedAt}, "Warehouse", s.network.OrganizationID, []string{}}
	if !reflect.DeepEqual(made, want) || uuids.FindString(made.OrganizationID) != made.OrganizationID {
		t.Errorf("made is %+v, want %+v", made, want)
	}
	if got := data[aNetwork](s.get(networks + "/" + made.ID)); !reflect.DeepEqual(got, made) {
		t.Errorf("stored is %+v", got)
	}
	whole := data[aNetwork](s.post(networks, quoted(`{"name":"Depot","tags":[%s,%s,%s],"id":%s,"created_at":"2001-01-01T00:00:00Z","organization_id":"mine"}`,
		s.otherTag.ID, s.tag.ID, s.otherTag.ID, nobodys)))
	if whole.ID == nobodys || strings.HasPrefix(whole.CreatedAt, "2001") || !slices.Equal(whole.Tags, []string{s.otherTag.ID, s.tag.ID}) {
		t.Errorf("made is %+v", whole)
	}
}

func TestANetworkIsRefusedWhole(t *testing.T) {
	s := open(t).site()
	for name, c := range map[string]struct{ body, code string }{
		"without a name":                 {`{}`, "validation_failed"},
		"with an empty name":             {`{"name":""}`, "validation_failed"},
		"with a name of white space":     {`{"name":"\t \u2003"}`, "validation_failed"},
		"with a name of 101 characters":  {quoted(`{"name":%s}`, strings.Repeat("ö", 101)), "validation_failed"},
		"with null for a name":           {`{"name":null}`, "validation_failed"},
		"with an unknown tag":            {quoted(`{"name":"n","tags":[%s]}`, nobodys), "unknown_tag"},
		"with a tag that is no UUID":     {`{"name":"n","tags":["prod"]}`, "validation_failed"},
		"with a tag in braces":           {quoted(`{"name":"n","tags":[%s]}`, "{"+s.tag.ID+"}"), "validation_failed"},
		"with more tags than one can be": {quoted(`{"name":"n","tags":%s}`, slices.Repeat([]string{s.tag.ID}, 101)), "validation_failed"},
		"that is an array":               {`[{"name":"n"}]`, "validation_failed"},
		"cut short":                      {`{"name":"n"`, "validation_failed"},
	} {
		s.sub(name, func(s *site) {
			s.changesNothing(func() {
				s.post(networks, c.body).fails(400, c.code)
				s.put(networks+"/"+s.network.ID, c.body).fails(400, c.code)
			})
		})
	}
	if made := s.newNetwork(strings.Repeat("ö", 100)); len([]rune(made.Name)) != 100 {
		t.Errorf("a name of 100 characters: %+v", made)
	}
	s.changesNothing(func() {
		s.put(networks+"/"+nobodys, `{"name":"n"}`).fails(404, "not_found")
		s.put(networks+"/x", `{"name":"n"}`).fails(400, "bad_request")
		s.delete(networks+"/"+nobodys).fails(404, "not_found")
		s.get(networks+"/"+nobodys).fails(404, "not_found")
		s.get(networks+"/"+s.host.ID).fails(404, "not_found")
	})
}

func TestWhatAGETGaveOfANetworkCanBePUTBackAndMovesNothing(t *testing.T) {
	s := open(t).site()
	text, err := json.Marshal(s.network)
	if err != nil {
		t.Fatal(err)
	}
	s.changesNothing(func() {
		if got := data[aNetwork](s.put(networks+"/"+s.network.ID, string(text))); !reflect.DeepEqual(got, s.network) {
			t.Errorf("it is %+v, was %+v", got, s.network)
		}
	})
}

func TestAPUTReplacesANetworksNameAndTagsAndThePastStays(t *testing.T) {
	s := open(t).site()
	path := networks + "/" + s.network.ID
	changed := data[aNetwork](s.put(path, quoted(`{"name":"Head office","tags":[%s],"id":%s,"created_at":"2001-01-01T00:00:00Z"}`, s.otherTag.ID, nobodys)))
	want := s.network
	want.Name, want.Tags, want.UpdatedAt = "Head office", []string{s.otherTag.ID}, changed.UpdatedAt
	if !reflect.DeepEqual(changed, want) || changed.UpdatedAt <= s.shell.CreatedAt {
		t.Errorf("it is %+v, want %+v", changed, want)
	}
	if bare := data[aNetwork](s.put(path, `{"name":"Head office"}`)); len(bare.Tags) != 0 {
		t.Errorf("tags that were left out are %v", bare.Tags)
	}
	for at, want := range map[string]aNetwork{s.otherHost.CreatedAt: s.network, s.shell.CreatedAt: s.network, changed.UpdatedAt: changed} {
		if got := data[aNetwork](s.get(path + "?at=" + at)); !reflect.DeepEqual(got, want) {
			t.Errorf("at %s it was %+v, want %+v", at, got, want)
		}
	}
	s.get(path+"?at=2001-01-01T00:00:00Z").fails(404, "not_found")
	s.get(path+"?at=yesterday").fails(400, "bad_request")
	// Nothing in the network has moved with it.
	if got := data[aHost](s.get(inventory + "/hosts/" + s.host.ID)); got.UpdatedAt != s.host.UpdatedAt {
		t.Errorf("its host moved to %s", got.UpdatedAt)
	}
}

func TestNetworksAreListedInTheOrderOfTheirCreation(t *testing.T) {
	s := open(t).site()
	all := []aNetwork{s.network, s.otherNetwork, s.newNetwork("zeta"), s.newNetwork("Alpha"), s.newNetwork("branch II")}
	// Those of one instant go by their ids.
	slices.SortFunc(all, func(a, b aNetwork) int {
		return cmp.Or(cmp.Compare(a.CreatedAt, b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	var ids, branches []string
	var alpha string
	for _, network := range all {
		ids = append(ids, network.ID)
		if strings.HasPrefix(strings.ToLower(network.Name), "branch") {
			branches = append(branches, network.ID)
		}
		if network.Name == "Alpha" {
			alpha = network.ID
		}
	}
	for _, c := range []struct {
		query string
		want  []string
		page  pagination
	}{
		{"", ids, pagination{5, 50, 0, false}},
		{"?limit=0", ids, pagination{5, 0, 0, false}},
		{"?limit=2", ids[:2], pagination{5, 2, 0, true}},
		{"?limit=2&offset=3", ids[3:], pagination{5, 2, 3, false}},
		{"?limit=9999", ids, pagination{5, 1000, 0, false}},
		{"?offset=7", nil, pagination{5, 50, 7, false}},
		{"?search=BRANCH", branches, pagination{2, 50, 0, false}},
		{"?search=branch&limit=1", branches[:1], pagination{2, 1, 0, true}},
		{"?ids=" + ids[3] + "&ids=" + ids[0] + "&ids=" + nobodys, []string{ids[0], ids[3]}, pagination{2, 50, 0, false}},
		{"?ids=" + strings.ToUpper(ids[2]), ids[2:3], pagination{1, 50, 0, false}},
		{"?at=2001-01-01T00:00:00Z", nil, pagination{0, 50, 0, false}},
	} {
		list, page := listing[aNetwork](s.get(networks + c.query))
		var got []string
		for _, network := range list {
			got = append(got, network.ID)
		}
		if !slices.Equal(got, c.want) || page != c.page {
			t.Errorf("%s: %v and %+v, want %v and %+v", c.query, got, page, c.want, c.page)
		}
	}
	for _, query := range []string{"?limit=-1", "?limit=x", "?offset=-1", "?ids=x", "?at=x"} {
		s.get(networks+query).fails(400, "bad_request")
	}
	table := s.get(networks + "/export/csv?search=alpha").ok()
	if lines := strings.Split(table.body, "\r\n"); len(lines) != 3 || lines[0] != "id,name,organization_id,created_at,updated_at" || !strings.HasPrefix(lines[1], alpha+",Alpha,") {
		t.Errorf("the table is %q", table.body)
	}
}

// within are the paths of all that stands in the network of a site.
func (s *site) within() []string {
	return []string{
		"/networks/" + s.network.ID, "/subnets/" + s.subnet.ID, "/hosts/" + s.host.ID, "/hosts/" + s.otherHost.ID,
		"/interfaces/" + s.e0.ID, "/interfaces/" + s.ex.ID, "/ports/" + s.p80.ID, "/ports/" + s.px.ID, "/services/" + s.web.ID,
		"/services/" + s.shell.ID, "/bindings/" + s.web.Bindings[0].ID, "/bindings/" + s.shell.Bindings[0].ID,
	}
}

// counts are how many of each resource the lists show with a query.
func (s *site) counts(query string) string {
	s.Helper()
	var counts []string
	for _, resource := range []string{"networks", "subnets", "hosts", "interfaces", "ports", "services", "bindings"} {
		_, page := listing[map[string]any](s.get(inventory + "/" + resource + "?limit=0" + query))
		counts = append(counts, fmt.Sprint(resource, " ", page.TotalCount))
	}
	return strings.Join(counts, ", ")
}

const allCounts = "networks 2, subnets 1, hosts 2, interfaces 3, ports 3, services 3, bindings 3"

func TestADeletedNetworkIsGoneAtOnceWithEverythingInIt(t *testing.T) {
	s := open(t).site()
	if got := s.counts(""); got != allCounts {
		t.Fatalf("there are %s", got)
	}
	// What stands in another network stays.
	away := data[aHost](s.post(inventory+"/hosts", quoted(`{"network_id":%s,"name":"away"}`, s.otherNetwork.ID)))
	gone := s.delete(networks + "/" + s.network.ID).ok()
	if p := unpacked[any](gone); p.Data != nil {
		t.Errorf("the answer is %s", gone.body)
	}
	for _, path := range s.within() {
		s.get(inventory+path).fails(404, "not_found")
		s.delete(inventory+path).fails(404, "not_found")
	}
	if got := s.counts(""); got != "networks 1, subnets 0, hosts 1, interfaces 0, ports 0, services 0, bindings 0" {
		t.Errorf("there are %s", got)
	}
	for _, query := range []string{"&network_id=" + s.network.ID, "&host_id=" + s.host.ID, "&ids=" + s.host.ID + "&ids=" + s.web.ID} {
		for _, resource := range []string{"hosts", "interfaces", "ports", "services"} {
			if list, page := listing[map[string]any](s.get(inventory + "/" + resource + "?limit=0" + query)); resource != "hosts" && (len(list) > 0 || page.TotalCount > 0) {
				t.Errorf("%s%s lists %v", resource, query, list)
			}
		}
	}
	for name, r := range map[string]request{
		"a subnet":    s.ask("POST", inventory+"/subnets", quoted(`{"network_id":%s,"name":"n","cidr":"10.9.0.0/24"}`, s.network.ID)),
		"a host":      s.ask("POST", inventory+"/hosts", quoted(`{"network_id":%s,"name":"n"}`, s.network.ID)),
		"an address":  s.ask("POST", inventory+"/interfaces", quoted(`{"network_id":%s,"host_id":%s,"subnet_id":%s,"ip_address":"10.0.0.77"}`, s.network.ID, s.host.ID, s.subnet.ID)),
		"a port":      s.ask("POST", inventory+"/ports", quoted(`{"network_id":%s,"host_id":%s,"number":7,"protocol":"Tcp"}`, s.network.ID, s.host.ID)),
		"a service":   s.ask("POST", services, s.body("late")),
		"a binding":   s.ask("POST", inventory+"/bindings", quoted(`{"service_id":%s,"type":"Port","port_id":%s}`, s.web.ID, s.p80.ID)),
		"its name":    s.ask("PUT", networks+"/"+s.network.ID, `{"name":"again"}`),
		"a host move": s.ask("PUT", inventory+"/hosts/"+away.ID+"/consolidate/"+s.host.ID, ""),
	} {
		s.sub("nobody can write "+name, func(s *site) {
			s.changesNothing(func() { s.send(r).fails(404, "not_found") })
		})
	}
	if got := data[aHost](s.get(inventory + "/hosts/" + away.ID)); !reflect.DeepEqual(got, away) {
		t.Errorf("another network's host is %+v", got)
	}
	if tagged := data[map[string]int](s.post(inventory+"/tags/assign/bulk-add", quoted(`{"entity_type":"Network","entity_ids":[%s,%s],"tag_id":%s}`,
		s.network.ID, s.otherNetwork.ID, s.otherTag.ID))); tagged["affected_count"] != 1 {
		t.Errorf("tags are put on it: %v", tagged)
	}
}

func TestADeletedNetworksPastStaysReadable(t *testing.T) {
	s := open(t).site()
	at := s.shell.CreatedAt // the last change in it
	before := map[string]string{}
	for _, path := range s.within() {
		before[path] = s.get(inventory + path).ok().body
	}
	s.delete(networks + "/" + s.network.ID).ok()
	for _, path := range s.within() {
		if got := s.get(inventory + path + "?at=" + at).ok().body; got != before[path] {
			t.Errorf("%s was\n%s, not\n%s", path, got, before[path])
		}
	}
	if got := s.counts("&at=" + at); got != allCounts {
		t.Errorf("there were %s", got)
	}
	if _, page := listing[aService](s.get(services + "?at=" + at + "&network_id=" + s.network.ID)); page.TotalCount != 3 {
		t.Errorf("in the network there were %d services", page.TotalCount)
	}
	versions, _ := listing[struct {
		ValidFrom  string   `json:"valid_from"`
		ValidUntil string   `json:"valid_until"`
		ChangedBy  string   `json:"changed_by"`
		Service    aService `json:"service"`
	}](s.get(services + "/" + s.web.ID + "/history"))
	if len(versions) != 1 || versions[0].ValidUntil <= at || !reflect.DeepEqual(versions[0].Service, s.web) {
		t.Fatalf("a service's history is %+v", versions)
	}
	// From the instant of its end on there is nothing.
	ended := versions[0].ValidUntil
	for _, path := range s.within() {
		s.get(inventory+path+"?at="+ended).fails(404, "not_found")
	}
	if got := s.counts("&at=" + ended); got != "networks 1, subnets 0, hosts 0, interfaces 0, ports 0, services 0, bindings 0" {
		t.Errorf("at its end there were %s", got)
	}
}

func TestABulkDeleteOfNetworksCountsWhatThereWas(t *testing.T) {
	s := open(t).site()
	bulk := networks + "/bulk-delete"
	s.changesNothing(func() {
		s.post(bulk, `[]`).fails(400, "validation_failed")
		s.post(bulk, quoted(`[%s,"x"]`, s.network.ID)).fails(400, "validation_failed")
		s.post(bulk, quoted(`{"ids":[%s]}`, s.network.ID)).fails(400, "validation_failed")
		s.post(bulk, quoted(`%s`, slices.Repeat([]string{s.network.ID}, 10_001))).fails(400, "validation_failed")
		if got := data[bulkDeleted](s.post(bulk, quoted(`[%s,%s]`, nobodys, s.host.ID))); got != (bulkDeleted{0, 2}) {
			t.Errorf("of unknown ids: %+v", got)
		}
	})
	body := quoted(`[%s,%s,%s,%s]`, s.otherNetwork.ID, nobodys, s.network.ID, s.otherNetwork.ID)
	if got := data[bulkDeleted](s.post(bulk, body)); got != (bulkDeleted{2, 4}) {
		t.Errorf("got %+v", got)
	}
	if got := data[bulkDeleted](s.post(bulk, body)); got != (bulkDeleted{0, 4}) {
		t.Errorf("again: %+v", got)
	}
	if got := s.counts(""); got != "networks 0, subnets 0, hosts 0, interfaces 0, ports 0, services 0, bindings 0" {
		t.Errorf("there are %s", got)
	}
}

func TestANetworkIsChangedAndDeletedOnlyAsItWasSeen(t *testing.T) {
	s := open(t).site()
	path := networks + "/" + s.network.ID
	seen := s.get(path).ok().header.Get("ETag")
	s.send(s.ask("GET", path, "").with("If-None-Match", seen)).is(304, "")
	s.put(path, `{"name":"Head office"}`).ok()
	s.changesNothing(func() {
		s.send(s.ask("PUT", path, `{"name":"not this"}`).with("If-Match", seen)).fails(412, "conflict")
		s.send(s.ask("DELETE", path, "").with("If-Match", seen)).fails(412, "conflict")
	})
	seen = s.get(path).ok().header.Get("ETag")
	s.send(s.ask("DELETE", path, "").with("If-Match", seen)).ok()
	s.get(path).fails(404, "not_found")
}

// aDiff is a network compared.
type aDiff struct {
	From       string                 `json:"from"`
	To         string                 `json:"to"`
	Network    []memberChange         `json:"network"`
	Subnets    difference[aSubnet]    `json:"subnets"`
	Hosts      difference[aBareHost]  `json:"hosts"`
	Interfaces movements[anInterface] `json:"interfaces"`
	Ports      movements[aPort]       `json:"ports"`
	Services   movements[aService]    `json:"services"`
	Bindings   difference[aBinding]   `json:"bindings"`
}

type difference[T any] struct {
	Added   []T            `json:"added"`
	Removed []T            `json:"removed"`
	Changed []entityChange `json:"changed"`
}

type movements[T any] struct {
	Added   []T            `json:"added"`
	Removed []T            `json:"removed"`
	Moved   []move         `json:"moved"`
	Changed []entityChange `json:"changed"`
}

type move struct {
	ID   string `json:"id"`
	From string `json:"from_host_id"`
	To   string `json:"to_host_id"`
}

type entityChange struct {
	ID      string         `json:"id"`
	Changes []memberChange `json:"changes"`
}

type memberChange struct {
	Member string `json:"member"`
	Before any    `json:"before"`
	After  any    `json:"after"`
}

// aBareHost is a host without what is on it.
type aBareHost struct {
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
}

func (d difference[T]) size() int { return len(d.Added) + len(d.Removed) + len(d.Changed) }
func (d movements[T]) size() int {
	return len(d.Added) + len(d.Removed) + len(d.Moved) + len(d.Changed)
}

// tellsOf fails where a diff tells of other resources than these.
func (d aDiff) tellsOf(t *testing.T, name string, resources ...string) {
	t.Helper()
	for resource, of := range map[string]interface{ size() int }{
		"subnets": d.Subnets, "hosts": d.Hosts, "interfaces": d.Interfaces, "ports": d.Ports, "services": d.Services, "bindings": d.Bindings,
	} {
		if of.size() > 0 != slices.Contains(resources, resource) {
			t.Errorf("%s: of %s it tells %+v", name, resource, of)
		}
	}
}

func TestADiffShowsWhatWasAddedRemovedMovedAndChanged(t *testing.T) {
	s := open(t).site()
	path := networks + "/" + s.network.ID
	diff := path + "/diff?from="
	at := s.shell.CreatedAt
	data[aDiff](s.get(diff+at)).tellsOf(t, "nothing happened")

	moved := data[aService](s.put(services+"/"+s.shell.ID, quoted(`{"name":"shell","host_id":%s,"network_id":%s,"service_definition":"Nginx","tags":[%s],"position":2,"bindings":[]}`,
		s.host.ID, s.network.ID, s.tag.ID)))
	d := data[aDiff](s.get(diff + at))
	d.tellsOf(t, "a service moved", "services", "bindings")
	if want := []move{{s.shell.ID, s.otherHost.ID, s.host.ID}}; !reflect.DeepEqual(d.Services.Moved, want) || len(d.Services.Added)+len(d.Services.Removed) > 0 {
		t.Errorf("a service moved: %+v", d.Services)
	}
	if b := d.Bindings; len(b.Removed) != 1 || b.Removed[0].ID != s.shell.Bindings[0].ID {
		t.Errorf("its binding went: %+v", b)
	}

	at = moved.UpdatedAt
	changed := data[aPort](s.put(inventory+"/ports/"+s.p80.ID, `{"number":22,"protocol":"Tcp"}`))
	d = data[aDiff](s.get(diff + at))
	d.tellsOf(t, "a port changed", "ports")
	if want := []memberChange{{"number", 80.0, 22.0}, {"type", "Http", "Ssh"}}; len(d.Ports.Changed) != 1 || d.Ports.Changed[0].ID != s.p80.ID || !reflect.DeepEqual(d.Ports.Changed[0].Changes, want) {
		t.Errorf("a port changed: %+v", d.Ports)
	}

	at = changed.UpdatedAt
	added := data[aHost](s.post(inventory+"/hosts", quoted(`{"network_id":%s,"name":"gamma","ports":[{"number":53,"protocol":"Udp"}]}`, s.network.ID)))
	d = data[aDiff](s.get(diff + at))
	d.tellsOf(t, "a host came", "hosts", "ports")
	if len(d.Hosts.Added) != 1 || d.Hosts.Added[0].ID != added.ID || len(d.Ports.Added) != 1 {
		t.Errorf("a host came: %+v and %+v", d.Hosts, d.Ports)
	}

	at = added.CreatedAt
	s.delete(inventory + "/hosts/" + s.otherHost.ID).ok()
	renamed := data[aNetwork](s.put(path, `{"name":"Head office"}`))
	d = data[aDiff](s.get(diff + at))
	d.tellsOf(t, "a host went", "hosts", "interfaces", "ports")
	want := []memberChange{{"name", "Headquarters", "Head office"}, {"tags", []any{s.tag.ID}, []any{}}}
	if len(d.Hosts.Removed) != 1 || d.Hosts.Removed[0].ID != s.otherHost.ID || !reflect.DeepEqual(d.Network, want) {
		t.Errorf("a host went and the network was renamed: %+v and %+v", d.Hosts, d.Network)
	}
	if d.From != at || d.To != renamed.UpdatedAt {
		t.Errorf("it is of %s and %s, not %s and %s", d.From, d.To, at, renamed.UpdatedAt)
	}
	between := data[aDiff](s.get(diff + moved.UpdatedAt + "&to=" + changed.UpdatedAt))
	between.tellsOf(t, "of two instants", "ports")
	if between.From != moved.UpdatedAt || between.To != changed.UpdatedAt || len(between.Network) > 0 {
		t.Errorf("of two instants: %+v", between)
	}

	s.delete(path).ok()
	d = data[aDiff](s.get(diff + renamed.UpdatedAt))
	d.tellsOf(t, "the network was deleted", "subnets", "hosts", "interfaces", "ports", "services", "bindings")
	if len(d.Hosts.Removed) != 2 || len(d.Hosts.Added) > 0 {
		t.Errorf("the network was deleted: %+v", d.Hosts)
	}
	past := data[aDiff](s.get(diff + s.network.CreatedAt + "&to=" + s.shell.CreatedAt))
	if len(past.Services.Added) != 3 || len(past.Hosts.Removed) > 0 {
		t.Errorf("its past: %+v", past.Services)
	}
	s.get(diff+d.To).fails(404, "not_found")
}

func TestADiffNeedsItsInstantsInOrder(t *testing.T) {
	s := open(t).site()
	diff := networks + "/" + s.network.ID + "/diff"
	s.get(diff+"?from="+s.shell.CreatedAt+"&to="+s.network.CreatedAt).fails(400, "from_after_to")
	s.get(diff).fails(400, "bad_request")
	s.get(diff+"?from=yesterday").fails(400, "bad_request")
	s.get(diff+"?from="+s.network.CreatedAt+"&to=x").fails(400, "bad_request")
	s.get(networks+"/x/diff?from="+s.network.CreatedAt).fails(400, "bad_request")
	s.get(networks+"/"+nobodys+"/diff?from="+s.network.CreatedAt).fails(404, "not_found")
	s.send(s.ask("GET", diff+"?from="+s.network.CreatedAt, "").by(s.foreign)).fails(404, "not_found")
}

func TestTheIDsOfADeletedNetworkAreFreeAgainAndThePastKeepsThem(t *testing.T) {
	s := open(t).site()
	body := quoted(`{"network_id":%s,"name":"heir","ports":[{"id":%s,"number":8080,"protocol":"Tcp"}]}`, s.otherNetwork.ID, s.p80.ID)
	s.changesNothing(func() { s.post(inventory+"/hosts", body).fails(400, "id_taken") })
	s.delete(networks + "/" + s.network.ID).ok()
	heir := data[aHost](s.post(inventory+"/hosts", body))
	if len(heir.Ports) != 1 || heir.Ports[0].ID != s.p80.ID {
		t.Errorf("it is %+v", heir)
	}
	if got := data[aPort](s.get(inventory + "/ports/" + s.p80.ID)); got.HostID != heir.ID || got.Number != 8080 {
		t.Errorf("the id leads to %+v", got)
	}
	if got := data[aPort](s.get(inventory + "/ports/" + s.p80.ID + "?at=" + s.shell.CreatedAt)); !reflect.DeepEqual(got, s.p80) {
		t.Errorf("the id led to %+v", got)
	}
}

func TestARepeatedPOSTMakesANetworkOnceAndDeletesOnce(t *testing.T) {
	s := open(t).site()
	first := s.send(s.once("make", networks, `{"name":"Warehouse"}`)).ok()
	if again := s.send(s.once("make", networks, `{"name":"Warehouse"}`)).ok(); again.body != first.body {
		t.Errorf("again it is %s, was %s", again.body, first.body)
	}
	if _, page := listing[aNetwork](s.get(networks)); page.TotalCount != 3 {
		t.Errorf("there are %d networks", page.TotalCount)
	}
	body := quoted(`[%s]`, s.network.ID)
	gone := s.send(s.once("delete", networks+"/bulk-delete", body)).ok()
	if again := s.send(s.once("delete", networks+"/bulk-delete", body)).ok(); again.body != gone.body || data[bulkDeleted](gone) != (bulkDeleted{1, 1}) {
		t.Errorf("again it is %s, was %s", again.body, gone.body)
	}
}
