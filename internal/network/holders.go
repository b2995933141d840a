package network

import (
	"context"
	"slices"
)

// holder is a host that has some ids.
type holder struct {
	network, id string
	ids         []string
}

// holders finds the hosts that have what alter would change, network by network and
// else in the order of the ids. Ids of one family are looked for together.
func (n *Inventory) holders(ctx context.Context, workspace string, ids []string, alter alter) ([]holder, error) {
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
		found[i], err = n.familyHolders(ctx, workspace, families[i], alter)
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

func (n *Inventory) familyHolders(ctx context.Context, workspace string, ids []string, alter alter) ([]holder, error) {
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
		holders, missed = held(holders, missed, h, alter)
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
		holders, _ = held(holders, []string{id}, h, alter)
	}
	return holders, nil
}

// held adds a host, if it has any of the ids, and gives those that it has not.
func held(holders []holder, ids []string, h *Host, alter alter) ([]holder, []string) {
	if h == nil {
		return holders, ids
	}
	has := holder{network: h.NetworkID, id: h.ID}
	var missed []string
	for _, id := range ids {
		if alter(h, id) {
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
