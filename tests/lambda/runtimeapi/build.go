package runtimeapi

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
)

// Build compiles commands into dir as they are deployed, each under the name of
// its folder. Without an arch they are for this machine.
func Build(dir, arch string, packages ...string) error {
	return BuildWith([]string{"-trimpath", "-tags", "lambda.norpc", "-ldflags", "-s -w -buildid="}, dir, arch, packages...)
}

// BuildWith is Build with other flags.
func BuildWith(flags []string, dir, arch string, packages ...string) error {
	cmd := exec.Command("go", append(append([]string{"build", "-o", dir + "/"}, flags...), packages...)...)
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
