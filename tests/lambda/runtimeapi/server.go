// Package runtimeapi runs compiled Lambda functions on this machine: it is the
// Runtime API that a custom runtime polls, and it starts the bootstrap.
package runtimeapi

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"time"
)

// Outcome is what a function made of one invocation.
type Outcome struct {
	Payload     []byte // of the response, or of the error
	ContentType string // of that
	Failed      bool   // the function reported an error
	At          time.Time
}

type invocation struct {
	id       string
	event    []byte
	deadline time.Time
	outcome  chan Outcome
	stream   *io.PipeWriter // else nil; gets the response while it is sent
}

// maxPayload is what Lambda takes of an answer.
const maxPayload = 6_291_556

// server has the four routes of the Runtime API, version 2018-06-01.
type server struct {
	http    *httptest.Server
	queue   chan *invocation
	ready   chan time.Time // the first poll, once
	initErr chan []byte

	mu      sync.Mutex
	polled  bool
	count   int
	running map[string]*invocation
}

func newServer() *server {
	s := &server{
		queue:   make(chan *invocation),
		ready:   make(chan time.Time, 1),
		initErr: make(chan []byte, 1),
		running: map[string]*invocation{},
	}
	const root = "/2018-06-01/runtime"
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+root+"/invocation/next", s.next)
	mux.HandleFunc("POST "+root+"/invocation/{id}/response", s.finish(false))
	mux.HandleFunc("POST "+root+"/invocation/{id}/error", s.finish(true))
	mux.HandleFunc("POST "+root+"/init/error", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.initErr <- body
		w.WriteHeader(http.StatusAccepted)
	})
	s.http = httptest.NewServer(mux)
	return s
}

func (s *server) next(w http.ResponseWriter, r *http.Request) {
	now := time.Now()
	s.mu.Lock()
	if !s.polled {
		s.polled = true
		s.ready <- now
	}
	s.mu.Unlock()
	select {
	case <-r.Context().Done():
	case i := <-s.queue:
		s.mu.Lock()
		s.count++
		i.id = fmt.Sprintf("00000000-0000-4000-8000-%012d", s.count)
		s.running[i.id] = i
		s.mu.Unlock()
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", i.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(i.deadline.UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-central-1:123456789012:function:local")
		h.Set("Lambda-Runtime-Trace-Id", "Root=1-6960f000-000000000000000000000000;Sampled=0")
		_, _ = w.Write(i.event)
	}
}

func (s *server) finish(failed bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		i := s.running[r.PathValue("id")]
		delete(s.running, r.PathValue("id"))
		s.mu.Unlock()
		sent := io.Reader(r.Body)
		if i != nil && i.stream != nil {
			sent = io.TeeReader(sent, i.stream)
		}
		body, err := io.ReadAll(sent)
		at := time.Now()
		if i != nil && i.stream != nil {
			_ = i.stream.CloseWithError(err)
		}
		if i == nil || err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if len(body) > maxPayload {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			failed, body = true, []byte(`{"errorType":"Function.ResponseSizeTooLarge"}`)
		} else {
			w.WriteHeader(http.StatusAccepted)
		}
		i.outcome <- Outcome{Payload: body, ContentType: r.Header.Get("Content-Type"), Failed: failed, At: at}
	}
}
