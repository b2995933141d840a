package network

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// atATime is how many things are read together.
const atATime = 16

// inParallel calls read with each number below count, some at a time. The first
// error ends it, and the context of what is being read then.
func inParallel(ctx context.Context, count int, read func(ctx context.Context, i int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atATime)
	for i := range count {
		group.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return read(ctx, i)
		})
	}
	return group.Wait()
}
