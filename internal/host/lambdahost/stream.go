package lambdahost

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/aws/aws-lambda-go/events"

	"almanac/internal/api"
)

// stream answers as answer does, for a gateway that passes on an answer while
// it is written. That one wants this form of every answer, be it short or long.
func (f *function) stream(ctx context.Context, event events.APIGatewayProxyRequest) (*events.APIGatewayProxyStreamingResponse, error) {
	ctx, release := withReserve(ctx)
	ctx, cancel := context.WithTimeout(ctx, api.StreamTime)
	stop := func() { cancel(); release() }
	r, err := f.request(ctx, event)
	if err != nil {
		defer stop()
		return whole(f.refuse(ctx, event, err))
	}
	body, to := io.Pipe()
	w := &streamWriter{header: http.Header{}, begun: make(chan struct{}), body: to}
	var failed error
	go func() {
		defer stop()
		failed = serve(f.handler, w, r)
		w.begin(0)
		_ = to.Close()
	}()
	<-w.begun
	if w.status == 0 {
		if failed == nil {
			failed = errors.New("the handler wrote nothing")
		}
		return whole(f.refuse(context.WithoutCancel(ctx), event, failed))
	}
	return &events.APIGatewayProxyStreamingResponse{
		StatusCode: w.status, MultiValueHeaders: w.sent, Body: listened{body, stop},
	}, nil
}

// whole is an answer that is there already, as a stream.
func whole(a events.APIGatewayProxyResponse, err error) (*events.APIGatewayProxyStreamingResponse, error) {
	return &events.APIGatewayProxyStreamingResponse{
		StatusCode: a.StatusCode, MultiValueHeaders: a.MultiValueHeaders, Body: strings.NewReader(a.Body),
	}, err
}

// listened is the end of a stream that is read. Its Close tells who writes that
// nobody listens any more.
type listened struct {
	*io.PipeReader
	stop func()
}

func (l listened) Close() error {
	l.stop()
	return l.PipeReader.Close()
}

// streamWriter passes on what a handler writes, status and header first.
type streamWriter struct {
	header http.Header
	body   io.Writer

	once   sync.Once
	begun  chan struct{} // closed when status and sent have their last values
	status int           // 0: the handler ended without an answer
	sent   http.Header
}

func (w *streamWriter) begin(status int) {
	w.once.Do(func() {
		w.status, w.sent = status, w.header.Clone()
		w.sent.Del("Content-Length") // the gateway sends it in chunks
		close(w.begun)
	})
}

func (w *streamWriter) Header() http.Header    { return w.header }
func (w *streamWriter) WriteHeader(status int) { w.begin(status) }

// Flush has nothing to do: nothing is kept back.
func (w *streamWriter) Flush() {}

func (w *streamWriter) Write(p []byte) (int, error) {
	w.begin(http.StatusOK)
	return w.body.Write(p)
}
