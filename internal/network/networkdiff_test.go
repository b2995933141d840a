package network

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"almanac/internal/fault"
	"almanac/internal/store"
	"almanac/internal/timeline"
)

func (w *world) diff(from timeline.Instant, to *timeline.Instant) NetworkDiff {
	w.Helper()
	d, err := w.GetNetworkDiff(w.Context(), ann, GetNetworkDiffInput{UUID(w.network), from, to})
	w.must(err)
	return d
}

// told is a diff in short: what it tells of, with + added, - removed, > moved
// and ~ changed members.
func (d NetworkDiff) told(names map[string]string) string {
	var words []string
	say := func(sign, id string, rest ...any) {
		name := names[id]
		if name == "" {
			name = "another"
		}
		words = append(words, sign+name+fmt.Sprint(rest...))
	}
	changes := func(changed []EntityChange) {
		for _, c := range changed {
			var members []string
			for _, m := range c.Changes {
				members = append(members, fmt.Sprintf("%s:%s→%s", m.Member, cmp.Or(string(m.Before), "null"), cmp.Or(string(m.After), "null")))
			}
			say("~", c.ID, "(", strings.Join(members, ","), ")")
		}
	}
	moves := func(moved []Move) {
		for _, m := range moved {
			say(">", m.ID, "(", names[m.FromHostID], "→", names[m.ToHostID], ")")
		}
	}
	for _, m := range d.Network {
		words = append(words, fmt.Sprintf("~network(%s:%s→%s)", m.Member, m.Before, m.After))
	}
	for _, s := range d.Subnets.Added {
		say("+", s.ID)
	}
	for _, s := range d.Subnets.Removed {
		say("-", s.ID)
	}
	changes(d.Subnets.Changed)
	for _, h := range d.Hosts.Added {
		say("+", h.ID)
	}
	for _, h := range d.Hosts.Removed {
		say("-", h.ID)
	}
	changes(d.Hosts.Changed)
	for _, i := range d.Interfaces.Added {
		say("+", i.ID)
	}
	for _, i := range d.Interfaces.Removed {
		say("-", i.ID)
	}
	moves(d.Interfaces.Moved)
	changes(d.Interfaces.Changed)
	for _, p := range d.Ports.Added {
		say("+", p.ID)
	}
	for _, p := range d.Ports.Removed {
		say("-", p.ID)
	}
	moves(d.Ports.Moved)
	changes(d.Ports.Changed)
	for _, s := range d.Services.Added {
		say("+", s.ID)
	}
	for _, s := range d.Services.Removed {
		say("-", s.ID)
	}
	moves(d.Services.Moved)
	changes(d.Services.Changed)
	for _, b := range d.Bindings.Added {
		say("+", b.ID)
	}
	for _, b := range d.Bindings.Removed {
		say("-", b.ID)
	}
	changes(d.Bindings.Changed)
	return strings.Join(words, " ")
}

// pair is two hosts in a network, and names for all on them.
func (w *world) pair() (a, b *Host, names map[string]string) {
	a, b = busy(2), busy(0)
	names = map[string]string{}
	for name, h := range map[string]*Host{"A": a, "B": b} {
		names[h.ID] = name
		for i, f := range h.Interfaces {
			names[f.ID] = fmt.Sprint(name, "e", i)
		}
		for i, p := range h.Ports {
			names[p.ID] = fmt.Sprint(name, "p", i)
		}
		for i, s := range h.Services {
			names[s.ID] = fmt.Sprint(name, "s", i)
			names[s.Bindings[0].ID] = fmt.Sprint(name, "b", i)
		}
	}
	w.put(a)
	w.put(b)
	return a, b, names
}

func TestADiffTellsEachChangeOnceInItsPlace(t *testing.T) {
	w := vacant(t)
	w.found("office")
	a, b, names := w.pair()
	tag := w.tag(1)[0]
	for _, c := range []struct {
		name, want string
		change     func(a, b *Host)
	}{
		{"nothing", "", func(a, b *Host) {}},
		{"a host's own facts", `~A(hostname:null→"web",name:"web-01.example.com"→"web-1")`, func(a, b *Host) { a.Name, a.Hostname = "web-1", new("web") }},
		{"a tag", fmt.Sprintf(`~A(tags:[]→["%s"])`, tag), func(a, b *Host) { a.Tags = []string{string(tag)} }},
		{"a port", `~Ap0(number:8000→22,type:"Custom"→"Ssh")`, func(a, b *Host) { a.Ports[0].Number = 22 }},
		{"a service", fmt.Sprintf(`~As0(name:%q→"web")`, a.Services[0].Name), func(a, b *Host) { a.Services[0].Name = "web" }},
		{"a binding to all interfaces", fmt.Sprintf(`~Ab0(interface_id:"%s"→null)`, a.Interfaces[0].ID), func(a, b *Host) { a.Services[0].Bindings[0].InterfaceID = "" }},
		{"a binding less", "-Ab1", func(a, b *Host) { a.Services[1].Bindings = nil }},
		{"a port more", "+another", func(a, b *Host) { a.Ports = append(a.Ports, Port{ID: newIDOn(a.ID), Number: 1, Protocol: UDP}) }},
		{"a service that moves", ">As1(A→B)", func(a, b *Host) {
			b.Services = append(b.Services, a.Services[1])
			a.Services = a.Services[:1]
		}},
		{"a service that moves and changes", ">As1(B→A) ~As1(name:" + fmt.Sprintf("%q", a.Services[1].Name) + `→"new")`, func(a, b *Host) {
			s := b.Services[0]
			s.Name = "new"
			a.Services, b.Services = append(a.Services, s), nil
		}},
		{"a port and an interface that move", ">Be1(B→A) ~Be1(ip_address:\"10.0.3.2\"→\"10.0.3.9\",position:1→2) >Ap1(A→B)", func(a, b *Host) {
			p := a.Ports[slices.IndexFunc(a.Ports, func(p Port) bool { return p.Number == 8001 })]
			a.Ports = slices.DeleteFunc(a.Ports, func(other Port) bool { return other.ID == p.ID })
			b.Ports = append(b.Ports, p)
			i := b.Interfaces[1]
			i.Position, i.IPAddress = 2, "10.0.3.9"
			a.Interfaces, b.Interfaces = append(a.Interfaces, i), b.Interfaces[:1]
		}},
		{"a host that goes", "-B -Be0 -Ap1", nil},
	} {
		from := w.instant()
		if w.commit(func(e *edit) error {
			ha, err := e.host(a.ID)
			if err != nil {
				return err
			}
			hb, err := e.host(b.ID)
			if err != nil {
				return err
			}
			if c.change == nil {
				return e.remove(b.ID)
			}
			c.change(ha, hb)
			return nil
		}) != nil {
			t.Fatalf("%s: cannot be done", c.name)
		}
		if got := w.diff(from, nil).told(names); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestADiffOfANetworkItselfAndItsSubnets(t *testing.T) {
	w := vacant(t)
	made := w.found("office")
	in := replacement(made)
	in.Body.Name = "head office"
	w.tick()
	_, err := w.UpdateNetwork(t.Context(), ann, in)
	w.must(err)
	subnet, err := w.CreateSubnet(t.Context(), ann, CreateSubnetInput{NewSubnet{NetworkID: UUID(w.network), SubnetFacts: SubnetFacts{Name: "lan", CIDR: "10.0.3.0/24"}}})
	w.must(err)
	names := map[string]string{subnet.ID: "lan"}
	if got := w.diff(made.CreatedAt, nil).told(names); got != `~network(name:"office"→"head office") +lan` {
		t.Errorf("got %s", got)
	}
	from := subnet.CreatedAt
	w.tick()
	_, err = w.UpdateSubnet(t.Context(), ann, UpdateSubnetInput{ID: UUID(subnet.ID), Body: SubnetState{SubnetFacts: SubnetFacts{Name: "LAN", CIDR: "10.0.3.0/24"}}})
	w.must(err)
	if got := w.diff(from, nil).told(names); got != `~lan(name:"lan"→"LAN")` {
		t.Errorf("got %s", got)
	}
	from = w.instant()
	w.tick()
	w.must(w.DeleteSubnet(t.Context(), ann, DeleteSubnetInput{ID: UUID(subnet.ID)}))
	if got := w.diff(from, nil).told(names); got != "-lan" {
		t.Errorf("got %s", got)
	}
}

// A tag that goes changes what had it, and nothing else in the network.
func TestADiffTellsOfATagThatIsGone(t *testing.T) {
	w := vacant(t)
	w.found("office")
	a, _, names := w.pair()
	tag := w.tag(1)[0]
	w.must(w.change(a.ID, func(h *Host) { h.Tags = []string{string(tag)} }))
	from := w.instant()
	w.tick()
	w.must(w.DeleteTag(t.Context(), ann, DeleteTagInput{ID: tag}))
	want := fmt.Sprintf(`~A(tags:["%s"]→[])`, tag)
	for _, to := range []*timeline.Instant{nil, new(w.instant()), new(w.instant() + 1e9)} {
		d := w.diff(from, to)
		if got := d.told(names); got != want || d.To != w.instant() {
			t.Errorf("to %v\n got %s until %v\nwant %s", to, got, d.To, want)
		}
	}
	if got := w.diff(from, new(w.instant()-1)).told(names); got != "" {
		t.Errorf("before it went: %s", got)
	}
}

// Both states can be any that were, or were not yet, or are no more.
func TestADiffOfAnyTwoInstants(t *testing.T) {
	w := vacant(t)
	made := w.found("office")
	a, _, names := w.pair()
	before, whole := made.CreatedAt-1000, w.instant()
	const all, rest = "A B Ae0 Ae1 Be0 Be1 Ap0 Ap1 As0 As1 Ab0 Ab1", "B Be0 Be1"
	of := func(sign, what string) string { return sign + strings.ReplaceAll(what, " ", " "+sign) }
	inOrder := func(told string) string {
		words := strings.Fields(told)
		slices.Sort(words)
		return strings.Join(words, " ")
	}
	w.must(w.commit(func(e *edit) error { return e.remove(a.ID) }))
	last := w.instant()
	w.tick()
	check := func(name string, from timeline.Instant, to *timeline.Instant, want string) {
		t.Helper()
		if got := inOrder(w.diff(from, to).told(names)); got != inOrder(want) {
			t.Errorf("%s\n got %s\nwant %s", name, got, want)
		}
	}
	check("from before it was made", before, &whole, of("+", all))
	check("to now", before, nil, of("+", rest))
	check("to a time to come", whole, new(last+1e9), of("-", "A Ae0 Ae1 Ap0 Ap1 As0 As1 Ab0 Ab1"))
	check("both before", before, new(before+1), "")
	check("one instant", whole, &whole, "")
	if d := w.diff(last+1e6, new(last+1e9)); d.From != last || d.To != last {
		t.Errorf("after the last change it is of %v and %v", d.From, d.To)
	}
	w.must(w.DeleteNetwork(t.Context(), ann, DeleteNetworkInput{ID: UUID(w.network)}))
	deleted := w.instant()
	w.tick()
	check("of a deleted network, to now", last, nil, of("-", rest))
	check("of its past", before, &whole, of("+", all))
	for name, in := range map[string]GetNetworkDiffInput{
		"from after it was deleted": {UUID(w.network), deleted, nil}, "of nothing": {UUID(newID()), before, nil},
	} {
		if _, err := w.GetNetworkDiff(t.Context(), ann, in); kindOf(err) != fault.NotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.GetNetworkDiff(t.Context(), stranger, GetNetworkDiffInput{UUID(w.network), before, nil}); kindOf(err) != fault.NotFound {
		t.Errorf("another workspace: %v", err)
	}
	if _, err := w.GetNetworkDiff(t.Context(), ann, GetNetworkDiffInput{UUID(w.network), whole, &before}); fault.Of(err).Code != "from_after_to" {
		t.Errorf("from after to: %v", err)
	}
}

func TestADiffThatNoAnswerCarriesIsRefused(t *testing.T) {
	w := vacant(t)
	made := w.found("office")
	for range 40 {
		h := busy(300)
		h.NetworkID = w.network
		w.put(h)
	}
	if _, err := w.GetNetworkDiff(t.Context(), ann, GetNetworkDiffInput{UUID(w.network), made.CreatedAt, nil}); fault.Of(err).Code != "diff_too_large" {
		t.Errorf("got %v", err)
	}
	if d := w.diff(w.instant()-1, nil); len(d.Hosts.Added) != 1 || len(d.Services.Added) != 300 {
		t.Errorf("the last of them: %d hosts", len(d.Hosts.Added))
	}
}

func TestADiffIsShownWithEmptyListsAndNulls(t *testing.T) {
	w := vacant(t)
	made := w.found("office")
	text, err := json.Marshal(w.diff(made.CreatedAt, nil))
	w.must(err)
	for _, part := range []string{`"network":[]`, `"moved":[]`, `"subnets":{"added":[],"removed":[],"changed":[]}`} {
		if !strings.Contains(string(text), part) {
			t.Errorf("%s is not in %s", part, text)
		}
	}
	text, err = json.Marshal(memberChanges(Binding{PortID: "p"}, Binding{PortID: "p", InterfaceID: "i"}))
	w.must(err)
	if string(text) != `[{"member":"interface_id","before":null,"after":"i"}]` {
		t.Errorf("a member that was absent: %s", text)
	}
}

// A diff reads the network at both instants.
func TestUnitsOfADiff(t *testing.T) {
	w, hosts := filled(t, setUp(t).store, 60)
	then := w.instant()
	for _, h := range hosts[:5] {
		w.must(w.change(h.ID, func(h *Host) { h.Name = "renamed" }))
	}
	ctx, meter := store.WithMeter(context.Background())
	d, err := w.GetNetworkDiff(ctx, ann, GetNetworkDiffInput{UUID(w.network), then, nil})
	w.must(err)
	if len(d.Hosts.Changed) != 5 {
		t.Errorf("%d hosts have changed", len(d.Hosts.Changed))
	}
	t.Logf("%d calls of %v read units", meter.Calls, meter.ReadUnits)
	if meter.ReadUnits > 46 {
		t.Errorf("it took %v read units", meter.ReadUnits)
	}
}
