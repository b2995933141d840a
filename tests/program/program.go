// Package program has the built program at hand for tests: as a process that
// serves, can be stopped and can be killed.
package program

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Key opens every server that is started here.
const Key = "key-of-all-servers-in-tests"

// patience is how long anything may take that should be quick on a busy machine.
const patience = 30 * time.Second

var path string // of the built program

// Main builds the program and runs the tests of a package: call it from
// TestMain and exit with what it returns.
func Main(m *testing.M) int {
	dir, err := os.MkdirTemp("", "almanac-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path = filepath.Join(dir, "almanac")
	build := exec.Command("go", "build", "-trimpath", "-o", path, "almanac/cmd/almanac")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "almanac does not build: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// Server is a process that serves.
type Server struct {
	Client
	cmd   *exec.Cmd
	log   output // what it wrote to standard error
	ended chan struct{}
}

// output may be read while the process writes it.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

var listening = regexp.MustCompile(`listening on (http://\S+)`)

// Serve starts "almanac serve" with more flags and waits until it listens. It
// ends with the test, if not before.
func Serve(t testing.TB, flags ...string) *Server {
	t.Helper()
	s := &Server{ended: make(chan struct{})}
	s.cmd = exec.Command(path, append([]string{"serve", "--addr", "127.0.0.1:0"}, flags...)...)
	s.cmd.Dir = t.TempDir()
	s.cmd.Env = []string{"ALMANAC_OWNER_KEY=" + Key}
	s.cmd.Stderr = &s.log
	stdout, err := s.cmd.StdoutPipe()
	if err == nil {
		err = s.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	address := make(chan string, 1)
	go func() {
		defer close(s.ended)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			if found := listening.FindStringSubmatch(lines.Text()); found != nil {
				address <- found[1]
			}
		}
		_ = s.cmd.Wait() // how it ended is in ProcessState
	}()
	t.Cleanup(s.Kill)
	select {
	case url := <-address:
		s.Client = NewClient(url, Key)
	case <-s.ended:
		t.Fatalf("the server ended (%s): %s", s.cmd.ProcessState, s.Log())
	case <-time.After(patience):
		t.Fatalf("the server does not listen: %s", s.Log())
	}
	return s
}

// Log is what the server wrote to standard error: all of it once it has ended.
func (s *Server) Log() string { return strings.TrimSpace(s.log.String()) }

// Kill ends the server at once, as kill -9 does.
func (s *Server) Kill() {
	_ = s.cmd.Process.Kill() // it may have ended
	<-s.ended
	s.CloseIdleConnections()
}

// Stop ends the server as an operator does.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case <-s.ended:
	case <-time.After(patience):
		t.Fatal("the server does not stop")
	}
	s.CloseIdleConnections()
	if code := s.cmd.ProcessState.ExitCode(); code != 0 {
		t.Fatalf("the server ended with %d: %s", code, s.Log())
	}
}

// Pid is that of the process.
func (s *Server) Pid() int { return s.cmd.Process.Pid }

// NewProject makes a project and gives its path, such as /v1/projects/shop-a1b2c.
func (c Client) NewProject(ctx context.Context, name string) (path string, err error) {
	got, err := c.Do(ctx, "POST", "/v1/projects", fmt.Sprintf(`{"name":%q,"description":""}`, name))
	if err != nil {
		return "", err
	}
	project, err := Read[struct{ ID string }](got)
	return "/v1/projects/" + project.ID, err
}
