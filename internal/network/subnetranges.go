package network

import (
	"encoding/json"
	"errors"
	"maps"
	"net/netip"
	"slices"

	"almanac/internal/timeline"
)

// mostSubnets is how many subnets a network has at most. Their ranges stand in
// one document, so that one read tells whether another one is free.
const mostSubnets = 1000

// rangesKey is of the document with the ranges of all subnets that are not going.
const rangesKey = "subnets"

// ranges are CIDRs by the ids of their subnets.
type ranges map[string]string

// ranges reads those of the network; there is no document before the first.
func (e *edit) ranges() (r ranges, made bool, err error) {
	snapshot, err := e.tx.Get(rangesKey)
	if errors.Is(err, timeline.ErrNoSuchDocument) {
		return ranges{}, false, nil
	}
	if err == nil {
		err = json.Unmarshal(snapshot.Body, &r)
	}
	return r, true, err
}

func (e *edit) setRanges(r ranges, made bool) error {
	body, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if made {
		_, err = e.tx.Update(rangesKey, rangesKey, body)
	} else {
		_, err = e.tx.Create(rangesKey, rangesKey, body)
	}
	return err
}

// claimRange gives a subnet its range, which no other subnet may share.
func (e *edit) claimRange(id, cidr string) error {
	r, made, err := e.ranges()
	if err != nil {
		return err
	}
	wanted, err := netip.ParsePrefix(cidr)
	if err != nil {
		return err
	}
	delete(r, id)
	if len(r) >= mostSubnets {
		return invalid("too_many_subnets", "a network has at most %d subnets", mostSubnets)
	}
	for _, other := range slices.Sorted(maps.Keys(r)) {
		taken := r[other]
		has, err := netip.ParsePrefix(taken)
		if err != nil {
			return err
		}
		if wanted.Overlaps(has) {
			return invalid("overlapping_subnets", "%s has addresses of %s, the subnet %s", cidr, taken, other)
		}
	}
	r[id] = cidr
	return e.setRanges(r, made)
}

// freeRanges takes the ranges of subnets from them.
func (e *edit) freeRanges(ids []string) error {
	r, made, err := e.ranges()
	if err != nil {
		return err
	}
	count := len(r)
	for _, id := range ids {
		delete(r, id)
	}
	if len(r) == count {
		return nil
	}
	return e.setRanges(r, made)
}
