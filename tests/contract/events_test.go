package contract

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

type (
	eventPage struct {
		Events []cloudEvent `json:"events"`
		Next   int          `json:"next"`
	}
	cloudEvent struct {
		SpecVersion     string    `json:"specversion"`
		ID              string    `json:"id"`
		Source          string    `json:"source"`
		Type            string    `json:"type"`
		Subject         string    `json:"subject"`
		Time            stamp     `json:"time"`
		DataContentType string    `json:"datacontenttype"`
		Data            eventData `json:"data"`
	}
	eventData struct {
		Workspace string `json:"workspace"`
		Project   string `json:"project"`
		Sequence  int    `json:"sequence"`
		Part      int    `json:"part"`
		Parts     int    `json:"parts"`
		Actor     struct {
			Name string `json:"name"`
			Type string `json:"type"`
		} `json:"actor"`
		Name         string `json:"name"`
		Slug         string `json:"slug,omitempty"`
		PreviousSlug string `json:"previousSlug,omitempty"`
		Links        struct {
			Before string `json:"before,omitempty"`
			After  string `json:"after,omitempty"`
		} `json:"links"`
	}
)

func TestEventsTellOfEveryWriteAndTheirLinksLeadToIt(t *testing.T) {
	h := open(t)
	path := eventful(h)
	got := read[eventPage](h.get(path + "/events").ok())
	var lines []string
	for i, e := range got.Events {
		if e.Data.Sequence != i+1 || e.Data.Workspace != h.workspace || !strings.HasSuffix(path, "/"+e.Data.Project) {
			t.Errorf("event %d is %+v", i, e)
		}
		lines = append(lines, strings.TrimPrefix(e.Type, "almanac.catalog.")+" "+e.Data.Slug+" "+e.Data.Actor.Name)
		for _, link := range []string{e.Data.Links.Before, e.Data.Links.After} {
			if link != "" {
				h.get(link).ok()
			}
		}
		if before := e.Data.Links.Before; before != "" {
			name := e.Data.PreviousSlug
			if name == "" {
				name = e.Data.Slug
			}
			if s := read[service](h.get(before).ok()); s.Slug != name || s.ValidUntil == nil || *s.ValidUntil != e.Time {
				t.Errorf("%s: before is %+v", e.Type, s)
			}
		}
	}
	want := "project.created  owner|service.created cart owner|service.created order second|service.updated cart owner|" +
		"service.renamed basket second|project.updated  owner|service.deleted order owner|service.created order owner|service.deleted basket second"
	if strings.Join(lines, "|") != want || got.Next != len(lines) {
		t.Errorf("told up to %d\n%s\nnot\n%s", got.Next, strings.Join(lines, "|"), want)
	}
	rest := read[eventPage](h.get(path + "/events?after=7").ok())
	if len(rest.Events) != 2 || rest.Next != 9 || rest.Events[0] != got.Events[7] {
		t.Errorf("after 7: %+v", rest)
	}
	h.get(path+"/events?after=9").is(200, `{"events":[],"next":9}`)
}

func TestASequenceThatIsNotThereYetIsABadRequestThatNamesTheNewest(t *testing.T) {
	h := open(t)
	path := h.shop() + "/events"
	h.get(path+"?after=3").badRequest("after is 3", "newest sequence is 2")
	stream := h.ask("GET", path, "").with("Accept", "text/event-stream")
	for _, r := range []request{h.ask("GET", path, ""), stream} {
		h.send(r.with("Last-Event-ID", "3")).badRequest("Last-Event-ID is 3", "newest sequence is 2")
		for _, value := range []string{"", "x", "-1", "1.0", "1, 2"} {
			h.send(r.with("Last-Event-ID", value)).badRequest("Last-Event-ID ", quoted("%s", value))
		}
		h.send(r.with("Last-Event-ID", "1", "2")).badRequest("Last-Event-ID ", "given once")
	}
	h.send(stream.with("Authorization")).fails(401, "unauthorized")
	h.send(stream.by(h.foreign)).fails(404, "project_not_found")
}

func TestALongPollEndsWithTheFirstEventOrEmpty(t *testing.T) {
	h := open(t)
	path := h.shop()
	answers := make(chan answer)
	go func() { answers <- h.get(path + "/events?after=2&wait=20") }()
	h.post(path+"/services", `{"name":"Cart"}`).ok()
	if got := read[eventPage](<-answers); len(got.Events) != 1 || got.Events[0].Data.Sequence != 3 {
		t.Errorf("the wait ended with %+v", got)
	}
	h.get(path+"/events?after=3&wait=1").is(200, `{"events":[],"next":3}`)
}

func TestALongPollEndsEmptyWithTheServer(t *testing.T) {
	h := open(t)
	path := h.shop()
	answers := make(chan answer)
	go func() { answers <- h.get(path + "/events?after=2&wait=20") }()
	close(h.stop)
	(<-answers).is(200, `{"events":[],"next":2}`)
}

// stream opens a stream of server-sent events.
func (h *house) stream(r request) (lines <-chan string) {
	h.Helper()
	got, err := http.DefaultTransport.RoundTrip(h.sent(r.with("Accept", "text/event-stream")))
	if err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() { got.Body.Close() })
	if got.StatusCode != 200 || got.Header.Get("Content-Type") != "text/event-stream" || got.Header.Get("Cache-Control") != "no-store" {
		h.Fatalf("%s: %d %v", r.path, got.StatusCode, got.Header)
	}
	all := make(chan string)
	go func() {
		defer close(all)
		for s := bufio.NewScanner(got.Body); s.Scan(); {
			select {
			case all <- s.Text():
			case <-h.Context().Done():
				return
			}
		}
	}()
	return all
}

// types reads so many messages and gives their ids and types.
func types(lines <-chan string, n int) string {
	var got []string
	id := ""
	for len(got) < n {
		line, ok := <-lines
		if !ok {
			return strings.Join(append(got, "the end"), "|")
		}
		if v, ok := strings.CutPrefix(line, "id: "); ok {
			id = v
		}
		if v, ok := strings.CutPrefix(line, "data: "); ok {
			_, v, _ = strings.Cut(v, `"type":"almanac.catalog.`)
			v, _, _ = strings.Cut(v, `"`)
			got = append(got, id+" "+v)
			id = ""
		}
	}
	return strings.Join(got, "|")
}

func TestAStreamGoesOnWhereItsLastIdWas(t *testing.T) {
	h := open(t)
	path := h.shop()
	events := h.ask("GET", path+"/events", "")
	all := h.stream(events)
	if got := types(all, 2); got != "1 project.created|2 service.created" {
		t.Errorf("from the start: %s", got)
	}
	rest := h.stream(h.ask("GET", path+"/events?after=0", "").with("Last-Event-ID", "1"))
	if got := types(rest, 1); got != "2 service.created" {
		t.Errorf("after 1: %s", got)
	}
	quiet := h.stream(h.ask("GET", path+"/events?after=2", ""))
	h.put(path+"/services/order-api", `{"name":"Orders"}`).ok()
	for name, lines := range map[string]<-chan string{"all": all, "the rest": rest, "the new": quiet} {
		if got := types(lines, 1); got != "3 service.renamed" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestAStreamEndsWithTheServer(t *testing.T) {
	h := open(t)
	lines := h.stream(h.ask("GET", h.shop()+"/events", ""))
	if got := types(lines, 2); got != "1 project.created|2 service.created" {
		t.Errorf("before: %s", got)
	}
	close(h.stop)
	if got := types(lines, 1); got != "the end" {
		t.Errorf("it went on with %s", got)
	}
}

func TestAStreamEndsWhenItsProjectDoes(t *testing.T) {
	h := open(t)
	path := h.shop()
	lines := h.stream(h.ask("GET", path+"/events?after=2", ""))
	h.delete(path).ok()
	if got := types(lines, 1); got != "the end" {
		t.Errorf("the project is deleted, the stream went on with %s", got)
	}
}

func TestAStreamIsNotInterruptedByTheServersTimeLimits(t *testing.T) {
	h := open(t)
	limited := httptest.NewUnstartedServer(h.handler)
	limited.Config.ReadTimeout, limited.Config.WriteTimeout = 300*time.Millisecond, 300*time.Millisecond
	limited.Start()
	t.Cleanup(limited.Close)
	path := h.shop()
	there := h.within(t)
	there.url = limited.URL
	lines := there.stream(h.ask("GET", path+"/events?after=2", ""))
	h.get(path+"/events?after=2&wait=1").is(200, `{"events":[],"next":2}`) // a second later
	h.post(path+"/services", `{"name":"Cart"}`).ok()
	if got := types(lines, 1); got != "3 service.created" {
		t.Errorf("after the limits: %s", got)
	}
}
