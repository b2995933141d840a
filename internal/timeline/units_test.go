package timeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"almanac/internal/store"
)

// price is what one call costs in DynamoDB's capacity units.
func (b bench) price(call func(bench) error) (read, write float64) {
	b.Helper()
	b.rest()
	ctx, meter := store.WithMeter(b.Context())
	if err := call(bench{metered{b.TB, ctx}, b.Timeline, b.clock}); err != nil {
		b.Fatal(err)
	}
	return meter.ReadUnits, meter.WriteUnits
}

// metered is a test whose context has a meter.
type metered struct {
	testing.TB
	ctx context.Context
}

func (m metered) Context() context.Context { return m.ctx }

// body fills the live item of a document of the scope up to size bytes.
func (b bench) body(key string, size int) string {
	b.Helper()
	empty := live{Snapshot: Snapshot{
		Key: key, DocumentID: strings.Repeat("d", 36), ID: strings.Repeat("s", 36), Name: "The " + key,
		Created: Stamp{realNow, ann}, From: realNow, By: ann,
	}, since: realNow}
	return strings.Repeat("x", size-store.Size(empty.item(shop)))
}

const realNow Instant = 1776871800000 // as many digits as the instants of this age have

func TestWritesOfADocumentOf2KB(t *testing.T) {
	onBoth(t, func(t *testing.T, s store.Store) {
		b := setUp(t, s)
		b.clock.set(realNow)
		body := string(services(t, 1700)("orders", 1)) // 2 KB before it is compressed
		for _, c := range []struct {
			name   string
			change func(*Tx) error
			most   float64
		}{
			{"create", creation("orders", body), 6},
			{"update", update("orders", body), 8},
			{"the next update", update("orders", body), 8},
			{"delete", deletion("orders"), 10},
			{"nothing", func(*Tx) error { return nil }, 0},
		} {
			_, got := b.price(func(b bench) error {
				_, err := b.Commit(b.Context(), shop, ann, c.change)
				return err
			})
			t.Logf("%s: %v write units", c.name, got)
			if got > c.most {
				t.Errorf("%s costs %v write units, more than %v", c.name, got, c.most)
			}
		}
	})
}

func TestReadsCostTheSameWhateverTheHistory(t *testing.T) {
	onBoth(t, func(t *testing.T, s store.Store) {
		counts := []int{10, 100_000}
		if strings.HasSuffix(t.Name(), "dynamo") {
			counts[1] = 3_000 // it takes a minute to write more
		}
		for _, versions := range counts {
			shop := Scope{shop.Directory, fmt.Sprint(versions)}
			b := bench{t, New(s, (&clock{at: realNow}).now), &clock{}}
			if _, err := b.CreateScope(t.Context(), shop, nil, ann); err != nil {
				t.Fatal(err)
			}
			if _, err := b.Commit(t.Context(), shop, ann, creation("orders", b.body("orders", 4096))); err != nil {
				t.Fatal(err)
			}
			open, err := b.Get(t.Context(), shop, "orders")
			if err != nil {
				t.Fatal(err)
			}
			b.past(s, shop, open, versions)
			for _, c := range []struct {
				name string
				at   Instant
				most float64
			}{
				{"now", 0, 1},
				{"just now", open.From, 2},
				{"just before", open.From - 1, 2},
				{"in the middle", open.From - Instant(versions/2), 2},
				{"at the beginning", open.From - Instant(versions), 2},
			} {
				got, _ := b.price(func(b bench) (err error) {
					var found Snapshot
					if c.at == 0 {
						found, err = b.Get(b.Context(), shop, "orders")
					} else {
						found, err = b.GetAt(b.Context(), shop, "orders", c.at)
					}
					if found.From != c.at && c.at != 0 {
						return errors.Join(err, fmt.Errorf("it is from %d, not %d", found.From, c.at))
					}
					return err
				})
				if got > c.most {
					t.Errorf("of %d versions, that of %s costs %v read units, more than %v", versions, c.name, got, c.most)
				}
			}
		}
	})
}

// past writes versions of one millisecond each, the last until open began.
func (b bench) past(s store.Store, scope Scope, open Snapshot, versions int) {
	b.Helper()
	var ops []store.Op
	for i := range versions {
		old := open
		old.From -= Instant(i + 1)
		old.Until = old.From + 1
		if !slices.Contains([]int{0, versions/2 - 1, versions - 1}, i) {
			old.Body = nil // only those three are read
		}
		ops = append(ops, store.Put(closed{old, ""}.item(scope), store.Condition{}))
	}
	b.write(s, ops)
}

// write does many ops, a few transactions at a time.
func (b bench) write(s store.Store, ops []store.Op) {
	b.Helper()
	var wg sync.WaitGroup
	work := make(chan []store.Op)
	for range 8 {
		wg.Go(func() {
			for chunk := range work {
				if err := s.Transact(b.Context(), chunk...); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for chunk := range slices.Chunk(ops, store.MaxOps) {
		work <- chunk
	}
	close(work)
	wg.Wait()
}

func TestAListNowCostsItsBytes(t *testing.T) {
	onBoth(t, func(t *testing.T, s store.Store) {
		b := setUp(t, s)
		b.clock.set(realNow)
		size := 0
		for range 3 {
			b.commit(func(tx *Tx) (err error) {
				for range 30 {
					key := fmt.Sprintf("k%05d", size)
					err = errors.Join(err, creation(key, b.body(key, 700))(tx))
					size += 700
				}
				return err
			})
		}
		got, _ := b.price(func(b bench) error {
			_, list, err := b.List(b.Context(), shop)
			if len(list) != 90 {
				return errors.Join(err, fmt.Errorf("%d documents", len(list)))
			}
			return err
		})
		if want := float64((size+4095)/4096) + 1; got != want {
			t.Errorf("%d bytes cost %v read units, not %v", size, got, want)
		}
		got, _ = b.price(func(b bench) error { _, _, err := b.History(b.Context(), shop, 20, 1); return err })
		if got > 8 {
			t.Errorf("a page of history costs %v read units", got)
		}
	})
}
