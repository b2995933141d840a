package timeline

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"almanac/internal/store"
	"almanac/internal/store/storetest"
)

// vacant is a timeline without a scope, whose clock stands at 1000.
func vacant(t *testing.T, s store.Store) bench {
	t.Helper()
	c := &clock{at: 1000}
	return bench{t, New(s, c.now), c}
}

func documents(n int) []Document {
	list := make([]Document, n)
	for i := range list {
		key := fmt.Sprintf("k%04d", i)
		list[i] = Document{key, "The " + key, []byte("1")}
	}
	return list
}

func (b bench) draft(n int) *Draft {
	b.Helper()
	d, err := b.Draft(b.Context(), shop, []byte("the shop"), ann, documents(n))
	if err != nil {
		b.Fatal(err)
	}
	return d
}

func (b bench) reveal(d *Draft) Head {
	b.Helper()
	head, err := d.Reveal(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	return head
}

func TestARevealedDraftIsAScopeLikeAnyOther(t *testing.T) {
	for _, n := range []int{0, 1, 99, 100, 450} {
		t.Run(fmt.Sprint(n, " documents"), func(t *testing.T) {
			b := vacant(t, openBolt(t))
			head := b.reveal(b.draft(n))
			if read, err := b.Head(t.Context(), shop); err != nil || fmt.Sprint(read) != fmt.Sprint(head) || b.hides() {
				t.Fatalf("revealed %+v, read %+v, %v", head, read, err)
			}
			if head.Live != n || head.Sequence != int64(n) || head.Created != (Stamp{1000, ann}) || head.Updated != head.Created || string(head.Body) != "the shop" {
				t.Errorf("it is %+v", head)
			}
			events := b.audit()
			if len(events) != n {
				t.Fatalf("%d events", len(events))
			}
			for i, d := range documents(n) {
				if e := events[i]; e.Key != d.Key || e.Name != d.Name || e.Type != Create || e.At != 1000 || e.By != ann {
					t.Fatalf("event %d is %+v", i, e)
				}
			}
			records := b.log(0)
			if records[0].Change != Create || string(records[0].Body) != "the shop" {
				t.Errorf("the log begins with %+v", records[0])
			}
			for i, r := range records {
				if len(r.Events) > store.MaxOps || i > 0 && r.Change != "" {
					t.Errorf("one record tells of %d events and a %s", len(r.Events), r.Change)
				}
			}
			b.clock.set(2000)
			b.commit(creation("new", "1"))
			if n > 0 {
				b.commit(update("k0000", "2"))
				b.commit(renaming("k0000", "moved", "3"))
			}
			b.audit()
		})
	}
}

func TestADraftIsNotSeenBeforeItIsWhole(t *testing.T) {
	disk := storetest.NewLedger(openBolt(t))
	looks := 0
	b := vacant(t, disk)
	docs := append(documents(2*batch), Document{"a", "The a", nil}, Document{"k199", "The k199", nil})
	writer := New(watched{disk, func() {
		looks++
		b.unseen()
		if !b.hides() {
			t.Error("it is not pending")
		}
		if err := b.DeleteScope(t.Context(), shop, ann); !errors.Is(err, ErrNoSuchScope) {
			t.Errorf("it can be deleted: %v", err)
		}
		if _, err := b.CreateScope(t.Context(), shop, nil, ann); !errors.Is(err, ErrScopeExists) {
			t.Errorf("its id can be taken: %v", err)
		}
		b.maintain()
	}}, b.clock.now)
	d, err := writer.Draft(t.Context(), shop, nil, ann, docs)
	if err != nil || looks != 4 {
		t.Fatalf("looked %d times, %v", looks, err)
	}
	d.t = b.Timeline
	b.reveal(d)
	if s, err := b.Get(t.Context(), shop, "a"); err != nil || s.Name != "The a" {
		t.Errorf("%v, %v", s, err)
	}
	b.audit()
}

// Whatever call of a draft fails: it is there and whole, or nothing of it is
// seen, nor left once its lease has ended.
func TestEveryStoreCallOfADraftFails(t *testing.T) {
	for kind, fault := range interruptions {
		for _, killed := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, killed then: %v", kind, killed), func(t *testing.T) {
				disk := storetest.NewLedger(openBolt(t))
				faulty := storetest.NewFaulty(disk)
				for n := 1; ; n++ {
					faulty.Reset()
					faulty.FailCall(n, fault)
					ctx, cancel := context.WithCancel(t.Context())
					b := vacant(t, faulty)
					writer := New(mortal{faulty, n, killed, cancel}, b.clock.now)
					d, err := writer.Draft(ctx, shop, nil, ann, documents(batch+5))
					if err == nil {
						if _, err = d.Reveal(ctx); err != nil {
							d.Discard(ctx)
						}
					}
					cancel()
					calls := faulty.Calls()
					faulty.Reset()
					if head, cause := b.Head(t.Context(), shop); cause == nil {
						if head.Live != batch+5 || b.hides() {
							t.Fatalf("call %d: half of it is there: %+v", n, head)
						}
						b.audit()
						b.remove()
					} else if err == nil {
						t.Fatalf("call %d: it is done, and not there", n)
					}
					b.unseen()
					b.clock.set(1000 + Instant(draftLease.Milliseconds()))
					b.maintain()
					b.empty(disk)
					if n > calls {
						return
					}
				}
			})
		}
	}
}

// mortal is the store of a writer that may die after its n-th call.
type mortal struct {
	*storetest.Faulty
	n    int
	dies bool
	die  func()
}

func (m mortal) Transact(ctx context.Context, ops ...store.Op) error {
	if err := ctx.Err(); err != nil {
		return &store.Error{Kind: store.Unavailable, Op: -1, Err: err}
	}
	err := m.Faulty.Transact(ctx, ops...)
	if m.dies && m.Calls() >= m.n {
		m.die()
	}
	return err
}

func TestADraftWhoseLeaseHasEndedComesToNothing(t *testing.T) {
	disk := storetest.NewLedger(openBolt(t))
	b := vacant(t, disk)
	d := b.draft(3)
	hidden, err := b.Pending(t.Context())
	if err != nil || len(hidden) != 1 || hidden[0].Overdue != 1000+Instant(draftLease.Milliseconds()) {
		t.Fatalf("pending is %v, %v", hidden, err)
	}
	b.clock.set(hidden[0].Overdue - 2)
	b.maintain()
	if !b.hides() {
		t.Fatal("it is removed before its lease has ended")
	}
	b.clock.set(hidden[0].Overdue)
	b.maintain()
	b.empty(disk)
	if _, err := d.Reveal(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("revealed: %v", err)
	}
	d.Discard(t.Context())
	b.empty(disk)
}

func TestADraftThatIsRevealedIsNotDiscarded(t *testing.T) {
	b := vacant(t, openBolt(t))
	d := b.draft(3)
	b.reveal(d)
	d.Discard(t.Context())
	b.clock.set(1000 + Instant(2*draftLease.Milliseconds()))
	b.maintain()
	if events := b.audit(); len(events) != 3 {
		t.Errorf("%d events", len(events))
	}
}

func TestARevealThatAnotherOpKeptBackCanBeTriedAgain(t *testing.T) {
	b := vacant(t, openBolt(t))
	d := b.draft(3)
	counter := store.Item{Key: store.Key{Partition: "local", Sort: "projects"}, Version: 1}
	_, err := d.Reveal(t.Context(), store.Put(counter, store.VersionIs(7)))
	if e, ok := errors.AsType[*store.Error](err); !ok || e.Kind != store.ConditionFailed || e.Op != 0 || e.Key != counter.Key {
		t.Fatalf("the condition of another op failed: %v", err)
	}
	b.unseen()
	if _, err := d.Reveal(t.Context(), store.Put(counter, store.Absent())); err != nil {
		t.Fatal(err)
	}
	b.audit()
}

func TestADraftThatCannotBeIsRefusedBeforeAnythingIsWritten(t *testing.T) {
	disk := storetest.NewLedger(openBolt(t))
	b := vacant(t, disk)
	long := documents(MaxDraft)
	for i := range long {
		long[i].Name += base64.StdEncoding.EncodeToString([]byte(incompressible(600)))
	}
	for name, c := range map[string]struct {
		body      []byte
		documents []Document
		want      error
	}{
		"too many documents":   {nil, documents(MaxDraft + 1), ErrTooManyChanges},
		"names too long":       {nil, long, ErrTooLarge},
		"a body too large":     {make([]byte, MaxBody+1), nil, ErrTooLarge},
		"a document too large": {nil, []Document{{"a", "a", make([]byte, MaxBody+1)}}, ErrTooLarge},
		"a key too long":       {nil, []Document{{string(make([]byte, maxKey+1)), "a", nil}}, &Error{Kind: BadKey}},
	} {
		if _, err := b.Draft(t.Context(), shop, c.body, ann, c.documents); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		b.empty(disk)
	}
	b.reveal(b.draft(1))
	if _, err := b.Draft(t.Context(), shop, nil, ann, nil); !errors.Is(err, ErrScopeExists) {
		t.Errorf("an id that is taken: %v", err)
	}
}

func TestADraftHoldsAsManyDocumentsAsItSays(t *testing.T) {
	b := vacant(t, openBolt(t))
	began := time.Now()
	b.reveal(b.draft(MaxDraft))
	t.Logf("took %v", time.Since(began))
	_, list, err := b.List(t.Context(), shop)
	if err != nil || len(list) != MaxDraft {
		t.Fatalf("%d documents, %v", len(list), err)
	}
	events, total, err := b.History(t.Context(), shop, 0, MaxDraft)
	sorted := slices.IsSortedFunc(events, func(a, b Event) int { return int(b.Sequence - a.Sequence) })
	if err != nil || total != MaxDraft || len(events) != MaxDraft || !sorted || events[0].Key != list[0].Key {
		t.Errorf("%d events of %d, %v", len(events), total, err)
	}
}

func TestUnitsOfADraft(t *testing.T) {
	onBoth(t, func(t *testing.T, s store.Store) {
		b := vacant(t, s)
		b.clock.set(realNow)
		ctx, meter := store.WithMeter(t.Context())
		docs := documents(100)
		for i := range docs {
			docs[i].Body = []byte(b.body(docs[i].Key, 2000))
		}
		d, err := b.Draft(ctx, shop, nil, ann, docs)
		if err == nil {
			_, err = d.Reveal(ctx)
		}
		if err != nil {
			t.Fatal(err)
		}
		// 4 for each document of 2 KB; 2 for the head and 2 for what tells that
		// it is hidden, each twice; 2 for each check of two batches; the events
		// take 20 KB in one log item and 1 in the other.
		if most := float64(100*4 + 8 + 2*2 + 2*21 + 2); meter.WriteUnits > most || meter.ReadUnits > 0 {
			t.Errorf("costs %v write and %v read units, at most %v are allowed", meter.WriteUnits, meter.ReadUnits, most)
		}
		t.Logf("%v write units, %d calls", meter.WriteUnits, meter.Calls)
		for _, want := range []float64{2, 1} { // the head too, until the document is written
			ctx, meter := store.WithMeter(t.Context())
			if _, err := b.Get(ctx, shop, "k0000"); err != nil || meter.ReadUnits != want {
				t.Errorf("reading one costs %v, not %v: %v", meter.ReadUnits, want, err)
			}
			b.commit(update("k0000", "2"))
		}
	})
}
