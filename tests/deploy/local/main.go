// Command local deploys the stack on an emulator of AWS and leaves it running
// for people to call, until it is interrupted.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"almanac/internal/api"
	"almanac/tests/deploy/emulated"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Stdout); err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) (err error) {
	folder, err := os.MkdirTemp("", "almanac-deploy-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	e, err := emulated.Start(ctx, folder)
	if err != nil {
		return err
	}
	defer e.Stop()
	for _, what := range e.Adds() {
		fmt.Fprintln(out, "our shim adds to the emulator:", what)
	}
	stack, err := emulated.Deploy(ctx, e, ".", folder)
	if err != nil {
		return err
	}
	secret, _, err := stack.CreateKey(ctx, "local", "--plans", stack.Outputs["Plans"])
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d resources deployed\nkey:     %s\n", len(stack.Template.Resources), secret)
	for _, a := range api.APIs() {
		fmt.Fprintf(out, "%s: %s%s\n", a.Name, stack.Address(a.Root), a.Root)
	}
	fmt.Fprintf(out, `try:     curl -H "Authorization: Bearer %s" %s/v1/projects
         curl -H "Authorization: Bearer %s" %s/api/v1/hosts
AWS:     AWS_ENDPOINT_URL=%s AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s AWS_REGION=%s aws cloudformation list-stacks
All of it is gone when you interrupt this.
`, secret, stack.Address("/v1"), secret, stack.Address("/api"), e.URL, emulated.Owner, emulated.Owner, emulated.Region)
	<-ctx.Done()
	return nil
}
