package limit

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// start is the time of the tests: any, so that no test leans on zero.
const start = int64(1_790_000_000_000_000_000)

func ms(n int64) int64 { return n * int64(time.Millisecond) }

func TestDecide(t *testing.T) {
	plan := Plan{Rate: 10, Burst: 5} // one every 100 ms, all back after 500 ms
	for _, c := range []struct {
		name      string
		tat       int64 // from start, in ms; never: 0
		cost      int
		allowed   bool
		next      int64 // from start, in ms
		retry     time.Duration
		reset     time.Duration
		remaining int
	}{
		{"the first request ever", math.MinInt64, 1, true, 100, 0, 100 * time.Millisecond, 4},
		{"the first after a long rest", -60_000, 1, true, 100, 0, 100 * time.Millisecond, 4},
		{"one that finds the bucket just full", 0, 1, true, 100, 0, 100 * time.Millisecond, 4},
		{"a whole burst at once", 0, 5, true, 500, 0, 500 * time.Millisecond, 0},
		{"more than a burst never", 0, 6, false, 0, 100 * time.Millisecond, 0, 5},
		{"the last of a burst", 400, 1, true, 500, 0, 500 * time.Millisecond, 0},
		{"one after a burst waits for the first to come back", 500, 1, false, 500, 100 * time.Millisecond, 500 * time.Millisecond, 0},
		{"one too early by a millisecond", 401, 1, false, 401, time.Millisecond, 401 * time.Millisecond, 0},
		{"two wait longer than one", 500, 2, false, 500, 200 * time.Millisecond, 500 * time.Millisecond, 0},
		{"part of a request that came back is none", 350, 0, true, 350, 0, 350 * time.Millisecond, 1},
		{"no cost only looks", 300, 0, true, 300, 0, 300 * time.Millisecond, 2},
		{"a clock that went back by a second", 1500, 1, false, 1500, 1100 * time.Millisecond, 1500 * time.Millisecond, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			tat := int64(0)
			if c.tat != math.MinInt64 {
				tat = start + ms(c.tat)
			}
			got := plan.Decide(tat, start, c.cost)
			want := Verdict{c.allowed, start + ms(c.next), c.retry, c.reset, c.remaining}
			if got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestDecideTakesAnyState(t *testing.T) {
	for _, tat := range []int64{math.MinInt64, -1, 0, 1, math.MaxInt64 - 1, math.MaxInt64} {
		for _, cost := range []int{0, 1, Free.Burst, Free.Burst + 1} {
			v := Free.Decide(tat, start, cost)
			if v.RetryIn < 0 || v.ResetIn < 0 || v.Remaining < 0 || v.Remaining > Free.Burst {
				t.Errorf("with state %d and cost %d: %+v", tat, cost, v)
			}
		}
	}
}

func TestARateThatDoesNotDivideASecondIsNotExceeded(t *testing.T) {
	plan := Plan{Rate: 7, Burst: 7}
	if got := 7 * plan.interval(); got < time.Second {
		t.Errorf("7 requests use up %v", got)
	}
}

func anyPlan() *rapid.Generator[Plan] {
	return rapid.Custom(func(t *rapid.T) Plan {
		return Plan{Rate: rapid.IntRange(1, 2000).Draw(t, "rate"), Burst: rapid.IntRange(1, 500).Draw(t, "burst")}
	})
}

// Whatever the clock does, what is allowed from one request to another is at
// most a burst and what the rate gives in the time between them.
func TestNoWindowEverHasMoreThanTheBurstAndTheRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan := anyPlan().Draw(t, "plan")
		type event struct {
			at   int64
			cost int
		}
		var allowed []event
		tat, now := int64(0), start
		for range rapid.IntRange(1, 60).Draw(t, "requests") {
			now += int64(rapid.OneOf(
				rapid.IntRange(0, 3),
				rapid.IntRange(0, int(plan.Window())),
				rapid.IntRange(-int(plan.Window())*2, int(plan.Window())*2),
			).Draw(t, "passed"))
			cost := rapid.IntRange(1, plan.Burst).Draw(t, "cost")
			v := plan.Decide(tat, now, cost)
			if v.Allowed {
				allowed = append(allowed, event{now, cost})
			}
			tat = v.TAT
		}
		for i, first := range allowed {
			sum := 0
			for _, last := range allowed[i:] {
				sum += last.cost
				most := float64(plan.Burst) + float64(plan.Rate)*time.Duration(last.at-first.at).Seconds()
				if float64(sum) > most+1e-6 {
					t.Fatalf("%d are allowed in %v, at most %.3f may be", sum, time.Duration(last.at-first.at), most)
				}
			}
		}
	})
}

func TestDecideIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan := anyPlan().Draw(t, "plan")
		near := rapid.Int64Range(-2*int64(plan.Window()), 2*int64(plan.Window()))
		tat, now := start+near.Draw(t, "tat"), start
		cost := rapid.IntRange(0, plan.Burst).Draw(t, "cost")
		v := plan.Decide(tat, now, cost)
		if v.TAT < tat {
			t.Fatalf("the state goes back: %+v", v)
		}
		if later := plan.Decide(tat, now+rapid.Int64Range(0, int64(plan.Window())).Draw(t, "later"), cost); v.Allowed && !later.Allowed {
			t.Fatalf("allowed now but not later: %+v, %+v", v, later)
		}
		if cheaper := plan.Decide(tat, now, rapid.IntRange(0, cost).Draw(t, "cheaper")); v.Allowed && !cheaper.Allowed {
			t.Fatalf("allowed, but not less of it: %+v, %+v", v, cheaper)
		}
		if earlier := plan.Decide(tat-rapid.Int64Range(0, int64(plan.Window())).Draw(t, "emptier"), now, cost); v.Allowed && !earlier.Allowed {
			t.Fatalf("allowed, but not with a fuller bucket: %+v, %+v", v, earlier)
		}
	})
}

func TestWhatDecideForetellsComesTrue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan := anyPlan().Draw(t, "plan")
		tat := start + rapid.Int64Range(-int64(plan.Window()), 2*int64(plan.Window())).Draw(t, "tat")
		cost := rapid.IntRange(1, plan.Burst).Draw(t, "cost")
		v := plan.Decide(tat, start, cost)
		if !v.Allowed {
			if plan.Decide(v.TAT, start+int64(v.RetryIn)-1, cost).Allowed || !plan.Decide(v.TAT, start+int64(v.RetryIn), cost).Allowed {
				t.Fatalf("RetryIn is not the first moment: %+v", v)
			}
		}
		if v.ResetIn <= plan.Window() && !plan.Decide(v.TAT, start, v.Remaining).Allowed || plan.Decide(v.TAT, start, v.Remaining+1).Allowed && v.Remaining < plan.Burst {
			t.Fatalf("Remaining is not what remains: %+v", v)
		}
		if full := plan.Decide(v.TAT, start+int64(v.ResetIn), plan.Burst); !full.Allowed {
			t.Fatalf("after ResetIn there is no whole burst: %+v", v)
		}
	})
}
