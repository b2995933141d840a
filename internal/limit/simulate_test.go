package limit

import (
	"context"
	"io"
	"log/slog"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"almanac/internal/store"
	"almanac/internal/store/bolt"
)

// distant is a store some milliseconds away, so that instances get in each
// other's way.
type distant struct{ store.Store }

const away = 4 * time.Millisecond

func (d distant) Get(ctx context.Context, key store.Key) (store.Item, error) {
	time.Sleep(away)
	return d.Store.Get(ctx, key)
}

func (d distant) Transact(ctx context.Context, ops ...store.Op) error {
	time.Sleep(away)
	return d.Store.Transact(ctx, ops...)
}

// traffic is what one key sends to all its instances together.
type traffic struct {
	plan      Plan
	instances int
	share     float64 // of the plan's rate, on average
	burst     int     // how many are sent at once
	// within holds back what this plan would refuse, so that the traffic is
	// below another one not only on average.
	within *Plan
}

// What is measured begins when the first burst is used up.
const (
	warmUp   = 10 * time.Second
	measured = 2 * time.Minute
)

type outcome struct {
	sent, admitted int     // while it was measured
	perRequest     float64 // store units, from the start
}

// simulate sends traffic under a simulated clock. Bursts arrive as a Poisson
// process, each request at any instance, and an instance has one request at a
// time, as in Lambda.
func (tr traffic) simulate(t *testing.T) (o outcome) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		st, err := bolt.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer st.Close()
		ctx, meter := store.WithMeter(t.Context())
		began := time.Now()
		all := 0
		var mu sync.Mutex
		var wg sync.WaitGroup
		queues := make([]chan struct{}, tr.instances)
		for i := range queues {
			queues[i] = make(chan struct{}, 1<<12)
			wg.Go(func() {
				l := New(distant{st}, time.Now, slog.New(slog.NewTextHandler(io.Discard, nil)))
				for range queues[i] {
					allowed := l.Take(ctx, "key-1", tr.plan).Allowed
					mu.Lock()
					all++
					if time.Since(began) >= warmUp {
						o.sent++
						if allowed {
							o.admitted++
						}
					}
					mu.Unlock()
				}
			})
		}
		rng := rand.New(rand.NewPCG(1, uint64(tr.instances)))
		var tat int64
		for time.Since(began) < warmUp+measured {
			bursts := tr.share * float64(tr.plan.Rate) / float64(tr.burst)
			time.Sleep(time.Duration(rng.ExpFloat64() / bursts * float64(time.Second)))
			if tr.within != nil {
				v := tr.within.Decide(tat, time.Now().UnixNano(), tr.burst)
				if tat = v.TAT; !v.Allowed {
					continue
				}
			}
			for range tr.burst {
				queues[rng.IntN(tr.instances)] <- struct{}{}
			}
		}
		for _, q := range queues {
			close(q)
		}
		wg.Wait()
		o.perRequest = (meter.ReadUnits + meter.WriteUnits) / float64(all)
	})
	return o
}

// Above the plan, however many instances, what two minutes admit is the plan's
// to 5 %. Where an instance of the standard plan has 15 requests a second,
// limiting costs at most a tenth of a unit a request.
func TestOverloadIsHeldToThePlan(t *testing.T) {
	for _, plan := range []Plan{Standard, Free} {
		for _, instances := range []int{1, 8, 32} {
			for _, share := range []float64{2, 4, 10} {
				o := traffic{plan: plan, instances: instances, share: share, burst: 1}.simulate(t)
				rate := float64(o.admitted) / (float64(plan.Rate) * measured.Seconds())
				t.Logf("%-8s ×%2.0f on %2d instances: %5.1f %% of the plan admitted, %.3f units a request", plan.Name, share, instances, 100*rate, o.perRequest)
				if math.Abs(rate-1) > 0.05 {
					t.Errorf("%s ×%v on %d instances: %.3f of the plan is admitted", plan.Name, share, instances, rate)
				}
				if busy := share*float64(plan.Rate)/float64(instances) >= 15; busy && plan == Standard && o.perRequest > 0.1 {
					t.Errorf("%s ×%v on %d instances: %.3f units a request", plan.Name, share, instances, o.perRequest)
				}
			}
		}
	}
}

// Traffic that keeps within four fifths of a plan, rate and burst, is as good
// as never refused, however it is spread.
func TestTrafficBelowThePlanIsNotRefused(t *testing.T) {
	for _, plan := range []Plan{Standard, Free} {
		within := Plan{Rate: plan.Rate * 4 / 5, Burst: plan.Burst * 4 / 5}
		for _, instances := range []int{1, 8, 32} {
			for _, share := range []float64{0.2, 0.8} {
				for _, burst := range []int{1, plan.Burst * 2 / 5} {
					o := traffic{plan: plan, instances: instances, share: share, burst: burst, within: &within}.simulate(t)
					refused := o.sent - o.admitted
					t.Logf("%-8s ×%.1f in bursts of %2d on %2d instances: %d of %4d refused, %.3f units a request", plan.Name, share, burst, instances, refused, o.sent, o.perRequest)
					if float64(refused) > 0.005*float64(o.sent) {
						t.Errorf("%s ×%.1f in bursts of %d on %d instances: %d of %d are refused", plan.Name, share, burst, instances, refused, o.sent)
					}
					if instances == 1 && plan == Standard && o.perRequest > 0.1 {
						t.Errorf("%s ×%.1f in bursts of %d on one instance: %.3f units a request", plan.Name, share, burst, o.perRequest)
					}
				}
			}
		}
	}
}

// What limiting costs goes by how often an instance sees the key, not by how
// many instances there are.
func TestABusyKeyCostsATenthOfAUnitARequestOnManyInstances(t *testing.T) {
	plan := Plan{Rate: 400, Burst: 800}
	within := Plan{Rate: 380, Burst: 760}
	o := traffic{plan: plan, instances: 32, share: 0.8, burst: 1, within: &within}.simulate(t)
	t.Logf("10 requests a second on each of 32 instances: %d of %d refused, %.3f units a request", o.sent-o.admitted, o.sent, o.perRequest)
	if o.sent != o.admitted || o.perRequest > 0.1 {
		t.Errorf("%d of %d are refused, %.3f units a request", o.sent-o.admitted, o.sent, o.perRequest)
	}
}
