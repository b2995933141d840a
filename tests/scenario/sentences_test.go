package scenario

import (
	"fmt"
	"slices"
	"strings"
)

type service struct {
	Slug     string
	Name     string
	Owner    string
	Consumes []topic
	Produces []topic
}

type topic struct {
	Name string `json:"name"`
}

// talk reads "reads a, b; writes c" as the topics of a service.
func talk(text string) map[string]any {
	members := map[string]any{"reads": "consumes", "writes": "produces"}
	facts := map[string]any{}
	for part := range strings.SplitSeq(text, "; ") {
		verb, names, _ := strings.Cut(part, " ")
		var topics []topic
		for name := range strings.SplitSeq(names, ", ") {
			topics = append(topics, topic{name})
		}
		facts[members[verb].(string)] = topics
	}
	return facts
}

// told is a service as talk would say it, after its name and its owner.
func told(one service) string {
	text := fmt.Sprintf("%s of %s", one.Name, one.Owner)
	for _, side := range []struct {
		verb   string
		topics []topic
	}{{"reads", one.Consumes}, {"writes", one.Produces}} {
		for i, t := range side.topics {
			if i == 0 {
				text += "; " + side.verb + " " + t.Name
			} else {
				text += ", " + t.Name
			}
		}
	}
	return text
}

func (s *story) starts(project string) {
	made := answer[struct{ ID string }](s, s.ask(200, "POST", "/v1/projects", map[string]string{"name": project, "description": ""}))
	s.where = "/v1/projects/" + made.ID
}

func (s *story) services() string           { return s.where + "/services" }
func (s *story) service(slug string) string { return s.where + "/services/" + slug }

func (s *story) adds(name, owner, talks string) {
	facts := talk(talks)
	facts["name"], facts["owner"] = name, owner
	s.ask(200, "POST", s.services(), facts)
}

func (s *story) renames(slug, name string) {
	s.ask(200, "PUT", s.service(slug), map[string]string{"name": name})
}

func (s *story) lets(slug, talks string) { s.ask(200, "PUT", s.service(slug), talk(talks)) }

func (s *story) removes(slug string) { s.ask(204, "DELETE", s.service(slug), nil) }

// together writes some services at one instant, each as "Name of owner; reads …".
func (s *story) together(services ...string) {
	var all []map[string]any
	for _, text := range services {
		who, talks, _ := strings.Cut(text, "; ")
		facts := talk(talks)
		name, owner, _ := strings.Cut(who, " of ")
		facts["name"], facts["owner"] = name, owner
		all = append(all, facts)
	}
	s.ask(200, "PUT", s.services(), all)
}

// restores makes a slug again what it was.
func (s *story) restores(slug string, when moment) {
	s.ask(200, "POST", s.service(slug)+"/restore", map[string]string{"at": s.instant(when)})
}

// sees lists what there is, and keeps that for the end of the story.
func (s *story) sees(slugs string) {
	s.same(s.slugs(s.where, ""), slugs)
	s.seen = append(s.seen, sight{s.where, s.clock.Now().Format("2006-01-02T15:04:05.000Z"), slugs})
}

func (s *story) saw(when moment, slugs string) {
	s.same(s.slugs(s.where, "?at="+s.instant(when)), slugs)
}

// finds tells a service as it is, or as it was.
func (s *story) finds(slug, want string) {
	s.same(told(answer[service](s, s.ask(200, "GET", s.service(slug), nil))), want)
}

func (s *story) found(slug string, when moment, want string) {
	s.same(told(answer[service](s, s.ask(200, "GET", s.service(slug)+"?at="+s.instant(when), nil))), want)
}

// misses asks for what is not there, and is told why where there is a reason.
func (s *story) misses(slug, reason string) {
	got := s.ask(404, "GET", s.service(slug), nil)
	if s.wrong == nil && !strings.Contains(got, reason) {
		s.fail("%s does not tell %q", got, reason)
	}
}

func (s *story) missed(slug string, when moment) {
	s.ask(404, "GET", s.service(slug)+"?at="+s.instant(when), nil)
}

// consumed asks who read a topic, and produced who wrote it.
func (s *story) consumed(topic string, when moment, want string) {
	s.same(strings.Join(s.messaging(topic, when).Consumers, " "), want)
}

func (s *story) produced(topic string, when moment, want string) {
	s.same(strings.Join(s.messaging(topic, when).Producers, " "), want)
}

type messaging struct{ Producers, Consumers []string }

func (s *story) messaging(topic string, when moment) messaging {
	all := answer[struct{ Messaging map[string]messaging }](s, s.ask(200, "GET", s.where+"/entities?at="+s.instant(when), nil)).Messaging
	one, ok := all["messaging--"+strings.ReplaceAll(topic, ".", "-")]
	if !ok {
		s.fail("there was no topic %s, only %s", topic, keysOf(all))
	}
	return one
}

type event struct{ SnapshotID, ServiceSlug, ChangeType, ActorName, Timestamp string }

func (e event) String() string {
	return fmt.Sprintf("%s %s %s", e.ActorName, strings.ToLower(e.ChangeType), e.ServiceSlug)
}

func events(all []event) string {
	var lines []string
	for _, e := range all {
		lines = append(lines, e.String())
	}
	return strings.Join(lines, ", ")
}

// reads tells the history since a moment, newest first.
func (s *story) reads(since moment, want string) {
	got := answer[struct{ Events []event }](s, s.ask(200, "GET", s.where+"/history?from="+s.instant(since), nil))
	s.same(events(got.Events), want)
}

// follows tells the history of one service under all its names.
func (s *story) follows(slug, want string) {
	got := answer[struct{ Events []event }](s, s.ask(200, "GET", s.service(slug)+"/history", nil))
	s.same(events(got.Events), want)
}

// explains tells what the last change did to whom: "before → after".
func (s *story) explains(want string) {
	last := answer[struct{ Events []event }](s, s.ask(200, "GET", s.where+"/history?size=1", nil)).Events
	if s.wrong != nil || len(last) != 1 {
		s.fail("the history is empty")
		return
	}
	diff := answer[struct{ Before, After *service }](s, s.ask(200, "GET", s.where+"/history/"+last[0].SnapshotID+"/diff", nil))
	tell := func(one *service) string {
		if one == nil {
			return "nothing"
		}
		return told(*one)
	}
	s.same(tell(diff.Before)+" → "+tell(diff.After), want)
}

// compares tells what lies between two moments.
func (s *story) compares(from, to moment, want string) {
	diff := answer[struct {
		Services struct {
			Added, Removed []service
			Changed        []struct{ Slug, RenamedFrom string }
		}
		Topics struct{ Added, Removed []string }
	}](s, s.ask(200, "GET", s.where+"/diff?"+query("from", s.instant(from))+"&"+query("to", s.instant(to)), nil))
	var words []string
	for _, one := range diff.Services.Added {
		words = append(words, "+"+one.Slug)
	}
	for _, one := range diff.Services.Removed {
		words = append(words, "-"+one.Slug)
	}
	for _, one := range diff.Services.Changed {
		if one.RenamedFrom != "" {
			one.Slug = one.RenamedFrom + "→" + one.Slug
		}
		words = append(words, "~"+one.Slug)
	}
	for _, name := range diff.Topics.Added {
		words = append(words, "+"+name)
	}
	for _, name := range diff.Topics.Removed {
		words = append(words, "-"+name)
	}
	s.same(strings.Join(words, " "), want)
}

// draws tells what the graph around a service showed.
func (s *story) draws(slug string, when moment, want string) {
	graph := answer[struct{ Nodes []struct{ Label string } }](s,
		s.ask(200, "GET", s.where+"/graph?depth=2&filteredIds=service--"+slug+"&at="+s.instant(when), nil))
	var labels []string
	for _, node := range graph.Nodes {
		labels = append(labels, node.Label)
	}
	slices.Sort(labels)
	s.same(strings.Join(labels, " "), want)
}

// shares gives the token with which anybody reads the project.
func (s *story) shares() (token string) {
	return answer[struct{ Token string }](s, s.ask(200, "POST", s.where+"/public-share-token", map[string]string{})).Token
}

func (s *story) stopsSharing() { s.ask(204, "DELETE", s.where+"/public-share-token", nil) }

// visits reads as somebody without a key, who is told no names of people.
func (s *story) visits(token string, when moment, want string) {
	got := s.askAsVisitor(200, "/v1/public/"+token+"/services?at="+s.instant(when))
	var slugs []string
	for _, one := range answer[[]service](s, got) {
		slugs = append(slugs, one.Slug)
	}
	s.same(strings.Join(slugs, " "), want)
	for person := range s.keys {
		if s.wrong == nil && strings.Contains(got, `"`+person+`"`) {
			s.fail("a visitor is told of %s: %s", person, got)
		}
	}
}

func (s *story) isTurnedAway(token string) {
	s.askAsVisitor(404, "/v1/public/"+token+"/services")
}

// duplicates makes a copy; what is said from then on is about it.
func (s *story) duplicates(name string) {
	made := answer[struct{ ID string }](s, s.ask(200, "POST", s.where+"/duplicate", map[string]string{"name": name}))
	s.where = "/v1/projects/" + made.ID
}

// tag is the ETag of a service, and edits a change that holds only under it.
func (s *story) tag(slug string) (tag string) {
	_, header := s.askFor("Bearer "+s.keys[s.who], 200, "GET", s.service(slug), nil)
	return header.Get("ETag")
}

func (s *story) edits(slug, tag, owner string, status int) {
	s.askFor("Bearer "+s.keys[s.who], status, "PUT", s.service(slug), map[string]string{"owner": owner}, "If-Match: "+tag)
}
