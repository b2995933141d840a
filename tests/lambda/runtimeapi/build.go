package runtimeapi

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// BuildFunctions puts all functions into dir, for this machine. They are linked
// in a folder of the checkout that stays, and again only when they changed: most
// of what building them takes is linking. For that they keep their build ids,
// which those that are deployed have not.
func BuildFunctions(dir string) (err error) {
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return err
	}
	kept := filepath.Join(strings.TrimSpace(string(root)), "dist", ".tests")
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.MkdirAll(kept, 0o755)); err != nil {
		return err
	}
	lock, err := os.OpenFile(kept+".lock", os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	defer lock.Close() // which unlocks it
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	if err := BuildWith([]string{"-trimpath", "-buildvcs=false", "-tags", "lambda.norpc", "-ldflags", "-s -w"}, kept, "", "almanac/functions/..."); err != nil {
		return err
	}
	sources, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(root)), "functions", "*"))
	for _, f := range sources {
		err = errors.Join(err, link(filepath.Join(kept, filepath.Base(f)), filepath.Join(dir, filepath.Base(f))))
	}
	return err
}

// link makes a second name of a file, or a copy where that is on another disk.
func link(from, to string) error {
	if os.Link(from, to) == nil {
		return nil
	}
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o755)
}

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
