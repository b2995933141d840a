package network

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"almanac/internal/timeline"
)

// busy is a host with a service on each of n ports, some of them on one interface alone.
func busy(n int) *Host {
	id, network := newID(), newID()
	// The last bits of instants are random, as those of real ones.
	at := func() Times {
		t := timeline.Instant(1767776880000 + rand.Int64N(1e10))
		return Times{t, t}
	}
	h := &Host{
		BareHost:   BareHost{ID: id, Times: at(), NetworkID: network, Name: "web-01.example.com", Source: manual, Tags: []string{}},
		Interfaces: []Interface{}, Ports: []Port{}, Services: []Service{},
	}
	for i := range 2 {
		h.Interfaces = append(h.Interfaces, Interface{
			ID: newIDOn(id), Times: at(), NetworkID: network, HostID: id, SubnetID: newID(),
			IPAddress: fmt.Sprint("10.0.3.", i+1), MACAddress: new("52:54:00:12:34:56"), Name: new(fmt.Sprint("eth", i)), Position: i,
		})
	}
	for i := range n {
		d := definitions()[i%len(definitions())]
		p := Port{ID: newIDOn(id), Times: at(), NetworkID: network, HostID: id, Number: 8000 + i, Protocol: TCP}
		p.Type = portType(p.Number, p.Protocol)
		h.Ports = append(h.Ports, p)
		s := Service{
			ID: newIDOn(id), Times: at(), HostID: id, NetworkID: network, ServiceDefinition: d.ID, Name: fmt.Sprint(d.Icon, "-", i),
			Source: manual, Tags: []string{}, Position: i,
		}
		b := Binding{ID: newIDOn(id), Times: s.Times, ServiceID: s.ID, NetworkID: network, Type: OnPort, PortID: p.ID}
		if i%2 == 0 {
			b.InterfaceID = h.Interfaces[0].ID
		}
		s.Bindings = []Binding{b}
		h.Services = append(h.Services, s)
	}
	return h
}

func TestWhatIsStoredOfAHostIsReadAsItWas(t *testing.T) {
	h := busy(7)
	h.Hostname, h.Description, h.Hidden, h.Tags = new("web-01"), new(""), true, []string{newID()}
	h.UpdatedAt += 5
	h.Virtualization = &Virtualization{"Docker", json.RawMessage(`{"container_name":"web"}`)}
	h.Source = Source{"Discovery"}
	h.Interfaces[1].MACAddress, h.Interfaces[1].Name = nil, nil
	h.Ports[3].Number, h.Ports[3].Type = 443, "Https"
	s := &h.Services[2]
	s.UpdatedAt += 1000
	s.Tags, s.Catalog, s.Virtualization = h.Tags, &CatalogRef{"shop", "once-allowed-"}, h.Virtualization
	s.Bindings = append(s.Bindings, Binding{
		ID: newIDOn(h.ID), Times: s.Times, ServiceID: s.ID, NetworkID: h.NetworkID, Type: OnInterface, InterfaceID: h.Interfaces[1].ID,
	})
	h.Services[4].Bindings = []Binding{}
	body, err := encodeHost(h)
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodeHost(h.NetworkID, h.ID, body)
	if err != nil || !reflect.DeepEqual(got, h) {
		t.Errorf("got  %+v, %v\nwant %+v", got, err, h)
	}
	if _, err := decodeHost(h.NetworkID, h.ID, body[1:]); err == nil {
		t.Error("what is damaged is read")
	}
}

func TestIdsOnAHostAreOfItsFamily(t *testing.T) {
	host := newID()
	seen := map[string]bool{}
	for range 1000 {
		id := newIDOn(host)
		var parsed UUID
		if err := parsed.UnmarshalText([]byte(id)); err != nil || string(parsed) != id {
			t.Fatalf("%s: %v", id, err)
		}
		if family(id) != family(host) || id[14] != '8' || seen[id] {
			t.Fatalf("%s on %s", id, host)
		}
		seen[id] = true
	}
	if family(newID()) == family(host) {
		t.Error("two hosts have one family")
	}
}

func TestAUUIDIsReadInItsCommonFormAlone(t *testing.T) {
	const id = "497f6eca-6276-4993-bfeb-53cbbbba6f08"
	for text, ok := range map[string]bool{
		id: true, "497F6ECA-6276-4993-BFEB-53CBBBBA6F08": true, "": false, "{" + id + "}": false, "urn:uuid:" + id: false,
		"497f6eca62764993bfeb53cbbbba6f08": false, id + " ": false, id[:35]: false, id[:35] + "g": false,
	} {
		var u UUID
		if err := u.UnmarshalText([]byte(text)); (err == nil) != ok || ok && u != id {
			t.Errorf("%q is read as %s, %v", text, u, err)
		}
	}
}

func TestAPortsTypeFollowsFromItsNumberAndProtocol(t *testing.T) {
	for _, c := range []struct {
		number   int
		protocol Protocol
		want     string
	}{
		{22, TCP, "Ssh"}, {80, TCP, "Http"}, {443, TCP, "Https"}, {443, UDP, "Https"}, {22, UDP, "Custom"}, {53, UDP, "Dns"},
		{51820, UDP, "WireGuard"}, {12345, TCP, "Custom"},
	} {
		if got := portType(c.number, c.protocol); got != c.want {
			t.Errorf("%d/%s is %s, not %s", c.number, c.protocol, got, c.want)
		}
	}
}
