package bolt

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"

	"almanac/internal/store"
)

// idle runs a test with a store whose writer has not begun: transactions wait.
func idle(t *testing.T, f func(t *testing.T, s *Store)) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := &Store{dir: dir, writes: make(chan write)}
		if err := s.open(); err != nil {
			t.Fatal(err)
		}
		f(t, s)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

func put(sort string, cond store.Condition) store.Op {
	return store.Put(store.Item{Key: store.Key{Partition: "p", Sort: sort}, Version: 1}, cond)
}

func wantCount(t *testing.T, s *Store, want int) {
	t.Helper()
	items, err := s.Range(t.Context(), store.Query{Partition: "p"})
	if err != nil || len(items) != want {
		t.Errorf("%d items, %v; want %d", len(items), err, want)
	}
}

func TestConcurrentTransactionsShareOneFlushAndFailAlone(t *testing.T) {
	idle(t, func(t *testing.T, s *Store) {
		before := flushes(t, s)
		const n = 64
		var errs [n]error
		var wg sync.WaitGroup
		for i := range n {
			cond := store.Absent()
			if i%4 == 3 {
				cond = store.VersionIs(9)
			}
			wg.Go(func() { errs[i] = s.Transact(t.Context(), put(fmt.Sprint(i), cond)) })
		}
		synctest.Wait()
		s.writer.Go(s.write)
		wg.Wait()
		for i, err := range errs {
			if failed := store.KindOf(err) == store.ConditionFailed; failed != (i%4 == 3) || !failed && err != nil {
				t.Errorf("transaction %d: %v", i, err)
			}
		}
		wantCount(t, s, n*3/4)
		if got := flushes(t, s) - before; got != 1 {
			t.Errorf("%d flushes", got)
		}
	})
}

func TestOneOfManyIncrementsOfTheSameVersionWins(t *testing.T) {
	idle(t, func(t *testing.T, s *Store) {
		const n = 8
		var errs [n]error
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() { errs[i] = s.Transact(t.Context(), put("a", store.Absent())) })
		}
		synctest.Wait()
		s.writer.Go(s.write)
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			}
		}
		if won != 1 {
			t.Errorf("%d won", won)
		}
	})
}

func TestWhatWritesNothingIsNotFlushed(t *testing.T) {
	idle(t, func(t *testing.T, s *Store) {
		s.writer.Go(s.write)
		before := flushes(t, s)
		err := s.Transact(t.Context(), put("a", store.VersionIs(1)))
		if got := flushes(t, s) - before; got != 0 || store.KindOf(err) != store.ConditionFailed {
			t.Errorf("%d flushes, %v", got, err)
		}
	})
}

func TestAWaitingTransactionCanBeGivenUp(t *testing.T) {
	idle(t, func(t *testing.T, s *Store) {
		ctx, cancel := context.WithCancel(t.Context())
		result := make(chan error, 1)
		go func() { result <- s.Transact(ctx, put("a", store.Absent())) }()
		synctest.Wait()
		cancel()
		if err := <-result; store.KindOf(err) != store.Unavailable {
			t.Error(err)
		}
		s.writer.Go(s.write)
		wantCount(t, s, 0)
	})
}

func TestATransactionTakenUpIsWaitedFor(t *testing.T) {
	idle(t, func(t *testing.T, s *Store) {
		ctx, cancel := context.WithCancel(t.Context())
		result := make(chan error, 1)
		go func() { result <- s.Transact(ctx, put("a", store.Absent())) }()
		taken := <-s.writes
		cancel()
		synctest.Wait()
		select {
		case err := <-result:
			t.Fatalf("not waited for: %v", err)
		default:
		}
		taken.done <- answer{}
		if err := <-result; err != nil {
			t.Error(err)
		}
	})
}

func TestCloseLetsWhatIsQueuedFinish(t *testing.T) {
	idle(t, func(t *testing.T, s *Store) {
		const n = 16
		var errs [n]error
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() { errs[i] = s.Transact(t.Context(), put(fmt.Sprint(i), store.Absent())) })
		}
		synctest.Wait()
		closed := make(chan error, 1)
		go func() { closed <- s.Close() }()
		synctest.Wait()
		if err := s.Transact(t.Context(), put("late", store.Absent())); store.KindOf(err) != store.Unavailable {
			t.Errorf("after Close: %v", err)
		}
		s.writer.Go(s.write)
		wg.Wait()
		if err := <-closed; err != nil {
			t.Error(err)
		}
		for i, err := range errs {
			if err != nil {
				t.Errorf("transaction %d: %v", i, err)
			}
		}
		again, err := Open(s.dir)
		if err != nil {
			t.Fatal(err)
		}
		wantCount(t, again, n)
		if err := again.Close(); err != nil {
			t.Error(err)
		}
	})
}
