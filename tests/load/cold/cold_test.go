package main

import "testing"

// Processor time is what a busy machine changes least. The limits are far
// enough from what is measured (2.0, 2.0 and 2.4) that noise does not cross them,
// and near enough that a heavy package at start does.
func TestAColdStartTakesLittleMoreProcessorTimeThanHelloWorld(t *testing.T) {
	b, err := newBench(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer b.close()
	variants := b.variants()
	results, err := b.measure(t.Context(), 25, variants)
	if err != nil {
		t.Fatal(err)
	}
	for i, limit := range []float64{1, 2.5, 2.5, 3} {
		got := ratio(results[i].processor, results[0].processor)
		t.Logf("%s: %.2f ×", variants[i].name, got)
		if got > limit {
			t.Errorf("%s takes %.2f times the processor time of %s, more than %.1f", variants[i].name, got, variants[0].name, limit)
		}
	}
}
