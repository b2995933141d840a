package main

import (
	"bytes"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"almanac/internal/api"
	"almanac/tests/pytool"
)

const cfnLint = "cfn-lint==1.58.0"

// TestTheTemplateHasNothingToComplainOf is a hard gate: emulators accept
// misspelled properties, and AWS finds them only while it deploys.
func TestTheTemplateHasNothingToComplainOf(t *testing.T) {
	stackTemplate(t)
	file := filepath.Join(t.TempDir(), "template.json")
	if err := os.WriteFile(file, synthesised, 0o644); err != nil {
		t.Fatal(err)
	}
	lint(t, file)
}

func lint(t *testing.T, template string) {
	t.Helper()
	bin, err := pytool.Install(t.Context(), cfnLint)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), filepath.Join(bin, "cfn-lint"), "--template", template).CombinedOutput(); err != nil {
		t.Errorf("cfn-lint: %v\n%s", err, out)
	}
}

// TestTheCommandLineMakesTheSameTemplate runs the pinned cdk with our cdk.json,
// which names this test's program in place of go run.
func TestTheCommandLineMakesTheSameTemplate(t *testing.T) {
	stackTemplate(t)
	work := filepath.Dir(placeholders(t, elf.EM_AARCH64, api.Table()))
	config, err := os.ReadFile("../cdk.json")
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	config = bytes.Replace(config, []byte(`go run ./infra`), []byte(self), 1)
	if err := os.WriteFile(filepath.Join(work, "cdk.json"), config, 0o644); err != nil {
		t.Fatal(err)
	}
	synth := exec.Command(commandLine(t), "synth", "--quiet")
	synth.Dir = work
	// It would look on the network for news of itself.
	synth.Env = append(os.Environ(), asApp+"=1", "CDK_DISABLE_VERSION_CHECK=1", "CDK_DISABLE_CLI_TELEMETRY=true")
	if out, err := synth.CombinedOutput(); err != nil {
		t.Fatalf("cdk synth: %v\n%s", err, out)
	}
	if !bytes.Equal(readTemplate(t, filepath.Join(work, "cdk.out")), synthesised) {
		t.Error("cdk synth made another template than the app by itself")
	}
}

// commandLine is CDK's, of the version in package-lock.json.
func commandLine(t *testing.T) string {
	t.Helper()
	const installed = "node_modules/.package-lock.json"
	if out, err := exec.Command("make", "-C", "..", installed).CombinedOutput(); err != nil {
		t.Fatalf("CDK's command line needs Node with npm and its registry (Debian: apt-get install nodejs npm): %v\n%s", err, out)
	}
	program, err := filepath.Abs("../node_modules/.bin/cdk")
	if err != nil {
		t.Fatal(err)
	}
	return program
}
