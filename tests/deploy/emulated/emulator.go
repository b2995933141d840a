// Package emulated deploys the stack on ministack, an emulator of AWS that runs
// functions as processes of this machine. Nothing of it leaves the loopback.
package emulated

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"almanac/tests/pytool"
)

// ministack is pinned, because the shim knows it from inside.
const ministack = "ministack==1.5.33"

//go:embed shim.py
var shim string

// Emulator is a running ministack that enforces the permissions of roles.
type Emulator struct {
	URL string

	cmd   *exec.Cmd
	ended chan struct{}

	mu     sync.Mutex
	output bytes.Buffer
	adds   []string
}

// Start returns when the emulator answers. It keeps everything in memory, and
// its files in a folder of the caller.
func Start(ctx context.Context, folder string) (*Emulator, error) {
	bin, err := pytool.Install(ctx, ministack)
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	e := &Emulator{URL: "http://127.0.0.1:" + port, ended: make(chan struct{})}
	e.cmd = exec.Command(filepath.Join(bin, "python"), "-u", "-c", shim)
	e.cmd.Env = append(os.Environ(),
		"GATEWAY_PORT="+port, "BIND_HOST=127.0.0.1", "MINISTACK_HOST=localhost", "TMPDIR="+folder,
		"AUTH=true", "LAMBDA_EXECUTOR=local", "IOT_MTLS_ENABLED=0", "AWS_DEFAULT_REGION="+Region,
		// Functions inherit it; without it they would dial AWS.
		"AWS_ENDPOINT_URL="+e.URL,
	)
	e.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // with its functions
	pipe, err := e.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	e.cmd.Stderr = e.cmd.Stdout
	if err := e.cmd.Start(); err != nil {
		return nil, err
	}
	go e.read(pipe)
	if err := e.wait(ctx); err != nil {
		e.Stop()
		return nil, err
	}
	return e, nil
}

func (e *Emulator) read(pipe io.Reader) {
	lines := bufio.NewScanner(pipe)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		e.mu.Lock()
		if what, ok := strings.CutPrefix(lines.Text(), "shim adds: "); ok {
			e.adds = append(e.adds, what)
		}
		e.output.WriteString(lines.Text() + "\n")
		e.mu.Unlock()
	}
	_ = e.cmd.Wait()
	close(e.ended)
}

// Adds is what the project itself adds to the emulator.
func (e *Emulator) Adds() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.adds
}

// Output is what the emulator has said so far.
func (e *Emulator) Output() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.output.String()
}

// Stop ends the emulator and the functions that it started.
func (e *Emulator) Stop() {
	_ = syscall.Kill(-e.cmd.Process.Pid, syscall.SIGTERM)
	select {
	case <-e.ended:
	case <-time.After(5 * time.Second):
	}
	_ = syscall.Kill(-e.cmd.Process.Pid, syscall.SIGKILL)
	<-e.ended
}

func (e *Emulator) wait(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, e.URL+"/_ministack/health", nil)
		if err != nil {
			return err
		}
		if res, err := http.DefaultClient.Do(r); err == nil {
			return res.Body.Close()
		}
		select {
		case <-e.ended:
			return errors.New("ministack ended by itself: " + e.Output())
		case <-ctx.Done():
			return fmt.Errorf("ministack did not answer at %s: %w\n%s", e.URL, ctx.Err(), e.Output())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port), nil
}
