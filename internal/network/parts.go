package network

import (
	"context"
	"errors"
	"slices"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

// mostHosts is how many hosts one commit changes, or deletes: that takes three of
// the store's 100 operations each, and the commit two.
const mostHosts = 30 // 2 + 3 × 30 = 92

// alter changes what has an id on a host, or removes it, and tells whether there
// was something to change.
type alter func(h *Host, id string) bool

// perHolder does in an edit what is to be done with one of its hosts, and gives the
// ids of what it changed.
type perHolder func(e *edit, one holder) ([]string, error)

// onHolder alters what is on a host that stays.
func (a alter) onHolder(e *edit, one holder) (ids []string, err error) {
	h, err := e.host(one.id)
	if errors.Is(err, timeline.ErrNoSuchDocument) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, id := range one.ids {
		if a(h, id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// alterAll alters what has ids wherever it is, in parts that are each whole, and
// counts it: network by network, and else in the order of the ids. What has gone to
// another host meanwhile is looked for again.
func (n *Inventory) alterAll(ctx context.Context, p tenant.Principal, ids []UUID, alter alter) (int, error) {
	return n.inParts(ctx, p, ids, alter, alter.onHolder)
}

// inParts is alterAll, where alter finds who has what, and do changes it.
func (n *Inventory) inParts(ctx context.Context, p tenant.Principal, ids []UUID, alter alter, do perHolder) (int, error) {
	done := map[string]bool{}
	for pending := distinct(ids); len(pending) > 0; {
		holders, err := n.holders(ctx, p.Workspace, pending, alter)
		if err != nil {
			return len(done), err
		}
		pending = nil
		for len(holders) > 0 {
			some := holders[:nextPart(holders)]
			if err := n.onePart(ctx, p, some, do, done); err != nil {
				return len(done), err
			}
			for _, h := range some {
				pending = append(pending, h.ids...)
			}
			holders = holders[len(some):]
		}
		pending = slices.DeleteFunc(pending, func(id string) bool { return done[id] })
	}
	return len(done), nil
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

// onePart changes hosts of one network at once or, where they are too large for
// that, half of them and then the others. It adds to the ids for which that is done.
func (n *Inventory) onePart(ctx context.Context, p tenant.Principal, holders []holder, do perHolder, done map[string]bool) error {
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
			ids, err := do(e, h)
			if err != nil {
				return err
			}
			now = append(now, ids...)
		}
		return nil
	})
	if half := len(holders) / 2; errors.Is(err, timeline.ErrTooLarge) && half > 0 {
		if err := n.onePart(ctx, p, holders[:half], do, done); err != nil {
			return err
		}
		return n.onePart(ctx, p, holders[half:], do, done)
	}
	if errors.Is(err, timeline.ErrNoSuchScope) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, id := range now {
		done[id] = true
	}
	return nil
}
