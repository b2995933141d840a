package contract

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"testing"

	"almanac/internal/api"
	"almanac/internal/catalog"
	"almanac/internal/tenant"
)

// goodBodies has a body that each operation accepts; empty is an operation
// without one. An endpoint that is not here has no tests yet.
var goodBodies = map[string]string{
	"createProject":    `{"name":"Second shop","description":"Another one"}`,
	"listProjects":     "",
	"getProject":       "",
	"updateProject":    `{"name":"Web shop II","archived":true}`,
	"deleteProject":    "",
	"duplicateProject": `{"name":"Web shop, next year"}`,
	"createService": `{"name":"Cart API","description":"Carts","category":"core","owner":"sales","flows":["checkout"],` +
		`"consumes":[{"name":"order.created","category":"orders","owner":"sales","flows":[],"extras":{"k":"v"}}],"produces":[],"extras":{"team":"blue"}}`,
	"getLimits":         "",
	"pin":               `{"projectId":"{projectId}"}`,
	"listPinned":        "",
	"unpin":             "",
	"upsertServices":    `[{"name":"Cart API","owner":"sales","produces":[{"name":"cart.filled"}]},{"name":"Order API","owner":null,"flows":["checkout","returns"]}]`,
	"listServices":      "",
	"getService":        "",
	"updateService":     `{"name":"Orders","description":"All orders","extras":{"team":"red"}}`,
	"deleteService":     "",
	"getEntities":       "",
	"getGraph":          "",
	"getGraphMermaid":   "",
	"getGraphSvg":       "",
	"getServiceRaw":     "",
	"getHistory":        "",
	"getEvents":         "",
	"getSnapshotDiff":   "",
	"getProjectDiff":    "",
	"getServiceHistory": "",
	"getServiceNetwork": "",
	"restoreService":    `{"at":"2999-01-01T01:00:00+01:00"}`,
	"createKey":         `{"name":"ci","scopes":["catalog:write","network:read"],"plan":"free","expiresAt":"2999-01-01T00:00:00+01:00"}`,
	"listKeys":          "",
	"getKey":            "",
	"deleteKey":         "",
	"rotateKey":         "",

	"createShareToken":        "",
	"getShareToken":           "",
	"deleteShareToken":        "",
	"listPublicServices":      "",
	"getPublicService":        "",
	"getPublicServiceRaw":     "",
	"getPublicServiceHistory": "",
	"getPublicEntities":       "",
	"getPublicGraph":          "",
	"getPublicGraphMermaid":   "",
	"getPublicGraphSvg":       "",
	"getPublicHistory":        "",

	"listNetworkServices":  "",
	"createNetworkService": `{"name":"cache","host_id":"{hostId}","network_id":"{networkId}","service_definition":"Redis","tags":["{tagId}"],"bindings":[{"type":"Interface","interface_id":"{otherInterfaceId}"}]}`,
	"getNetworkService":    "",
	"updateNetworkService": `{"name":"web server","host_id":"{hostId}","network_id":"{networkId}","service_definition":"Nginx","bindings":[{"type":"Port","port_id":"{portId}","interface_id":null}],` +
		`"virtualization":{"type":"Docker","details":{"container_name":"web"}},"position":3,"unknown":{"members":["are","ignored"]}}`,
	"deleteNetworkService":      "",
	"bulkDeleteNetworkServices": `["{serviceId}","{serviceId}"]`,
	"getNetworkServiceHistory":  "",
	"exportNetworkServices":     "",
	"listBindings":              "",
	"createBinding":             `{"service_id":"{serviceId}","type":"Port","port_id":"{portId}","interface_id":"{interfaceId}"}`,
	"getBinding":                "",
	"updateBinding":             `{"type":"Port","port_id":"{portId}","interface_id":"{otherInterfaceId}"}`,
	"deleteBinding":             "",
	"bulkDeleteBindings":        `["{bindingId}"]`,
	"exportBindings":            "",
	"listTags":                  "",
	"createTag":                 `{"name":"staging","description":"Before production","color":"Blue"}`,
	"getTag":                    "",
	"updateTag":                 `{"name":"laboratory","unknown":["members","are","ignored"]}`,
	"deleteTag":                 "",
	"bulkDeleteTags":            `["{tagId}","{tagId}"]`,
	"exportTags":                "",
	"assignTags":                `{"entity_type":"Service","entity_id":"{serviceId}","tag_ids":[]}`,
	"bulkAddTag":                `{"entity_type":"Network","entity_ids":["{otherNetworkId}","{networkId}"],"tag_id":"{tagId}"}`,
	"bulkRemoveTag":             `{"entity_type":"Host","entity_ids":["{hostId}","{otherHostId}"],"tag_id":"{tagId}"}`,
	"getServiceDefinition":      "",
	"putServiceDefinition":      `{"description":"Makes tea","default_ports":[{"number":8418,"protocol":"Udp"}]}`,
	"deleteServiceDefinition":   "",
	"getMetadata":               "",
	"getVersion":                "",
	"listNetworks":              "",
	"createNetwork":             `{"name":"Warehouse","tags":["{tagId}"],"organization_id":"ignored"}`,
	"getNetwork":                "",
	"updateNetwork":             `{"name":"Branch office","tags":["{tagId}"],"id":"{networkId}"}`,
	"deleteNetwork":             "",
	"bulkDeleteNetworks":        `["{otherNetworkId}"]`,
	"exportNetworks":            "",
	"getNetworkDiff":            "",
	"listHosts":                 "",
	"createHost": `{"network_id":"{networkId}","name":"gamma","hostname":null,"description":"d","hidden":true,"tags":["{tagId}"],"virtualization":{"type":"Docker","details":{"container_name":"c"}},` +
		`"interfaces":[{"subnet_id":"{subnetId}","ip_address":"10.0.0.30","mac_address":null,"name":"eth0","position":0}],"ports":[{"number":53,"protocol":"Udp"}],` +
		`"services":[{"service_definition":"DNS Server","name":"dns","tags":["{tagId}"],"bindings":[],"position":0}]}`,
	"getHost": "",
	"updateHost": `{"name":"alpha","network_id":"{networkId}","tags":["{tagId}"],"expected_updated_at":null,"interfaces":[{"id":"{interfaceId}","subnet_id":"{subnetId}","ip_address":"10.0.0.12"}],` +
		`"ports":[{"id":"{portId}","number":8080,"protocol":"Tcp"}],"services":[{"id":"{serviceId}","service_definition":"Caddy","name":"web","bindings":[{"type":"Port","port_id":"{portId}","interface_id":"{interfaceId}"}]}]}`,
	"deleteHost":           "",
	"bulkDeleteHosts":      `["{hostId}","{otherHostId}"]`,
	"consolidateHosts":     "",
	"exportHosts":          "",
	"listPorts":            "",
	"createPort":           `{"host_id":"{hostId}","network_id":"{networkId}","number":8443,"protocol":"Tcp","type":"ignored"}`,
	"getPort":              "",
	"updatePort":           `{"number":8080,"protocol":"Tcp","host_id":"{hostId}","network_id":"{networkId}","type":"ignored"}`,
	"deletePort":           "",
	"bulkDeletePorts":      `["{portId}","{otherPortId}"]`,
	"exportPorts":          "",
	"listInterfaces":       "",
	"createInterface":      `{"host_id":"{hostId}","network_id":"{networkId}","subnet_id":"{subnetId}","ip_address":"::ffff:10.0.0.99","mac_address":"52-54-00-AB-CD-EF","name":"eth9"}`,
	"getInterface":         "",
	"updateInterface":      `{"subnet_id":"{subnetId}","ip_address":"10.0.0.98","name":null,"position":1,"host_id":"{hostId}"}`,
	"deleteInterface":      "",
	"bulkDeleteInterfaces": `["{interfaceId}"]`,
	"exportInterfaces":     "",
	"listSubnets":          "",
	"createSubnet":         `{"network_id":"{networkId}","name":"guests","cidr":"2001:DB8::/64","description":null}`,
	"getSubnet":            "",
	"updateSubnet":         `{"name":"servers","cidr":"10.0.0.0/23","network_id":"{networkId}"}`,
	"deleteSubnet":         "",
	"bulkDeleteSubnets":    `["{subnetId}","{subnetId}"]`,
	"exportSubnets":        "",
}

func TestEveryEndpointHasACaseHere(t *testing.T) {
	var ids []string
	for _, e := range api.Table() {
		ids = append(ids, e.ID)
	}
	slices.Sort(ids)
	if cases := slices.Sorted(maps.Keys(goodBodies)); !slices.Equal(ids, cases) {
		t.Errorf("the table has the endpoints\n%v, the tests have cases for\n%v", ids, cases)
	}
}

// goodQueries has the query of each operation that does not go without one.
var goodQueries = map[string]string{"getProjectDiff": "?from=2026-04-22T15:30:00Z", "getNetworkDiff": "?from=2026-04-22T15:30:00Z"}

// lastSnapshot is the id of a project's newest snapshot, where it has one.
func (h *house) lastSnapshot(projectID string) string {
	h.Helper()
	got, err := catalog.New(h.store, h.clock.Now, 0).GetHistory(h.Context(), h.owner(),
		catalog.GetHistoryInput{ProjectID: projectID, Size: 1})
	if err != nil || len(got.Events) == 0 {
		return "00000000-0000-7000-8000-000000000000"
	}
	return got.Events[0].SnapshotID
}

// of asks for an endpoint of the table with what it accepts, of the service
// Order API of a project or of the spare key.
func (h *house) of(e api.Endpoint, projectID string) request {
	if e.Path == "/api/version" || strings.HasPrefix(e.Path, inventory+"/") {
		return h.inv.of(e)
	}
	given := strings.NewReplacer("{projectId}", projectID, "{serviceSlug}", "order-api", "{keyId}", h.spare,
		"{token}", cmp.Or(h.tokens[projectID], nobodys), "{snapshotId}", h.lastSnapshot(projectID))
	return h.ask(e.Method, given.Replace(e.Path)+goodQueries[e.ID], given.Replace(goodBodies[e.ID]))
}

// nobodys is the id of no key, and a share token of no project.
const nobodys = "00000000-0000-4000-8000-000000000000"

// keyed are the endpoints that need a key.
func keyed() []api.Endpoint { return slices.DeleteFunc(api.Table(), api.Endpoint.Public) }

// mistyped is a key with its last but one character changed.
func mistyped(key string) string {
	i := len(key) - 2
	other := "x"
	if key[i] == 'x' {
		other = "y"
	}
	return key[:i] + other + key[i+1:]
}

func TestWithoutAKeyThatIsKnownEveryEndpointAnswers401(t *testing.T) {
	h := open(t)
	id := strings.TrimPrefix(h.shop(), "/v1/projects/")
	h.site()
	noKey := unauthorized("send the header Authorization: Bearer <key>")
	typo := unauthorized("the key is mistyped: it does not match its own checksum")
	none := unauthorized("no such key")
	foreign := unauthorized("no such key: those that are made here begin with alm_")
	cases := []struct {
		name   string
		values []string
		body   string
	}{
		{"no key", nil, noKey},
		{"an empty header", []string{""}, noKey},
		{"a scheme without a key", []string{"Bearer"}, noKey},
		{"a scheme with only a space", []string{"Bearer "}, noKey},
		{"the key alone", []string{h.key}, noKey},
		{"the wrong scheme", []string{"Basic " + h.key}, noKey},
		{"two headers", []string{"Bearer " + h.key, "Bearer " + h.key}, noKey},
		{"a mistyped key", []string{"Bearer " + mistyped(h.key)}, typo},
		{"a key cut short", []string{"Bearer " + h.key[:30]}, typo},
		{"a key with its case changed", []string{"Bearer " + strings.ToLower(h.key)}, typo},
		{"two keys in one header", []string{"Bearer " + h.key + ", Bearer " + h.foreign}, typo},
		{"another system's token", []string{"Bearer eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmVk"}, foreign},
		{"two words", []string{"Bearer a b"}, foreign},
		{"a key that is well-formed and unknown", []string{"Bearer " + tenant.NewSecret()}, none},
	}
	h.changesNothing(func() {
		for _, e := range keyed() {
			for _, c := range cases {
				h.sub(e.ID+" with "+c.name, func(h *house) {
					h.send(h.of(e, id).with("Authorization", c.values...)).
						is(401, inDialect(e.Path, c.body)).has("WWW-Authenticate", "Bearer").has("Cache-Control", "no-store")
				})
			}
		}
	})
}

func TestTheSchemeOfAKeyIsReadInAnyCase(t *testing.T) {
	h := open(t)
	for _, value := range []string{"Bearer ", "bearer ", "BEARER "} {
		h.send(h.ask("GET", "/v1/projects", "").with("Authorization", value+h.key)).ok()
	}
}

func TestAKeyIsAskedForBeforeAnythingElseIsLookedAt(t *testing.T) {
	h := open(t)
	for _, r := range []request{
		h.ask("POST", "/v1/projects", `{"name":`),
		h.ask("POST", "/v1/projects", strings.Repeat(" ", 1<<20+1)),
		h.ask("GET", "/v1/projects?size=0", ""),
		h.ask("GET", "/v1/projects/none/services?at=x", ""),
	} {
		h.send(r.with("Authorization")).fails(401, "unauthorized")
	}
}

func TestWhatAnotherWorkspaceOwnsIsAsIfItWereNot(t *testing.T) {
	h := open(t)
	id := strings.TrimPrefix(h.shop(), "/v1/projects/")
	h.site()
	h.changesNothing(func() {
		for _, e := range keyed() {
			// A definition of another workspace is nothing to stand in the way of one's own.
			if !strings.Contains(e.Path, "{") || e.ID == "putServiceDefinition" {
				continue
			}
			h.sub(e.ID, func(h *house) {
				theirs := h.send(h.of(e, id).by(h.foreign))
				none := *h
				none.spare, none.inv = nobodys, h.inv.nowhere()
				empty := h.send(none.of(e, "web-shop-zzzzz").by(h.foreign))
				if theirs.status != 404 || empty.status != 404 || h.inv.bare(bare(theirs.body, id)) != h.inv.bare(bare(empty.body, "web-shop-zzzzz")) {
					h.Errorf("%s tells what others own, %s, from nothing, %s", e.ID, theirs.body, empty.body)
				}
				for name := range theirs.header {
					if _, ok := empty.header[name]; !ok {
						h.Errorf("%s tells what others own from nothing by the header %s", e.ID, name)
					}
				}
			})
		}
	})
}

// bare is a body without the name that was asked for.
func bare(body, id string) string { return strings.ReplaceAll(body, id, "…") }

func TestAWorkspaceSeesOnlyItsOwnProjects(t *testing.T) {
	h := open(t)
	h.shop()
	list := func(key string) projectPage {
		return read[projectPage](h.send(h.ask("GET", "/v1/projects", "").by(key)).ok())
	}
	if got := list(h.foreign); got.Total != 0 || len(got.Data) != 0 {
		t.Errorf("another workspace sees %+v", got)
	}
	theirs := read[project](h.send(h.ask("POST", "/v1/projects", goodBodies["createProject"]).by(h.foreign)).ok())
	if theirs.CreatedBy != "stranger" {
		t.Errorf("the other workspace's project is created by %q", theirs.CreatedBy)
	}
	if got := list(h.key); got.Total != 1 {
		t.Errorf("the first workspace has %d projects", got.Total)
	}
	if got := list(h.foreign); got.Total != 1 || got.Data[0] != theirs {
		t.Errorf("the other workspace sees %+v", got)
	}
}

func TestTwoKeysOfOneWorkspaceSeeTheSameAsTwoActors(t *testing.T) {
	h := open(t)
	path := h.shop()
	second := h.newKey("local", "second")
	got := read[project](h.send(h.ask("GET", path, "").by(second)).ok())
	if got.IsOwner || got.CreatedBy != "owner" {
		t.Errorf("the second key sees %+v", got)
	}
	h.clock.advance(1e9)
	s := read[service](h.send(h.ask("PUT", path+"/services/order-api", `{"category":"core"}`).by(second)).ok())
	if s.CreatedBy != "owner" || s.UpdatedBy != "second" || s.UpdatedByType != "API_KEY" {
		t.Errorf("the second key's write is %+v", s)
	}
	if p := read[project](h.get(path).ok()); p.UpdatedBy != "second" || p.UpdatedAt != s.UpdatedAt || !p.IsOwner {
		t.Errorf("the project after it is %+v", p)
	}
	if e := read[history](h.get(path + "/history").ok()).Events[0]; e.ActorName != "second" || e.ActorType != "API_KEY" {
		t.Errorf("the event of it is %+v", e)
	}
}
