package laptop

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestListeningIsAnnouncedWithThePort(t *testing.T) {
	p := serve(t, t.TempDir(), nil)
	defer p.stop()
	if n := len(listening.FindAllString(p.stdout.String(), -1)); n != 1 || !strings.HasPrefix(p.url, "http://127.0.0.1:") || strings.HasSuffix(p.url, ":0") {
		t.Errorf("announced %d times as %s", n, p.url)
	}
	status, body, err := p.try("", "GET", "/healthz", "")
	if err != nil || status != 200 || body != `{"status":"ok"}` {
		t.Errorf("/healthz: %d %s %v", status, body, err)
	}
	status, body, err = p.try("", "GET", "/openapi.json", "")
	if err != nil || status != 200 || !strings.HasPrefix(body, `{"openapi":"3.1.`) {
		t.Errorf("/openapi.json: %d %.60s %v", status, body, err)
	}
}

func TestAServerOnEveryAddressOfTheMachine(t *testing.T) {
	for _, addr := range []string{":0", "0.0.0.0:0", "localhost:0"} {
		p := invoke(t, nil, "serve", "--addr", addr, "--data", t.TempDir())
		p.await()
		if p.status("", "/healthz") != 200 {
			t.Errorf("%s is announced as %s, where it does not answer", addr, p.url)
		}
		if addr == "0.0.0.0:0" && !strings.HasPrefix(p.url, "http://0.0.0.0:") {
			t.Errorf("%s is announced as %s", addr, p.url)
		}
		p.stop()
	}
}

func TestEachRequestIsOneLineOfJSONWithoutKeysAndBodies(t *testing.T) {
	p := serve(t, t.TempDir(), nil)
	const marked = "words-of-a-body"
	project := p.newProject(marked)
	p.ask("GET", project+"/services?q="+marked, "")
	p.status("alm_"+strings.Repeat("0", 40), project)
	r, err := http.NewRequestWithContext(t.Context(), "GET", p.url+"/nowhere", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Request-Id", "chosen-by-me")
	if _, err := http.DefaultTransport.RoundTrip(r); err != nil {
		t.Fatal(err)
	}
	p.stop()
	lines := p.logged()
	if len(lines) != 4 {
		t.Fatalf("4 requests were logged as\n%s", p.stderr)
	}
	for i, want := range []struct {
		operation, workspace string
		status               float64
	}{{"createProject", "local", 200}, {"listServices", "local", 200}, {"getProject", "", 401}, {"", "", 404}} {
		line := lines[i]
		if line["operation"] != want.operation || line["workspace"] != want.workspace || line["status"] != want.status {
			t.Errorf("want %+v, logged %v", want, line)
		}
		if duration, ok := line["duration_ms"].(float64); !ok || duration < 0 {
			t.Errorf("no duration in %v", line)
		}
		if id, ok := line["request_id"].(string); !ok || id == "" {
			t.Errorf("no request id in %v", line)
		}
		when, _ := line["time"].(string)
		if _, err := time.Parse(time.RFC3339, when); err != nil {
			t.Errorf("no time in %v", line)
		}
	}
	if lines[3]["request_id"] != "chosen-by-me" {
		t.Errorf("logged as %v", lines[3])
	}
	for _, secret := range []string{p.key, p.key[4:20], strings.Repeat("0", 40), marked} {
		if strings.Contains(p.stderr.String(), secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
}
