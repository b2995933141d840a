package store

import (
	"context"
	"math/rand/v2"
	"time"
)

// Doubts is how often a transaction is tried whose outcome stays unknown.
const Doubts = 4

// Lost tells whether a transaction lost to another one and may be tried again
// on what is there now.
func Lost(err error) bool {
	kind := KindOf(err)
	return kind == ConditionFailed || kind == Conflict
}

// Pause waits before a retry: full jitter, doubling from 2 to 128 ms. It ends
// with the context, and then gives its error.
func Pause(ctx context.Context, retry int) error {
	timer := time.NewTimer(rand.N(2 * time.Millisecond << min(retry, 6)))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
