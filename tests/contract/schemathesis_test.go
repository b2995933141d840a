package contract

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"almanac/internal/api"
	"almanac/tests/pytool"
)

const schemathesis = "schemathesis==4.32.5"

// schemathesisConfig leaves every check on but those that ask for what is not
// promised, and tells where there is something to read without a key.
const schemathesisConfig = `
[parameters]
"path.token" = %q

# Not all that is refused can be said in a schema: blank names, U+0000, an
# instant without a character, an ETag of another snapshot, a sequence to come.
[checks.positive_data_acceptance]
enabled = false

# A key that was deleted is shown as revoked.
[[operations]]
include-path = "/v1/keys/{keyId}"
checks.use_after_free.enabled = false
`

// A client that knows nothing but the document finds no answer that is not in
// it, no failure of the server, nothing that works without a key or after it
// was deleted; it also follows what one request leads to in another. The seed
// makes its requests the same on every run.
func TestSchemathesisFindsNothing(t *testing.T) {
	h := open(t)
	shared := read[struct {
		Token     string `json:"token"`
		CreatedAt string `json:"createdAt"`
	}](h.post(h.shop()+"/public-share-token", "{}").ok())
	bin, err := pytool.Install(t.Context(), schemathesis)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir() // it keeps what it found beside its configuration
	if err := os.WriteFile(filepath.Join(dir, "schemathesis.toml"), fmt.Appendf(nil, schemathesisConfig, shared.Token), 0o600); err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(t.Context(), filepath.Join(bin, "schemathesis"), "run", h.url+"/openapi.json",
		"--header", "Authorization: Bearer "+h.key,
		"--phases", "examples,coverage,fuzzing,stateful", "--max-examples", "20", "--seed", "1", "--workers", "1", "--no-color")
	run.Dir = dir
	out, err := run.CombinedOutput()
	if err != nil {
		t.Errorf("schemathesis: %v\n%s", err, out)
	}
	if all := len(api.Table()); !strings.Contains(string(out), fmt.Sprintf("Tested: %d", all)) {
		t.Errorf("schemathesis did not test all %d operations:\n%s", all, out)
	}
}
