package structure

import (
	"debug/elf"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"almanac/internal/api"
	"almanac/tests/lambda/runtimeapi"
)

// TestAFunctionLinksTheOperationOfItsEndpointAlone reads the symbols of a
// binary that was not stripped. One package variable that reaches the table
// would pull every operation into every function.
func TestAFunctionLinksTheOperationOfItsEndpointAlone(t *testing.T) {
	operations := map[string]bool{}
	for _, e := range api.Table() {
		operations[strings.ToUpper(e.ID[:1])+e.ID[1:]] = true
	}
	const function = "getService"
	dir := t.TempDir()
	if err := runtimeapi.BuildWith([]string{"-tags", "lambda.norpc"}, dir, "arm64", module+"/functions/"+function); err != nil {
		t.Fatal(err)
	}
	binary, err := elf.Open(filepath.Join(dir, function))
	if err != nil {
		t.Fatal(err)
	}
	defer binary.Close()
	symbols, err := binary.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	method := regexp.MustCompile(`^` + module + `/internal/\w+\.\(\*\w+\)\.(\w+)$`)
	found := 0
	for _, s := range symbols {
		if strings.HasPrefix(s.Name, module+"/internal/catalog/graph.") {
			t.Errorf("%s links %s, which draws", function, s.Name)
		}
		m := method.FindStringSubmatch(s.Name)
		if m == nil || !operations[m[1]] {
			continue
		}
		found++
		if !strings.EqualFold(m[1], function) {
			t.Errorf("%s links %s", function, s.Name)
		}
	}
	if found == 0 {
		t.Errorf("%s links no operation at all", function)
	}
}
