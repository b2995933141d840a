// Command testenv runs a command, such as go test ./..., beside AWS's own
// DynamoDB Local: it fetches that once, starts it, tells the command its
// address in ALMANAC_TEST_DYNAMODB, and stops it when the command ends.
//
//	go run ./tests/testenv -- go test ./...
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	if ctx.Err() != nil {
		err = errors.New("interrupted")
	}
	stop()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok && failed.ExitCode() > 0 {
		os.Exit(failed.ExitCode())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "testenv:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		return errors.New("name the command to run, such as: go run ./tests/testenv -- go test")
	}
	lib, err := fetch(ctx)
	if err != nil {
		return err
	}
	dynamo, err := start(ctx, lib)
	if err != nil {
		return err
	}
	defer dynamo.stop()

	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), "ALMANAC_TEST_DYNAMODB="+dynamo.url)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	err = cmd.Run()
	if err == nil {
		// A DynamoDB that ended by itself leaves no doubt about what was tested.
		return dynamo.exited()
	}
	return err
}
