package network

import (
	"context"
	"maps"
	"slices"

	"almanac/internal/tenant"
)

type ConsolidateHostsInput struct {
	Destination UUID `path:"id" doc:"The host that stays" example:"0d5a4a4e-3c1c-4f5e-9b9f-6a2f1d2c3b4a"`
	Other       UUID `path:"other" doc:"The host that becomes part of it" example:"1c6b5b5f-4d2d-4a6f-8cad-7b3f2e3d4c5b"`
	Guard
}

// ConsolidateHosts makes two hosts of a network one: what is on the other goes to
// the destination, under its ids, and the other is no more. A port that both
// have is that of the destination then, and so is an interface with an address
// that both have in a subnet; what was bound to the other's is bound to it.
func (n *Inventory) ConsolidateHosts(ctx context.Context, p tenant.Principal, in ConsolidateHostsInput) (Host, error) {
	if in.Destination == in.Other {
		return Host{}, invalid("same_host", "a host cannot be consolidated with itself")
	}
	for {
		to, err := n.findHost(ctx, p.Workspace, in.Destination, nil)
		if err != nil {
			return Host{}, err
		}
		from, err := n.findHost(ctx, p.Workspace, in.Other, nil)
		if err != nil {
			return Host{}, err
		}
		if from.NetworkID != to.NetworkID {
			return Host{}, invalid("host_on_another_network", "the host %s is not in the network %s", from.ID, to.NetworkID)
		}
		// One pointer leads from all ids of a family, which are those that the
		// server makes on a host, and the host's own. So what is made on the
		// other host until the commit leads here, too.
		pointed := from.families()
		if err := n.point(ctx, p.Workspace, place{to.NetworkID, hostKey(to.ID)}, slices.Collect(maps.Keys(pointed))...); err != nil {
			return Host{}, err
		}
		done := false
		err = n.commit(ctx, p, to.NetworkID, func(e *edit) error {
			done = false
			if to, err = e.namedHost(in.Destination); err != nil {
				return err
			}
			if from, err = e.namedHost(in.Other); err != nil {
				return err
			}
			if err := in.holds(*to); err != nil {
				return err
			}
			for f := range from.families() {
				if !pointed[f] {
					return nil
				}
			}
			done = true
			to.absorb(from)
			return e.remove(from.ID)
		})
		if err != nil {
			return Host{}, faultOf(err)
		}
		// What another host gave it meanwhile needs pointers, too.
		if done {
			return *to, nil
		}
	}
}

// families are those of the ids of a host and of all on it.
func (h *Host) families() map[string]bool {
	all := map[string]bool{family(h.ID): true}
	for id := range h.ids() {
		all[family(id)] = true
	}
	return all
}

// absorb puts on a host what is on another one, after what it has.
func (h *Host) absorb(other *Host) {
	is := map[string]string{"": ""} // what each id of the other's is of
	for _, p := range other.Ports {
		same := slices.IndexFunc(h.Ports, func(mine Port) bool { return mine.Number == p.Number && mine.Protocol == p.Protocol })
		if same < 0 {
			same = len(h.Ports)
			h.Ports = append(h.Ports, p)
		}
		is[p.ID] = h.Ports[same].ID
	}
	for _, i := range other.Interfaces {
		same := slices.IndexFunc(h.Interfaces, func(mine Interface) bool { return mine.SubnetID == i.SubnetID && mine.IPAddress == i.IPAddress })
		if same < 0 {
			same = len(h.Interfaces)
			i.Position = same
			h.Interfaces = append(h.Interfaces, i)
		}
		is[i.ID] = h.Interfaces[same].ID
	}
	for _, s := range other.Services {
		for i := range s.Bindings {
			b := &s.Bindings[i]
			b.PortID, b.InterfaceID = is[b.PortID], is[b.InterfaceID]
		}
		s.Position = nextPosition(h.Services)
		h.Services = append(h.Services, s)
	}
}
