package network

import (
	"net/netip"
	"slices"

	"almanac/internal/fault"
)

func (m *model) createNetwork() {
	if len(m.is.Networks) > 2 {
		return
	}
	facts := NetworkFacts{Name: m.name(), Tags: m.tags()}
	made, err := m.CreateNetwork(m.Context(), m.caller, asking(m, CreateNetworkInput{facts}))
	o, next := objections{}, m.is.clone()
	m.is.untagged(o, distinct(facts.Tags))
	next.Networks = append(next.Networks, Network{ID: made.ID, Name: facts.Name, OrganizationID: organizationID(m.caller.Workspace), Tags: distinct(facts.Tags)})
	m.outcome("create network", err, o, next)
}

func (m *model) updateNetwork() {
	id, facts := m.pick(m.networkIDs()), NetworkFacts{Name: m.name(), Tags: m.tags()}
	_, err := m.UpdateNetwork(m.Context(), m.caller, asking(m, UpdateNetworkInput{ID: id, Body: facts}))
	o, next := objections{}, m.is.clone()
	m.is.untagged(o, distinct(facts.Tags))
	if n := next.network(string(id)); n == nil {
		o.to(fault.NotFound, true)
	} else {
		n.Name, n.Tags = facts.Name, distinct(facts.Tags)
	}
	m.outcome("update network", err, o, next)
}

// deleted holds a delete of one or a bulk delete to how many there were.
func (m *model) deleted(what string, ids []UUID, got BulkDeleted, err error, is func(id string) bool, next picture) {
	o, count := objections{}, 0
	for _, id := range distinct(ids) {
		if is(id) {
			count++
		}
	}
	if got.RequestedCount == 0 {
		o.to(fault.NotFound, count == 0)
	} else if err == nil && (got.DeletedCount != count || got.RequestedCount != len(ids)) {
		m.Fatalf("%s of %d: %+v, but there were %d", what, len(ids), got, count)
	}
	m.outcome(what, err, o, next)
}

// without is what the picture is without some ids, and all that goes with them.
func (p picture) without(ids []UUID) picture {
	next := p.clone()
	gone := func(id string) bool { return id != "" && slices.Contains(ids, UUID(id)) }
	next.Networks = slices.DeleteFunc(next.Networks, func(n Network) bool { return gone(n.ID) })
	next.Subnets = slices.DeleteFunc(next.Subnets, func(s Subnet) bool { return gone(s.ID) || gone(s.NetworkID) })
	next.Hosts = slices.DeleteFunc(next.Hosts, func(h Host) bool { return gone(h.ID) || gone(h.NetworkID) })
	next.Tags = slices.DeleteFunc(next.Tags, func(t Tag) bool { return gone(t.ID) })
	for i := range next.Networks {
		next.Networks[i].Tags = slices.DeleteFunc(next.Networks[i].Tags, gone)
	}
	for i := range next.Hosts {
		h := &next.Hosts[i]
		h.Tags = slices.DeleteFunc(h.Tags, gone)
		subnets := map[string]bool{}
		for _, f := range h.Interfaces {
			subnets[f.ID] = gone(f.SubnetID)
		}
		drops(h, func(id string) bool { return gone(id) || subnets[id] })
		for i := range h.Services {
			h.Services[i].Tags = slices.DeleteFunc(h.Services[i].Tags, gone)
		}
	}
	return next
}

// deletes deletes one thing, or some at once.
func (m *model) deletes(what string, ids []string, one func(id UUID) error, bulk func(BulkDeleteInput) (BulkDeleted, error)) {
	var got BulkDeleted
	var err error
	chosen := asking(m, m.picks(ids))
	if len(chosen) == 1 {
		err = one(chosen[0])
	} else {
		got, err = bulk(BulkDeleteInput{chosen})
	}
	is := func(id string) bool { return slices.Contains(ids, id) }
	of := slices.DeleteFunc(slices.Clone(chosen), func(id UUID) bool { return !is(string(id)) })
	m.deleted("delete "+what, chosen, got, err, is, m.is.without(of))
}

func (m *model) deleteNetworks() {
	if !m.chance(15) {
		return
	}
	m.deletes("networks", m.networkIDs(),
		func(id UUID) error { return m.DeleteNetwork(m.Context(), m.caller, DeleteNetworkInput{ID: id}) },
		func(in BulkDeleteInput) (BulkDeleted, error) { return m.BulkDeleteNetworks(m.Context(), m.caller, in) })
}

func (m *model) deleteSubnets() {
	if !m.chance(50) {
		return
	}
	m.deletes("subnets", m.subnetIDs(),
		func(id UUID) error { return m.DeleteSubnet(m.Context(), m.caller, DeleteSubnetInput{ID: id}) },
		func(in BulkDeleteInput) (BulkDeleted, error) { return m.BulkDeleteSubnets(m.Context(), m.caller, in) })
}

func (m *model) deleteTags() {
	m.deletes("tags", m.tagIDs(),
		func(id UUID) error { return m.DeleteTag(m.Context(), m.caller, DeleteTagInput{ID: id}) },
		func(in BulkDeleteInput) (BulkDeleted, error) { return m.BulkDeleteTags(m.Context(), m.caller, in) })
}

func (m *model) deleteHosts() {
	m.deletes("hosts", m.hostIDs(),
		func(id UUID) error { return m.DeleteHost(m.Context(), m.caller, DeleteHostInput{ID: id}) },
		func(in BulkDeleteInput) (BulkDeleted, error) { return m.BulkDeleteHosts(m.Context(), m.caller, in) })
}

func (m *model) deleteParts() {
	ctx, p := m.Context(), m.caller
	switch oneOf(m, "ports", "interfaces", "services", "bindings") {
	case "ports":
		m.deletes("ports", m.portIDs(), func(id UUID) error { return m.DeletePort(ctx, p, DeletePortInput{ID: id}) },
			func(in BulkDeleteInput) (BulkDeleted, error) { return m.BulkDeletePorts(ctx, p, in) })
	case "interfaces":
		m.deletes("interfaces", m.interfaceIDs(), func(id UUID) error { return m.DeleteInterface(ctx, p, DeleteInterfaceInput{ID: id}) },
			func(in BulkDeleteInput) (BulkDeleted, error) { return m.BulkDeleteInterfaces(ctx, p, in) })
	case "services":
		m.deletes("services", m.serviceIDs(), func(id UUID) error { return m.DeleteService(ctx, p, DeleteServiceInput{ID: id}) },
			func(in BulkDeleteInput) (BulkDeleted, error) { return m.BulkDeleteServices(ctx, p, in) })
	default:
		m.deletes("bindings", m.bindingIDs(), func(id UUID) error { return m.DeleteBinding(ctx, p, DeleteBindingInput{ID: id}) },
			func(in BulkDeleteInput) (BulkDeleted, error) { return m.BulkDeleteBindings(ctx, p, in) })
	}
}

func (m *model) subnetFacts() SubnetFacts {
	return SubnetFacts{Name: m.name(), CIDR: oneOf[CIDR](m, "10.0.0.0/24", "10.0.0.0/25", "10.0.1.0/24", "10.0.0.0/16", "fd00::/64")}
}

// overlapping tells whether another subnet of a network has addresses of a range.
func (p *picture) overlapping(network, except, cidr string) bool {
	return slices.ContainsFunc(p.Subnets, func(s Subnet) bool {
		return s.NetworkID == network && s.ID != except && netip.MustParsePrefix(s.CIDR).Overlaps(netip.MustParsePrefix(cidr))
	})
}

func (m *model) createSubnet() {
	network, facts := m.pick(m.networkIDs()), m.subnetFacts()
	made, err := m.CreateSubnet(m.Context(), m.caller, asking(m, CreateSubnetInput{NewSubnet{network, facts}}))
	o, next := objections{}, m.is.clone()
	o.to(fault.NotFound, m.is.network(string(network)) == nil)
	o.to(fault.Invalid, m.is.overlapping(string(network), "", string(facts.CIDR)))
	next.Subnets = append(next.Subnets, Subnet{ID: made.ID, NetworkID: string(network), Name: facts.Name, CIDR: string(facts.CIDR)})
	m.outcome("create subnet", err, o, next)
}

func (m *model) updateSubnet() {
	id, facts := m.pick(m.subnetIDs()), m.subnetFacts()
	_, err := m.UpdateSubnet(m.Context(), m.caller, asking(m, UpdateSubnetInput{ID: id, Body: SubnetState{SubnetFacts: facts}}))
	o, next := objections{}, m.is.clone()
	if s := next.subnet(string(id)); s == nil {
		o.to(fault.NotFound, true)
	} else {
		s.Name, s.CIDR = facts.Name, string(facts.CIDR)
		o.to(fault.Invalid, next.overlapping(s.NetworkID, s.ID, s.CIDR))
		for i := range next.Hosts {
			next.judge(&next.Hosts[i], o, fault.Invalid)
		}
	}
	m.outcome("update subnet", err, o, next)
}

func (m *model) tagFacts() TagFacts {
	return TagFacts{Name: oneOf(m, "first", "red", "blue", m.name()), Color: oneOf(m, nil, new("Red"))}
}

func (m *model) named(name, except string) bool {
	return slices.ContainsFunc(m.is.Tags, func(t Tag) bool { return t.Name == name && t.ID != except })
}

func (m *model) createTag() {
	facts := m.tagFacts()
	made, err := m.CreateTag(m.Context(), m.caller, asking(m, CreateTagInput{facts}))
	o, next := objections{}, m.is.clone()
	o.to(fault.Conflict, m.named(facts.Name, ""))
	tag := Tag{ID: made.ID, Name: facts.Name, Color: "Gray"}
	if facts.Color != nil {
		tag.Color = *facts.Color
	}
	next.Tags = append(next.Tags, tag)
	m.outcome("create tag", err, o, next)
}

func (m *model) updateTag() {
	id, facts := m.pick(m.tagIDs()), m.tagFacts()
	_, err := m.UpdateTag(m.Context(), m.caller, asking(m, UpdateTagInput{ID: id, Body: facts}))
	o, next := objections{}, m.is.clone()
	if tag := next.tag(string(id)); tag == nil {
		o.to(fault.NotFound, true)
	} else {
		o.to(fault.Conflict, m.named(facts.Name, tag.ID))
		tag.Name = facts.Name
		if facts.Color != nil {
			tag.Color = *facts.Color
		}
	}
	m.outcome("update tag", err, o, next)
}

// tagsOf are those of something, of a sort, that there is.
func (p *picture) tagsOf(of EntityType, id string) *[]string {
	switch of {
	case NetworkEntity:
		if n := p.network(id); n != nil {
			return &n.Tags
		}
	case HostEntity:
		if h := p.host(id); h != nil {
			return &h.Tags
		}
	case ServiceEntity:
		if h := p.hostOfService(id); h != nil {
			return &serviceOf(h, id).Tags
		}
	}
	return nil
}

func (m *model) linkTags() {
	of := oneOf(m, NetworkEntity, HostEntity, ServiceEntity)
	ids := map[EntityType][]string{NetworkEntity: m.networkIDs(), HostEntity: m.hostIDs(), ServiceEntity: m.serviceIDs()}[of]
	things, tag := m.picks(ids), m.pick(m.tagIDs())
	o, next, affected := objections{}, m.is.clone(), 0
	change := func(to func(tags []string) []string) {
		for _, id := range distinct(things) {
			tags := next.tagsOf(of, id)
			if tags == nil {
				continue
			}
			if is := to(slices.Clone(*tags)); !slices.Equal(is, *tags) {
				*tags = is
				affected++
			}
		}
	}
	var got BulkTagged
	var err error
	named := []UUID{tag}
	switch oneOf(m, "assign", "add", "remove") {
	case "assign":
		things, named = things[:1], append(m.tags(), m.tags()...)
		err = m.AssignTags(m.Context(), m.caller, asking(m, AssignTagsInput{TagAssignment{EntityType: of, EntityID: things[0], TagIDs: named}}))
		change(func([]string) []string { return distinct(named) })
		got.AffectedCount = affected
	case "add":
		got, err = m.BulkAddTag(m.Context(), m.caller, asking(m, BulkTagInput{TaggedEntities{EntityType: of, EntityIDs: things, TagID: tag}}))
		change(func(tags []string) []string {
			if slices.Contains(tags, string(tag)) {
				return tags
			}
			return append(tags, string(tag))
		})
	default:
		got, err = m.BulkRemoveTag(m.Context(), m.caller, asking(m, BulkTagInput{TaggedEntities{EntityType: of, EntityIDs: things, TagID: tag}}))
		change(func(tags []string) []string {
			return slices.DeleteFunc(tags, func(id string) bool { return id == string(tag) })
		})
	}
	m.is.untagged(o, distinct(named))
	if err == nil && got.AffectedCount != affected {
		m.Fatalf("%d were affected, not %d", got.AffectedCount, affected)
	}
	m.outcome("link tags", err, o, next)
}
