package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"almanac/internal/api"
	"almanac/internal/catalog"
	"almanac/internal/host/localhost"
	"almanac/internal/host/maintainer"
	"almanac/internal/network"
	"almanac/internal/tenant"
)

func serve(ctx context.Context, args []string, env func(string) string, stdout, stderr io.Writer) (err error) {
	var s settings
	f := newFlags("serve", env, stdout)
	f.text(&s.addr, "addr", "127.0.0.1:8080", "HOST:PORT to listen on; port 0 picks a free one")
	sample, err := flagFromEnv(env("ALMANAC_SAMPLE"))
	if err != nil {
		return err
	}
	f.BoolVar(&s.sample, "sample", sample, "load the sample project into an empty data directory (environment: ALMANAC_SAMPLE)")
	if err := f.parse(args, &s); err != nil {
		return err
	}
	_, port, err := net.SplitHostPort(s.addr)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return usageError("--addr is HOST:PORT with a port from 0 to 65535, not %q", s.addr)
	}
	st, err := s.openStore(ctx, env)
	if err != nil {
		return stopped(ctx, err)
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	listener, err := localhost.Listen(s.addr)
	if err != nil {
		return err
	}
	defer listener.Close()

	log := slog.New(slog.NewJSONHandler(stderr, nil))
	background := maintainer.New(st, time.Now, log)
	cat := catalog.New(st, time.Now, api.MaxProjects)
	keys := tenant.NewKeys(st, time.Now)
	fill := func() error {
		if !s.sample {
			return nil
		}
		if err := loadSample(ctx, cat, background); err != nil {
			return err
		}
		return loadSampleNetwork(ctx, network.New(st, time.Now))
	}
	if err := bootstrap(ctx, s, keys, keys.CreateKey, fill, stdout); err != nil {
		return stopped(ctx, err)
	}
	if s.ownerKey != "" {
		keys = keys.WithOwnerKey(s.ownerKey)
	}
	address := "http://" + listener.Addr().String()
	fmt.Fprintf(stdout, "listening on %s\n", address)
	if s.sample {
		printRequests(ctx, cat, s, address, stdout)
	}
	maintained, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { background.Run(maintained) })
	defer func() { stop(); running.Wait() }()
	handler := localhost.Handler(api.Config{
		Deps: api.Deps{Store: background.Watch(st), Now: time.Now, MaxProjects: api.MaxProjects},
		Log:  log,
		Stop: ctx.Done(),
		Authenticate: func(r *http.Request) (tenant.Principal, error) {
			return keys.Authenticate(r.Context(), r.Header.Values("Authorization"))
		},
	})
	return localhost.Serve(ctx, listener, handler, log)
}

func flagFromEnv(value string) (bool, error) {
	if value == "" {
		return false, nil
	}
	on, err := strconv.ParseBool(value)
	if err != nil {
		return false, usageError("ALMANAC_SAMPLE is true or false, not %q", value)
	}
	return on, nil
}

// stopped is no error where err only tells that ctx ended as asked.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}
