package catalog

import (
	"testing"

	"almanac/internal/timeline"
)

func TestHistory(t *testing.T) {
	w := newWorld(t)
	must(w.after(10).create(named("Orders")))(w)
	must(w.after(20).update("orders", described("x")))(w)
	w.caller.ID, w.caller.Label = "key-2", "deployer"
	must(w.after(30).create(named("Billing")))(w)
	if err := w.after(40).delete("orders"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		in    GetHistoryInput
		total int64
		at    []int // the instants of the page's events
	}{
		{"all, newest first", GetHistoryInput{}, 4, []int{40, 30, 20, 10}},
		{"a page", GetHistoryInput{Page: 1, Size: 3}, 4, []int{10}},
		{"a page after the last", GetHistoryInput{Page: 9, Size: 3}, 4, nil},
		{"of a service", GetHistoryInput{Service: "orders"}, 3, []int{40, 20, 10}},
		{"of a service, a page", GetHistoryInput{Service: "orders", Page: 1, Size: 2}, 3, []int{10}},
		{"of an actor", GetHistoryInput{Actor: "deployer"}, 2, []int{40, 30}},
		{"of a kind of change", GetHistoryInput{ChangeType: timeline.Create}, 2, []int{30, 10}},
		{"from an instant, which is in", GetHistoryInput{From: new(ms(20))}, 3, []int{40, 30, 20}},
		{"to an instant, which is out", GetHistoryInput{To: new(ms(20))}, 1, []int{10}},
		{"between two", GetHistoryInput{From: new(ms(20)), To: new(ms(40))}, 2, []int{30, 20}},
		{"between two the wrong way round", GetHistoryInput{From: new(ms(40)), To: new(ms(20))}, 0, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := w.history(c.in)
			if got.TotalCount != c.total || len(got.Events) != len(c.at) {
				t.Fatalf("got %+v", got)
			}
			for i, e := range got.Events {
				if e.Timestamp != ms(c.at[i]) {
					t.Errorf("event %d is of %v, want %v", i, e.Timestamp, ms(c.at[i]))
				}
			}
		})
	}
}
