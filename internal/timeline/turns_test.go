package timeline

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
)

func TestTurnsComeInTheOrderOfArrival(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all turns
		first, err := all.take(t.Context(), shop)
		if err != nil {
			t.Fatal(err)
		}
		var order []int
		for i := range 20 {
			go func() {
				done, err := all.take(t.Context(), shop)
				if err != nil {
					t.Error(err)
					return
				}
				order = append(order, i)
				done()
			}()
			synctest.Wait()
		}
		other, err := all.take(t.Context(), Scope{shop.Directory, "other"})
		if err != nil {
			t.Fatal(err)
		}
		other()
		if len(order) > 0 {
			t.Fatalf("%v came before their turn", order)
		}
		first()
		synctest.Wait()
		if !slices.IsSorted(order) || len(order) != 20 || len(all.taken) != 0 {
			t.Errorf("they came in the order %v, %d turns are left", order, len(all.taken))
		}
	})
}

func TestWhoGivesUpWaitingLeavesTheTurnToOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all turns
		first, err := all.take(t.Context(), shop)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			if _, err := all.take(ctx, shop); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		}()
		synctest.Wait()
		cancel()
		synctest.Wait()
		first()
		last, err := all.take(t.Context(), shop)
		if err != nil {
			t.Fatal(err)
		}
		last()
		if len(all.taken) != 0 {
			t.Errorf("%d turns are left", len(all.taken))
		}
	})
}
