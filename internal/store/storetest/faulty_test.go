package storetest_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"almanac/internal/store"
	"almanac/internal/store/bolt"
	"almanac/internal/store/storetest"
)

func TestFaulty(t *testing.T) {
	s, err := bolt.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	f := storetest.NewFaulty(s)
	put := func(sort string) error {
		return f.Transact(t.Context(), store.Put(store.Item{Key: store.Key{Partition: "p", Sort: sort}}, store.Absent()))
	}
	there := func(sort string) bool {
		_, err := f.Get(t.Context(), store.Key{Partition: "p", Sort: sort})
		return err == nil
	}

	f.FailCall(2, storetest.Fault{Kind: store.Unavailable})
	if err := put("first"); err != nil {
		t.Errorf("the call before the fault: %v", err)
	}
	if err := put("without effect"); store.KindOf(err) != store.Unavailable || there("without effect") {
		t.Errorf("without effect: %v", err)
	}
	f.FailCall(1, storetest.Fault{Kind: store.Conflict, AfterEffect: true})
	if err := put("after effect"); store.KindOf(err) != store.Conflict || !there("after effect") {
		t.Errorf("after effect: %v", err)
	}
	f.FailCall(1, storetest.Fault{Kind: store.ConditionFailed, Op: 3})
	if err := put("condition"); store.KindOf(err) != store.ConditionFailed || err.(*store.Error).Op != 3 {
		t.Errorf("condition: %v", err)
	}
	if f.Calls() != 6 {
		t.Errorf("%d calls counted", f.Calls())
	}
	f.FailCall(1, storetest.Fault{Kind: store.Unavailable})
	f.Reset()
	if err := put("after a reset"); err != nil || f.Calls() != 1 {
		t.Errorf("after a reset: %v, %d calls", err, f.Calls())
	}
}

func TestFaultyTakesItsTime(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s, err := bolt.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		f := storetest.NewFaulty(s)
		get := func(fault storetest.Fault) (time.Duration, error) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			start := time.Now()
			f.FailCall(1, fault)
			_, err := f.Get(ctx, store.Key{Partition: "p", Sort: "a"})
			return time.Since(start), err
		}
		if took, err := get(storetest.Fault{Delay: time.Second}); took != time.Second || store.KindOf(err) != store.NotFound {
			t.Errorf("a delay: %v, %v", took, err)
		}
		if took, err := get(storetest.Fault{Delay: time.Hour}); took != time.Minute || store.KindOf(err) != store.Unavailable {
			t.Errorf("a delay past the deadline: %v, %v", took, err)
		}
		if took, err := get(storetest.Fault{Hang: true}); took != time.Minute || store.KindOf(err) != store.Unavailable {
			t.Errorf("no answer: %v, %v", took, err)
		}
	})
}
