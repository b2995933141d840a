package bolt

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"almanac/internal/store"

	"go.etcd.io/bbolt"
)

// BenchmarkTransact writes 1 KB items durably, each writer in its own partition.
// A commit flushes twice, whatever the batch. Where a flush takes a millisecond,
// 64 writers reach 20 times the rate of one and more; where it takes a tenth of
// that, the processor time of one bbolt commit, 30 to 40 µs a write, is the limit.
func BenchmarkTransact(b *testing.B) {
	for _, writers := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			s, err := Open(b.TempDir())
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			body := make([]byte, 1024)
			var left atomic.Int64
			left.Store(int64(b.N))
			var wg sync.WaitGroup
			b.ResetTimer()
			for w := range writers {
				partition := fmt.Sprint("writer ", w)
				wg.Go(func() {
					for i := 0; left.Add(-1) >= 0; i++ {
						item := store.Item{Key: store.Key{Partition: partition, Sort: fmt.Sprintf("%08d", i)}, Version: 1, Body: body}
						if err := s.Transact(context.Background(), store.Put(item, store.Absent())); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/float64(flushes(b, s)), "writes/flush")
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
		})
	}
}

// flushes counts the commits of a store's life by bbolt's transaction number.
func flushes(t testing.TB, s *Store) (n int) {
	t.Helper()
	err := s.db.View(func(tx *bbolt.Tx) error {
		n = tx.ID()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
