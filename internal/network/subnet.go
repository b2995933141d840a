package network

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"almanac/internal/timeline"
)

// CIDR is a range of addresses in canonical form.
type CIDR string

// UnmarshalText takes every spelling of a range but those with bits of a host,
// which may be meant for another range.
func (c *CIDR) UnmarshalText(text []byte) error {
	p, err := netip.ParsePrefix(string(text))
	if err != nil {
		return errors.New("must be a range of IP addresses, such as 10.0.3.0/24 or 2001:db8::/64")
	}
	const mapped = 96 // bits before an IPv4 address in IPv6
	if p.Addr().Is4In6() && p.Bits() >= mapped {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-mapped)
	}
	if p != p.Masked() {
		return fmt.Errorf("must be the range itself, %s, without the bits of a host in it", p.Masked())
	}
	*c = CIDR(p.String())
	return nil
}

// SubnetFacts are what a client says of a subnet, but for where it is.
type SubnetFacts struct {
	_           struct{} `shape:"open"`
	Name        string   `json:"name" check:"required,minLength=1,maxLength=100,notBlank" doc:"The name people read" example:"office"`
	CIDR        CIDR     `json:"cidr" check:"required" doc:"Its addresses, which no other subnet of the network has; every spelling is taken, without bits of a host" example:"10.0.3.0/24"`
	Description *string  `json:"description" check:"nullable,maxLength=500" doc:"What it is for; null, and without it, nothing"`
}

// setOn makes a subnet what a client said of it.
func (f SubnetFacts) setOn(s *Subnet) {
	s.Name, s.CIDR, s.Description = f.Name, string(f.CIDR), f.Description
}

// subnetPrefix is of the documents that are subnets.
const subnetPrefix = "subnet/"

func subnetKey(id string) string { return subnetPrefix + id }

type subnetRecord struct {
	timesRecord
	Name        string  `json:"n"`
	CIDR        string  `json:"a"`
	Description *string `json:"d,omitzero"`
	// Going is of one whose interfaces are too many to go with it in one
	// commit: from then on it is shown to nobody, and takes no interface.
	Going bool `json:"g,omitzero"`
}

// decodeSubnet also tells whether the subnet is going.
func decodeSubnet(network string, snapshot timeline.Snapshot) (s *Subnet, going bool, err error) {
	id := strings.TrimPrefix(snapshot.Key, subnetPrefix)
	var r subnetRecord
	if err := json.Unmarshal(snapshot.Body, &r); err != nil {
		return nil, false, fmt.Errorf("subnet %s: %w", id, err)
	}
	return &Subnet{ID: id, Times: r.unpacked(), NetworkID: network, Name: r.Name, CIDR: r.CIDR, Description: r.Description}, r.Going, nil
}

func encodeSubnet(s *Subnet, going bool) ([]byte, error) {
	return json.Marshal(subnetRecord{s.record(), s.Name, s.CIDR, s.Description, going})
}

// subnet reads a subnet inside a commit. Its error is ErrNoSuchDocument of the
// timeline where the network has none with that id, or it is going.
func (e *edit) subnet(id string) (*Subnet, error) {
	snapshot, err := e.tx.Get(subnetKey(id))
	if err != nil {
		return nil, err
	}
	s, going, err := decodeSubnet(e.network, snapshot)
	if going {
		return nil, timeline.ErrNoSuchDocument
	}
	return s, err
}

// subnet reads a subnet, now or at an instant, or gives nil.
func (n *Inventory) subnet(ctx context.Context, workspace, id string, at *timeline.Instant) (*Subnet, error) {
	network, err := n.networkOfSubnet(ctx, workspace, id)
	if network == "" || err != nil {
		return nil, err
	}
	found, ok, err := n.document(ctx, networkScope(workspace, network), subnetKey(id), at)
	if !ok {
		return nil, err
	}
	s, going, err := decodeSubnet(network, found)
	if going {
		return nil, nil
	}
	return s, err
}

// networkOfSubnet is where a subnet is or was: it never moves. It is empty where
// the workspace never had the subnet.
func (n *Inventory) networkOfSubnet(ctx context.Context, workspace, id string) (string, error) {
	items, err := n.store.Range(ctx, pointersOf(workspace, id))
	for _, item := range items {
		if p := placeOf(item); p.key == subnetKey(id) {
			return p.network, nil
		}
	}
	return "", err
}
