package catalog

import (
	"cmp"
	"slices"
	"strings"

	"almanac/internal/catalog/graph"
	"almanac/internal/timeline"
)

// ProjectEntities is all that a project is made of at an instant, each by its id.
type ProjectEntities struct {
	Services   map[string]*ServiceEntity   `json:"services" doc:"Services by id"`
	Messaging  map[string]*MessagingEntity `json:"messaging" doc:"Topics by id"`
	Categories map[string]*GroupEntity     `json:"categories" doc:"Categories by id"`
	Owners     map[string]*GroupEntity     `json:"owners" doc:"Owners by id"`
	Flows      map[string]*GroupEntity     `json:"flows" doc:"Flows by id"`

	seen
}

type ServiceEntity struct {
	ID          string            `json:"id" doc:"service-- and the slug" example:"service--order-api"`
	Name        string            `json:"name" doc:"The name people read"`
	Type        string            `json:"type" doc:"Service" example:"Service"`
	Slug        string            `json:"slug" doc:"The service's address in its project"`
	Description *string           `json:"description,omitzero" doc:"What the service does"`
	Category    string            `json:"category,omitzero" doc:"Id of its category"`
	Owner       string            `json:"owner,omitzero" doc:"Id of its owner"`
	Flows       []string          `json:"flows" doc:"Ids of the flows that it is in"`
	Produces    []string          `json:"produces" doc:"Ids of the topics that it writes"`
	Consumes    []string          `json:"consumes" doc:"Ids of the topics that it reads"`
	Extras      map[string]string `json:"extras,omitzero" doc:"Anything else, as text by name"`
}

// MessagingEntity is a topic as the services that name it describe it together.
type MessagingEntity struct {
	ID        string            `json:"id" doc:"messaging-- and the slug of the name" example:"messaging--order-created"`
	Name      string            `json:"name" doc:"The name people read"`
	Type      string            `json:"type" doc:"Messaging" example:"Messaging"`
	Category  string            `json:"category,omitzero" doc:"Id of its category"`
	Owner     string            `json:"owner,omitzero" doc:"Id of its owner"`
	Flows     []string          `json:"flows" doc:"Ids of the flows that it is in"`
	Producers []string          `json:"producers" doc:"Ids of the services that write it"`
	Consumers []string          `json:"consumers" doc:"Ids of the services that read it"`
	Extras    map[string]string `json:"extras,omitzero" doc:"Anything else, as text by name"`
}

// GroupEntity is a category, an owner or a flow.
type GroupEntity struct {
	ID        string   `json:"id" doc:"The kind, -- and the slug of the name" example:"category--billing"`
	Name      string   `json:"name" doc:"The name people read"`
	Type      string   `json:"type" doc:"Category, Owner or Flow" example:"Category"`
	Color     string   `json:"color" doc:"The same for a name always" example:"#1d6fb8"`
	Services  []string `json:"services" doc:"Ids of its services"`
	Messaging []string `json:"messaging" doc:"Ids of its topics"`
}

// entitiesOf merges what services say. Whoever speaks first wins, field by
// field: a service of itself, then the producers of a topic, then its
// consumers, the latest updated first, then in the order of slugs.
func entitiesOf(snapshots []timeline.Snapshot) (*ProjectEntities, error) {
	services := make([]Service, len(snapshots))
	for i, s := range snapshots {
		var err error
		if services[i], err = serviceOf(s); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(services, func(a, b Service) int {
		return cmp.Or(cmp.Compare(b.UpdatedAt, a.UpdatedAt), strings.Compare(a.Slug, b.Slug))
	})
	e := &ProjectEntities{
		Services:   make(map[string]*ServiceEntity, len(services)),
		Messaging:  map[string]*MessagingEntity{},
		Categories: map[string]*GroupEntity{},
		Owners:     map[string]*GroupEntity{},
		Flows:      map[string]*GroupEntity{},
	}
	for _, s := range services {
		e.addService(s)
	}
	facts := map[string]*Topic{}
	for _, s := range services {
		own := e.Services["service--"+s.Slug]
		for i := range s.Produces {
			m := e.addTopic(&s.Produces[i], facts)
			own.Produces = append(own.Produces, m.ID)
			m.Producers = append(m.Producers, own.ID)
		}
	}
	for _, s := range services {
		own := e.Services["service--"+s.Slug]
		for i := range s.Consumes {
			m := e.addTopic(&s.Consumes[i], facts)
			own.Consumes = append(own.Consumes, m.ID)
			m.Consumers = append(m.Consumers, own.ID)
		}
	}
	e.sort()
	return e, nil
}

func (e *ProjectEntities) addService(s Service) {
	own := &ServiceEntity{
		ID: "service--" + s.Slug, Name: s.Name, Type: "Service", Slug: s.Slug, Description: s.Description,
		Flows: []string{}, Produces: []string{}, Consumes: []string{}, Extras: s.Extras,
	}
	e.Services[own.ID] = own
	member := func(g *GroupEntity) string {
		g.Services = append(g.Services, own.ID)
		return g.ID
	}
	if s.Category != nil {
		own.Category = member(e.category(*s.Category))
	}
	if s.Owner != nil {
		own.Owner = member(e.owner(*s.Owner))
	}
	for _, flow := range s.Flows {
		own.Flows = with(own.Flows, member(e.flow(flow)))
	}
}

// addTopic takes from a mention of a topic what no earlier one has set.
func (e *ProjectEntities) addTopic(t *Topic, facts map[string]*Topic) *MessagingEntity {
	id := topicID(*t)
	m, known := e.Messaging[id]
	if !known {
		m = &MessagingEntity{ID: id, Name: t.Name, Type: "Messaging", Flows: []string{}, Producers: []string{}, Consumers: []string{}}
		e.Messaging[id] = m
		facts[id] = &Topic{}
	}
	member := func(g *GroupEntity) string {
		g.Messaging = append(g.Messaging, id)
		return g.ID
	}
	set := facts[id]
	if set.Category == nil && t.Category != nil {
		set.Category = t.Category
		m.Category = member(e.category(*t.Category))
	}
	if set.Owner == nil && t.Owner != nil {
		set.Owner = t.Owner
		m.Owner = member(e.owner(*t.Owner))
	}
	if set.Flows == nil && t.Flows != nil {
		set.Flows = t.Flows
		for _, flow := range t.Flows {
			m.Flows = with(m.Flows, member(e.flow(flow)))
		}
	}
	if m.Extras == nil {
		m.Extras = t.Extras
	}
	return m
}

func (e *ProjectEntities) category(name string) *GroupEntity {
	return group(e.Categories, "category", "Category", name)
}
func (e *ProjectEntities) owner(name string) *GroupEntity {
	return group(e.Owners, "owner", "Owner", name)
}
func (e *ProjectEntities) flow(name string) *GroupEntity {
	return group(e.Flows, "flow", "Flow", name)
}

func group(of map[string]*GroupEntity, kind, typ, name string) *GroupEntity {
	id := entityID(kind, name)
	if of[id] == nil {
		of[id] = &GroupEntity{
			ID: id, Name: name, Type: typ, Color: graph.Color(Slug("name", name)),
			Services: []string{}, Messaging: []string{},
		}
	}
	return of[id]
}

func topicID(t Topic) string { return entityID("messaging", t.Name) }

func entityID(kind, name string) string { return kind + "--" + Slug(kind, name) }

// with adds the id of a flow, unless another name of it is there already.
func with(ids []string, id string) []string {
	if slices.Contains(ids, id) {
		return ids
	}
	return append(ids, id)
}

// sort puts the relations in the order of ids, each once. Flows stay as they were written.
func (e *ProjectEntities) sort() {
	for _, s := range e.Services {
		s.Produces, s.Consumes = sorted(s.Produces), sorted(s.Consumes)
	}
	for _, m := range e.Messaging {
		m.Producers, m.Consumers = sorted(m.Producers), sorted(m.Consumers)
	}
	for _, groups := range []map[string]*GroupEntity{e.Categories, e.Owners, e.Flows} {
		for _, g := range groups {
			g.Services, g.Messaging = sorted(g.Services), sorted(g.Messaging)
		}
	}
}

func sorted(ids []string) []string {
	slices.Sort(ids)
	return slices.Compact(ids)
}
