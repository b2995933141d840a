package laptop

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"almanac/internal/host/localhost"
)

func TestStreamsAndWaitsEndWithTheServer(t *testing.T) {
	p := serve(t, t.TempDir(), nil)
	path := p.newProject("Followed")
	var bodies []*bufio.Scanner
	for _, accept := range []string{"text/event-stream", "application/json"} {
		r, err := http.NewRequestWithContext(t.Context(), "GET", p.url+path+"/events?wait=20", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+p.key)
		r.Header.Set("Accept", accept)
		got, err := http.DefaultClient.Do(r)
		if err != nil || got.StatusCode != 200 {
			t.Fatalf("%s: %v, %v", accept, got, err)
		}
		defer got.Body.Close()
		bodies = append(bodies, bufio.NewScanner(got.Body))
	}
	if s := bodies[0]; !s.Scan() || s.Text() != "id: 1" || !s.Scan() || !strings.Contains(s.Text(), "project.created") {
		t.Errorf("the stream begins with %s", s.Text())
	}
	waiting, err := http.NewRequestWithContext(t.Context(), "GET", p.url+path+"/events?after=1&wait=20", nil)
	if err != nil {
		t.Fatal(err)
	}
	waiting.Header.Set("Authorization", "Bearer "+p.key)
	waited := make(chan string, 1)
	go func() {
		got, err := new(http.Transport).RoundTrip(waiting)
		if err != nil {
			waited <- "" // it came too late for the server
			return
		}
		defer got.Body.Close()
		body, err := io.ReadAll(got.Body)
		if err != nil {
			t.Error(err)
		}
		waited <- string(body)
	}()
	p.ask("GET", path, "")
	began := time.Now()
	p.stop()
	if took := time.Since(began); took >= localhost.Drain {
		t.Errorf("the server took %s to stop", took)
	}
	if body := <-waited; body != "" && body != `{"events":[],"next":1}` {
		t.Errorf("the wait ended with %s", body)
	}
}

func TestEventsAreReplayedFromTheDirectory(t *testing.T) {
	data := t.TempDir()
	p := serve(t, data, nil)
	path := p.newProject("Followed")
	p.ask("POST", path+"/services", `{"name":"Cart & <more>"}`)
	p.ask("PUT", path+"/services/cart-more", `{"name":"Basket"}`)
	served := p.ask("GET", path+"/events", "")
	p.stop()
	id := strings.TrimPrefix(path, "/v1/projects/")
	for after, lines := range map[string]int{"0": 3, "2": 1, "3": 0} {
		replay := invoke(t, nil, "events", "replay", "--workspace", "local", "--project", id, "--after", after, "--data", data)
		if replay.end() != 0 {
			t.Fatal(replay.stderr)
		}
		printed := strings.Split(strings.TrimSuffix(replay.stdout.String(), "\n"), "\n")
		if lines > 0 && len(printed) != lines || lines == 0 && printed[0] != "" {
			t.Errorf("after %s it printed\n%s", after, replay.stdout)
		}
		for _, line := range printed {
			if !strings.Contains(served, line) {
				t.Errorf("it printed %s, which was not served: %s", line, served)
			}
		}
	}
	for wrong, args := range map[string][]string{
		"newest sequence is 3": {"--workspace", "local", "--project", id, "--after", "4"},
		"--store dynamodb":     {"--workspace", "local", "--project", id, "--bus", "Almanac"},
		"not -1":               {"--workspace", "local", "--project", id, "--after", "-1"},
		"no project":           {"--workspace", "elsewhere", "--project", id},
		"--project":            {"--workspace", "local"},
		"--workspace":          {"--project", id},
	} {
		invoke(t, nil, append([]string{"events", "replay", "--data", data}, args...)...).complains(2, wrong)
	}
	invoke(t, nil, "events").complains(2, "almanac events replay")
}

func TestAReplayMakesNothing(t *testing.T) {
	empty := t.TempDir()
	for name, data := range map[string]string{"no directory": filepath.Join(empty, "typo"), "an empty one": empty} {
		t.Run(name, func(t *testing.T) {
			invoke(t, nil, "events", "replay", "--workspace", "local", "--project", "shop-a1b2c", "--data", data).
				complains(1, "no data directory of Almanac at "+data, "--data")
		})
	}
	asked, endpoint := fakeDynamoDB(t)
	invoke(t, nil, "events", "replay", "--workspace", "local", "--project", "shop-a1b2c", "--data", filepath.Join(empty, "typo"),
		"--store", "dynamodb", "--table", "typo", "--endpoint", endpoint).complains(1, "typo")
	if got := asked(); !strings.Contains(got, "typo") || strings.Contains(got, "KeySchema") {
		t.Errorf("DynamoDB was asked %s", got)
	}
	if left, err := os.ReadDir(empty); err != nil || len(left) > 0 {
		t.Errorf("the replays made %v %v", left, err)
	}
}
