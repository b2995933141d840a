package network

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"almanac/internal/fault"
	"almanac/internal/timeline"
)

// spelt is what a text is read as, or empty where it is refused.
func spelt[T ~string, P interface {
	*T
	UnmarshalText([]byte) error
}](text string) string {
	var v T
	if err := P(&v).UnmarshalText([]byte(text)); err != nil {
		return ""
	}
	return string(v)
}

func TestAnAddressIsReadInEverySpelling(t *testing.T) {
	for text, want := range map[string]string{
		"10.0.3.17":    "10.0.3.17",
		"2001:db8::17": "2001:db8::17",
		"2001:DB8::17": "2001:db8::17",
		"2001:0db8:0000:0000:0000:0000:0000:0017": "2001:db8::17",
		"2001:db8:0:0:1:0:0:1":                    "2001:db8::1:0:0:1",
		"::":                                      "::",
		"::ffff:10.0.3.17":                        "10.0.3.17",
		"::FFFF:0a00:0311":                        "10.0.3.17",
		"2001:db8::10.0.3.17":                     "2001:db8::a00:311",
		"fe80::1%eth0":                            "",
		"":                                        "",
		" 10.0.3.17":                              "",
		"10.0.3":                                  "",
		"10.0.3.256":                              "",
		"10.0.03.17":                              "",
		"167772945":                               "",
		"10.0.3.17/24":                            "",
		"[2001:db8::17]":                          "",
		"2001:db8:::17":                           "",
		"router":                                  "",
	} {
		if got := spelt[IP](text); got != want {
			t.Errorf("%q is read as %q, not %q", text, got, want)
		}
	}
}

func TestAHardwareAddressIsReadInEverySpelling(t *testing.T) {
	for text, want := range map[string]string{
		"52:54:00:12:34:56":       "52:54:00:12:34:56",
		"52:54:00:AB:cd:EF":       "52:54:00:ab:cd:ef",
		"52-54-00-AB-CD-EF":       "52:54:00:ab:cd:ef",
		"5254.00ab.cdef":          "52:54:00:ab:cd:ef",
		"02:00:5e:10:00:00:00:01": "02:00:5e:10:00:00:00:01",
		"":                        "",
		"525400ABcdef":            "52:54:00:ab:cd:ef",
		"52:54:00:ab:cd":          "",
		"52:54:00:ab:cd:eg":       "",
		"52:54-00:ab:cd:ef":       "",
		" 52:54:00:ab:cd:ef":      "",
	} {
		if got := spelt[MAC](text); got != want {
			t.Errorf("%q is read as %q, not %q", text, got, want)
		}
	}
}

func TestARangeIsReadInEverySpellingButNotWithBitsOfAHost(t *testing.T) {
	for text, want := range map[string]string{
		"10.0.3.0/24":              "10.0.3.0/24",
		"10.0.3.7/32":              "10.0.3.7/32",
		"0.0.0.0/0":                "0.0.0.0/0",
		"::/0":                     "::/0",
		"2001:DB8:0:0::/64":        "2001:db8::/64",
		"::ffff:10.0.3.0/120":      "10.0.3.0/24",
		"::ffff:0:0/96":            "0.0.0.0/0",
		"10.0.3.17/24":             "",
		"2001:db8::1/64":           "",
		"::ffff:10.0.3.0/112":      "",
		"::ffff:10.0.3.0/90":       "",
		"10.0.3.0":                 "",
		"10.0.3.0/33":              "",
		"10.0.3.0/-1":              "",
		"10.0.3.0/024":             "",
		"10.0.3.0/255.255.255.0":   "",
		"10.0.3.0 /24":             "",
		"fe80::%eth0/64":           "",
		"2001:db8::/129":           "",
		"2001:db8:1:2:3:4:5:6:7/8": "",
		"":                         "",
	} {
		if got := spelt[CIDR](text); got != want {
			t.Errorf("%q is read as %q, not %q", text, got, want)
		}
	}
	err := new(CIDR).UnmarshalText([]byte("10.0.3.17/24"))
	if err == nil || !strings.Contains(err.Error(), "10.0.3.0/24") {
		t.Errorf("the right range is not in: %v", err)
	}
}

// Whatever addresses a client writes, what is read of them is written and read
// the same again, and lies in its own range as it did before.
func TestWhatIsReadOfAnAddressIsCanonical(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bytes := rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "bytes")
		if rapid.Bool().Draw(t, "v4") {
			bytes = bytes[:4]
		}
		a, _ := netip.AddrFromSlice(bytes)
		text := rapid.SampledFrom([]string{a.String(), strings.ToUpper(a.String()), a.StringExpanded()}).Draw(t, "text")
		ip := spelt[IP](text)
		if ip == "" || spelt[IP](ip) != ip || netip.MustParseAddr(ip) != a.Unmap() {
			t.Fatalf("%s is read as %s", text, ip)
		}
		p := netip.PrefixFrom(a, rapid.IntRange(0, a.BitLen()).Draw(t, "bits")).Masked()
		cidr := spelt[CIDR](p.String())
		if cidr == "" || spelt[CIDR](cidr) != cidr {
			t.Fatalf("%s is read as %s", p, cidr)
		}
		if !a.Is4In6() && !addressIn(cidr, ip) {
			t.Fatalf("%s is not in %s", ip, cidr)
		}
	})
}

func TestAnAddressIsInARangeOfItsOwnKind(t *testing.T) {
	for _, c := range []struct {
		cidr, ip string
		want     bool
	}{
		{"10.0.3.0/24", "10.0.3.0", true},
		{"10.0.3.0/24", "10.0.3.255", true},
		{"10.0.3.0/24", "10.0.4.0", false},
		{"10.0.3.7/32", "10.0.3.7", true},
		{"2001:db8::/64", "2001:db8::ffff:0:0:1", true},
		{"2001:db8::/64", "2001:db8:0:1::", false},
		{"::/0", "10.0.3.7", false},
		{"0.0.0.0/0", "::1", false},
	} {
		if got := addressIn(c.cidr, c.ip); got != c.want {
			t.Errorf("%s in %s: %v", c.ip, c.cidr, got)
		}
	}
}

func TestNoHostHasAPortOrAnAddressTwice(t *testing.T) {
	h := &Host{
		BareHost: BareHost{ID: newID()},
		Ports:    []Port{{Number: 53, Protocol: TCP}, {Number: 53, Protocol: UDP}, {Number: 54, Protocol: UDP}},
		Interfaces: []Interface{
			{SubnetID: "a", IPAddress: "10.0.0.1"}, {SubnetID: "a", IPAddress: "10.0.0.2"}, {SubnetID: "b", IPAddress: "10.0.0.1"},
		},
	}
	if err := h.checkPlaces(); err != nil {
		t.Error(err)
	}
	h.Ports[2].Number = 53
	if err := h.checkPlaces(); kindOf(err) != fault.Invalid || fault.Of(err).Code != "duplicate_port" {
		t.Errorf("two ports give %v", err)
	}
	h.Ports = nil
	h.Interfaces[2].SubnetID = "a"
	if err := h.checkPlaces(); kindOf(err) != fault.Invalid || fault.Of(err).Code != "duplicate_address" {
		t.Errorf("two addresses give %v", err)
	}
}

func TestAnInterfaceThatMovesLeavesNoGap(t *testing.T) {
	for _, c := range []struct {
		id   string
		to   int
		want string
	}{
		{"a", 0, "abcd"}, {"a", 1, "bacd"}, {"a", 3, "bcda"}, {"d", 0, "dabc"}, {"c", 1, "acbd"}, {"b", 99, "acdb"}, {"d", 3, "abcd"},
	} {
		h := &Host{}
		for i, id := range "abcd" {
			h.Interfaces = append(h.Interfaces, Interface{ID: string(id), Position: i})
		}
		h.moveInterface(c.id, c.to)
		got := ""
		for i, f := range h.Interfaces {
			got += f.ID
			if f.Position != i {
				t.Errorf("%s is at %d", f.ID, f.Position)
			}
		}
		if got != c.want {
			t.Errorf("%s to %d: %s, not %s", c.id, c.to, got, c.want)
		}
	}
}

func TestInterfacesOfAHostHaveNoGapsHoweverTheyAreChanged(t *testing.T) {
	w := setUp(t)
	h := busy(1)
	h.Interfaces[0].Position, h.Interfaces[1].Position = 9, 4
	slices.Reverse(h.Interfaces)
	w.put(h)
	got := w.find(h.ID, nil).Interfaces
	if got[0].ID != h.Interfaces[0].ID || got[0].Position != 0 || got[1].Position != 1 {
		t.Errorf("they are %+v", got)
	}
}

// subnetOf puts a subnet into the world's network.
func (w *world) subnetOf(cidr string) *Subnet {
	w.Helper()
	s := &Subnet{ID: newID(), Times: Times{w.instant(), w.instant()}, NetworkID: w.network, Name: cidr, CIDR: cidr}
	w.must(w.point(w.Context(), ann.Workspace, place{w.network, subnetKey(s.ID)}, s.ID))
	w.must(w.commit(func(e *edit) error {
		body, err := encodeSubnet(s, false)
		if err == nil {
			_, err = e.tx.Create(subnetKey(s.ID), s.Name, body)
		}
		return err
	}))
	return s
}

func TestInterfacesAreHeldToTheirSubnetsWhereTheyChange(t *testing.T) {
	w := setUp(t)
	home := w.network
	w.network = newID()
	_, err := w.timeline.CreateScope(t.Context(), networkScope(ann.Workspace, w.network), nil, actorOf(ann))
	w.must(err)
	away := w.subnetOf("10.9.0.0/16")
	w.network = home
	office := w.subnetOf("10.0.3.0/24")
	h := busy(1) // its interfaces name subnets that are not there
	w.put(h)
	for _, c := range []struct {
		name     string
		subnet   string
		ip       string
		kind     fault.Kind
		code     string
		mustTell string
	}{
		{"one inside", office.ID, "10.0.3.200", -1, "", ""},
		{"one outside", office.ID, "10.0.4.1", fault.Invalid, "address_outside_subnet", "10.0.3.0/24"},
		{"a subnet of nothing", newID(), "10.0.3.1", fault.NotFound, "not_found", ""},
		{"the id of a host", h.ID, "10.0.3.1", fault.NotFound, "not_found", ""},
		{"a subnet of another network", away.ID, "10.9.0.1", fault.Invalid, "subnet_on_another_network", away.ID},
	} {
		err := w.commit(func(e *edit) error {
			h, err := e.host(h.ID)
			if err != nil {
				return err
			}
			h.Interfaces = append(h.Interfaces, Interface{ID: newIDOn(h.ID), SubnetID: c.subnet, IPAddress: c.ip, Position: 7})
			return e.checkAddresses(h)
		})
		err = w.addressFault(t.Context(), ann.Workspace, err)
		if kindOf(err) != c.kind || err != nil && (fault.Of(err).Code != c.code || !strings.Contains(err.Error(), c.mustTell)) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if got := w.find(h.ID, nil).Interfaces; len(got) != 3 || got[2].IPAddress != "10.0.3.200" || got[2].Position != 2 {
		t.Errorf("there are %+v", got)
	}
}

func TestASubnetIsReadInsideACommitAndOutsideWhileItIsNotGoing(t *testing.T) {
	w := setUp(t)
	w.tick()
	s := w.subnetOf("2001:db8::/64")
	then := w.instant()
	read := func() (got *Subnet, err error) {
		return got, w.commit(func(e *edit) error {
			got, err = e.subnet(s.ID)
			return err
		})
	}
	if got, err := read(); err != nil || *got != *s {
		t.Errorf("inside it is %+v, %v", got, err)
	}
	if got, err := w.subnet(t.Context(), ann.Workspace, s.ID, nil); err != nil || *got != *s {
		t.Errorf("outside it is %+v, %v", got, err)
	}
	w.must(w.commit(func(e *edit) error {
		body, err := encodeSubnet(s, true)
		if err == nil {
			_, err = e.tx.Update(subnetKey(s.ID), s.Name, body)
		}
		return err
	}))
	if got, err := read(); !errors.Is(err, timeline.ErrNoSuchDocument) {
		t.Errorf("one that is going is %+v, %v", got, err)
	}
	if got, err := w.subnet(t.Context(), ann.Workspace, s.ID, nil); err != nil || got != nil {
		t.Errorf("one that is going is %+v, %v", got, err)
	}
	if got, err := w.subnet(t.Context(), ann.Workspace, s.ID, &then); err != nil || got == nil || *got != *s {
		t.Errorf("it was %+v, %v", got, err)
	}
	for name, find := range map[string][2]string{"another workspace": {"other", s.ID}, "of nothing": {ann.Workspace, newID()}} {
		if got, err := w.subnet(t.Context(), find[0], find[1], nil); got != nil || err != nil {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}
