package linear

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"almanac/internal/store"
	"almanac/internal/store/bolt"
	"almanac/internal/timeline"
	"almanac/tests/program"
)

// Longer histories, during which checkpoints are written without a pause: a
// list at an instant is the same whether a checkpoint is there by then or not.
func TestHistoriesHaveAnOrderWhileCheckpointsAreWritten(t *testing.T) {
	kept, err := bolt.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	written := &counting{Store: kept}
	told := telling{kept, make(chan timeline.Scope, 1000)}
	server := serve(t, told)
	ctx, stop := context.WithCancel(t.Context())
	var maintaining sync.WaitGroup
	maintaining.Go(func() {
		for {
			select {
			case scope := <-told.scopes:
				if err := timeline.New(written, time.Now).Maintain(ctx, scope); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
			case <-ctx.Done():
				return
			}
		}
	})
	for seed := range *firstSeed + uint64(*histories)/40 {
		r, err := record(t.Context(), size{4, 60, []string{"Orders", "Billing", "Stock", "Mailer", "Ledger", "Search"}}, []program.Client{server}, seed)
		if err != nil {
			t.Fatal(err)
		}
		if fault := r.fault(); fault != "" {
			t.Fatalf("history %d %s\n%s", seed, fault, r.report(seed))
		}
	}
	stop()
	maintaining.Wait()
	t.Logf("%d checkpoints were written", written.writes.Load())
	if written.writes.Load() < int64(*histories)/40 {
		t.Error("there were too few checkpoints to meet")
	}
}

// telling tells of every commit, unless nobody listens.
type telling struct {
	store.Store
	scopes chan timeline.Scope
}

func (s telling) Transact(ctx context.Context, ops ...store.Op) error {
	err := s.Store.Transact(ctx, ops...)
	for _, op := range ops {
		if scope, ok := timeline.LogOf(op.Item.Key); ok {
			select {
			case s.scopes <- scope:
			default:
			}
		}
	}
	return err
}

type counting struct {
	store.Store
	writes atomic.Int64
}

func (s *counting) Transact(ctx context.Context, ops ...store.Op) error {
	s.writes.Add(1)
	return s.Store.Transact(ctx, ops...)
}
