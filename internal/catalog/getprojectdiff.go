package catalog

import (
	"cmp"
	"context"
	"reflect"
	"slices"

	"almanac/internal/fault"
	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

type GetProjectDiffInput struct {
	ProjectID string            `path:"projectId" doc:"The project's id" example:"my-project-a1b2c"`
	From      timeline.Instant  `query:"from" check:"required" doc:"RFC 3339 instant of the earlier state; before the project was created it is empty"`
	To        *timeline.Instant `query:"to" doc:"RFC 3339 instant of the later state; without it, now"`
}

// ProjectDiff is two states of a project compared.
type ProjectDiff struct {
	From     timeline.Instant `json:"from" doc:"The instant of the earlier state, no later than the project's last write"`
	To       timeline.Instant `json:"to" doc:"The instant of the later state, no later than the project's last write"`
	Services ServicesDiff     `json:"services" doc:"Services, in the order of their slugs"`
	Topics   TopicsDiff       `json:"topics" doc:"Names of topics that any service produces or consumes, in order"`
	Edges    EdgesDiff        `json:"edges" doc:"Who produces and consumes what, in the order of slugs, topics and directions"`
}

type ServicesDiff struct {
	Added   []SluggedService `json:"added" doc:"Services that only the later state has"`
	Removed []SluggedService `json:"removed" doc:"Services that only the earlier state has"`
	Changed []ServiceChange  `json:"changed" doc:"Services of both states that differ in what was written of them"`
}

// SluggedService is what was written of a service, and its slug.
type SluggedService struct {
	Slug string `json:"slug" doc:"The service's slug in that state" example:"order-api"`
	ServiceRaw
}

type ServiceChange struct {
	Slug        string         `json:"slug" doc:"The service's slug in the later state" example:"order-api"`
	RenamedFrom string         `json:"renamedFrom,omitzero" doc:"Its slug in the earlier state, where that was another one"`
	Before      SluggedService `json:"before" doc:"The service in the earlier state"`
	After       SluggedService `json:"after" doc:"The service in the later state"`
}

type TopicsDiff struct {
	Added   []string `json:"added" doc:"Topics that only the later state has"`
	Removed []string `json:"removed" doc:"Topics that only the earlier state has"`
}

type EdgesDiff struct {
	Added   []EdgeChange `json:"added" doc:"Edges that only the later state has"`
	Removed []EdgeChange `json:"removed" doc:"Edges that only the earlier state has"`
}

type EdgeChange struct {
	Service   string `json:"service" doc:"The service's slug in the state that has the edge" example:"order-api"`
	Topic     string `json:"topic" doc:"The topic's name" example:"order.created"`
	Direction string `json:"direction" doc:"SERVICE_TO_TOPIC where the service produces it, TOPIC_TO_SERVICE where it consumes it" example:"SERVICE_TO_TOPIC"`
}

// TooLarge is what the answer becomes where it is more than an answer may be.
func (ProjectDiff) TooLarge() *fault.Error {
	return fault.BadRequest("the difference is more than one answer carries; ask for from and to that lie closer together")
}

// GetProjectDiff compares a project at two instants. A service is the same one
// however it was renamed; one that was deleted and created again is the same to
// a reader, too, by its slug. An edge goes with its service, so that a rename
// alone changes none. A topic is the same one however its name is spelt, as
// among the entities.
func (c *Catalog) GetProjectDiff(ctx context.Context, p tenant.Principal, in GetProjectDiffInput) (ProjectDiff, error) {
	if in.To != nil && in.From > *in.To {
		return ProjectDiff{}, fault.BadRequest("from must not be after to, read %v and %v", in.From, *in.To)
	}
	scope := projectScope(p.Workspace, in.ProjectID)
	_, to := bounds(nil, in.To)
	head, later, err := c.timeline.ListAt(ctx, scope, to)
	if err != nil {
		return ProjectDiff{}, faultOf(err)
	}
	last := head.Updated.At
	diff := ProjectDiff{To: min(to, last), From: min(in.From, to, last)}
	_, earlier, err := c.timeline.ListAt(ctx, scope, diff.From)
	if err != nil {
		return ProjectDiff{}, faultOf(err)
	}
	return diff, diff.compare(earlier, later)
}

// state is a service in one of the two states.
type state struct {
	document string
	updated  timeline.Instant
	SluggedService
}

func statesOf(snapshots []timeline.Snapshot) ([]state, error) {
	states := make([]state, len(snapshots))
	for i, s := range snapshots {
		raw, err := rawOf(s)
		if err != nil {
			return nil, err
		}
		states[i] = state{s.DocumentID, s.From, SluggedService{s.Key, raw}}
	}
	return states, nil
}

func (d *ProjectDiff) compare(earlier, later []timeline.Snapshot) error {
	before, err := statesOf(earlier)
	if err != nil {
		return err
	}
	after, err := statesOf(later)
	if err != nil {
		return err
	}
	match(before, after)
	d.Services = ServicesDiff{Added: []SluggedService{}, Removed: []SluggedService{}, Changed: []ServiceChange{}}
	was := byDocument(before)
	for _, s := range after {
		old, ok := was[s.document]
		if !ok {
			d.Services.Added = append(d.Services.Added, s.SluggedService)
		} else if !reflect.DeepEqual(old.SluggedService, s.SluggedService) {
			change := ServiceChange{Slug: s.Slug, Before: old.SluggedService, After: s.SluggedService}
			if old.Slug != s.Slug {
				change.RenamedFrom = old.Slug
			}
			d.Services.Changed = append(d.Services.Changed, change)
		}
	}
	is := byDocument(after)
	for _, s := range before {
		if _, ok := is[s.document]; !ok {
			d.Services.Removed = append(d.Services.Removed, s.SluggedService)
		}
	}
	wasEdges, isEdges := edgesOf(before), edgesOf(after)
	wasTopics, isTopics := topicsOf(before), topicsOf(after)
	d.Edges = EdgesDiff{Added: missingEdges(isEdges, wasEdges, isTopics), Removed: missingEdges(wasEdges, isEdges, wasTopics)}
	d.Topics = TopicsDiff{Added: missingTopics(isTopics, wasTopics), Removed: missingTopics(wasTopics, isTopics)}
	return nil
}

// match makes a service that was deleted and created again, under the slug it
// had, one service.
func match(before, after []state) {
	was, is := byDocument(before), byDocument(after)
	gone := map[string]string{}
	for _, s := range before {
		if _, ok := is[s.document]; !ok {
			gone[s.Slug] = s.document
		}
	}
	for i, s := range after {
		if _, ok := was[s.document]; !ok && gone[s.Slug] != "" {
			after[i].document = gone[s.Slug]
		}
	}
}

func byDocument(states []state) map[string]state {
	by := make(map[string]state, len(states))
	for _, s := range states {
		by[s.document] = s
	}
	return by
}

// edgeKey is what makes an edge the same in two states; topic is an entity's id.
type edgeKey struct{ document, topic, direction string }

// edgesOf gives the slug of the service of each edge.
func edgesOf(states []state) map[edgeKey]string {
	edges := map[edgeKey]string{}
	for _, s := range states {
		for _, t := range s.Produces {
			edges[edgeKey{s.document, topicID(t), "SERVICE_TO_TOPIC"}] = s.Slug
		}
		for _, t := range s.Consumes {
			edges[edgeKey{s.document, topicID(t), "TOPIC_TO_SERVICE"}] = s.Slug
		}
	}
	return edges
}

// missingEdges names the topics by their ids.
func missingEdges(of, from map[edgeKey]string, names map[string]string) []EdgeChange {
	missing := []EdgeChange{}
	for e, slug := range of {
		if _, ok := from[e]; !ok {
			missing = append(missing, EdgeChange{slug, names[e.topic], e.direction})
		}
	}
	slices.SortFunc(missing, func(a, b EdgeChange) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Direction, b.Direction))
	})
	return missing
}

// topicsOf gives the name of each topic by its id: the one that it has among
// the entities of the state.
func topicsOf(states []state) map[string]string {
	newest := slices.SortedFunc(slices.Values(states), func(a, b state) int {
		return cmp.Or(cmp.Compare(b.updated, a.updated), cmp.Compare(a.Slug, b.Slug))
	})
	names := map[string]string{}
	name := func(topics []Topic) {
		for _, t := range topics {
			if id := topicID(t); names[id] == "" {
				names[id] = t.Name
			}
		}
	}
	for _, s := range newest {
		name(s.Produces)
	}
	for _, s := range newest {
		name(s.Consumes)
	}
	return names
}

func missingTopics(of, from map[string]string) []string {
	missing := []string{}
	for id, name := range of {
		if _, ok := from[id]; !ok {
			missing = append(missing, name)
		}
	}
	slices.Sort(missing)
	return missing
}
