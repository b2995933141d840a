// Package browser opens pages of tests in a real browser, headless, and has
// Mermaid at hand for them.
package browser

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// Evaluate opens a page and decodes into result what its script gives: the body
// of an async function that returns it. Scripts are files that the page loads first.
func Evaluate(t *testing.T, script string, result any, scripts ...string) {
	t.Helper()
	var page strings.Builder
	page.WriteString("<!doctype html><meta charset='utf-8'><body>\n")
	for _, file := range scripts {
		fmt.Fprintf(&page, "<script src='file://%s'></script>\n", file)
	}
	// Base64 comes through the printed page as it is.
	fmt.Fprintf(&page, `<script>
const run = async () => { %s };
run().then(result => ({result}), error => ({error: String(error)})).then(outcome => {
  const bytes = new TextEncoder().encode(JSON.stringify(outcome));
  const pre = document.createElement('pre');
  pre.id = 'outcome';
  pre.textContent = btoa(Array.from(bytes, b => String.fromCharCode(b)).join(''));
  document.body.replaceChildren(pre);
});
</script></body>`, script)
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, []byte(page.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	dom := open(t, file, "--dump-dom", "--virtual-time-budget=600000")
	found := regexp.MustCompile(`<pre id="outcome">([^<]*)</pre>`).FindStringSubmatch(dom)
	if found == nil {
		t.Fatalf("the page came to no end:\n%.2000s", dom)
	}
	data, err := base64.StdEncoding.DecodeString(found[1])
	if err != nil {
		t.Fatal(err)
	}
	outcome := struct {
		Result any
		Error  string
	}{Result: result}
	if err := json.Unmarshal(data, &outcome); err != nil {
		t.Fatalf("%v in %.2000s", err, data)
	}
	if outcome.Error != "" {
		t.Fatal(outcome.Error)
	}
}

// open runs the browser on a file with a profile of its own, and gives what it prints.
func open(t *testing.T, file string, args ...string) string {
	t.Helper()
	program, err := find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	args = append([]string{
		"--headless", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run",
		// The pages are the test's own; and root gets no sandbox.
		"--no-sandbox", "--user-data-dir=" + t.TempDir(),
	}, append(args, "file://"+file)...)
	cmd := exec.CommandContext(ctx, program, args...)
	// What it leaves running must not keep the test waiting.
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.Output()
	if err != nil {
		var said []byte
		if failed, ok := errors.AsType[*exec.ExitError](err); ok {
			said = failed.Stderr
		}
		t.Fatalf("%s: %v\n%s", program, err, said)
	}
	return string(out)
}

// find gives the browser. On Debian, as root, it installs it.
func find(ctx context.Context) (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	const missing = "this test needs Chromium in the PATH (Debian: apt-get install chromium fonts-dejavu-core)"
	if _, err := exec.LookPath("apt-get"); err != nil || os.Getuid() != 0 {
		return "", errors.New(missing)
	}
	for _, step := range [][]string{
		{"apt-get", "-q", "update"},
		{"apt-get", "-qy", "install", "--no-install-recommends", "chromium", "fonts-dejavu-core"},
	} {
		cmd := exec.CommandContext(ctx, step[0], step[1:]...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s, and it could not be installed: %w\n%s", missing, err, out)
		}
	}
	return exec.LookPath("chromium")
}
