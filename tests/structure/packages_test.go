// Package structure holds the shape of the program: who may import whom, that
// every endpoint has what belongs to it, and what each function links.
package structure

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

const (
	module = "almanac"
	root   = "../.."
)

// goPackage is what go list says of a package.
type goPackage struct {
	ImportPath string
	Standard   bool
	Module     *struct{ Path, Version string }
	Imports    []string
	Deps       []string
	GoFiles    []string
}

// rel is the path inside the module; "" for what is not of it.
func (p goPackage) rel() string { return rel(p.ImportPath) }

func rel(importPath string) string {
	path, ok := strings.CutPrefix(importPath, module+"/")
	if !ok {
		return ""
	}
	return path
}

// list runs go list for the functions' platform.
func list(t *testing.T, args ...string) []goPackage {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Standard,Module,Imports,Deps,GoFiles", "-tags", "lambda.norpc"}, args...)...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &stderr)
	}
	packages, err := decode(out)
	if err != nil {
		t.Fatal(err)
	}
	return packages
}

func decode(out []byte) ([]goPackage, error) {
	var packages []goPackage
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages, nil
		}
		if err != nil {
			return nil, fmt.Errorf("go list printed what is no package: %w", err)
		}
		packages = append(packages, p)
	}
}
