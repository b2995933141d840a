package network

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
)

func TestWhatIsReadInParallelEndsAtTheFirstError(t *testing.T) {
	failed := errors.New("failed")
	var begun atomic.Int64
	err := inParallel(t.Context(), 10_000, func(ctx context.Context, i int) error {
		if begun.Add(1); i == 3 {
			return failed
		}
		<-ctx.Done() // who is reading is told to end
		return ctx.Err()
	})
	if err != failed {
		t.Errorf("it gives %v", err)
	}
	if begun.Load() > atATime {
		t.Errorf("%d were read after it", begun.Load())
	}
}

func TestNothingIsReadInParallelForWhoHasGone(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := inParallel(ctx, 100, func(context.Context, int) error { t.Error("it is read"); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("it gives %v", err)
	}
}

func TestAllIsReadInParallelWhereNothingFails(t *testing.T) {
	var sum atomic.Int64
	err := inParallel(t.Context(), 100, func(_ context.Context, i int) error { sum.Add(int64(i)); return nil })
	if err != nil || sum.Load() != 4950 {
		t.Errorf("the sum is %d, %v", sum.Load(), err)
	}
}
