// Package localhost serves all endpoints on a laptop, by net/http.
package localhost

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"almanac/internal/api"
)

// Drain is how long requests in flight may take to finish when the server is stopped.
const Drain = 10 * time.Second

// Handler serves the endpoints of the table, /healthz and /openapi.json.
func Handler(c api.Config) http.Handler {
	table := api.Table()
	health, document := api.Health(c), api.Document(c, table)
	endpoints := api.NewHandler(c, table...)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/healthz":
			health(w, r)
		case "/openapi.json":
			document(w, r)
		default:
			endpoints.ServeHTTP(w, r)
		}
		drain(w, r)
	})
}

// maxDrained is how many bytes are read of a body that nobody wants.
const maxDrained = 64 << 20

// drain sends the answer and reads on. Many clients read nothing before they
// have sent all of their body: when the connection is closed on them meanwhile
// they never see the answer that refused it.
func drain(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength == 0 || r.Header.Get("Expect") != "" {
		return // nothing comes, or not before it is asked for
	}
	_ = http.NewResponseController(w).Flush()
	_, _ = io.CopyN(io.Discard, r.Body, maxDrained)
}

// Listen opens the address; its error is one sentence that says what to do.
func Listen(addr string) (net.Listener, error) {
	network := "tcp"
	if ip, err := netip.ParseAddrPort(addr); err == nil && ip.Addr().Is4() {
		network = "tcp4" // with tcp 0.0.0.0 would be the addresses of IPv6, too
	}
	listener, err := net.Listen(network, addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is in use by another program: stop it, or choose another address with --addr (port 0 picks a free one)", addr)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %q (%w): give --addr as HOST:PORT", addr, err)
	}
	return listener, nil
}

// Serve answers requests until ctx ends, then lets those in flight finish.
func Serve(ctx context.Context, listener net.Listener, handler http.Handler, log *slog.Logger) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		// OPTIONS * is an unknown route like any other.
		DisableGeneralOptionsHandler: true,

		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	var silent newcomers
	server.ConnState = silent.note
	server.RegisterOnShutdown(silent.close)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), Drain)
	defer cancel()
	if err := server.Shutdown(drain); err != nil {
		// What has not finished by now was never acknowledged.
		return server.Close()
	}
	return nil
}
