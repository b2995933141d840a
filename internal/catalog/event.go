package catalog

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"almanac/internal/store"
	"almanac/internal/timeline"

	"github.com/google/uuid"
)

// Source is the source of every event of the catalog.
const Source = "almanac.catalog"

// Event is a CloudEvent of version 1.0 in JSON that tells of one change.
type Event struct {
	SpecVersion     string           `json:"specversion" doc:"1.0, the version of CloudEvents" example:"1.0"`
	ID              string           `json:"id" doc:"UUID of the event, the same however often it is sent; of a service, its snapshotId in the history"`
	Source          string           `json:"source" doc:"almanac.catalog" example:"almanac.catalog"`
	Type            string           `json:"type" doc:"almanac.catalog.service.created, .updated, .renamed or .deleted, or almanac.catalog.project.created, .updated or .deleted" example:"almanac.catalog.service.updated"`
	Subject         string           `json:"subject" doc:"What changed: projects/{projectId}, or projects/{projectId}/services/{serviceSlug}"`
	Time            timeline.Instant `json:"time" doc:"When it changed; UTC, in milliseconds"`
	DataContentType string           `json:"datacontenttype" doc:"application/json" example:"application/json"`
	Data            EventData        `json:"data"`
}

// EventData says what changed, by whom, and where to read it.
type EventData struct {
	Workspace    string     `json:"workspace" doc:"The workspace that owns the project"`
	Project      string     `json:"project" doc:"The project's id"`
	Sequence     int64      `json:"sequence" doc:"Number of the write in its project: 1, 2, 3 … without a gap"`
	Part         int        `json:"part" doc:"Number of this event among those of its write, from 1"`
	Parts        int        `json:"parts" doc:"How many events its write made"`
	Actor        EventActor `json:"actor" doc:"Who wrote"`
	Name         string     `json:"name" doc:"The name after the change, or the last one"`
	Slug         string     `json:"slug,omitzero" doc:"The service's slug after the change; absent on events of a project"`
	PreviousSlug string     `json:"previousSlug,omitzero" doc:"The slug before the change; only of a service that was renamed"`
	Links        EventLinks `json:"links" doc:"Where to read the states before and after the change"`
}

type EventActor struct {
	Name string `json:"name" doc:"Member e-mail or key label"`
	Type string `json:"type" doc:"MEMBER or API_KEY"`
}

// EventLinks are paths with query. A project keeps no past of its own, and so
// has at most the link to what it is now.
type EventLinks struct {
	Before string `json:"before,omitzero" doc:"Path of the state just before the change; absent where there was none"`
	After  string `json:"after,omitzero" doc:"Path of the state that the change made; absent where there is none"`
}

// what an event can be of.
const (
	ofService = "service"
	ofProject = "project"
)

// Title names what happened in words, such as Service Updated.
func (e Event) Title() string {
	words := strings.Split(strings.TrimPrefix(e.Type, Source+"."), ".")
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, " ")
}

// Last tells whether the event is the last one of its write.
func (e Event) Last() bool { return e.Data.Part == e.Data.Parts }

// IsOutbox tells whether a key is one under which writes to projects are told:
// its item never changes once it is there, and EventsOf reads it. The logs of
// other scopes, such as networks, are not the catalog's to tell of.
func IsOutbox(key store.Key) bool {
	scope, ok := timeline.LogOf(key)
	if ok {
		_, ok = workspaceOf(scope.Directory)
	}
	return ok
}

// EventsOf gives the events of the write that an item of the outbox tells of,
// in their order. Its error means that the item cannot be read, however often
// that is tried.
func EventsOf(item store.Item) ([]Event, error) {
	r, err := timeline.ReadRecord(item)
	if err != nil {
		return nil, err
	}
	return eventsOf(r)
}

func eventsOf(r timeline.Record) ([]Event, error) {
	workspace, ok := workspaceOf(r.Scope.Directory)
	if !ok {
		return nil, fmt.Errorf("%q is no directory of projects", r.Scope.Directory)
	}
	var events []Event
	add := func(kind, verb, id, subject string, data EventData) {
		data.Workspace, data.Project, data.Sequence = workspace, r.Scope.ID, r.Revision
		data.Actor = EventActor{r.By.Name, r.By.Type}
		events = append(events, Event{
			SpecVersion: "1.0", ID: id, Source: Source, Type: Source + "." + kind + "." + verb,
			Subject: subject, Time: r.At, DataContentType: "application/json", Data: data,
		})
	}
	project := "projects/" + r.Scope.ID
	if r.Change != "" {
		var facts projectFacts
		if err := json.Unmarshal(r.Body, &facts); err != nil {
			return nil, fmt.Errorf("project %q: %w", r.Scope.ID, err)
		}
		data := EventData{Name: facts.Name}
		if r.Change != timeline.Delete {
			data.Links.After = "/v1/" + project
		}
		id := uuid.NewSHA1(uuid.NameSpaceOID, []byte(r.Commit))
		add(ofProject, verbs[r.Change], id.String(), project, data)
	}
	for _, e := range r.Events {
		data := EventData{Name: e.Name, Slug: e.Key, PreviousSlug: e.PreviousKey}
		verb := verbs[e.Type]
		was := e.Key
		if e.PreviousKey != "" {
			verb, was = "renamed", e.PreviousKey
		}
		// No snapshot lasts less than a millisecond.
		if e.Type != timeline.Create {
			data.Links.Before = serviceAt(r.Scope.ID, was, r.At-1)
		}
		if e.Type != timeline.Delete {
			data.Links.After = serviceAt(r.Scope.ID, e.Key, r.At)
		}
		add(ofService, verb, e.SnapshotID, project+"/services/"+e.Key, data)
	}
	for i := range events {
		events[i].Data.Part, events[i].Data.Parts = i+1, len(events)
	}
	return events, nil
}

var verbs = map[timeline.ChangeType]string{
	timeline.Create: "created", timeline.Update: "updated", timeline.Delete: "deleted",
}

func serviceAt(project, slug string, at timeline.Instant) string {
	return "/v1/projects/" + url.PathEscape(project) + "/services/" + url.PathEscape(slug) + "?at=" + at.String()
}
