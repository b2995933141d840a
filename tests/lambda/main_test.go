// Package lambda runs the compiled function of every endpoint, as Lambda would,
// on DynamoDB Local, and holds its answers against the laptop's.
package lambda

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"almanac/internal/store/dynamo"
	"almanac/tests/lambda/runtimeapi"
)

// binaries is the folder of the functions, built once for this machine.
var binaries string

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(code)
}

func run(m *testing.M) (int, error) {
	dir, err := os.MkdirTemp("", "almanac-functions-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	if err := runtimeapi.BuildFunctions(dir); err != nil {
		return 0, err
	}
	binaries = dir
	return m.Run(), nil
}

// patience is how long a test waits for what should take milliseconds.
const patience = 30 * time.Second

// start runs a function until the test ends.
func start(t *testing.T, name string, env ...string) *runtimeapi.Function {
	t.Helper()
	f, err := runtimeapi.Start(filepath.Join(binaries, name), env...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Stop() })
	return f
}

// on is the environment of a function that uses a table.
func on(c dynamo.Config) []string {
	return []string{"ALMANAC_TABLE=" + c.Table, "ALMANAC_ENDPOINT=" + c.Endpoint}
}
