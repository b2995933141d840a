package api

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"time"
)

// timed serves a target many times and gives how long that took.
func timed(h http.Handler, target string) time.Duration {
	began := time.Now()
	for range 2000 {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, target, nil))
	}
	return time.Since(began)
}

// medianRatio measures a and b in turn, so that both meet the same noise.
func medianRatio(runs int, a, b func() time.Duration) float64 {
	ratios := make([]float64, runs)
	for i := range ratios {
		ratios[i] = float64(a()) / float64(b())
	}
	slices.Sort(ratios)
	return ratios[runs/2]
}
