package contract

import (
	"os/exec"
	"path/filepath"
	"testing"

	"almanac/tests/pytool"
)

const schemathesis = "schemathesis==4.32.5"

// A client that knows nothing but the document finds no answer that is not in
// it, and no failure of the server. The seed makes its requests the same on
// every run.
func TestSchemathesisFindsNothing(t *testing.T) {
	h := open(t)
	h.shop()
	bin, err := pytool.Install(t.Context(), schemathesis)
	if err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(t.Context(), filepath.Join(bin, "schemathesis"), "run", h.url+"/openapi.json",
		"--header", "Authorization: Bearer "+h.key,
		"--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
		"--phases", "examples,coverage,fuzzing", "--max-examples", "20", "--seed", "1", "--workers", "1", "--no-color")
	run.Dir = t.TempDir() // it keeps what it found beside it
	if out, err := run.CombinedOutput(); err != nil {
		t.Errorf("schemathesis: %v\n%s", err, out)
	}
}
