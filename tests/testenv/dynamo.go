package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// local is a running DynamoDB Local.
type local struct {
	url    string
	cmd    *exec.Cmd
	output bytes.Buffer
	ended  chan struct{}
}

func start(ctx context.Context, lib string) (*local, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	l := &local{url: "http://127.0.0.1:" + strconv.Itoa(port), ended: make(chan struct{})}
	l.cmd = exec.Command("java", "-Xmx1g", "-XX:+UseSerialGC",
		"-Djava.library.path="+lib, "-cp", filepath.Join(lib, "*"),
		"software.amazon.dynamodb.services.local.main.ServerRunner",
		// One database, whatever region and key a test signs with.
		"-inMemory", "-sharedDb", "-port", strconv.Itoa(port), "-disableTelemetry")
	l.cmd.Stdout, l.cmd.Stderr = &l.output, &l.output
	if err := l.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(l.ended)
		_ = l.cmd.Wait()
	}()
	if err := l.wait(ctx); err != nil {
		l.stop()
		return nil, err
	}
	return l, nil
}

// wait returns when DynamoDB answers, whatever it answers.
func (l *local) wait(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, l.url, nil)
		if err != nil {
			return err
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			return res.Body.Close()
		}
		select {
		case <-l.ended:
			return l.exited()
		case <-ctx.Done():
			return fmt.Errorf("DynamoDB Local did not answer at %s: %w", l.url, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// exited is an error when DynamoDB has ended by itself.
func (l *local) exited() error {
	select {
	case <-l.ended:
		return errors.New("DynamoDB Local ended by itself: " + strings.TrimSpace(l.output.String()))
	default:
		return nil
	}
}

func (l *local) stop() {
	_ = l.cmd.Process.Kill()
	<-l.ended
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
