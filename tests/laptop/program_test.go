// Package laptop runs the built program as a process, as a newcomer, a script
// or an operator does.
package laptop

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
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

// program is the built command, in a directory that any user may enter.
var program string

func TestMain(m *testing.M) { os.Exit(buildAndRun(m)) }

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "almanac-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil {
		panic(err)
	}
	program = filepath.Join(dir, "almanac")
	build := exec.Command("go", "build", "-trimpath", "-o", program, "almanac/cmd/almanac")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "almanac does not build: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// process is a run of the program.
type process struct {
	*testing.T
	cmd    *exec.Cmd
	stdout *lines
	stderr *lines
	ended  chan struct{}
	code   int // once it has ended; -1 for a signal

	url string // of a server that listens
	key string
}

// lines is output that can be awaited.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{} // closed and renewed with each write
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.more)
	l.more = make(chan struct{})
	return l.text.Write(b)
}

func (l *lines) read() (string, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String(), l.more
}

func (l *lines) String() string {
	text, _ := l.read()
	return text
}

// patience is how long anything may take that should be quick on a busy machine.
const patience = 30 * time.Second

// invoke starts the program with an environment of its own and nothing else.
func invoke(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	return invokeAs(t, nil, env, args...)
}

func invokeAs(t *testing.T, as *syscall.SysProcAttr, env []string, args ...string) *process {
	t.Helper()
	p := &process{T: t, cmd: exec.Command(program, args...), ended: make(chan struct{})}
	p.stdout, p.stderr = &lines{more: make(chan struct{})}, &lines{more: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = p.stdout, p.stderr
	p.cmd.SysProcAttr = as
	p.cmd.Dir = os.TempDir()
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH")}, env...)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // its code says more
		p.code = p.cmd.ProcessState.ExitCode()
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // it may have ended
		<-p.ended
	})
	return p
}

var listening = regexp.MustCompile(`(?m)^.*listening on (http://\S+:\d+)\b.*$`)

// serve starts a server on a free port and waits until it listens.
func serve(t *testing.T, data string, env []string, args ...string) *process {
	t.Helper()
	p := invoke(t, env, append([]string{"serve", "--addr", "127.0.0.1:0", "--data", data}, args...)...)
	p.await()
	p.key = ownerKey(t, data)
	for _, variable := range env {
		if key, ok := strings.CutPrefix(variable, "ALMANAC_OWNER_KEY="); ok {
			p.key = key
		}
	}
	return p
}

// await waits until the server listens.
func (p *process) await() {
	p.Helper()
	p.url = p.prints(listening)[1]
}

// prints waits until standard output matches and gives what did.
func (p *process) prints(pattern *regexp.Regexp) []string {
	p.Helper()
	for end := time.After(patience); ; {
		text, more := p.stdout.read()
		if found := pattern.FindStringSubmatch(text); found != nil {
			return found
		}
		select {
		case <-more:
		case <-p.ended:
			p.Fatalf("the server ended with %d: %s", p.code, p.stderr)
		case <-end:
			p.Fatalf("%s is not in %s %s", pattern, text, p.stderr)
		}
	}
}

// end waits for the end and gives the exit code.
func (p *process) end() int {
	p.Helper()
	select {
	case <-p.ended:
		return p.code
	case <-time.After(patience):
		p.Fatalf("%v does not end", p.cmd.Args)
		return 0
	}
}

func (p *process) signal(s os.Signal) {
	p.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.Fatal(err)
	}
}

// stop ends a server as an operator does.
func (p *process) stop() {
	p.Helper()
	p.signal(syscall.SIGTERM)
	if code := p.end(); code != 0 {
		p.Fatalf("the server ended with %d: %s", code, p.stderr)
	}
}

// complains checks that the program ended with a code and one sentence.
func (p *process) complains(code int, naming ...string) {
	p.Helper()
	if got := p.end(); got != code {
		p.Errorf("%v ended with %d, not %d: %s", p.cmd.Args, got, code, p.stderr)
	}
	said := p.stderr.String()
	if !strings.HasPrefix(said, "almanac: ") || strings.Count(said, "\n") != 1 || !strings.HasSuffix(said, "\n") {
		p.Errorf("%v said\n%s", p.cmd.Args, said)
	}
	for _, words := range naming {
		if !strings.Contains(said, words) {
			p.Errorf("%v said %q, which does not name %q", p.cmd.Args, said, words)
		}
	}
	if out := p.stdout.String(); out != "" {
		p.Errorf("%v printed %q", p.cmd.Args, out)
	}
}

func ownerKey(t *testing.T, data string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(data, "owner.key"))
	if errors.Is(err, os.ErrNotExist) {
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(string(text), "\n")
}

// try asks the server with a key and gives the status and the body.
func (p *process) try(key, method, path, body string) (int, string, error) {
	ctx, cancel := context.WithTimeout(p.Context(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, p.url+path, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	got, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return 0, "", err
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	return got.StatusCode, string(text), err
}

// ask is try with the server's own key for what must succeed.
func (p *process) ask(method, path, body string) string {
	p.Helper()
	status, text, err := p.try(p.key, method, path, body)
	if err != nil || status != 200 {
		p.Fatalf("%s %s: %d %s %v", method, path, status, text, err)
	}
	return text
}

func (p *process) status(key, path string) int {
	p.Helper()
	status, _, err := p.try(key, "GET", path, "")
	if err != nil {
		p.Fatal(err)
	}
	return status
}

func (p *process) newProject(name string) (path string) {
	p.Helper()
	body := p.ask("POST", "/v1/projects", fmt.Sprintf(`{"name":%q,"description":""}`, name))
	return "/v1/projects/" + decode[struct{ ID string }](p.T, body).ID
}

func decode[T any](t *testing.T, text string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

// logged are the lines of standard error, each of them JSON.
func (p *process) logged() []map[string]any {
	p.Helper()
	var all []map[string]any
	for scanner := bufio.NewScanner(strings.NewReader(p.stderr.String())); scanner.Scan(); {
		all = append(all, decode[map[string]any](p.T, scanner.Text()))
	}
	return all
}

type service struct {
	Slug, Description, CreatedBy, CreatedAt, ValidFrom string
}
