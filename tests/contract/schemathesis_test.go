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

// schemathesisConfig tells what cannot be made up, and names the operations whose
// requests a schema cannot describe wholly, so that some that fit it are refused
// all the same.
const schemathesisConfig = `
[parameters]
"path.token" = %q
# An ETag that was not read matches nothing.
"header.If-Match" = "*"

# No text holds U+0000; a pattern in each of them would say little.
[generation]
allow-x00 = false

# A key that was deleted is shown as revoked.
[[operations]]
include-path = "/v1/keys/{keyId}"
checks.use_after_free.enabled = false

# Tags that there are not.
[[operations]]
include-operation-id = ["createNetwork", "updateNetwork", "assignTags", "bulkAddTag", "bulkRemoveTag"]
checks.positive_data_acceptance.enabled = false

# A cursor that no page gave, a sequence that is to come, from after to.
[[operations]]
include-operation-id = [
	"listServices", "listPublicServices", "getServiceHistory", "getPublicServiceHistory", "getServiceNetwork", "getEvents", "getNetworkDiff", "getProjectDiff",
]
checks.positive_data_acceptance.enabled = false

# Addresses, which have more spellings than a pattern tells.
[[operations]]
include-operation-id = ["createInterface", "updateInterface", "createSubnet", "updateSubnet"]
checks.positive_data_acceptance.enabled = false

# Which members a binding has goes by its type, and no two things share an id.
[[operations]]
include-operation-id = ["createBinding", "updateBinding", "createNetworkService", "updateNetworkService", "createHost", "updateHost"]
checks.positive_data_acceptance.enabled = false

# An instant that is past, a name that is not the one in the path.
[[operations]]
include-operation-id = ["createKey", "putServiceDefinition"]
checks.positive_data_acceptance.enabled = false
`

// A client that knows nothing but the document finds no answer that is not in
// it, no failure of the server, nothing that works without a key or after it
// was deleted; it also follows what one request leads to in another. The seed
// makes its requests the same on every run.
func TestSchemathesisFindsNothing(t *testing.T) {
	// Of requests by chance some are right by the schema and still wrong.
	schemathesisRuns(t, "--phases", "examples,coverage,fuzzing,stateful", "--exclude-checks", "positive_data_acceptance")
}

// What the document allows is done, for each member and parameter at its bounds.
func TestSchemathesisFindsThatWhatTheDocumentAllowsIsDone(t *testing.T) {
	schemathesisRuns(t, "--phases", "examples,coverage")
}

func schemathesisRuns(t *testing.T, how ...string) {
	t.Helper()
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
	run := exec.CommandContext(t.Context(), filepath.Join(bin, "schemathesis"), append([]string{"run", h.url + "/openapi.json",
		"--header", "Authorization: Bearer " + h.key,
		"--max-examples", "20", "--seed", "1", "--workers", "1", "--no-color"}, how...)...)
	run.Dir = dir
	out, err := run.CombinedOutput()
	if err != nil {
		t.Errorf("schemathesis: %v\n%s", err, out)
	}
	if all := len(api.Table()); !strings.Contains(string(out), fmt.Sprintf("Tested: %d", all)) {
		t.Errorf("schemathesis did not test all %d operations:\n%s", all, out)
	}
}
