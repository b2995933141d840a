package contract

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

const schemathesis = "schemathesis==4.32.5"

// A client that knows nothing but the document finds no answer that is not in
// it, and no failure of the server. The seed makes its requests the same on
// every run.
func TestSchemathesisFindsNothing(t *testing.T) {
	h := open(t)
	h.shop()
	run := exec.CommandContext(t.Context(), explorer(t), "run", h.url+"/openapi.json",
		"--header", "Authorization: Bearer "+h.key,
		"--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
		"--phases", "examples,coverage,fuzzing", "--max-examples", "20", "--seed", "1", "--workers", "1", "--no-color")
	run.Dir = t.TempDir() // it keeps what it found beside it
	if out, err := run.CombinedOutput(); err != nil {
		t.Errorf("schemathesis: %v\n%s", err, out)
	}
}

// explorer is schemathesis in a virtual environment that outlives the test. It
// is taken for whole only by a file that is written last.
func explorer(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	home := filepath.Join(cache, "almanac", schemathesis)
	program, done := filepath.Join(home, "bin", "schemathesis"), filepath.Join(home, "whole")
	if _, err := os.Stat(done); err == nil {
		return program
	}
	if err := os.RemoveAll(home); err != nil {
		t.Fatal(err)
	}
	for _, step := range [][]string{
		{"python3", "-m", "venv", home},
		{filepath.Join(home, "bin", "pip"), "install", "--quiet", "--disable-pip-version-check", schemathesis},
	} {
		if out, err := exec.CommandContext(t.Context(), step[0], step[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("schemathesis needs Python 3 with venv and pip and its package index (Debian: apt-get install python3-venv): %v\n%s", err, out)
		}
	}
	if err := os.WriteFile(done, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	return program
}
