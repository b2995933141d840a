package network

import (
	"context"
	"errors"
	"slices"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

// BulkDeleteInput is a bare array of ids.
type BulkDeleteInput struct {
	Body []UUID `check:"minItems=1,maxItems=10000"`
}

// BulkDeleted says what a bulk delete did.
type BulkDeleted struct {
	DeletedCount   int `json:"deleted_count" doc:"How many there were, and are no more"`
	RequestedCount int `json:"requested_count" doc:"How many ids were sent, repetitions counted"`
}

// mostHosts is how many hosts one commit changes: each takes three of the
// store's 100 operations, and the commit two.
const mostHosts = 30

// holder is a host that has some ids.
type holder struct {
	network, id string
	ids         []string
}

// drop removes what has an id from a host, and tells whether it was there.
type drop func(h *Host, id string) bool

// taking removes, in an edit, what it can of what a holder has, and gives the
// ids of that.
type taking func(e *edit, from holder) ([]string, error)

// taking is a drop from hosts that stay.
func (d drop) taking(e *edit, from holder) (ids []string, err error) {
	h, err := e.host(from.id)
	if errors.Is(err, timeline.ErrNoSuchDocument) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, id := range from.ids {
		if d(h, id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// dropAll removes what has ids from wherever it is, in the order of the ids and
// in parts that are each whole, and counts it. What has gone to another host
// meanwhile is looked for again.
func (n *Inventory) dropAll(ctx context.Context, p tenant.Principal, ids []UUID, drop drop) (int, error) {
	return n.takeAll(ctx, p, ids, drop, drop.taking)
}

// takeAll is dropAll, where who has what is found by drop, and taken by take.
func (n *Inventory) takeAll(ctx context.Context, p tenant.Principal, ids []UUID, drop drop, take taking) (int, error) {
	dropped := map[string]bool{}
	for pending := distinct(ids); len(pending) > 0; {
		holders, err := n.holders(ctx, p.Workspace, pending, drop)
		if err != nil {
			return len(dropped), err
		}
		pending = nil
		for len(holders) > 0 {
			some := holders[:nextPart(holders)]
			if err := n.takeFrom(ctx, p, some, take, dropped); err != nil {
				return len(dropped), err
			}
			for _, h := range some {
				pending = append(pending, h.ids...)
			}
			holders = holders[len(some):]
		}
		pending = slices.DeleteFunc(pending, func(id string) bool { return dropped[id] })
	}
	return len(dropped), nil
}

// dropOne removes one thing from the host that has it, while the guard allows it.
// See gives it as clients see it.
func (n *Inventory) dropOne(ctx context.Context, p tenant.Principal, kind string, id UUID, guard Guard, see func(*Host) tagged, drop drop) error {
	_, err := n.changeOne(ctx, p, kind, id, guard, see, func(_ *edit, h *Host) error {
		drop(h, string(id))
		return nil
	})
	return err
}

// nextPart is how many of the first holders one commit can change.
func nextPart(holders []holder) int {
	for i, h := range holders {
		if i == mostHosts || h.network != holders[0].network {
			return i
		}
	}
	return len(holders)
}

// dropFrom removes from hosts of one network, at once or, where they are too
// large for that, half of them and then the others.
func (n *Inventory) dropFrom(ctx context.Context, p tenant.Principal, holders []holder, drop drop, dropped map[string]bool) error {
	return n.takeFrom(ctx, p, holders, drop.taking, dropped)
}

func (n *Inventory) takeFrom(ctx context.Context, p tenant.Principal, holders []holder, take taking, dropped map[string]bool) error {
	var keys []string
	for _, h := range holders {
		keys = append(keys, hostKey(h.id))
	}
	var now []string
	err := n.commit(ctx, p, holders[0].network, func(e *edit) error {
		now = nil
		if _, err := e.tx.Live(keys...); err != nil {
			return err
		}
		for _, h := range holders {
			ids, err := take(e, h)
			if err != nil {
				return err
			}
			now = append(now, ids...)
		}
		return nil
	})
	if half := len(holders) / 2; errors.Is(err, timeline.ErrTooLarge) && half > 0 {
		if err := n.takeFrom(ctx, p, holders[:half], take, dropped); err != nil {
			return err
		}
		return n.takeFrom(ctx, p, holders[half:], take, dropped)
	}
	if errors.Is(err, timeline.ErrNoSuchScope) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, id := range now {
		dropped[id] = true
	}
	return nil
}

// holders finds the hosts that have what drop would remove, network by network and
// else in the order of the ids. Ids of one family are looked for together.
func (n *Inventory) holders(ctx context.Context, workspace string, ids []string, drop drop) ([]holder, error) {
	var families [][]string
	at := map[string]int{}
	for _, id := range ids {
		f := family(id)
		if _, ok := at[f]; !ok {
			at[f] = len(families)
			families = append(families, nil)
		}
		families[at[f]] = append(families[at[f]], id)
	}
	found := make([][]holder, len(families))
	if err := inParallel(ctx, len(families), func(ctx context.Context, i int) (err error) {
		found[i], err = n.familyHolders(ctx, workspace, families[i], drop)
		return err
	}); err != nil {
		return nil, err
	}
	// A host may have ids of several families.
	var holders []holder
	known := map[string]int{}
	for _, h := range slices.Concat(found...) {
		if i, ok := known[h.id]; ok {
			holders[i].ids = append(holders[i].ids, h.ids...)
		} else {
			known[h.id] = len(holders)
			holders = append(holders, h)
		}
	}
	byNetwork(holders)
	return holders, nil
}

// byNetwork brings those of each network together, so that ids which alternate
// between networks take no more commits: in the order in which they come first.
func byNetwork(holders []holder) {
	rank := map[string]int{}
	for _, h := range holders {
		if _, ok := rank[h.network]; !ok {
			rank[h.network] = len(rank)
		}
	}
	slices.SortStableFunc(holders, func(a, b holder) int { return rank[a.network] - rank[b.network] })
}

func (n *Inventory) familyHolders(ctx context.Context, workspace string, ids []string, drop drop) ([]holder, error) {
	places, err := n.placesOf(ctx, workspace, ids[0])
	if err != nil {
		return nil, err
	}
	var holders []holder
	missed := slices.Clone(ids)
	for _, p := range places {
		id, _ := hostIDOf(p.key)
		h, err := n.host(ctx, workspace, p.network, id, nil)
		if err != nil {
			return nil, err
		}
		holders, missed = held(holders, missed, h, drop)
	}
	if len(places) == 0 || len(missed) == 0 {
		return holders, nil
	}
	// What has gone to another host meanwhile has a pointer to it.
	if places, err = n.placesOf(ctx, workspace, ids[0]); err != nil || len(places) < 2 {
		return holders, err
	}
	for _, id := range missed {
		h, err := n.locate(ctx, workspace, id, nil)
		if err != nil {
			return nil, err
		}
		holders, _ = held(holders, []string{id}, h, drop)
	}
	return holders, nil
}

// held adds a host, if it has any of the ids, and gives those that it has not.
func held(holders []holder, ids []string, h *Host, drop drop) ([]holder, []string) {
	if h == nil {
		return holders, ids
	}
	has := holder{network: h.NetworkID, id: h.ID}
	var missed []string
	for _, id := range ids {
		if drop(h, id) {
			has.ids = append(has.ids, id)
		} else {
			missed = append(missed, id)
		}
	}
	if has.ids != nil {
		holders = append(holders, has)
	}
	return holders, missed
}
