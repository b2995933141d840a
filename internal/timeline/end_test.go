package timeline

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"almanac/internal/store"
	"almanac/internal/store/storetest"
)

func always(Head) error { return nil }

// over fails unless every read of now and of an instant since the end says that
// there is no such scope, and every write.
func (b bench) over(ended Instant) {
	b.Helper()
	ctx := b.Context()
	for i, read := range []func() error{
		func() error { _, err := b.Head(ctx, shop); return err },
		func() error { _, err := b.HeadAt(ctx, shop, ended); return err },
		func() error { _, err := b.Get(ctx, shop, "a"); return err },
		func() error { _, err := b.Get(ctx, shop, "b"); return err },
		func() error { _, err := b.Get(ctx, shop, "k002"); return err },
		func() error { _, err := b.Get(ctx, shop, "k199"); return err },
		func() error { _, err := b.GetAt(ctx, shop, "a", ended); return err },
		func() error { _, err := b.GetAt(ctx, shop, "k199", maxInstant); return err },
		func() error { _, _, err := b.List(ctx, shop); return err },
		func() error { _, _, err := b.ListAt(ctx, shop, ended); return err },
		func() error { _, err := b.Commit(ctx, shop, ann, update("a", "9")); return err },
		func() error { _, err := b.Commit(ctx, shop, ann, creation("new", "1")); return err },
		func() error { return b.EndScope(ctx, shop, ann, always) },
		func() error { return b.DeleteScope(ctx, shop, ann) },
	} {
		if err := read(); !errors.Is(err, ErrNoSuchScope) {
			b.Fatalf("read %d of a scope that has ended: %v", i, err)
		}
	}
	for _, at := range []Instant{ended, maxInstant} {
		if heads, err := b.HeadsAt(ctx, shop.Directory, at); err != nil || len(heads) > 0 {
			b.Fatalf("it is listed at %d: %v, %v", at, heads, err)
		}
	}
	if heads, err := b.HeadsAt(ctx, shop.Directory, ended-1); err != nil || len(heads) != 1 {
		b.Fatalf("of its past there are the heads %v, %v", heads, err)
	}
}

// seenUntil is all that was seen at each instant up to one, in words.
func (b bench) seenUntil(until Instant) string {
	b.Helper()
	ctx := b.Context()
	var seen strings.Builder
	for at := Instant(1001); at <= until; at++ {
		_, list, err := b.ListAt(ctx, shop, at)
		if err != nil {
			b.Fatalf("the list at %d: %v", at, err)
		}
		fmt.Fprintln(&seen, at, len(list))
		for i, s := range list {
			if i < 3 || i == len(list)-1 {
				got, err := b.GetAt(ctx, shop, s.Key, at)
				if err != nil || got.ID != s.ID {
					b.Fatalf("%s at %d: %v, %v", s.Key, at, got, err)
				}
				fmt.Fprintln(&seen, s.Key, s.ID, s.Body)
			}
		}
		if _, err := b.GetAt(ctx, shop, "none", at); !errors.Is(err, ErrNoSuchDocument) {
			b.Fatalf("what was not there at %d: %v", at, err)
		}
	}
	return seen.String()
}

// ended is the instant at which the shop ended, or zero.
func (b bench) ended() Instant {
	b.Helper()
	head, err := b.readHead(b.Context(), shop)
	if err != nil {
		b.Fatal(err)
	}
	if !head.ended {
		return 0
	}
	return head.Updated.At
}

func TestOfAScopeThatHasEndedNothingIsSeenButItsPast(t *testing.T) {
	for _, documents := range []int{5, 2*batch + 5} {
		onBoth(t, func(t *testing.T, s store.Store) {
			b := furnished(t, s, documents)
			last, err := b.Head(t.Context(), shop)
			if err != nil {
				t.Fatal(err)
			}
			before := b.seenUntil(last.Updated.At)
			b.clock.set(9000)
			if err := b.EndScope(t.Context(), shop, robot, always); err != nil {
				t.Fatal(err)
			}
			ended := b.ended()
			if ended != 9000 {
				t.Fatalf("it ended at %d", ended)
			}
			b.over(ended)
			if b.seenUntil(last.Updated.At) != before {
				t.Error("its past is another one")
			}
			b.maintain()
			if b.seenUntil(last.Updated.At) != before {
				t.Error("with all checkpoints its past is another one")
			}
			var versions []Snapshot
			for s, err := range b.Versions(t.Context(), shop, "a") {
				if err != nil {
					t.Fatal(err)
				}
				versions = append(versions, s)
			}
			if len(versions) != batch+3 || versions[0].Until != ended {
				t.Errorf("%d versions, the last until %v", len(versions), versions[0].Until)
			}
			records, err := s.Range(t.Context(), store.Query{Partition: shop.logPartition(), Reverse: true, Limit: 1})
			if err != nil {
				t.Fatal(err)
			}
			if r, err := ReadRecord(records[0]); err != nil || r.Change != Delete || r.By != robot || r.At != ended || r.Revision != last.Revision+1 {
				t.Errorf("the log ends with %+v, %v", r, err)
			}
			if hidden, err := b.Pending(t.Context()); err != nil || len(hidden) > 0 {
				t.Errorf("left to do: %v, %v", hidden, err)
			}
		})
	}
}

// Whatever call fails, it has ended for everybody or for nobody, and can be
// ended again.
func TestEveryStoreCallOfAnEndScopeFails(t *testing.T) {
	for kind, fault := range interruptions {
		sizes := []int{5}
		if fault.Kind == store.Damaged {
			sizes = append(sizes, 2*batch+5)
		}
		for _, documents := range sizes {
			t.Run(fmt.Sprintf("%s, %d documents", kind, documents), func(t *testing.T) {
				for n := 1; ; n++ {
					faulty := storetest.NewFaulty(openBolt(t))
					b := furnished(t, faulty, documents)
					faulty.Reset()
					faulty.FailCall(n, fault)
					err := b.EndScope(t.Context(), shop, ann, always)
					calls := faulty.Calls()
					faulty.Reset()
					if ended := b.ended(); ended != 0 {
						if err != nil && !fault.AfterEffect {
							t.Fatalf("call %d: done, and %v", n, err)
						}
						b.over(ended)
					} else {
						if err == nil {
							t.Fatalf("call %d: not done, and no error", n)
						}
						b.commit(all(update("a", "on"), creation("new", "1")))
						if documents == 5 || n == 4 {
							b.audit()
						}
						if err := b.EndScope(t.Context(), shop, ann, always); err != nil {
							t.Fatalf("call %d, again: %v", n, err)
						}
						b.over(b.ended())
					}
					if n > calls {
						return
					}
				}
			})
		}
	}
}

// One who looks after each transaction, and one who writes then, sees the scope
// as it was, or not at all.
func TestAScopeEndsAsAWholeUnderItsWriters(t *testing.T) {
	b := furnished(t, openBolt(t), 3*batch)
	var written []string
	looks := 0
	ender := New(watched{b.store, func() {
		looks++
		if ended := b.ended(); ended != 0 {
			b.over(ended)
			return
		}
		key := fmt.Sprintf("k%03d+", looks*70)
		b.commit(all(creation(key, "1"), update("a", key), deletion(fmt.Sprintf("k%03d", looks*60))))
		written = append(written, key)
		b.audit()
	}}, b.clock.now)
	if err := ender.EndScope(t.Context(), shop, ann, always); err != nil {
		t.Fatal(err)
	}
	ended := b.ended()
	b.over(ended)
	if looks < 4 || len(written) != looks-1 {
		t.Errorf("looked %d times, wrote %d times", looks, len(written))
	}
	for _, key := range written {
		if _, err := b.Get(t.Context(), shop, key); !errors.Is(err, ErrNoSuchScope) {
			t.Errorf("%s: %v", key, err)
		}
		if _, err := b.GetAt(t.Context(), shop, key, ended-1); err != nil {
			t.Errorf("%s before the end: %v", key, err)
		}
	}
}

func TestAPageUnderWhichTheScopeEndsIsThatOfItsInstant(t *testing.T) {
	b := furnished(t, openBolt(t), 90)
	head, err := b.Head(t.Context(), shop)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	if err := b.Page(t.Context(), shop, head, head.Updated.At, "", 10, func(Snapshot) bool {
		if seen++; seen == 5 {
			if err := b.EndScope(t.Context(), shop, ann, always); err != nil {
				t.Error(err)
			}
		}
		return true
	}); err != nil || seen != head.Live {
		t.Errorf("%d of %d, %v", seen, head.Live, err)
	}
}

func TestTheEndOfASmallScopeCostsARewriteOfIt(t *testing.T) {
	b := furnished(t, openBolt(t), 20)
	b.rest()
	ctx, meter := store.WithMeter(t.Context())
	if err := b.EndScope(ctx, shop, ann, always); err != nil {
		t.Fatal(err)
	}
	if meter.Calls != 3 || meter.ReadUnits != 3 || meter.WriteUnits != 44 {
		t.Errorf("it took %d calls, %v read and %v write units", meter.Calls, meter.ReadUnits, meter.WriteUnits)
	}
}

func TestAScopeIsMadeWithItsFirstDocuments(t *testing.T) {
	b := vacant(t, openBolt(t))
	head, err := b.CreateScopeWith(t.Context(), shop, []byte("the shop"), ann, documents(3))
	if err != nil || head.Live != 3 || head.Sequence != 3 || head.Revision != 1 {
		t.Fatal(head, err)
	}
	if read, err := b.Head(t.Context(), shop); err != nil || fmt.Sprint(read) != fmt.Sprint(head) {
		t.Errorf("made %+v, read %+v, %v", head, read, err)
	}
	if records := b.log(0); len(records) != 1 || records[0].Change != Create || len(records[0].Events) != 3 {
		t.Errorf("the log is %+v", records)
	}
	b.audit()
	ctx, meter := store.WithMeter(t.Context())
	if s, err := b.Get(ctx, shop, "k0001"); err != nil || s.Created != (Stamp{1000, ann}) || meter.Calls != 1 {
		t.Errorf("%+v, %v in %d calls", s, err, meter.Calls)
	}
	b.commit(update("k0000", "2"))
	b.audit()

	other := Scope{shop.Directory, "other"}
	taken := store.Check(shop.headKey(), store.Absent())
	var refusal *store.Error
	if _, err := b.CreateScopeWith(t.Context(), other, nil, ann, documents(3), taken); !errors.As(err, &refusal) || refusal.Op != 0 {
		t.Errorf("a condition of also that fails: %v", err)
	}
	for _, bad := range []Document{{Key: ""}, {Key: "large", Body: make([]byte, MaxBody+1)}} {
		if _, err := b.CreateScopeWith(t.Context(), other, nil, ann, []Document{bad}); err == nil || store.KindOf(err) != 0 {
			t.Errorf("%q: %v", bad.Key, err)
		}
	}
	if _, err := b.Head(context.Background(), other); !errors.Is(err, ErrNoSuchScope) {
		t.Errorf("something was made: %v", err)
	}
}

func TestAScopeEndsOnlyAsItIsMeantToBe(t *testing.T) {
	b := furnished(t, openBolt(t), 2*batch)
	no := errors.New("no")
	var asked []int64
	if err := b.EndScope(t.Context(), shop, ann, func(h Head) error {
		if asked = append(asked, h.Revision); len(asked) == 2 {
			return no
		}
		b.commit(update("a", "later"))
		return nil
	}); err != no || len(asked) != 2 || asked[1] != asked[0]+1 {
		t.Fatalf("asked of %v, %v", asked, err)
	}
	b.audit()
	if err := b.EndScope(t.Context(), shop, ann, always); err != nil {
		t.Fatal(err)
	}
	b.over(b.ended())
}
