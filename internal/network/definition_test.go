package network

import (
	"slices"
	"strings"
	"testing"
)

func TestTheDefinitionsThatAreShippedAreWhole(t *testing.T) {
	all := definitions()
	if len(all) < 40 {
		t.Errorf("there are %d", len(all))
	}
	if !slices.IsSortedFunc(all, func(a, b Definition) int { return strings.Compare(strings.ToLower(a.ID), strings.ToLower(b.ID)) }) {
		t.Error("they are not in the order of their ids")
	}
	seen := map[string]bool{}
	for _, d := range all {
		if d.ID == "" || d.ID != d.Name || d.Description == "" || d.Category == "" || d.Icon == "" || d.DefaultPorts == nil {
			t.Errorf("%+v lacks something", d)
		}
		if id := strings.ToLower(d.ID); seen[id] {
			t.Errorf("there are two %s", d.ID)
		} else {
			seen[id] = true
		}
		ports := map[DefaultPort]bool{}
		for _, p := range d.DefaultPorts {
			if p.Number < 1 || p.Number > 65535 || p.Protocol != TCP && p.Protocol != UDP || ports[p] {
				t.Errorf("%s listens on %+v", d.ID, p)
			}
			ports[p] = true
		}
	}
}

// Ports that the Internet Assigned Numbers Authority or the makers name.
func TestWellKnownServicesListenWhereTheyDo(t *testing.T) {
	for id, want := range map[string]int{
		"SSH": 22, "DNS Server": 53, "PostgreSQL": 5432, "MySQL": 3306, "Redis": 6379, "Kafka": 9092, "RabbitMQ": 5672,
		"Remote Desktop": 3389, "LDAP": 389, "NTP Server": 123, "MongoDB": 27017, "Prometheus": 9090, "WireGuard": 51820,
	} {
		i := slices.IndexFunc(definitions(), func(d Definition) bool { return d.ID == id })
		if i < 0 || definitions()[i].DefaultPorts[0].Number != want {
			t.Errorf("%s does not listen on %d", id, want)
		}
	}
}
