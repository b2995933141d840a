package network

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"

	"github.com/google/uuid"

	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

// networkKey is of the document that has a network's own facts, so that they can
// be read at any instant. As they are now they are the scope's own facts, too, so
// that a list of networks is one read.
const networkKey = "network"

// NetworkFacts are what a client says of a network. What else one is shown with
// can be sent back, and is not looked at.
type NetworkFacts struct {
	_    struct{} `shape:"open"`
	Name string   `json:"name" check:"required,minLength=1,maxLength=100,notBlank" doc:"The name people read" example:"office"`
	Tags []UUID   `json:"tags" check:"maxItems=100" doc:"Ids of tags, all of which there are; without it, none"`
}

// networkRecord is what is stored of a network. When it was made the timeline
// tells.
type networkRecord struct {
	Name    string   `json:"n"`
	Tags    []string `json:"t,omitzero"`
	Updated int64    `json:"u,omitzero"` // where it is not the creation
}

func encodeNetwork(network *Network) ([]byte, error) {
	return json.Marshal(networkRecord{network.Name, network.Tags, network.record().Updated})
}

func decodeNetwork(workspace, id string, created timeline.Instant, body []byte) (*Network, error) {
	var r networkRecord
	if err := json.Unmarshal(body, &r); err != nil {
		return nil, fmt.Errorf("network %s: %w", id, err)
	}
	return &Network{
		ID: id, Times: timesRecord{int64(created), r.Updated}.unpacked(), Name: r.Name,
		OrganizationID: organizationID(workspace), Tags: orEmpty(r.Tags),
	}, nil
}

// organizationID is a UUID for a workspace, which has a name: clients take what
// they find there for one.
func organizationID(workspace string) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("almanac:workspace:"+workspace)).String()
}

// heads gives the heads of a workspace's networks, or of one, that there are now
// or were at an instant.
func (n *Inventory) heads(ctx context.Context, workspace string, network UUID, at *timeline.Instant) ([]timeline.Head, error) {
	when := timeline.Instant(math.MaxInt64)
	if at != nil {
		when = *at
	}
	var heads []timeline.Head
	var err error
	if network == "" {
		heads, err = n.timeline.HeadsAt(ctx, networksOf(workspace), when)
	} else {
		heads = make([]timeline.Head, 1)
		heads[0], err = n.timeline.HeadAt(ctx, networkScope(workspace, string(network)), when)
		if errors.Is(err, timeline.ErrNoSuchScope) {
			return nil, nil
		}
	}
	return slices.DeleteFunc(heads, func(h timeline.Head) bool { return h.Created.At > when }), err
}

// checkNetwork refuses the id of no network that there is.
func (n *Inventory) checkNetwork(ctx context.Context, workspace string, id UUID) error {
	_, err := n.timeline.Head(ctx, networkScope(workspace, string(id)))
	return faultOf(err)
}

// network reads a network as it is stored, now or at an instant, or gives nil.
func (n *Inventory) network(ctx context.Context, workspace string, id UUID, at *timeline.Instant) (*Network, error) {
	heads, err := n.heads(ctx, workspace, id, at)
	if err != nil || len(heads) == 0 {
		return nil, err
	}
	return n.networkOf(ctx, workspace, heads[0], at)
}

// networkOf is network for one whose head was read for the same instant. It
// costs nothing where the network was the same then.
func (n *Inventory) networkOf(ctx context.Context, workspace string, head timeline.Head, at *timeline.Instant) (*Network, error) {
	last, err := decodeNetwork(workspace, head.ID, head.Created.At, head.Body)
	if err != nil || at == nil || last.UpdatedAt <= *at {
		return last, err
	}
	snapshot, err := n.timeline.GetAt(ctx, networkScope(workspace, head.ID), networkKey, *at)
	if err != nil {
		return nil, err
	}
	return decodeNetwork(workspace, head.ID, snapshot.Created.At, snapshot.Body)
}

// changeNetwork changes a network's own facts. Change is given it as clients see
// it, and may run again. Its Times are set here, where anything has changed.
// Errors: those of change; the timeline's.
func (n *Inventory) changeNetwork(ctx context.Context, p tenant.Principal, id UUID, change func(*Network) error) (*Network, error) {
	var is Network
	_, err := n.timeline.Commit(ctx, networkScope(p.Workspace, string(id)), actorOf(p), func(tx *timeline.Tx) error {
		head := tx.Head()
		was, err := decodeNetwork(p.Workspace, head.ID, head.Created.At, head.Body)
		if err != nil {
			return err
		}
		stale := false // it has links to tags that are gone
		if hasTags(was) {
			all, err := n.tags(ctx, p.Workspace, nil)
			if err != nil {
				return err
			}
			if stale = all.show(was); stale {
				tx.After(all.lastGone())
			}
		}
		is = *was
		is.Tags = slices.Clone(was.Tags)
		if err := change(&is); err != nil {
			return err
		}
		stampOne(&is, was, tx.At())
		if !stale && reflect.DeepEqual(&is, was) {
			return nil
		}
		body, err := encodeNetwork(&is)
		if err != nil {
			return err
		}
		tx.SetBody(body)
		_, err = tx.Update(networkKey, is.Name, body)
		return err
	})
	return &is, err
}
