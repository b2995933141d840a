package network

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

// tagsKey is of the one document that has all tags of a workspace, so that their
// names are unique and one read shows them all.
const tagsKey = "tags"

// allTags are the tags of a workspace.
//
// A tag that is deleted is on nothing from that instant on, and what had it was
// changed then. Neither is written to what had it, which may be ten thousand
// services in many networks: the tag is remembered as gone, and who reads
// something with a link to it leaves the link out and sees the instant. So it
// holds for everything at once, and a delete is one commit. The link itself goes
// with the next write of what has it, or with all others by sweep.
type allTags struct {
	tags []Tag                       // as they were made
	gone map[string]timeline.Instant // when each was deleted that may be linked still
}

type tagsRecord struct {
	Tags []tagRecord  `json:"t,omitzero"`
	Gone []goneRecord `json:"x,omitzero"`
}

type tagRecord struct {
	ID string `json:"i"`
	timesRecord
	Name        string  `json:"n"`
	Description *string `json:"d,omitzero"`
	Color       string  `json:"r"`
}

type goneRecord struct {
	ID string           `json:"i"`
	At timeline.Instant `json:"a"`
}

func encodeTags(all allTags) ([]byte, error) {
	var r tagsRecord
	for _, t := range all.tags {
		r.Tags = append(r.Tags, tagRecord{t.ID, t.record(), t.Name, t.Description, t.Color})
	}
	for id, at := range all.gone {
		r.Gone = append(r.Gone, goneRecord{id, at})
	}
	slices.SortFunc(r.Gone, func(a, b goneRecord) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.ID, b.ID)) })
	return json.Marshal(r)
}

func decodeTags(body []byte) (allTags, error) {
	var r tagsRecord
	if err := json.Unmarshal(body, &r); err != nil {
		return allTags{}, fmt.Errorf("tags: %w", err)
	}
	all := allTags{gone: map[string]timeline.Instant{}}
	for _, t := range r.Tags {
		all.tags = append(all.tags, Tag{t.ID, t.unpacked(), t.Name, t.Description, t.Color})
	}
	for _, g := range r.Gone {
		all.gone[g.ID] = g.At
	}
	return all, nil
}

func (all allTags) index(id string) int {
	return slices.IndexFunc(all.tags, func(t Tag) bool { return t.ID == id })
}

func (all allTags) ids() map[string]bool {
	ids := map[string]bool{}
	for _, t := range all.tags {
		ids[t.ID] = true
	}
	return ids
}

// unique refuses a tag with the name of another one.
func (all allTags) unique(tag Tag) error {
	for _, t := range all.tags {
		if t.Name == tag.Name && t.ID != tag.ID {
			return ErrConflict.Detailf("the tag %s has the name %q", t.ID, t.Name)
		}
	}
	return nil
}

// editTags changes the tags of a workspace, later than an instant. Change may run again.
func (n *Inventory) editTags(ctx context.Context, p tenant.Principal, after timeline.Instant, change func(all *allTags, at timeline.Instant) error) error {
	return n.share(ctx, p, tagsKey, after, func(body []byte, at timeline.Instant) ([]byte, error) {
		all := allTags{gone: map[string]timeline.Instant{}}
		if body != nil {
			var err error
			if all, err = decodeTags(body); err != nil {
				return nil, err
			}
		}
		if err := change(&all, at); err != nil {
			return nil, err
		}
		return encodeTags(all)
	})
}

// tags gives the tags of a workspace, now or at an instant.
func (n *Inventory) tags(ctx context.Context, workspace string, at *timeline.Instant) (allTags, error) {
	body, err := n.shared(ctx, workspace, tagsKey, at)
	if body == nil || err != nil {
		return allTags{}, err
	}
	return decodeTags(body)
}

// checkTags refuses ids of tags that the workspace has not got. One that is
// deleted before they are written is gone from what has it all the same.
func (n *Inventory) checkTags(ctx context.Context, workspace string, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	all, err := n.tags(ctx, workspace, nil)
	if err != nil {
		return err
	}
	return all.check(ids)
}

func (all allTags) check(ids []string) error {
	for _, id := range ids {
		if all.index(id) < 0 {
			return invalid("unknown_tag", "there is no tag with the id %s", id)
		}
	}
	return nil
}

// linked is what tags are on.
type linked interface{ links() (*[]string, *Times) }

func (s *Service) links() (*[]string, *Times) { return &s.Tags, &s.Times }
func (h *Host) links() (*[]string, *Times)    { return &h.Tags, &h.Times }
func (n *Network) links() (*[]string, *Times) { return &n.Tags, &n.Times }

// linkedOn is a host with the services on it.
func linkedOn(hosts ...*Host) []linked {
	var all []linked
	for _, h := range hosts {
		all = append(all, h)
		for i := range h.Services {
			all = append(all, &h.Services[i])
		}
	}
	return all
}

// showTags makes what was read what it is: without the tags that are gone at the
// instant that is read, and changed when they went. Whatever clients see of
// hosts, services and networks goes through it, or through an edit.
func (n *Inventory) showTags(ctx context.Context, workspace string, at *timeline.Instant, of ...linked) error {
	if !slices.ContainsFunc(of, hasTags) {
		return nil
	}
	all, err := n.tags(ctx, workspace, nil)
	if err == nil && at != nil {
		all, err = n.tagsAsOf(ctx, workspace, all, *at, of)
	}
	if err != nil {
		return err
	}
	all.show(of...)
	return nil
}

// tagsAsOf gives the tags that there are as links knew them at an instant. What
// has a link to a tag was written when there was the tag, whatever the clocks
// say that made both, so that all count which had not gone then. Of those that
// are forgotten it is looked up whether there were such.
func (n *Inventory) tagsAsOf(ctx context.Context, workspace string, now allTags, at timeline.Instant, of []linked) (allTags, error) {
	then := allTags{tags: slices.Clip(now.tags), gone: map[string]timeline.Instant{}}
	remember := func(all allTags) {
		for id, gone := range all.gone {
			if gone <= at {
				then.gone[id] = gone
			} else {
				then.tags = append(then.tags, Tag{ID: id})
			}
		}
	}
	remember(now)
	if then.forgot(of...) {
		past, err := n.tags(ctx, workspace, &at)
		if err != nil {
			return allTags{}, err
		}
		then.tags = append(then.tags, past.tags...)
		remember(past)
	}
	return then, nil
}

func hasTags(of linked) bool {
	tags, _ := of.links()
	return len(*tags) > 0
}

// forgot tells whether there are links to tags that neither are nor are
// remembered.
func (all allTags) forgot(of ...linked) bool {
	known := all.ids()
	return slices.ContainsFunc(of, func(one linked) bool {
		tags, _ := one.links()
		return slices.ContainsFunc(*tags, func(id string) bool { _, gone := all.gone[id]; return !gone && !known[id] })
	})
}

// lastGone is when the last of the tags went that are remembered. Who writes without
// links that are stored does so later, whatever the clocks say: before it they count.
func (all allTags) lastGone() (last timeline.Instant) {
	for _, at := range all.gone {
		last = max(last, at)
	}
	return last
}

// show also tells whether there was something to leave out.
func (all allTags) show(of ...linked) (stale bool) {
	known := all.ids()
	for _, one := range of {
		tags, times := one.links()
		*tags = slices.DeleteFunc(*tags, func(id string) bool {
			if at, ok := all.gone[id]; ok {
				times.UpdatedAt = max(times.UpdatedAt, at)
			}
			stale = stale || !known[id]
			return !known[id]
		})
	}
	return stale
}
