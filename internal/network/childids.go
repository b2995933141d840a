package network

import (
	"context"
	"errors"
	"slices"

	"almanac/internal/store"
	"almanac/internal/timeline"
)

// Clients may choose the ids of what is on a host, and no two hosts of a
// workspace may have one id, though they are of different networks, which have
// no commit in common. So whoever brings an id leaves a pointer from it to the
// host, before the commit; in the commit they look where else pointers lead from
// it, and move on the heads of the networks there. Of two who bring one id at a
// time the later one to look sees the pointer of the other. In one network the
// head lets one of them commit, and the other looks again. Of two networks, the
// one who saw the other moves the other's head, so that who has looked before
// looks again.
//
// Each network has a clock of its own, and they may be apart. Whoever takes an id
// that another one had does so after the last instant there, so that at every one
// the id leads to one host at most.

// mostElsewhere is to how many other networks the pointers of the ids that a
// request brings can lead, so that a commit holds what is to be done there.
const mostElsewhere = 50

// bring refuses ids of which anything has one in the workspace, but for the host
// at own, and makes the edit begin after whatever had one of them.
func (n *Inventory) bring(ctx context.Context, workspace string, e *edit, own place, ids []string) error {
	var (
		leads    [][]place
		networks = map[string]bool{own.network: true}
		ops      []store.Op
	)
	// The pointers that count are read after the heads.
	for known := 0; known < len(networks); {
		known = len(networks)
		var err error
		if leads, err = n.leads(ctx, workspace, ids); err != nil {
			return err
		}
		for _, places := range leads {
			for _, at := range places {
				if networks[at.network] {
					continue
				}
				networks[at.network] = true
				scope := networkScope(workspace, at.network)
				head, err := n.timeline.HeadAt(ctx, scope, 0)
				if errors.Is(err, timeline.ErrNoSuchScope) {
					continue // and was never
				}
				if err != nil {
					return err
				}
				e.tx.After(head.Updated.At)
				if !head.Ended() {
					ops = append(ops, head.Moved(scope))
				}
			}
		}
	}
	if len(ops) > mostElsewhere {
		return invalid("id_taken", "the ids that are sent have been used in more than %d other networks", mostElsewhere)
	}
	hosts := map[place]*Host{}
	for i, places := range leads {
		for _, at := range places {
			if at == own {
				continue
			}
			taken, err := n.hasID(ctx, workspace, at, ids[i], hosts)
			if err != nil {
				return err
			}
			if taken {
				return invalid("id_taken", "something else has the id %s", ids[i])
			}
		}
	}
	e.tx.Also(ops...)
	return nil
}

// hasID tells whether a document is what has an id, or holds it.
func (n *Inventory) hasID(ctx context.Context, workspace string, at place, id string, hosts map[place]*Host) (bool, error) {
	hostID, ok := hostIDOf(at.key)
	if !ok {
		if at.key != subnetKey(id) {
			return false, nil
		}
		s, err := n.subnet(ctx, workspace, id, nil)
		return s != nil, err
	}
	h, read := hosts[at]
	if !read {
		var err error
		if h, err = n.host(ctx, workspace, at.network, hostID, nil); err != nil {
			return false, err
		}
		hosts[at] = h
	}
	return h != nil && h.has(id), nil
}

// leads are the places to which the pointers of each id lead.
func (n *Inventory) leads(ctx context.Context, workspace string, ids []string) ([][]place, error) {
	leads := make([][]place, len(ids))
	err := inParallel(ctx, len(ids), func(ctx context.Context, i int) error {
		items, err := n.store.Range(ctx, pointersOf(workspace, ids[i]))
		for _, item := range items {
			leads[i] = append(leads[i], placeOf(item))
		}
		return err
	})
	return leads, err
}

// unpoint takes pointers to a document back, which there never was. As what wrote
// them it is no part of what was asked for.
func (n *Inventory) unpoint(ctx context.Context, workspace string, to place, ids ...string) error {
	seen := map[store.Key]bool{}
	var ops []store.Op
	for _, id := range ids {
		if key := pointerTo(workspace, id, to.network, to.key).Key; !seen[key] {
			seen[key] = true
			ops = append(ops, store.Delete(key, store.Condition{}))
		}
	}
	for some := range slices.Chunk(ops, store.MaxOps) {
		if err := n.store.Transact(store.Preparing(ctx), some...); err != nil {
			return err
		}
	}
	return nil
}
