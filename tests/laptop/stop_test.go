package laptop

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"almanac/internal/host/localhost"
)

// halfSent is a createProject of which the server is reading the body.
func (p *process) halfSent(body string) net.Conn {
	p.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		p.Fatal(err)
	}
	p.Cleanup(func() { c.Close() })
	fmt.Fprintf(c, "POST /v1/projects HTTP/1.1\r\nHost: almanac\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", p.key, len(body))
	// The server says so when the operation begins to read.
	const goOn = "HTTP/1.1 100 Continue\r\n\r\n"
	got := make([]byte, len(goOn))
	if _, err := io.ReadFull(c, got); err != nil || string(got) != goOn {
		p.Fatalf("the server said %q: %v", got, err)
	}
	fmt.Fprint(c, body[:len(body)/2])
	return c
}

// closed waits until the server takes no new connections.
func (p *process) closed() {
	p.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); {
		c, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
		if errors.Is(err, syscall.ECONNREFUSED) {
			return
		}
		if err == nil {
			c.Close()
		}
	}
	p.Fatal("the server still takes connections")
}

func TestASignalLetsTheRequestInFlightFinish(t *testing.T) {
	for _, s := range []os.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(s.String(), func(t *testing.T) {
			data := t.TempDir()
			p := serve(t, data, nil)
			const body = `{"name":"In flight","description":"half of it is sent after the signal"}`
			c := p.halfSent(body)
			p.signal(s)
			p.closed()
			fmt.Fprint(c, body[len(body)/2:])
			got, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil || got.StatusCode != 200 {
				t.Fatalf("the request in flight got %v %v", got, err)
			}
			if code := p.end(); code != 0 {
				t.Errorf("ended with %d: %s", code, p.stderr)
			}
			again := serve(t, data, nil)
			defer again.stop()
			if list := again.ask("GET", "/v1/projects", ""); !strings.Contains(list, `"In flight"`) {
				t.Errorf("what was acknowledged is not there: %s", list)
			}
		})
	}
}

func TestASecondSignalEndsTheServerAtOnce(t *testing.T) {
	p := serve(t, t.TempDir(), nil)
	p.halfSent(`{"name":"Never ending","description":""}`)
	p.signal(os.Interrupt)
	p.closed()
	p.signal(os.Interrupt)
	if p.end(); p.cmd.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGINT {
		t.Errorf("ended with %s: %s", p.cmd.ProcessState, p.stderr)
	}
}

func TestARequestThatNeverEndsDoesNotHoldTheServer(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	p := serve(t, data, nil)
	p.halfSent(`{"name":"Never ending","description":""}`)
	began := time.Now()
	p.signal(syscall.SIGTERM)
	if code := p.end(); code != 0 {
		t.Errorf("ended with %d: %s", code, p.stderr)
	}
	if took := time.Since(began); took > 12*time.Second {
		t.Errorf("the server took %s to stop", took)
	}
	again := serve(t, data, nil)
	defer again.stop()
	if list := again.ask("GET", "/v1/projects", ""); !strings.Contains(list, `"total":0`) {
		t.Errorf("half a request was done: %s", list)
	}
}

func TestAnIdleConnectionDoesNotHoldTheServer(t *testing.T) {
	p := serve(t, t.TempDir(), nil)
	p.ask("GET", "/v1/projects", "") // its connection is kept
	began := time.Now()
	p.stop()
	if took := time.Since(began); took >= localhost.Drain {
		t.Errorf("the server took %s to stop", took)
	}
}

// Killed at any moment of its first start, a server starts again by itself.
func TestAKillDuringTheFirstStartNeedsNoRepair(t *testing.T) {
	for writes := range 12 {
		data := t.TempDir()
		p := invoke(t, nil, "serve", "--addr", "127.0.0.1:0", "--data", data, "--sample")
		p.wrote(filepath.Join(data, "almanac.db"), writes)
		p.signal(syscall.SIGKILL)
		p.end()
		again := serve(t, data, nil, "--sample")
		if got := again.ask("GET", sample+"/history", ""); !strings.Contains(got, `"totalCount":11`) {
			t.Errorf("killed after %d writes: the sample is %s", writes, got)
		}
		if again.status(again.key, "/v1/projects") != 200 {
			t.Errorf("killed after %d writes: the key in owner.key does not open the workspace", writes)
		}
		again.stop()
	}
}

// wrote waits until a file was seen to change so many times, or the server listens.
func (p *process) wrote(name string, times int) {
	p.Helper()
	var last time.Time
	for end := time.Now().Add(patience); times > 0 && !listening.MatchString(p.stdout.String()); {
		if time.Now().After(end) {
			p.Fatalf("%s does not change", name)
		}
		if info, err := os.Stat(name); err == nil && info.ModTime() != last {
			last = info.ModTime()
			times--
		}
	}
}
