package gateway

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"almanac/internal/api"
	"almanac/tests/lambda/golden"
	"almanac/tests/lambda/runtimeapi"
)

// most is how many instances a function has: each does one request at a time.
const most = 8

// functions starts functions as they are asked for, and keeps them warm.
type functions struct {
	dir      string
	env      []string
	timeouts map[string]time.Duration
	build    func(name string) error

	mu     sync.Mutex
	byName map[string]*function
}

// function is one function with its instances.
type function struct {
	build func() error
	slots chan struct{}

	mu   sync.Mutex
	idle []*runtimeapi.Function
	all  []*runtimeapi.Function
}

func newFunctions(c Config, endpoints []api.Endpoint) (*functions, error) {
	dir, err := os.MkdirTemp("", "almanac-gateway-")
	if err != nil {
		return nil, err
	}
	timeouts := map[string]time.Duration{api.Authorizer: 5 * time.Second}
	for _, e := range endpoints {
		timeouts[e.ID] = e.FunctionTimeout()
	}
	all := sync.OnceValue(func() error { return runtimeapi.BuildFunctions(dir) })
	build := func(string) error { return all() }
	if c.Few {
		build = func(name string) error { return runtimeapi.Build(dir, "", "almanac/functions/"+name) }
	}
	return &functions{dir: dir, env: c.Environment, timeouts: timeouts, build: build, byName: map[string]*function{}}, nil
}

func (f *functions) of(name string) *function {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.byName[name] == nil {
		f.byName[name] = &function{
			slots: make(chan struct{}, most),
			build: sync.OnceValue(func() error { return f.build(name) }),
		}
	}
	return f.byName[name]
}

// instance gives an instance that does nothing else until release is called.
func (f *functions) instance(name string) (instance *runtimeapi.Function, release func(failed bool), err error) {
	fn := f.of(name)
	if err := fn.build(); err != nil {
		return nil, nil, err
	}
	fn.slots <- struct{}{}
	fn.mu.Lock()
	defer fn.mu.Unlock()
	if last := len(fn.idle) - 1; last >= 0 {
		instance, fn.idle = fn.idle[last], fn.idle[:last]
	} else if instance, err = runtimeapi.Start(filepath.Join(f.dir, name), f.env...); err != nil {
		<-fn.slots
		return nil, nil, err
	} else {
		fn.all = append(fn.all, instance)
	}
	return instance, func(failed bool) {
		fn.mu.Lock()
		defer fn.mu.Unlock()
		if !failed {
			fn.idle = append(fn.idle, instance)
		}
		<-fn.slots
	}, nil
}

// patience is how much longer than its time a function gets before the tests give it up.
const patience = 30 * time.Second

func (f *functions) invoke(ctx context.Context, name string, event []byte) (runtimeapi.Outcome, error) {
	instance, release, err := f.instance(name)
	if err != nil {
		return runtimeapi.Outcome{}, err
	}
	// A function goes on when its client went away.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), f.timeouts[name]+patience)
	defer cancel()
	out, err := instance.Invoke(ctx, event, f.timeouts[name])
	release(err != nil)
	return out, err
}

// answer gives the client what the function of a method makes of an event.
func (f *functions) answer(x exchange, m method, e golden.Event) error {
	event, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if m.Integration.TransferMode == "STREAM" {
		return f.stream(x, m.Integration.URI, event)
	}
	out, err := f.invoke(x.r.Context(), m.Integration.URI, event)
	if err != nil {
		return err
	}
	var a golden.Answer
	if err := json.Unmarshal(out.Payload, &a); err != nil || out.Failed || a.StatusCode == 0 {
		return fmt.Errorf("%s answered %s", m.Integration.URI, out.Payload)
	}
	deliver(x.w, a)
	return nil
}

// stream passes on an answer while it is written.
func (f *functions) stream(x exchange, name string, event []byte) error {
	instance, release, err := f.instance(name)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(x.r.Context()), f.timeouts[name]+patience)
	answer, outcome := instance.Stream(ctx, event, f.timeouts[name])
	// The function is free again when it has written all, which nobody may wait for.
	finish := func() {
		_, _ = io.Copy(io.Discard, answer)
		_, err := outcome()
		cancel()
		release(err != nil)
	}
	body := bufio.NewReader(answer)
	head, err := golden.Metadata(body)
	if err != nil {
		go finish()
		return err
	}
	deliver(x.w, head)
	_ = http.NewResponseController(x.w).Flush()
	buffer := make([]byte, 32<<10)
	for err == nil && x.r.Context().Err() == nil {
		var n int
		n, err = body.Read(buffer)
		_, _ = x.w.Write(buffer[:n])
		_ = http.NewResponseController(x.w).Flush()
	}
	go finish()
	return nil
}

func (f *functions) instances() (all []*runtimeapi.Function) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, fn := range f.byName {
		fn.mu.Lock()
		all = append(all, fn.all...)
		fn.mu.Unlock()
	}
	return all
}

func (f *functions) log() string {
	var all strings.Builder
	for _, instance := range f.instances() {
		all.WriteString(instance.Log())
	}
	return all.String()
}

func (f *functions) close() error {
	var stopping sync.WaitGroup
	for _, instance := range f.instances() {
		stopping.Go(func() { instance.Stop() })
	}
	stopping.Wait()
	return os.RemoveAll(f.dir)
}
