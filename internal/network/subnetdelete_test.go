package network

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"almanac/internal/fault"
	"almanac/internal/store"
	"almanac/internal/timeline"
)

// crowd is a world with subnets and many hosts, each with an interface in all of
// them to which a service binds a port.
type crowd struct {
	*world
	subnets []Subnet
}

func newCrowd(t *testing.T, hosts, subnets int) *crowd {
	t.Helper()
	return newCrowdOn(t, onDisk(t), hosts, subnets)
}

func newCrowdOn(t *testing.T, on store.Store, hosts, subnets int) *crowd {
	t.Helper()
	w := &crowd{world: setUpOn(t, on)}
	for n := range subnets {
		w.subnets = append(w.subnets, w.makeSubnet(fmt.Sprint("subnet ", n), fmt.Sprintf("10.%d.0.0/16", n)))
	}
	for some := range slices.Chunk(make([]int, hosts), mostHosts) {
		w.must(w.commit(func(e *edit) error {
			for range some {
				h := &Host{BareHost: BareHost{ID: newID(), NetworkID: w.network, Name: "h", Source: manual, Tags: []string{}}}
				port := Port{ID: newIDOn(h.ID), Number: 80, Protocol: TCP}
				service := Service{ID: newIDOn(h.ID), ServiceDefinition: "Caddy", Name: "web", Source: manual, Tags: []string{}}
				for n, s := range w.subnets {
					i := Interface{ID: newIDOn(h.ID), SubnetID: s.ID, IPAddress: fmt.Sprintf("10.%d.0.1", n), Position: n}
					h.Interfaces = append(h.Interfaces, i)
					service.Bindings = append(service.Bindings, Binding{Type: OnPort, PortID: port.ID, InterfaceID: i.ID})
				}
				h.Ports, h.Services = []Port{port}, []Service{service}
				if err := w.point(t.Context(), ann.Workspace, place{w.network, hostKey(h.ID)}, h.ID); err != nil {
					return err
				}
				e.add(h)
			}
			return nil
		}))
	}
	w.tick()
	return w
}

func (w *crowd) ids() []UUID {
	var ids []UUID
	for _, s := range w.subnets {
		ids = append(ids, UUID(s.ID))
	}
	return ids
}

// whole looks at one instant: a subnet that is shown has its interfaces on all
// hosts, one that is no document has none, and bindings are of interfaces that
// are there. It counts the subnets shown and the interfaces.
func (w *crowd) whole(at timeline.Instant, hosts int) (shown, interfaces int) {
	w.Helper()
	documents := map[string]bool{}
	w.must(w.survey(w.Context(), ann.Workspace, UUID(w.network), subnetPrefix, &at, func(network string, s timeline.Snapshot) error {
		subnet, _, err := decodeSubnet(network, s)
		documents[subnet.ID] = true
		return err
	}))
	found, err := w.surveyHosts(w.Context(), ann.Workspace, UUID(w.network), &at)
	w.must(err)
	w.must(disjoint(found))
	in := map[string]int{}
	for _, h := range found {
		if len(h.Services[0].Bindings) != len(h.Interfaces) {
			w.Errorf("at %v a host of %d interfaces has %d bindings", at, len(h.Interfaces), len(h.Services[0].Bindings))
		}
		for _, i := range h.Interfaces {
			interfaces++
			if in[i.SubnetID]++; !documents[i.SubnetID] {
				w.Errorf("at %v an interface is in the subnet %s, which is no more", at, i.SubnetID)
			}
		}
	}
	list, err := w.ListSubnets(w.Context(), ann, ListSubnetsInput{SubnetFilter: SubnetFilter{Filter: Filter{At: &at}}})
	w.must(err)
	for _, s := range list.Items {
		if in[s.ID] != hosts {
			w.Errorf("at %v the subnet %s is shown with %d interfaces of %d", at, s.ID, in[s.ID], hosts)
		}
	}
	return list.Total, interfaces
}

func (w *crowd) clock() time.Time { return w.now }

// hosts are those of the network.
func (w *crowd) hosts() []*Host {
	w.Helper()
	hosts, err := w.surveyHosts(w.Context(), ann.Workspace, UUID(w.network), nil)
	w.must(err)
	return hosts
}

func (w *crowd) head() timeline.Head {
	w.Helper()
	head, err := w.timeline.Head(w.Context(), networkScope(ann.Workspace, w.network))
	w.must(err)
	return head
}

func TestASubnetOfManyHostsIsHiddenFirstAndGoesInWholeParts(t *testing.T) {
	const hosts = 2*mostHosts + 5
	w := newCrowd(t, hosts, 2)
	before := w.head().Updated.At
	seen := w.subnets[0].ETag()
	w.must(w.DeleteSubnet(t.Context(), ann, DeleteSubnetInput{UUID(w.subnets[0].ID), guarded(t, seen)}))
	if shown, interfaces := w.whole(before, hosts); shown != 2 || interfaces != 2*hosts {
		t.Errorf("before there were %d subnets with %d interfaces", shown, interfaces)
	}
	var interfaces []int
	for at := w.instant(); at <= w.head().Updated.At; at++ {
		shown, some := w.whole(at, hosts)
		if shown != 1 {
			t.Errorf("at %v there are %d subnets", at, shown)
		}
		interfaces = append(interfaces, some)
	}
	if want := []int{2 * hosts, 2*hosts - mostHosts, 2*hosts - 2*mostHosts, hosts, hosts}; !slices.Equal(interfaces, want) {
		t.Errorf("the interfaces became %v, not %v", interfaces, want)
	}
	if err := w.DeleteSubnet(t.Context(), ann, DeleteSubnetInput{ID: UUID(w.subnets[0].ID)}); kindOf(err) != fault.NotFound {
		t.Errorf("again: %v", err)
	}
	if got, err := w.GetSubnet(t.Context(), ann, GetSubnetInput{UUID(w.subnets[0].ID), &before}); err != nil || got != w.subnets[0] {
		t.Errorf("it was %+v, %v", got, err)
	}
	if w.head().Updated.By.Name != "ann" {
		t.Errorf("it is the work of %+v", w.head().Updated.By)
	}
}

// dying is a store whose process ends at one of its transactions.
type dying struct {
	store.Store
	left  int  // transactions before the last one
	after bool // the last one is done, too
	end   context.CancelFunc
}

func (d *dying) Transact(ctx context.Context, ops ...store.Op) error {
	if d.left--; d.left > 0 {
		return d.Store.Transact(ctx, ops...)
	}
	if d.after && d.left == 0 {
		if err := d.Store.Transact(ctx, ops...); err != nil {
			return err
		}
	}
	d.end()
	return &store.Error{Kind: store.Unavailable, Op: -1, Err: errors.New("the process is gone")}
}

func TestADeleteOfSubnetsThatDiesAnywhereIsFinishedByTheSameRequest(t *testing.T) {
	for _, c := range []struct {
		name           string
		hosts, subnets int
		bulk           bool
		commits        int
	}{
		{"one of few hosts", 3, 1, false, 1},
		{"one of many hosts", mostHosts + 3, 1, false, 4},
		{"several of few hosts", 3, 2, true, 1},
		{"many of many hosts", mostHosts + 3, mostSubnetsHidden + 2, true, 6},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, after := range []bool{false, true} {
				for n := 1; n <= c.commits+1; n++ {
					w := newCrowd(t, c.hosts, c.subnets)
					do := func(n *Inventory, ctx context.Context) error {
						if !c.bulk {
							return n.DeleteSubnet(ctx, ann, DeleteSubnetInput{ID: UUID(w.subnets[0].ID)})
						}
						_, err := n.BulkDeleteSubnets(ctx, ann, BulkDeleteInput{w.ids()})
						return err
					}
					ctx, end := context.WithCancel(t.Context())
					s := &dying{Store: w.store, left: n, after: after, end: end}
					err := do(New(s, w.clock), ctx)
					end()
					if died := n <= c.commits; (err != nil) != died {
						t.Fatalf("with %d commits to go (the last done: %v): %v", n, after, err)
					}
					shown, _ := w.whole(w.head().Updated.At, c.hosts)
					if hidden := c.subnets - shown; shown > 0 && hidden > 0 && hidden < mostSubnetsHidden {
						t.Errorf("%d of %d are hidden", hidden, c.subnets)
					}
					err = do(w.Inventory, t.Context())
					if err != nil && !(kindOf(err) == fault.NotFound && (n > c.commits || n == c.commits && after)) {
						t.Errorf("again: %v", err)
					}
					if shown, interfaces := w.whole(w.head().Updated.At, c.hosts); shown != 0 || interfaces != 0 {
						t.Errorf("there are %d subnets and %d interfaces left", shown, interfaces)
					}
					w.makeSubnet("again", "10.0.0.0/8")
				}
			}
		})
	}
}

func TestNoInterfaceComesIntoASubnetThatIsGoing(t *testing.T) {
	w := newCrowd(t, mostHosts+1, 1)
	ctx, end := context.WithCancel(t.Context())
	s := &dying{Store: w.store, left: 2, end: end}
	if err := New(s, w.clock).DeleteSubnet(ctx, ann, DeleteSubnetInput{ID: UUID(w.subnets[0].ID)}); err == nil {
		t.Fatal("it did not die")
	}
	end()
	h := w.hosts()[0]
	facts := InterfaceFacts{SubnetID: UUID(w.subnets[0].ID), IPAddress: "10.0.7.7"}
	for name, operation := range map[string]func() error{
		"post": func() error {
			_, err := w.CreateInterface(t.Context(), ann, CreateInterfaceInput{NewInterface{UUID(h.ID), UUID(w.network), facts}})
			return err
		},
		"put": func() error {
			_, err := w.UpdateInterface(t.Context(), ann, UpdateInterfaceInput{ID: UUID(h.Interfaces[0].ID), Body: InterfaceState{InterfaceFacts: facts}})
			return err
		},
		"put of the subnet": func() error {
			_, err := w.putSubnet(w.subnets[0].ID, SubnetFacts{Name: "x", CIDR: "10.0.0.0/8"})
			return err
		},
		"get of the subnet": func() error {
			_, err := w.GetSubnet(t.Context(), ann, GetSubnetInput{ID: UUID(w.subnets[0].ID)})
			return err
		},
	} {
		if err := operation(); kindOf(err) != fault.NotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Its range is free at once, and what is on the hosts can be changed.
	w.makeSubnet("next", "10.0.0.0/16")
	w.tick()
	if _, err := w.CreatePort(t.Context(), ann, CreatePortInput{NewPort{UUID(h.ID), UUID(w.network), PortFacts{Number: 22, Protocol: TCP}}}); err != nil {
		t.Error(err)
	}
	w.must(w.DeleteSubnet(t.Context(), ann, DeleteSubnetInput{ID: UUID(w.subnets[0].ID)}))
	if _, interfaces := w.whole(w.head().Updated.At, 0); interfaces != 0 {
		t.Errorf("%d interfaces are left", interfaces)
	}
}

// busied is a store in which another process commits while lists are read.
type busied struct {
	store.Store
	commit func()
}

func (b *busied) Range(ctx context.Context, q store.Query) ([]store.Item, error) {
	if strings.HasPrefix(q.From, "CUR#") {
		b.commit()
	}
	return b.Store.Range(ctx, q)
}

func TestASubnetGoesFromANetworkThatNeverStandsStill(t *testing.T) {
	w := newCrowd(t, 3, 1)
	h := w.hosts()[0]
	commits := 0
	s := &busied{Store: w.store, commit: func() {
		commits++
		_, err := w.CreatePort(t.Context(), ann, CreatePortInput{NewPort{UUID(h.ID), UUID(w.network), PortFacts{Number: 1000 + commits, Protocol: TCP}}})
		w.must(err)
	}}
	w.must(New(s, w.clock).DeleteSubnet(t.Context(), ann, DeleteSubnetInput{ID: UUID(w.subnets[0].ID)}))
	if commits < mostSurveys {
		t.Errorf("there were %d commits meanwhile", commits)
	}
	if shown, interfaces := w.whole(w.head().Updated.At, 3); shown != 0 || interfaces != 0 {
		t.Errorf("there are %d subnets and %d interfaces left", shown, interfaces)
	}
}

// visited is a store in which something happens after one of its transactions.
type visited struct {
	store.Store
	left int
	then func()
}

func (v *visited) Transact(ctx context.Context, ops ...store.Op) error {
	err := v.Store.Transact(ctx, ops...)
	if v.left--; v.left == 0 {
		v.then()
	}
	return err
}

func TestAnInterfaceThatGoesToAHostThatIsDoneWithGoesFromThere(t *testing.T) {
	w := newCrowd(t, mostHosts+3, 1)
	hosts := w.hosts()
	first, last := UUID(hosts[0].ID), UUID(hosts[mostHosts].ID)
	s := &visited{Store: w.store, left: 2, then: func() {
		merged, err := w.ConsolidateHosts(t.Context(), ann, ConsolidateHostsInput{Destination: first, Other: last})
		w.must(err)
		if len(merged.Interfaces) != 1 {
			t.Errorf("it went to %+v", merged.Interfaces)
		}
	}}
	w.must(New(s, w.clock).DeleteSubnet(t.Context(), ann, DeleteSubnetInput{ID: UUID(w.subnets[0].ID)}))
	if s.left > 0 {
		t.Error("nothing happened")
	}
	if h := w.find(hosts[0].ID, nil); len(h.Interfaces) != 0 || len(h.Services) != 2 {
		t.Errorf("the host has %+v", h.Interfaces)
	}
	w.must(disjoint(w.hosts()))
}
