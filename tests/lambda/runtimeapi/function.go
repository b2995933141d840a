package runtimeapi

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// Function is a running bootstrap.
type Function struct {
	server  *server
	cmd     *exec.Cmd
	started time.Time
	log     output
	ended   chan struct{}
}

// output may be read while the process writes it.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

// Start starts a bootstrap with the variables that Lambda sets and those given,
// and nothing of this process's own environment. Stop must be called.
func Start(bootstrap string, env ...string) (*Function, error) {
	f := &Function{server: newServer(), ended: make(chan struct{})}
	f.cmd = exec.Command(bootstrap)
	f.cmd.Env = append([]string{
		"AWS_LAMBDA_RUNTIME_API=" + strings.TrimPrefix(f.server.http.URL, "http://"),
		"AWS_LAMBDA_FUNCTION_NAME=local",
		"AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=256",
		"AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/local",
		"AWS_LAMBDA_LOG_STREAM_NAME=local",
		"AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
		"AWS_EXECUTION_ENV=AWS_Lambda_provided.al2023",
		"AWS_REGION=eu-central-1",
		"AWS_ACCESS_KEY_ID=local",
		"AWS_SECRET_ACCESS_KEY=local",
		"AWS_SESSION_TOKEN=local",
		"_HANDLER=bootstrap",
		"LAMBDA_TASK_ROOT=/var/task",
		"LANG=en_US.UTF-8",
		"TZ=:UTC",
	}, env...)
	f.cmd.Stdout, f.cmd.Stderr = &f.log, &f.log
	f.started = time.Now()
	if err := f.cmd.Start(); err != nil {
		f.server.http.Close()
		return nil, err
	}
	go func() {
		// How it ended is in ProcessState.
		_ = f.cmd.Wait()
		close(f.ended)
	}()
	return f, nil
}

// Ready waits for the function's first poll and tells how long after its start that was.
func (f *Function) Ready(ctx context.Context) (time.Duration, error) {
	select {
	case at := <-f.server.ready:
		return at.Sub(f.started), nil
	case body := <-f.server.initErr:
		return 0, fmt.Errorf("the function reported that it cannot start: %s", body)
	case <-f.ended:
		return 0, fmt.Errorf("the function ended (%s) before it was ready: %s", f.cmd.ProcessState, f.Log())
	case <-ctx.Done():
		return 0, fmt.Errorf("the function was not ready: %w: %s", ctx.Err(), f.Log())
	}
}

// Invoke gives the function one event and waits for what it makes of it.
func (f *Function) Invoke(ctx context.Context, event []byte, timeout time.Duration) (Outcome, error) {
	return f.invoke(ctx, &invocation{event: event, deadline: time.Now().Add(timeout), outcome: make(chan Outcome, 1)})
}

// Stream gives the function one event and gives what it answers as it comes,
// and the outcome when that has ended. The reader must be read.
func (f *Function) Stream(ctx context.Context, event []byte, timeout time.Duration) (answer io.Reader, outcome func() (Outcome, error)) {
	r, w := io.Pipe()
	type ended struct {
		Outcome
		error
	}
	done := make(chan ended, 1)
	i := &invocation{event: event, deadline: time.Now().Add(timeout), outcome: make(chan Outcome, 1), stream: w}
	go func() {
		o, err := f.invoke(ctx, i)
		_ = w.CloseWithError(err)
		done <- ended{o, err}
	}()
	return r, func() (Outcome, error) { e := <-done; return e.Outcome, e.error }
}

func (f *Function) invoke(ctx context.Context, i *invocation) (Outcome, error) {
	queue := f.server.queue
	for {
		select {
		case queue <- i:
			queue = nil
		case o := <-i.outcome:
			return o, nil
		case <-f.ended:
			return Outcome{}, fmt.Errorf("the function ended (%s): %s", f.cmd.ProcessState, f.Log())
		case <-ctx.Done():
			return Outcome{}, fmt.Errorf("no outcome: %w: %s", ctx.Err(), f.Log())
		}
	}
}

// Log is what the function wrote to its two outputs: all of it after Stop.
func (f *Function) Log() string {
	f.log.mu.Lock()
	defer f.log.mu.Unlock()
	return f.log.buf.String()
}

// Since tells how long after the function's start t is.
func (f *Function) Since(t time.Time) time.Duration { return t.Sub(f.started) }

// Signal sends the process a signal and waits for its end.
func (f *Function) Signal(ctx context.Context, sig os.Signal) (*os.ProcessState, error) {
	if err := f.cmd.Process.Signal(sig); err != nil {
		return nil, err
	}
	select {
	case <-f.ended:
		return f.cmd.ProcessState, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("the function goes on after %s: %w", sig, ctx.Err())
	}
}

// Stop ends the process, where it still runs, and gives its resource usage.
func (f *Function) Stop() *os.ProcessState {
	// An error says that it has ended already.
	_ = f.cmd.Process.Kill()
	<-f.ended
	f.server.http.CloseClientConnections()
	f.server.http.Close()
	return f.cmd.ProcessState
}
