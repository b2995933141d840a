package lambdahost

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

func TestAStreamGoesOutWhileItIsWrittenAndEndsWithItsHandler(t *testing.T) {
	more := make(chan struct{})
	f := with(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Word", "first")
		w.Header().Set("Content-Length", "7")
		w.WriteHeader(http.StatusAccepted)
		w.Header().Set("X-Word", "second") // too late
		_, _ = io.WriteString(w, "one")
		<-more
		_, _ = io.WriteString(w, "two")
	})
	answer, err := f.stream(t.Context(), event())
	if err != nil || answer.StatusCode != http.StatusAccepted || answer.MultiValueHeaders["X-Word"][0] != "first" || answer.MultiValueHeaders["Content-Length"] != nil {
		t.Fatalf("begins with %+v, %v", answer, err)
	}
	part := make([]byte, 3)
	if _, err := io.ReadFull(answer.Body, part); err != nil || string(part) != "one" {
		t.Errorf("%q, %v", part, err)
	}
	close(more)
	if rest, err := io.ReadAll(answer.Body); err != nil || string(rest) != "two" {
		t.Errorf("%q, %v", rest, err)
	}
}

func TestEveryFailureIsAStreamInOurWords(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(*events.APIGatewayProxyRequest)
		handler http.HandlerFunc
		status  int
		code    string
		logged  string
	}{
		"a path that is none": {
			func(e *events.APIGatewayProxyRequest) { e.Path = "/v1/%zz" }, nil, 400, "bad_request", "",
		},
		"no caller from the authorizer": {
			func(e *events.APIGatewayProxyRequest) { e.RequestContext.Authorizer = nil }, nil, 401, "unauthorized", "",
		},
		"a panic of the handler": {
			func(*events.APIGatewayProxyRequest) {},
			func(http.ResponseWriter, *http.Request) { panic("out of paper") }, 500, "internal_error", "out of paper",
		},
		"a handler that writes nothing": {
			func(*events.APIGatewayProxyRequest) {},
			func(http.ResponseWriter, *http.Request) {}, 500, "internal_error", "wrote nothing",
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := event()
			c.change(&e)
			var log bytes.Buffer
			f := getService(nil, &log)
			if c.handler != nil {
				f.handler = c.handler
			}
			answer, err := f.stream(t.Context(), e)
			if err != nil {
				t.Fatal(err)
			}
			var body struct {
				Status int
				Code   string
			}
			if err := json.NewDecoder(answer.Body).Decode(&body); err != nil || answer.StatusCode != c.status || body.Status != c.status || body.Code != c.code {
				t.Errorf("answered %d %+v, %v", answer.StatusCode, body, err)
			}
			if !strings.Contains(log.String(), requestID) || !strings.Contains(log.String(), c.logged) {
				t.Errorf("logged %s", &log)
			}
		})
	}
}

func TestAPanicAmidAStreamEndsItAndNotTheProcess(t *testing.T) {
	answer, err := with(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "half")
		panic("out of paper")
	}).stream(t.Context(), event())
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("begins with %+v, %v", answer, err)
	}
	if body, err := io.ReadAll(answer.Body); err != nil || string(body) != "half" {
		t.Errorf("%q, %v", body, err)
	}
}

func TestAHandlerStopsWhenNobodyListensOrTheTimeIsUp(t *testing.T) {
	for name, c := range map[string]struct {
		timeout time.Duration // of the invocation
		leave   bool          // after a second
		want    time.Duration
	}{
		"the listener goes":         {90 * time.Second, true, time.Second},
		"the stream is long enough": {90 * time.Second, false, time.Minute},
		"the invocation ends":       {10 * time.Second, false, 10*time.Second - reserve},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				stopped := make(chan time.Duration, 1)
				f := with(func(w http.ResponseWriter, r *http.Request) {
					w.WriteHeader(http.StatusOK)
					<-r.Context().Done()
					stopped <- time.Since(began)
				})
				ctx, cancel := context.WithTimeout(t.Context(), c.timeout)
				defer cancel()
				answer, err := f.stream(ctx, event())
				if err != nil {
					t.Fatal(err)
				}
				if c.leave {
					time.Sleep(time.Second)
					if err := answer.Close(); err != nil {
						t.Error(err)
					}
				} else if _, err := io.Copy(io.Discard, answer.Body); err != nil {
					t.Error(err)
				}
				if got := <-stopped; got != c.want {
					t.Errorf("stopped after %s", got)
				}
			})
		})
	}
}
