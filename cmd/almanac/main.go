// Command almanac is Almanac on a laptop: the server of all endpoints, and the
// commands that work on its data directory.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	signalled, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, end := context.WithCancel(context.Background())
	// A second signal ends it at once: nothing ends by the first before that is so.
	context.AfterFunc(signalled, func() {
		stop()
		end()
	})
	os.Exit(exitCode(run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr), os.Stderr))
}

const usage = `Almanac remembers every service an organisation has, and how it was at any past moment.

usage:
  almanac serve [--addr 127.0.0.1:8080] [--data ./data] [--store bolt|dynamodb] [--table NAME] [--endpoint URL] [--sample]
      serve the APIs on this machine
  almanac keys create --workspace NAME [--data ./data] [--label TEXT] [--store dynamodb --table NAME --plans free=ID,standard=ID [--plan standard]]
      print a new owner key of a workspace, which is made if it is not there; with --plans a deployed gateway takes it
  almanac events replay --workspace NAME --project ID [--after SEQUENCE] [--data ./data] [--store bolt|dynamodb] [--table NAME] [--endpoint URL] [--bus NAME]
      print the events of a project again, one JSON text a line; with --bus send them to a deployed stack's event bus again

"almanac serve -h" and so on tell what each flag does.
`

// wrongUsage is an error of the command line or the environment: exit code 2.
type wrongUsage struct{ error }

func usageError(format string, args ...any) error {
	return wrongUsage{fmt.Errorf(format, args...)}
}

func run(ctx context.Context, args []string, env func(string) string, stdout, stderr io.Writer) error {
	switch {
	case len(args) == 0:
		return usageError("say what to do: almanac serve, or almanac help for more")
	case args[0] == "help" || args[0] == "-h" || args[0] == "--help":
		_, err := io.WriteString(stdout, usage)
		return err
	case args[0] == "serve":
		return serve(ctx, args[1:], env, stdout, stderr)
	case args[0] == "keys" && len(args) > 1 && args[1] == "create":
		return createKey(ctx, args[2:], env, stdout, stderr)
	case args[0] == "keys":
		return usageError("say what to do with keys: almanac keys create --workspace NAME")
	case args[0] == "events" && len(args) > 1 && args[1] == "replay":
		return replayEvents(ctx, args[2:], env, stdout)
	case args[0] == "events":
		return usageError("say what to do with events: almanac events replay --workspace NAME --project ID")
	}
	return usageError("there is no command %q: almanac help lists them", args[0])
}

// exitCode prints an error as one sentence and gives the code for it.
func exitCode(err error, stderr io.Writer) int {
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, new(wrongUsage)):
		fmt.Fprintln(stderr, "almanac:", err)
		return 2
	}
	fmt.Fprintln(stderr, "almanac:", err)
	return 1
}
