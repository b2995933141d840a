package api

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"mime"
	"net/http"
	"reflect"
	"strings"
	"time"

	"almanac/internal/tenant"
)

// followed is an answer that holds what is new, and can be waited for.
type followed interface {
	// Wait is how long the caller would wait where nothing is new; else 0.
	Wait() time.Duration
	// Messages is what is new, each with its id, empty where nobody can go on
	// after it. The same request with an id as its Last-Event-ID is answered
	// with what comes after.
	Messages() iter.Seq2[string, any]
}

const (
	// An operation whose answer is awaited is done again after pauses that
	// double from the first to the last: a read of one item each.
	firstPause = 100 * time.Millisecond
	lastPause  = time.Second
	// waitReserve is what a wait leaves of the time that the caller has.
	waitReserve = time.Second
	// heartbeat is how often a stream shows that it is alive.
	heartbeat = 15 * time.Second
	// StreamTime is how long a stream lasts where the host pays for each second
	// of it and must let go of it in the end: the client asks on by itself.
	StreamTime = time.Minute
	// streamWrite is how long a client may take to read what is sent to it.
	streamWrite = 30 * time.Second
)

// Streams tells whether the endpoint's answer can be a stream.
func (e Endpoint) Streams() bool {
	return e.answer != nil && e.answer.Implements(reflect.TypeFor[followed]())
}

// FunctionTimeout is how long a Lambda of the endpoint may run. A stream that
// lasts as long as it may is not yet a slow function.
func (e Endpoint) FunctionTimeout() time.Duration {
	if e.Streams() {
		return StreamTime * 3 / 2
	}
	return e.Timeout
}

// wantsStream tells whether a request is to be answered with a stream. Where
// the host cannot, it gets JSON.
func (c Config) wantsStream(r *http.Request) bool {
	if c.Stop == nil {
		return false
	}
	for _, value := range r.Header.Values("Accept") {
		for part := range strings.SplitSeq(value, ",") {
			if media, _, err := mime.ParseMediaType(part); err == nil && media == "text/event-stream" {
				return true
			}
		}
	}
	return false
}

// await does an operation again and again until something is new in its answer,
// the wait is over, the caller gone, or the host stops. A key that was good when
// the wait began may be none by then: it is looked up again before it is given
// anything. No endpoint that can be waited for is open to others than keys.
func (c Config) await(ctx context.Context, e Endpoint, r *http.Request, wait time.Duration, answer any, do func() (any, error)) (any, error) {
	if deadline, ok := ctx.Deadline(); ok {
		wait = min(wait, time.Until(deadline)-waitReserve)
	}
	over := time.NewTimer(wait)
	defer over.Stop()
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		again := time.NewTimer(pause)
		select {
		case <-again.C:
		case <-over.C:
			return answer, nil
		case <-c.Stop:
			return answer, nil
		case <-ctx.Done():
			return answer, nil
		}
		var err error
		if answer, err = do(); err != nil {
			return nil, err
		}
		if filled(answer) {
			_, err = c.admitted(e, r)
			return answer, err
		}
	}
}

// admitted tells whose key opens an endpoint.
func (c Config) admitted(e Endpoint, r *http.Request) (tenant.Principal, error) {
	p, err := c.Authenticate(r)
	if err == nil {
		err = e.require(p)
	}
	return p, err
}

func filled(answer any) bool {
	for range answer.(followed).Messages() {
		return true
	}
	return false
}

// stream answers with server-sent events until the client goes, the host stops,
// the request's time is up or an operation fails: then the client asks again,
// and is told why.
func (c Config) stream(x *exchange, e Endpoint, do operation, page followed) error {
	rc := http.NewResponseController(x)
	// The server's limits are for requests that end. Who cannot set them has none.
	_ = rc.SetReadDeadline(time.Time{})
	h := x.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", noStore)
	x.WriteHeader(e.Success)
	last := x.r.Header.Get("Last-Event-ID")
	counted := x.began
	for {
		text, id, err := messages(page)
		if err != nil {
			return err
		}
		if id != "" {
			last = id
		}
		_ = rc.SetWriteDeadline(time.Now().Add(streamWrite))
		if _, err := x.Write(text); err != nil {
			return nil // the client is gone
		}
		if err := rc.Flush(); err != nil {
			return nil
		}
		select {
		case <-c.Stop:
			return nil
		default:
		}
		if over(x.r.Context()) {
			return nil
		}
		if page, err = c.next(x, e, do, last, &counted); err != nil {
			if x.r.Context().Err() != nil {
				return nil
			}
			return err
		}
	}
}

// over tells whether a request's time is up, but for what await leaves of it.
func over(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return ctx.Err() != nil || ok && time.Until(deadline) <= waitReserve
}

// next waits for what comes after an id. Each time the key is looked up anew,
// before what came is given: a stream must not outlive it for long. Where a host
// cannot look it up, the limiter still knows that it was revoked: now and then
// the stream counts as a request. One too many for its plan does not end it,
// since a browser would take that for the last word.
func (c Config) next(x *exchange, e Endpoint, do operation, last string, counted *time.Time) (followed, error) {
	ctx, cancel := context.WithTimeout(x.r.Context(), e.Timeout)
	defer cancel()
	r := x.r.Clone(ctx)
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	p, err := c.admitted(e, r)
	if err != nil {
		return nil, err
	}
	again := func() (any, error) { return do(ctx, p, r) }
	answer, err := again()
	if err == nil && !filled(answer) {
		answer, err = c.await(ctx, e, r, heartbeat, answer, again)
	}
	if err != nil {
		return nil, err
	}
	if time.Since(*counted) >= heartbeat {
		*counted = time.Now()
		if limited := c.limit(ctx, http.Header{}, p); limited == errRevoked {
			return nil, limited
		}
	}
	return answer.(followed), nil
}

// messages writes a page as server-sent events, or a comment where it is empty,
// and gives the last id in it.
func messages(page followed) (text []byte, last string, err error) {
	var b bytes.Buffer
	for id, data := range page.Messages() {
		if id != "" {
			fmt.Fprintf(&b, "id: %s\n", id)
			last = id
		}
		b.WriteString("data: ")
		if err := encodeTo(&b, data); err != nil {
			return nil, "", err
		}
		b.WriteString("\n\n")
	}
	if b.Len() == 0 {
		b.WriteString(": nothing yet\n\n")
	}
	return b.Bytes(), last, nil
}
