package limit

import (
	"context"
	"testing"
	"time"

	"almanac/internal/store"
)

// What limiting costs a key goes by how often one instance sees it: a lease is
// one unit where the instance is alone with the key, and a read more where
// others lease it too.
func TestWhatARequestOfAKeyCosts(t *testing.T) {
	for _, c := range []struct {
		name      string
		instances int
		every     time.Duration // a request, at the instances in turns
		most      float64       // units a request
	}{
		{"one a minute", 1, time.Minute, 1},
		{"one a minute, at another instance each time", 8, time.Minute, 2},
		{"one a second", 1, time.Second, 0.25},
		{"two a second", 1, 500 * time.Millisecond, 0.1},
		{"ten a second", 1, 100 * time.Millisecond, 0.03},
		{"one a second at each of eight", 8, 125 * time.Millisecond, 0.5},
		{"five a second at each of eight", 8, time.Second / 40, 0.1},
	} {
		t.Run(c.name, func(t *testing.T) {
			inHouse(t, func(h *house) {
				instances := make([]*Limiter, c.instances)
				for i := range instances {
					instances[i] = h.instance()
				}
				plan := Plan{Name: "wide", Rate: 200, Burst: 400}
				n := 0
				take := func(ctx context.Context) {
					if !instances[n%len(instances)].Take(ctx, "a", plan).Allowed {
						t.Fatal("it is refused")
					}
					time.Sleep(c.every)
					n++
				}
				for range 20 * c.instances { // until each knows how busy the key is
					take(h.Context())
				}
				ctx, meter := store.WithMeter(h.Context())
				const requests = 2000
				for range requests {
					take(ctx)
				}
				units := (meter.ReadUnits + meter.WriteUnits) / requests
				t.Logf("%s: %.3f units a request", c.name, units)
				if units > c.most {
					t.Errorf("a request costs %.3f units, more than %v", units, c.most)
				}
			})
		})
	}
}
