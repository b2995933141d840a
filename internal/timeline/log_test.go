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

// log reads all commits after a revision and checks what holds for every log.
func (b bench) log(after int64) (records []Record) {
	b.Helper()
	events := int64(-1)
	for r, err := range b.Records(b.Context(), shop, after) {
		if err != nil {
			b.Fatal(err)
		}
		if after++; r.Revision != after || r.Scope != shop || r.At == 0 || r.By.ID == "" || r.Commit == "" {
			b.Fatalf("not the commit of revision %d: %+v", after, r)
		}
		for i, e := range r.Events {
			last := r.Events[0].Sequence
			if e.At != r.At || e.By != r.By || e.Sequence != last-int64(i) {
				b.Fatalf("not an event of its commit: %+v of %+v", e, r)
			}
		}
		if n := len(r.Events); n > 0 {
			if first := r.Events[n-1].Sequence; events >= 0 && first != events+1 {
				b.Fatalf("event %d comes after event %d", first, events)
			}
			events = r.Events[0].Sequence
		}
		records = append(records, r)
	}
	return records
}

// told is a log in short.
func told(records []Record) string {
	var b strings.Builder
	for _, r := range records {
		fmt.Fprintf(&b, "%d:", r.Revision)
		if r.Change != "" {
			fmt.Fprintf(&b, " %s %s", r.Change, r.Body)
		}
		for _, e := range r.Events {
			fmt.Fprintf(&b, " %s %s", e.Type, e.Key)
			if e.PreviousKey != "" {
				fmt.Fprintf(&b, " from %s", e.PreviousKey)
			}
		}
		b.WriteString("; ")
	}
	return b.String()
}

func rewrite(body string) func(*Tx) error {
	return func(tx *Tx) error { tx.SetBody([]byte(body)); return nil }
}

func TestTheLogTellsOfEveryCommitInOrder(t *testing.T) {
	onBoth(t, func(t *testing.T, s store.Store) {
		b := setUp(t, s)
		b.commit(rewrite("1st"))
		b.commit(all(creation("a", "1"), creation("b", "1")))
		b.commit(func(*Tx) error { return nil })
		b.commit(rewrite("2nd"))
		b.commit(rewrite("3rd"))
		b.commit(all(rewrite("4th"), renaming("a", "c", "2"), deletion("b")))
		head := b.commit(update("c", "3"))
		want := "1: CREATE the shop; 2: UPDATE 1st; 3: CREATE a CREATE b; 4: UPDATE 2nd; 5: UPDATE 3rd; " +
			"6: UPDATE 4th UPDATE c from a DELETE b; 7: UPDATE c; "
		if got := told(b.log(0)); got != want || head.Revision != 7 {
			t.Errorf("revision %d\n got %s\nwant %s", head.Revision, got, want)
		}
		for after := range head.Revision + 1 {
			_, rest, _ := strings.Cut("; "+want, fmt.Sprintf("; %d:", after+1))
			if rest != "" {
				rest = fmt.Sprintf("%d:", after+1) + rest
			}
			if got := told(b.log(after)); got != rest {
				t.Errorf("after %d\n got %s\nwant %s", after, got, rest)
			}
		}
		for _, err := range b.Records(t.Context(), shop, 8) {
			if ahead, ok := errors.AsType[*NotYetError](err); !ok || ahead.Last != 7 {
				t.Errorf("a revision to come: %v", err)
			}
		}
		for _, err := range b.Records(t.Context(), Scope{shop.Directory, "none"}, 0) {
			if !errors.Is(err, ErrNoSuchScope) {
				t.Errorf("no scope: %v", err)
			}
		}
	})
}

// Any revision is found in a log of several pages, with runs of commits of the
// body alone and with commits of many events.
func TestAnyPlaceInALongLogIsFound(t *testing.T) {
	b := setUp(t, openBolt(t))
	n := 0
	for i := range 3 {
		for range logPage + i {
			b.commit(rewrite(fmt.Sprint("body ", n)))
			n++
		}
		b.commit(func(tx *Tx) (err error) {
			for range 90 {
				err = errors.Join(err, creation(fmt.Sprint("k", n), "1")(tx))
				n++
			}
			return err
		})
		for range 2 {
			b.commit(creation(fmt.Sprint("k", n), "1"))
			n++
		}
	}
	b.commit(rewrite("the end"))
	head := b.commit(func(*Tx) error { return nil })
	for after := range head.Revision + 1 {
		if got := b.log(after); int64(len(got)) != head.Revision-after {
			t.Fatalf("%d commits after %d of %d", len(got), after, head.Revision)
		}
	}
	// The history does not see the commits of the body.
	events, total, err := b.History(t.Context(), shop, 0, 1000)
	if err != nil || total != 276 || len(events) != 276 || head.Sequence != 276 {
		t.Fatalf("%d of %d events, %v", len(events), total, err)
	}
	for skip := range 276 {
		page, _, err := b.History(t.Context(), shop, skip, 3)
		if want := events[skip:min(skip+3, 276)]; err != nil || fmt.Sprint(page) != fmt.Sprint(want) {
			t.Fatalf("page at %d: %v, %v; want %v", skip, page, err, want)
		}
	}
}

func TestAPageOfHistoryIsOneRangeWhereNoChangeOfTheBodyLiesInIt(t *testing.T) {
	faulty := storetest.NewFaulty(openBolt(t))
	b := setUp(t, faulty)
	for i := range 30 {
		b.commit(creation(fmt.Sprint("k", i), "1"))
	}
	for i := range 200 {
		b.commit(rewrite(fmt.Sprint("body ", i)))
	}
	b.rest()
	for skip, calls := range map[int]int{0: 2, 5: 2, 25: 2} {
		faulty.Reset()
		if _, _, err := b.History(t.Context(), shop, skip, 5); err != nil || faulty.Calls() != calls {
			t.Errorf("the page at %d takes %d calls, %v", skip, faulty.Calls(), err)
		}
	}
	// Who follows the log reads the head, and one range where it moved.
	for after, calls := range map[int64]int{231: 1, 230: 2, 140: 2} {
		faulty.Reset()
		if got := b.log(after); int64(len(got)) != 231-after || faulty.Calls() != calls {
			t.Errorf("the %d commits after %d take %d calls", len(got), after, faulty.Calls())
		}
	}
}

func TestADeleteIsTheLastCommitThatIsTold(t *testing.T) {
	disk := openBolt(t)
	b := setUp(t, disk)
	for i := range 120 {
		b.commit(creation(fmt.Sprint("k", i), "1"))
	}
	var last Record
	watch := &overheard{Store: disk, put: func(item store.Item) {
		if _, ok := LogOf(item.Key); !ok {
			return
		}
		r, err := ReadRecord(item)
		if err != nil {
			t.Error(err)
		}
		last = r
	}}
	b.clock.set(5000)
	if err := New(watch, b.clock.now).DeleteScope(t.Context(), shop, robot); err != nil {
		t.Fatal(err)
	}
	if last.Revision != 122 || last.Change != Delete || last.At != 5000 || last.By != robot || string(last.Body) != "the shop" || last.Scope != shop {
		t.Errorf("told of %+v", last)
	}
}

// overheard is a store that shows what is put into it.
type overheard struct {
	store.Store
	put func(store.Item)
}

func (w *overheard) Transact(ctx context.Context, ops ...store.Op) error {
	err := w.Store.Transact(ctx, ops...)
	for _, op := range ops {
		if err == nil && op.Kind == store.OpPut {
			w.put(op.Item)
		}
	}
	return err
}

func TestWhatIsNoRecordIsRefused(t *testing.T) {
	log := shop.logPartition()
	for name, item := range map[string]store.Item{
		"no item of a log":   {Key: shop.headKey(), Body: []byte("{}\n")},
		"no line":            {Key: store.Key{Partition: log, Sort: "1"}, Body: []byte("{}")},
		"no JSON":            {Key: store.Key{Partition: log, Sort: "1"}, Body: []byte("{\n")},
		"no number":          {Key: store.Key{Partition: log, Sort: "x"}, Body: []byte(`{"r":1,"t":"CREATE"}` + "\n")},
		"no revision":        {Key: store.Key{Partition: log, Sort: "1"}, Body: []byte(`{"t":"CREATE"}` + "\n")},
		"neither of the two": {Key: store.Key{Partition: log, Sort: "1"}, Body: []byte(`{"r":1}` + "\n")},
	} {
		if r, err := ReadRecord(item); store.KindOf(err) != store.Damaged {
			t.Errorf("%s is read as %+v, %v", name, r, err)
		}
	}
}
