// Package scenario tells stories of people who use Almanac for weeks, over
// HTTP, with a clock that the story moves.
package scenario

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"almanac/internal/api"
	"almanac/internal/host/localhost"
	"almanac/internal/store/bolt"
	"almanac/internal/tenant"
)

// story is a server and who speaks to it. Its methods are the sentences of a
// test. The first that goes wrong ends it: those after it do nothing, and the
// test fails with its line.
type story struct {
	t     *testing.T
	url   string
	clock *clock
	keys  map[string]string // by person
	who   string            // speaks
	where string            // path of the project

	seen  []sight // all that was listed
	wrong error
	line  string // of what went wrong
}

// sight is what a project was seen to hold at an instant.
type sight struct{ where, when, slugs string }

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

// begin opens an empty house to some people.
func begin(t *testing.T, people ...string) *story {
	t.Helper()
	kept, err := bolt.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kept.Close() })
	s := &story{t: t, clock: &clock{now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}, keys: map[string]string{}}
	keys := tenant.NewKeys(kept, s.clock.Now)
	for _, person := range people {
		s.keys[person] = tenant.NewSecret()
		if err := keys.CreateKey(t.Context(), tenant.Local, person, s.keys[person]); err != nil {
			t.Fatal(err)
		}
	}
	server := httptest.NewServer(localhost.Handler(api.Config{
		Deps: api.Deps{Store: kept, Now: s.clock.Now, MaxProjects: api.MaxProjects},
		Log:  slog.New(slog.NewJSONHandler(io.Discard, nil)),
		Authenticate: func(r *http.Request) (tenant.Principal, error) {
			return keys.Authenticate(r.Context(), r.Header.Values("Authorization"))
		},
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// ends tells what went wrong first, if anything did, after one more look at
// every instant that was ever looked at.
func (s *story) ends() {
	s.t.Helper()
	for _, one := range s.seen {
		if got := s.slugs(one.where, "?at="+one.when); got != one.slugs {
			s.fail("at %s there was %q, and now there was %q", one.when, one.slugs, got)
		}
	}
	if s.wrong != nil {
		s.t.Fatalf("%s: %v", s.line, s.wrong)
	}
}

// fail notes what went wrong first, and where the story was then.
func (s *story) fail(format string, args ...any) {
	if s.wrong != nil {
		return
	}
	s.wrong = fmt.Errorf(format, args...)
	callers := make([]uintptr, 20)
	frames := runtime.CallersFrames(callers[:runtime.Callers(1, callers)])
	for frame, more := frames.Next(); more; frame, more = frames.Next() {
		if strings.HasPrefix(filepath.Base(frame.Function), "scenario.Test") {
			s.line = fmt.Sprintf("%s:%d", filepath.Base(frame.File), frame.Line)
		}
	}
}

// same compares what is told with what is.
func (s *story) same(got, want string) {
	if s.wrong == nil && got != want {
		s.fail("it is\n%s\nnot\n%s", got, want)
	}
}

// moment is a point in a story's year, such as "2 Mar 09:00".
type moment string

func (s *story) instant(m moment) string {
	t, err := time.Parse("2 Jan 15:04 2006", string(m)+" 2026")
	if err != nil {
		s.fail("%q is no moment", m)
	}
	return t.Format("2006-01-02T15:04:05.000Z")
}

// on moves the clock; by says who speaks from now on.
func (s *story) on(m moment) *story {
	t, err := time.Parse(time.RFC3339, s.instant(m))
	if err == nil && !t.After(s.clock.Now()) {
		s.fail("%s is not after %s", m, s.clock.Now())
	}
	s.clock.set(t)
	return s
}

func (s *story) by(person string) *story {
	s.who = person
	if s.keys[person] == "" {
		s.fail("nobody knows %s", person)
	}
	return s
}

// ask sends a request as the one who speaks and wants a status.
func (s *story) ask(status int, method, path string, body any) string {
	text, _ := s.askFor("Bearer "+s.keys[s.who], status, method, path, body)
	return text
}

func (s *story) askAsVisitor(status int, path string) string {
	text, _ := s.askFor("", status, "GET", path, nil)
	return text
}

func (s *story) askFor(authorization string, status int, method, path string, body any, headers ...string) (string, http.Header) {
	if s.wrong != nil {
		return "", nil
	}
	text, header, err := s.send(authorization, status, method, path, body, headers)
	if err != nil {
		s.fail("%s %s: %w", method, path, err)
	}
	return text, header
}

func (s *story) send(authorization string, status int, method, path string, body any, headers []string) (string, http.Header, error) {
	var sent []byte
	if body != nil {
		var err error
		if sent, err = json.Marshal(body); err != nil {
			return "", nil, err
		}
	}
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, bytes.NewReader(sent))
	if err != nil {
		return "", nil, err
	}
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", nil, err
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	if err == nil && got.StatusCode != status {
		err = fmt.Errorf("%d, not %d: %s", got.StatusCode, status, text)
	}
	return string(text), got.Header, err
}

func answer[T any](s *story, text string) (v T) {
	if s.wrong == nil {
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			s.fail("%v in %s", err, text)
		}
	}
	return v
}

// slugs are those of a list, in its order.
func (s *story) slugs(where, query string) string {
	var slugs []string
	for _, one := range answer[[]service](s, s.ask(200, "GET", where+"/services"+query, nil)) {
		slugs = append(slugs, one.Slug)
	}
	return strings.Join(slugs, " ")
}

// keysOf are the sorted keys of a map, in words.
func keysOf[V any](m map[string]V) string { return strings.Join(slices.Sorted(maps.Keys(m)), " ") }

func query(name, value string) string { return name + "=" + url.QueryEscape(value) }
