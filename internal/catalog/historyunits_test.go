package catalog

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"almanac/internal/store"
	"almanac/internal/timeline"
)

// longProject has a service Orders of 2 KB with 60 versions, the last in the
// middle of so many other changes.
func longProject(t *testing.T, others int) *world {
	t.Helper()
	w := newWorld(t).after(10)
	must(w.create(twoKB("Orders")))(w)
	list := make([]NewService, 30)
	change := func(n int) {
		for i := range list {
			list[i] = named(fmt.Sprintf("Other %d", i))
			list[i].Owner = described(fmt.Sprint(n)).Description
		}
		must(w.UpsertServices(w.Context(), w.caller, UpsertServicesInput{w.project, list}))(w)
	}
	for n := range others / 60 {
		change(n)
	}
	for i := range 59 {
		must(w.update("orders", described(strings.Repeat(string('a'+rune(i%26)), 200))))(w)
	}
	for n := range others / 60 {
		change(-n - 1)
	}
	w.after(1_000_000)
	return w
}

// What the reads of the past cost beside few other changes and beside many, in
// DynamoDB's units.
func TestUnitsOfTheHistory(t *testing.T) {
	for _, others := range []int{60, 6_000} {
		w := longProject(t, others)
		assert := func(what string, reads, writes float64, operation func(ctx context.Context) error) {
			t.Helper()
			m := w.metered(operation)
			t.Logf("beside %5d others: %-44s %4.0f read units, %3.0f write units, %d calls", others, what, m.ReadUnits, m.WriteUnits, m.Calls)
			if m.ReadUnits > reads || m.WriteUnits > writes {
				t.Errorf("%s costs %v read and %v write units beside %d others, at most %v and %v are allowed", what, m.ReadUnits, m.WriteUnits, others, reads, writes)
			}
		}
		own := must(w.GetServiceHistory(w.Context(), w.caller, GetServiceHistoryInput{ProjectID: w.project, ServiceSlug: "orders", Limit: 1000}))(w).Events
		if len(own) != 60 {
			t.Fatalf("orders has %d events", len(own))
		}
		assert("getServiceHistory, a page of 50 of 2 KB", 11, 0, func(ctx context.Context) error {
			_, err := w.GetServiceHistory(ctx, w.caller, GetServiceHistoryInput{ProjectID: w.project, ServiceSlug: "orders", Limit: 50})
			return err
		})
		// The log's items of 30 changes take two units each; bisection meets
		// some of them, and then it is two reads of both sides.
		assert("getSnapshotDiff", 24, 0, func(ctx context.Context) error {
			_, err := w.GetSnapshotDiff(ctx, w.caller, GetSnapshotDiffInput{w.project, own[30].SnapshotID})
			return err
		})
		assert("restoreService of 2 KB", 5, 8, func(ctx context.Context) error {
			_, err := w.RestoreService(ctx, w.caller, RestoreServiceInput{ProjectID: w.project, ServiceSlug: "orders", Body: Restoration{own[30].Timestamp}})
			return err
		})
		assert("restoreService that changes nothing", 5, 0, func(ctx context.Context) error {
			_, err := w.RestoreService(ctx, w.caller, RestoreServiceInput{ProjectID: w.project, ServiceSlug: "orders", Body: Restoration{own[30].Timestamp}})
			return err
		})
		assert("getHistory, 50 between two instants", 32, 0, func(ctx context.Context) error {
			got, err := w.GetHistory(ctx, w.caller, GetHistoryInput{ProjectID: w.project, Size: 50, From: &own[50].Timestamp, To: &own[0].Timestamp})
			if got.TotalCount != 50 || len(got.Events) != 50 {
				t.Errorf("%d events", got.TotalCount)
			}
			return err
		})
		// A filter reads all that lies between the bounds: 155 bytes for each of
		// the changes that were made thirty at a time, 350 for one alone.
		assert("getHistory of one service, all instants", float64(8+others*155/4096), 0, func(ctx context.Context) error {
			got, err := w.GetHistory(ctx, w.caller, GetHistoryInput{ProjectID: w.project, Size: 50, Service: "orders"})
			if got.TotalCount != 61 || len(got.Events) != 50 {
				t.Errorf("%d events", got.TotalCount)
			}
			return err
		})
		assert("getHistory of one service, between two", 32, 0, func(ctx context.Context) error {
			_, err := w.GetHistory(ctx, w.caller, GetHistoryInput{ProjectID: w.project, Size: 50, Service: "orders", From: &own[50].Timestamp, To: &own[0].Timestamp})
			return err
		})
		// 31 services, of which 30 were small and others then.
		assert("getProjectDiff", 50, 0, func(ctx context.Context) error {
			got, err := w.GetProjectDiff(ctx, w.caller, GetProjectDiffInput{ProjectID: w.project, From: own[30].Timestamp})
			if len(got.Services.Changed) != 30 {
				t.Errorf("%d services changed", len(got.Services.Changed))
			}
			return err
		})
	}
}

// A filtered history passes over any number of events and holds few of them.
func TestAFilteredHistoryHoldsAThousandEventsAtOnce(t *testing.T) {
	w := longProject(t, 12_000)
	watch := &widest{Store: w.store}
	c := New(watch, time.Now, 0)
	got, err := c.GetHistory(t.Context(), w.caller, GetHistoryInput{ProjectID: w.project, Size: 1000, ChangeType: timeline.Create})
	if err != nil || got.TotalCount != 31 || !slices.IsSortedFunc(got.Events, func(a, b HistoryEvent) int { return int(b.Timestamp - a.Timestamp) }) {
		t.Errorf("%d events, %v", got.TotalCount, err)
	}
	if watch.most == 0 || watch.most > 1<<20 {
		t.Errorf("one read gave %d bytes", watch.most)
	}
}

// widest is a store that knows the most bytes that one Range gave.
type widest struct {
	store.Store
	most int
}

func (s *widest) Range(ctx context.Context, q store.Query) ([]store.Item, error) {
	items, err := s.Store.Range(ctx, q)
	bytes := 0
	for _, item := range items {
		bytes += store.Size(item)
	}
	s.most = max(s.most, bytes)
	return items, err
}
