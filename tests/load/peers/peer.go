package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"time"
)

const key = "key-of-the-two-peers"

// peer is a server of services, with the processes that do its work.
type peer struct {
	name     string
	services string // URL of all services of the project
	pids     []int
	client   *http.Client
	from, to time.Time // between which it got its past
}

var listening = regexp.MustCompile(`listening on (http://\S+)`)

// start runs a server and waits for its address. It ends with ctx; children
// tells when it has.
func start(ctx context.Context, children *sync.WaitGroup, env []string, name string, args ...string) (url string, pid int, err error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = env
	var log bytes.Buffer
	cmd.Stderr = io.Discard
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return "", 0, err
	}
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		log.WriteString(lines.Text() + "\n")
		if found := listening.FindStringSubmatch(lines.Text()); found != nil {
			children.Go(func() {
				_, _ = io.Copy(io.Discard, stdout)
				_ = cmd.Wait() // it was killed
			})
			return found[1], cmd.Process.Pid, nil
		}
	}
	return "", 0, fmt.Errorf("%s ended (%w): %s", name, cmd.Wait(), &log)
}

// do sends a request and reads the whole answer.
func (p *peer) do(ctx context.Context, method, url, body string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+key)
	got, err := p.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	if err == nil && got.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: %d %.300s", method, url, got.StatusCode, text)
	}
	return text, err
}

func httpClient() *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
}

func startAlmanac(ctx context.Context, children *sync.WaitGroup, program, data string) (*peer, error) {
	url, pid, err := start(ctx, children, []string{"ALMANAC_OWNER_KEY=" + key}, program, "serve", "--addr", "127.0.0.1:0", "--data", data)
	if err != nil {
		return nil, err
	}
	p := &peer{name: "Almanac", pids: []int{pid}, client: httpClient()}
	made, err := p.do(ctx, http.MethodPost, url+"/v1/projects", `{"name":"Peers","description":""}`)
	if err != nil {
		return nil, err
	}
	var project struct{ ID string }
	err = json.Unmarshal(made, &project)
	p.services = url + "/v1/projects/" + project.ID + "/services"
	return p, err
}

func startTemporal(ctx context.Context, children *sync.WaitGroup, program string, db *postgres) (*peer, error) {
	database, err := db.pid()
	if err != nil {
		return nil, err
	}
	url, pid, err := start(ctx, children, os.Environ(), program, db.url(), key)
	return &peer{name: "PostgreSQL", services: url + "/services", pids: []int{pid, database}, client: httpClient()}, err
}
