package runtimeapi

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
)

// Flags are those that deployed functions are built with.
var Flags = []string{"-trimpath", "-tags", "lambda.norpc", "-ldflags", "-s -w -buildid="}

// Build compiles commands into dir, each under the name of its folder. Without
// an arch they are for this machine.
func Build(dir, arch string, packages ...string) error {
	cmd := exec.Command("go", append(append([]string{"build", "-o", dir + "/"}, Flags...), packages...)...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if arch != "" {
		cmd.Env = append(cmd.Env, "GOOS=linux", "GOARCH="+arch)
	}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, &out)
	}
	return nil
}
