package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"almanac/internal/api"
	"almanac/internal/catalog"
	"almanac/internal/host/lambdahost/eventbus"
	"almanac/internal/tenant"
	"almanac/internal/timeline"
)

// replayEvents prints the events of a project, one a line as they were sent;
// with a bus, each when it has been sent there again, in the order of the writes.
func replayEvents(ctx context.Context, args []string, env func(string) string, stdout io.Writer) (err error) {
	s := settings{reading: true}
	f := newFlags("events replay", env, stdout)
	f.StringVar(&s.workspace, "workspace", "", "name of the workspace")
	project := f.String("project", "", "id of the project")
	name := f.String("bus", "", "name of the event bus to send the events to again, a stack's output BusName")
	after := f.Int64("after", 0, "sequence of the last write to leave out; 0 leaves out none")
	if err := f.parse(args, &s); err != nil {
		return err
	}
	if err := tenant.CheckWorkspaceName(s.workspace); err != nil {
		return usageError("--workspace: %w", err)
	}
	if *project == "" {
		return usageError("say which project with --project ID")
	}
	if *after < 0 {
		return usageError("--after is a sequence, or 0 for all, not %d", *after)
	}
	if *name != "" && s.store != "dynamodb" {
		return usageError("--bus is that of a deployed stack: it needs --store dynamodb")
	}
	bus := eventbus.Open(*name)
	st, err := s.openStore(ctx, env)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	cat := catalog.New(st, time.Now, api.MaxProjects)
	out := json.NewEncoder(stdout)
	out.SetEscapeHTML(false)
	for events, err := range cat.Replay(ctx, s.workspace, *project, *after) {
		if ahead, ok := errors.AsType[*timeline.NotYetError](err); ok {
			return usageError("--after is %d, but the newest sequence is %d", *after, ahead.Last)
		}
		if errors.Is(err, timeline.ErrNoSuchScope) {
			return usageError("the workspace %s has no project %q", s.workspace, *project)
		}
		if err != nil {
			return err
		}
		for _, e := range events {
			if *name != "" {
				if err := bus.Send(ctx, e); err != nil {
					return fmt.Errorf("the bus %s did not take the write of sequence %d: %w; go on with --after %d", *name, e.Data.Sequence, err, e.Data.Sequence-1)
				}
			}
			if err := out.Encode(e); err != nil {
				return err
			}
		}
	}
	return nil
}
