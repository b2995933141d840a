package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"almanac/internal/fault"
	"almanac/internal/limit"
	"almanac/internal/store"
	"almanac/internal/store/bolt"
	"almanac/internal/tenant"
)

// news is a domain in which every number up to the last is news.
type news struct {
	last  atomic.Int64
	asked atomic.Int64
	fails atomic.Bool
}

type newsInput struct {
	After int64  `query:"after" default:"0"`
	Last  *int64 `header:"Last-Event-ID"`
	Wait  int    `query:"wait" default:"0"`
}

type newsPage struct {
	From, To int64
	wait     time.Duration
}

func (p newsPage) Wait() time.Duration { return p.wait }

func (p newsPage) Messages() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		for n := p.From; n <= p.To; n++ {
			if !yield(strconv.FormatInt(n, 10), map[string]int64{"n": n}) {
				return
			}
		}
	}
}

func (n *news) get(_ context.Context, _ tenant.Principal, in newsInput) (newsPage, error) {
	n.asked.Add(1)
	if n.fails.Load() {
		return newsPage{}, errors.New("broken")
	}
	if in.Last != nil {
		in.After = *in.Last
	}
	page := newsPage{From: in.After + 1, To: n.last.Load()}
	if page.To <= in.After {
		page.wait = time.Duration(in.Wait) * time.Second
	}
	return page, nil
}

// newsroom is a handler over news, whose key can be revoked.
type newsroom struct {
	news
	revoked atomic.Bool
	stop    chan struct{}
	handler http.Handler
}

func newNewsroom(timeout time.Duration, change ...func(*Config)) *newsroom {
	r := &newsroom{stop: make(chan struct{})}
	c := Config{
		Authenticate: func(*http.Request) (tenant.Principal, error) {
			if r.revoked.Load() {
				return tenant.Principal{}, fault.New(fault.Unauthenticated, "unauthorized", "no")
			}
			return tenant.Principal{Workspace: "local", ID: "k", Role: tenant.Owner}, nil
		},
		Log:  slog.New(slog.NewTextHandler(io.Discard, nil)),
		Stop: r.stop,
	}
	for _, f := range change {
		f(&c)
	}
	r.handler = NewHandler(c, answering(Endpoint{
		ID: "getNews", Method: http.MethodGet, Path: "/news", Success: http.StatusOK, Scope: tenant.CatalogRead, Timeout: timeout,
	}, func(Deps) *news { return &r.news }, (*news).get))
	return r
}

// ask asks in the background and gives the answer, once it is there, and when.
func (r *newsroom) ask(target, accept string) (answer *httptest.ResponseRecorder, took func() time.Duration) {
	answer = httptest.NewRecorder()
	request := httptest.NewRequest("GET", target, nil)
	request.Header.Set("Accept", accept)
	began, done := time.Now(), make(chan time.Time, 1)
	go func() { r.handler.ServeHTTP(answer, request); done <- time.Now() }()
	return answer, func() time.Duration { return (<-done).Sub(began) }
}

func TestAWaitEndsWithTheFirstNewsOrWhenItIsOver(t *testing.T) {
	for name, c := range map[string]struct {
		query         string
		timeout       time.Duration
		newsAfter     time.Duration // 0: never
		stopAfter     time.Duration // 0: never
		least, atMost time.Duration
		asked         int64
	}{
		"there is some already":         {"after=-1&wait=20", 28 * time.Second, 0, 0, 0, 0, 1},
		"nobody waits":                  {"after=0", 28 * time.Second, 0, 0, 0, 0, 1},
		"none comes":                    {"after=0&wait=20", 28 * time.Second, 0, 0, 20 * time.Second, 20 * time.Second, 24},
		"some comes":                    {"after=0&wait=20", 28 * time.Second, 7 * time.Second, 0, 7 * time.Second, 8 * time.Second, 12},
		"some comes at once":            {"after=0&wait=20", 28 * time.Second, time.Millisecond, 0, 0, 100 * time.Millisecond, 2},
		"the endpoint has no such time": {"after=0&wait=20", 10 * time.Second, 0, 0, 9 * time.Second, 9 * time.Second, 14},
		"the host stops":                {"after=0&wait=20", 28 * time.Second, 0, 3 * time.Second, 3 * time.Second, 3 * time.Second, 8},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newNewsroom(c.timeout)
				if c.newsAfter > 0 {
					time.AfterFunc(c.newsAfter, func() { r.last.Store(1) })
				}
				if c.stopAfter > 0 {
					time.AfterFunc(c.stopAfter, func() { close(r.stop) })
				}
				answer, took := r.ask("/news?"+c.query, "application/json")
				if d := took(); d < c.least || d > c.atMost || answer.Code != 200 {
					t.Errorf("answered %d after %s", answer.Code, d)
				}
				if n := r.asked.Load(); n > c.asked {
					t.Errorf("asked %d times, more than %d", n, c.asked)
				}
				synctest.Wait()
			})
		})
	}
}

func TestAStreamShowsThatItIsAliveAndEndsWhenItMust(t *testing.T) {
	for name, end := range map[string]func(*newsroom){
		"the host stops":      func(r *newsroom) { close(r.stop) },
		"the key is revoked":  func(r *newsroom) { r.revoked.Store(true) },
		"the operation fails": func(r *newsroom) { r.fails.Store(true) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newNewsroom(28 * time.Second)
				r.last.Store(2)
				time.AfterFunc(31*time.Second, func() { r.last.Store(3) })
				time.AfterFunc(50*time.Second, func() { end(r) })
				answer, took := r.ask("/news?after=0", "text/html, text/event-stream;q=0.9")
				if d := took(); d < 50*time.Second || d > 65*time.Second {
					t.Errorf("ended after %s", d)
				}
				want := message(1) + message(2) + ": nothing yet\n\n: nothing yet\n\n" + message(3)
				if got := answer.Body.String(); !strings.HasPrefix(got, want) || strings.Contains(strings.TrimPrefix(got, want), "data") || !answer.Flushed {
					t.Errorf("sent\n%s", got)
				}
			})
		})
	}
}

func TestAKeyThatIsRevokedDuringAWaitIsGivenNothingOfWhatCame(t *testing.T) {
	for accept, c := range map[string]struct {
		status int
		ends   string
	}{
		"text/event-stream": {200, ": nothing yet\n\n"},
		"application/json":  {401, `"message":"no"}`},
	} {
		t.Run(accept, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newNewsroom(28 * time.Second)
				time.AfterFunc(5*time.Second, func() { r.revoked.Store(true); r.last.Store(1) })
				answer, took := r.ask("/news?after=0&wait=20", accept)
				if d := took(); d < 5*time.Second || d > 6*time.Second || answer.Code != c.status {
					t.Errorf("answered %d after %s", answer.Code, d)
				}
				if got := answer.Body.String(); strings.Contains(got, "data:") || strings.Contains(got, `"To":1`) || !strings.HasSuffix(got, c.ends) {
					t.Errorf("sent\n%s", got)
				}
			})
		})
	}
}

func TestAStreamThatFailsIsAnErrorInTheLog(t *testing.T) {
	for name, c := range map[string]struct {
		end  func(*newsroom)
		want string
	}{
		"the operation fails": {func(r *newsroom) { r.fails.Store(true) }, "level=ERROR msg=request .* status=200 .* error=broken\n"},
		"the key is revoked":  {func(r *newsroom) { r.revoked.Store(true) }, "level=INFO msg=request .* status=200 "},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				r := newNewsroom(28*time.Second, func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
				time.AfterFunc(time.Minute, func() { c.end(r) })
				_, took := r.ask("/news", "text/event-stream")
				took()
				if !regexp.MustCompile(c.want).Match(log.Bytes()) {
					t.Errorf("the log says %s", &log)
				}
			})
		})
	}
}

func message(n int) string { return fmt.Sprintf("id: %d\ndata: {\"n\":%d}\n\n", n, n) }

func TestAHostThatCannotStreamAnswersWithJSON(t *testing.T) {
	r := newNewsroom(time.Second)
	r.last.Store(1)
	h := NewHandler(Config{
		Authenticate: func(*http.Request) (tenant.Principal, error) {
			return tenant.Principal{Workspace: "local", ID: "k", Role: tenant.Owner}, nil
		},
		Log: slog.New(slog.DiscardHandler),
	}, answering(Endpoint{
		ID: "getNews", Method: http.MethodGet, Path: "/news", Success: http.StatusOK, Scope: tenant.CatalogRead, Timeout: time.Second,
	}, func(Deps) *news { return &r.news }, (*news).get))
	answer, request := httptest.NewRecorder(), httptest.NewRequest("GET", "/news", nil)
	request.Header.Set("Accept", "text/event-stream")
	h.ServeHTTP(answer, request)
	if answer.Code != 200 || answer.Body.String() != `{"From":1,"To":1}` || answer.Header().Get("Content-Type") != "application/json" {
		t.Errorf("answered %d %s", answer.Code, answer.Body)
	}
}

func TestAStreamEndsWithItsRequestsTimeWithoutHaste(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newNewsroom(28 * time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), StreamTime)
		defer cancel()
		answer, request := httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "GET", "/news?after=0", nil)
		request.Header.Set("Accept", "text/event-stream")
		began := time.Now()
		r.handler.ServeHTTP(answer, request)
		if d := time.Since(began); d < StreamTime-2*time.Second || d > StreamTime-waitReserve {
			t.Errorf("ended after %s", d)
		}
		if n := r.asked.Load(); n > 80 {
			t.Errorf("asked %d times", n)
		}
		if got := strings.Count(answer.Body.String(), ": nothing yet"); got != 5 {
			t.Errorf("%d comments in %q", got, answer.Body)
		}
	})
}

// Where a host cannot look the key up again, the limiter knows of its end.
func TestAStreamEndsSoonAfterItsKeyIsClosedButNotWhenItsPlanIsUsedUp(t *testing.T) {
	closed := func(s store.Store, _ *limit.Limiter) {
		if err := s.Transact(context.Background(), limit.Close("k", time.Now())); err != nil {
			t.Error(err)
		}
	}
	for name, c := range map[string]struct {
		meanwhile     func(store.Store, *limit.Limiter)
		news          []time.Duration
		given         int
		least, atMost time.Duration
	}{
		"nothing": {func(store.Store, *limit.Limiter) {}, nil, 0, StreamTime - 2*time.Second, StreamTime},
		"the plan is used up": {func(_ store.Store, other *limit.Limiter) {
			for other.Take(context.Background(), "k", limit.Standard).Allowed {
			}
		}, nil, 0, StreamTime - 2*time.Second, StreamTime},
		"the key is closed":                  {closed, nil, 0, heartbeat, 2 * heartbeat},
		"the key is closed before news come": {closed, []time.Duration{5 * time.Second, 19 * time.Second}, 1, 19 * time.Second, 21 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				st, err := bolt.Open(dir)
				if err != nil {
					t.Fatal(err)
				}
				defer st.Close()
				log := slog.New(slog.DiscardHandler)
				r := newNewsroom(28*time.Second, func(c *Config) { c.Limiter = limit.New(st, time.Now, log) })
				time.AfterFunc(heartbeat-time.Millisecond, func() { c.meanwhile(st, limit.New(st, time.Now, log)) })
				for _, at := range c.news {
					time.AfterFunc(at, func() { r.last.Add(1) })
				}
				ctx, cancel := context.WithTimeout(t.Context(), StreamTime)
				defer cancel()
				answer, request := httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "GET", "/news?after=0", nil)
				request.Header.Set("Accept", "text/event-stream")
				began := time.Now()
				r.handler.ServeHTTP(answer, request)
				if d := time.Since(began); d < c.least || d > c.atMost {
					t.Errorf("ended after %s", d)
				}
				if n := strings.Count(answer.Body.String(), "data:"); n != c.given {
					t.Errorf("gave %d events, not %d", n, c.given)
				}
			})
		})
	}
}
