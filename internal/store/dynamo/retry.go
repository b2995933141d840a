package dynamo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"almanac/internal/store"
)

const (
	firstPause = 25 * time.Millisecond
	maxPause   = time.Second
)

// retry makes attempts until one gets a verdict, pausing between them for a
// random part of a doubling time. It gives up when the deadline would pass
// during the pause, with the last attempt's kind: but Unavailable once any
// attempt may have had an effect that nobody saw.
func (s *Store) retry(ctx context.Context, attempt func(context.Context) error) error {
	if _, limited := ctx.Deadline(); !limited {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.callTimeout)
		defer cancel()
	}
	unseen := false
	for n := 0; ; n++ {
		if err := ctx.Err(); err != nil {
			return unavailable(fmt.Errorf("after %d attempts: %w", n, err))
		}
		err := s.attempt(ctx, attempt)
		if err == nil {
			return nil
		}
		e, again := classify(err)
		if unseen && refusedPlainly(err) {
			e.Kind = store.Unavailable
		}
		if !again {
			return e
		}
		unseen = unseen || e.Kind == store.Unavailable
		if unseen {
			e.Kind = store.Unavailable
		}
		if !pause(ctx, n) {
			return e
		}
	}
}

func (s *Store) attempt(ctx context.Context, attempt func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, s.attemptTimeout)
	defer cancel()
	err := attempt(ctx)
	if err != nil {
		store.CountFailed(ctx)
	}
	return err
}

// pause tells whether there is time for another attempt after attempt n.
func pause(ctx context.Context, n int) bool {
	d := rand.N(min(maxPause, firstPause<<min(n, 10)))
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= d {
		return false
	}
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}
