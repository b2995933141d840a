package structure

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"almanac/tests/lambda/runtimeapi"
)

// A release of Go may change sizes by a little; a new dependency by more.
const sizeTolerance = 0.03

// TestNoFunctionGrowsUnseen compares the size of every stripped arm64 binary
// with a golden number. A binary that shrank by more must be recorded too, or
// the next one could grow back unseen.
func TestNoFunctionGrowsUnseen(t *testing.T) {
	const golden = "testdata/size.json"
	dir := t.TempDir()
	if err := runtimeapi.Build(dir, "arm64", module+"/functions/..."); err != nil {
		t.Fatal(err)
	}
	sizes := map[string]int64{}
	for name := range names(t, "functions/*", filepath.Base) {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		sizes[name] = info.Size()
	}
	if *update {
		data, err := json.MarshalIndent(sizes, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		write(t, golden, string(data)+"\n")
		return
	}
	data, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	var wanted map[string]int64
	if err := json.Unmarshal(data, &wanted); err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(sizes)) {
		was, is := wanted[name], sizes[name]
		if was == 0 {
			t.Errorf("%s has no golden size; write it with -update", name)
			continue
		}
		if change := float64(is-was) / float64(was); max(change, -change) > sizeTolerance {
			t.Errorf("%s is %d bytes, %+.1f %% of the golden %d; write it with -update if that is meant", name, is, 100*change, was)
		}
	}
	for name := range wanted {
		if sizes[name] == 0 {
			t.Errorf("%s has a golden size but is no function; write it with -update", name)
		}
	}
}
