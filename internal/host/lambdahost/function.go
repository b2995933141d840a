package lambdahost

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/awslabs/aws-lambda-go-api-proxy/core"

	"almanac/internal/api"
	"almanac/internal/fault"
)

// reserve is what is left of an invocation's time when its store calls are
// given up, so that our own 503 still reaches the client.
const reserve = 500 * time.Millisecond

// maxAnswer is what Lambda carries of an answer, headers and escapes included.
// It refuses a larger one to the function, not to the client, and the library
// then ends the process.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const maxAnswer = 6_291_556

func withReserve(ctx context.Context) (context.Context, context.CancelFunc) {
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, deadline.Add(-reserve))
	}
	return ctx, func() {}
}

// function answers the gateway's events with one handler.
//
// It uses the core of the proxy library, not its adapters: they answer a
// malformed event and a silent handler with one and the same error, which the
// gateway turns into a 502.
type function struct {
	config   api.Config
	endpoint api.Endpoint
	handler  http.Handler
	convert  core.RequestAccessor
}

func newFunction(c api.Config, e api.Endpoint) *function {
	return &function{config: c, endpoint: e, handler: api.NewHandler(c, e)}
}

// answer never fails: every error is an answer in our own words.
func (f *function) answer(ctx context.Context, event events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
	ctx, cancel := withReserve(ctx)
	defer cancel()
	r, err := f.request(ctx, event)
	if err != nil {
		return f.refuse(ctx, event, err)
	}
	w := core.NewProxyResponseWriter()
	if err := serve(f.handler, w, r); err != nil {
		return f.refuse(ctx, event, err)
	}
	answer, err := w.GetProxyResponse()
	if err != nil {
		return f.refuse(ctx, event, errors.New("the handler wrote nothing"))
	}
	if tooLarge(answer) {
		return f.refuse(ctx, event, fault.BadRequest("the answer is larger than the gateway can carry; ask for less of it, with a limit or a size"))
	}
	return answer, nil
}

var errUnreadable = fault.BadRequest("the request cannot be read as HTTP")

// request is what the client sent the gateway.
func (f *function) request(ctx context.Context, event events.APIGatewayProxyRequest) (*http.Request, error) {
	// The library writes to the log what it cannot parse, and a path may hold a
	// share token.
	if _, err := url.ParseRequestURI(event.Path); err != nil {
		return nil, errUnreadable
	}
	r, err := f.convert.EventToRequestWithContext(ctx, event)
	if err != nil {
		return nil, errUnreadable.Because(err)
	}
	r.Header.Set("X-Request-Id", event.RequestContext.RequestID)
	r.Header.Del("Host") // r.Host has it, as with net/http
	r.RemoteAddr = net.JoinHostPort(r.RemoteAddr, "0")
	return r, nil
}

func tooLarge(answer events.APIGatewayProxyResponse) bool {
	// Escaped, a byte becomes six at most: nearly all answers need no count.
	if len(answer.Body) < maxAnswer/6-(64<<10) {
		return false
	}
	var n counter
	e := json.NewEncoder(&n)
	e.SetEscapeHTML(false) // as the library does
	return e.Encode(answer) != nil || n > maxAnswer
}

type counter int

func (n *counter) Write(p []byte) (int, error) { *n += counter(len(p)); return len(p), nil }

// serve turns a panic into an error: one request must not end the process.
func serve(h http.Handler, w http.ResponseWriter, r *http.Request) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	h.ServeHTTP(w, r)
	return nil
}

// refuse answers with an error that has no way through the handler.
func (f *function) refuse(ctx context.Context, event events.APIGatewayProxyRequest, cause error) (events.APIGatewayProxyResponse, error) {
	r := (&http.Request{
		Method: f.endpoint.Method,
		URL:    &url.URL{Path: f.endpoint.Path},
		Header: http.Header{"X-Request-Id": {event.RequestContext.RequestID}},
		Body:   http.NoBody,
	}).WithContext(ctx)
	w := core.NewProxyResponseWriter()
	f.config.Refuse(f.endpoint, cause).ServeHTTP(w, r)
	return w.GetProxyResponse()
}
