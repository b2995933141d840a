package network

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"almanac/internal/timeline"
)

// Filter are the parameters of every list and of every export.
type Filter struct {
	At  *timeline.Instant `query:"at" doc:"RFC 3339 instant to read the past at; without it, now"`
	IDs []UUID            `query:"ids" doc:"Only these"`
}

// Paging are the parameters of every list, but not of exports.
type Paging struct {
	Limit  int `query:"limit" check:"minimum=0,clamped" default:"50" doc:"The most to show: 0 is all, and more than 1000 is 1000"`
	Offset int `query:"offset" check:"minimum=0,clamped" default:"0" doc:"How many to leave out before the first that is shown"`
}

// Search is the parameter of lists of what has a name.
type Search struct {
	Search string `query:"search" doc:"Only those whose name holds this text, in any case"`
}

// Direction is how a list is ordered.
type Direction struct {
	Direction string `query:"order_direction" check:"enum=asc|desc" default:"asc" doc:"Which way to go by order_by: asc or desc; groups always ascend"`
}

// List is a page of what a request selected.
type List[T any] struct {
	Items  []T
	Total  int // on all pages
	Limit  int // as it was applied; 0 is all
	Offset int
}

// HasMore tells whether something follows the page.
func (l List[T]) HasMore() bool { return l.Offset+len(l.Items) < l.Total }

// Body is what the answer lists.
func (l List[T]) Body() any { return l.Items }

// Page tells which part of all the answer is.
func (l List[T]) Page() (total, limit, offset int, more bool) {
	return l.Total, l.Limit, l.Offset, l.HasMore()
}

const (
	mostLimit = 1000
	// mostListed is how many bytes of JSON a page takes, about: a function
	// answers with 6 MB at most, in which each quote takes two. The rest is on
	// the next page.
	mostListed = 4 << 20
)

// page cuts the page of a selection out of all that it selected.
func page[T any](all []T, in Paging) (List[T], error) {
	l := List[T]{Items: []T{}, Total: len(all), Limit: min(in.Limit, mostLimit), Offset: in.Offset}
	rest := all[min(in.Offset, len(all)):]
	if l.Limit > 0 {
		rest = rest[:min(l.Limit, len(rest))]
	}
	size := 0
	for _, item := range rest {
		text, err := json.Marshal(item)
		if err != nil {
			return List[T]{}, err
		}
		if size += len(text); size > mostListed && len(l.Items) > 0 {
			break
		}
		l.Items = append(l.Items, item)
	}
	return l, nil
}

// sortKey is what lists are ordered by: first those that have none, then by
// number, then by text.
type sortKey struct {
	none   bool
	number int64
	text   string
}

func (k sortKey) compare(other sortKey) int {
	switch {
	case k.none && other.none:
		return 0
	case k.none:
		return -1
	case other.none:
		return 1
	}
	return cmp.Or(cmp.Compare(k.number, other.number), cmp.Compare(k.text, other.text))
}

// column is something that a list can be ordered by.
type column[T any] func(T) sortKey

func byTime[T any](of func(T) timeline.Instant) column[T] {
	return func(t T) sortKey { return sortKey{number: int64(of(t))} }
}

func byText[T any](of func(T) string) column[T] {
	return func(t T) sortKey { return sortKey{text: of(t)} }
}

// order is how a list is sorted: by groups upwards, then by one column in a
// direction, where what has no value is first either way, then by creation and id.
type order[T any] struct {
	groups  []column[T]
	by      column[T] // nil: none
	down    bool
	created column[T]
	id      column[T]
}

func (o order[T]) sort(all []T) {
	slices.SortFunc(all, func(a, b T) int {
		for _, group := range o.groups {
			if c := group(a).compare(group(b)); c != 0 {
				return c
			}
		}
		if o.by != nil {
			x, y := o.by(a), o.by(b)
			c := x.compare(y)
			if o.down && !x.none && !y.none {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return cmp.Or(o.created(a).compare(o.created(b)), o.id(a).compare(o.id(b)))
	})
}

// holds tells whether a name holds the text that is searched for.
func (s Search) holds(name string) bool {
	return strings.Contains(strings.ToLower(name), strings.ToLower(s.Search))
}

// among tells whether an id is one of a filter's, or the filter has none.
func among(id string, ids []UUID) bool { return len(ids) == 0 || slices.Contains(ids, UUID(id)) }

// survey reads all documents of a network whose keys have a prefix, or of all
// networks where none is named, each network as it was at one instant. One that
// the workspace has not got has none.
func (n *Inventory) survey(ctx context.Context, workspace string, network UUID, prefix string, at *timeline.Instant, take func(network string, body timeline.Snapshot) error) error {
	heads, err := n.heads(ctx, workspace, network, at)
	if err != nil {
		return err
	}
	for _, head := range heads {
		// The instant of the heads, which were read together, so that no
		// network is seen later than another one.
		when := head.Updated.At
		if at != nil {
			when = *at
		}
		var refused error
		err := n.timeline.Page(ctx, networkScope(workspace, head.ID), head, when, prefix, head.Live, func(s timeline.Snapshot) bool {
			if !strings.HasPrefix(s.Key, prefix) {
				return false
			}
			refused = take(head.ID, s)
			return refused == nil
		})
		if err := cmp.Or(refused, err); err != nil && !errors.Is(err, timeline.ErrNoSuchScope) {
			return err
		}
	}
	return nil
}

// surveyHosts is survey for hosts.
func (n *Inventory) surveyHosts(ctx context.Context, workspace string, network UUID, at *timeline.Instant) ([]*Host, error) {
	var hosts []*Host
	err := n.survey(ctx, workspace, network, hostPrefix, at, func(network string, s timeline.Snapshot) error {
		id, _ := hostIDOf(s.Key)
		h, err := decodeHost(network, id, s.Body)
		hosts = append(hosts, h)
		return err
	})
	return hosts, err
}
