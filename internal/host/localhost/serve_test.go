package localhost

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// lines are the connections that a listener accepts, until it is closed.
type lines struct {
	waiting chan net.Conn
	closed  chan struct{}
}

func (l lines) Accept() (net.Conn, error) {
	select {
	case c := <-l.waiting:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l lines) Close() error   { close(l.closed); return nil }
func (l lines) Addr() net.Addr { return &net.TCPAddr{} }

func TestAConnectionThatSentNothingDoesNotHoldTheServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		listener := lines{make(chan net.Conn), make(chan struct{})}
		ended := make(chan error)
		go func() {
			ended <- Serve(ctx, listener, http.NotFoundHandler(), slog.New(slog.DiscardHandler))
		}()
		client, server := net.Pipe()
		defer client.Close()
		listener.waiting <- server
		synctest.Wait()
		began := time.Now()
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("the server took %s to stop", took)
		}
		if _, err := client.Read(make([]byte, 1)); err == nil {
			t.Error("the connection goes on")
		}
	})
}
