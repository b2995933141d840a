package timeline

import (
	cryptorand "crypto/rand"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"almanac/internal/store"
	"almanac/internal/store/bolt"
	"almanac/internal/store/dynamo/dynamotest"
	"almanac/internal/store/storetest"
)

var (
	ann   = Actor{ID: "m-1", Name: "Ann", Type: "MEMBER"}
	robot = Actor{ID: "k-1", Name: "ci", Type: "API_KEY"}
	shop  = Scope{Directory: "local#projects", ID: "eshop-a1b2c"}
)

// clock shows what it was told.
type clock struct {
	mu sync.Mutex
	at Instant
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.UnixMilli(int64(c.at))
}

func (c *clock) set(at Instant) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
}

func openBolt(tb testing.TB) store.Store {
	tb.Helper()
	s, err := bolt.Open(tb.TempDir())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { s.Close() })
	return s
}

// piecemeal is a store whose transactions become visible item by item, while
// others read and write.
func piecemeal(t *testing.T) store.Store {
	return storetest.NewPiecemeal(openBolt(t), func() {
		for range rand.IntN(50) {
			runtime.Gosched()
		}
	})
}

// onBoth runs a test on each store.
func onBoth(t *testing.T, test func(*testing.T, store.Store)) {
	t.Run("bolt", func(t *testing.T) { test(t, openBolt(t)) })
	t.Run("dynamo", func(t *testing.T) { test(t, dynamotest.Open(t)) })
}

// onAll runs a test of several at once also on a store that shows more than
// DynamoDB Local of what DynamoDB may do.
func onAll(t *testing.T, test func(*testing.T, store.Store)) {
	onBoth(t, test)
	t.Run("piecemeal", func(t *testing.T) { test(t, piecemeal(t)) })
}

// bench is a timeline with a scope in it, whose clock stands at 1000.
type bench struct {
	testing.TB
	*Timeline
	clock *clock
}

func setUp(tb testing.TB, s store.Store) bench {
	tb.Helper()
	c := &clock{at: 1000}
	b := bench{tb, New(s, c.now), c}
	if _, err := b.CreateScope(tb.Context(), shop, []byte("the shop"), ann); err != nil {
		tb.Fatal(err)
	}
	return b
}

// commit makes a change that must succeed, as if in a process of its own: those
// of one process wait for each other, also for the one that is under way.
func (b bench) commit(change func(*Tx) error) Head {
	b.Helper()
	head, err := New(b.store, b.now).Commit(b.Context(), shop, ann, change)
	if err != nil {
		b.Fatal(err)
	}
	return head
}

// rest lets all commits so far be old.
func (b bench) rest() { b.clock.set(InstantOf(b.clock.now()) + 2*settling) }

// remove deletes the shop and all that is left of it.
func (b bench) remove() {
	b.Helper()
	if err := b.DeleteScope(b.Context(), shop, ann); err != nil {
		b.Fatal(err)
	}
	b.maintain()
}

func (b bench) maintain() {
	b.Helper()
	if err := b.Maintain(b.Context(), shop); err != nil {
		b.Fatal(err)
	}
}

func creation(key, body string) func(*Tx) error {
	return func(tx *Tx) error {
		_, err := tx.Create(key, "The "+key, []byte(body))
		return err
	}
}

func update(key, body string) func(*Tx) error {
	return func(tx *Tx) error {
		_, err := tx.Update(key, "The "+key, []byte(body))
		return err
	}
}

func renaming(from, to, body string) func(*Tx) error {
	return func(tx *Tx) error {
		_, err := tx.Rename(from, to, "The "+to, []byte(body))
		return err
	}
}

func deletion(key string) func(*Tx) error {
	return func(tx *Tx) error {
		_, err := tx.Delete(key)
		return err
	}
}

func all(changes ...func(*Tx) error) func(*Tx) error {
	return func(tx *Tx) error {
		for _, change := range changes {
			if err := change(tx); err != nil {
				return err
			}
		}
		return nil
	}
}

// audit replays the history and compares every moment of it with what the reads
// say: none may know more, less or other than the log.
func (b bench) audit() []Event {
	b.Helper()
	ctx := b.Context()
	head, now, err := b.List(ctx, shop)
	if err != nil {
		b.Fatal(err)
	}
	events, total, err := b.History(ctx, shop, 0, 1<<20)
	if err != nil || total != head.Sequence || int64(len(events)) != total || head.Live != len(now) {
		b.Fatalf("%d of %d events, %d documents, %v; head: %+v", len(events), total, len(now), err, head)
	}
	var told []Event
	records := b.log(0)
	for _, r := range records {
		told = slices.Concat(r.Events, told)
	}
	if int64(len(records)) != head.Revision || fmt.Sprint(told) != fmt.Sprint(events) {
		b.Fatalf("the log tells of %d of %d commits, and of\n%v\nnot\n%v", len(records), head.Revision, told, events)
	}
	held := map[string]string{}
	for end := len(events); end > 0; {
		at := events[end-1].At
		start := slices.IndexFunc(events, func(e Event) bool { return e.At == at })
		for _, e := range events[start:end] {
			delete(held, e.PreviousKey)
			held[e.Key] = e.SnapshotID
			if e.Type == Delete {
				delete(held, e.Key)
			}
		}
		end = start
		_, list, err := b.ListAt(ctx, shop, at)
		if err != nil || len(list) != len(held) {
			b.Fatalf("at %d: %v, %v; want %v", at, list, err, held)
		}
		for _, s := range list {
			got, err := b.GetAt(ctx, shop, s.Key, at)
			if held[s.Key] != s.ID || err != nil || fmt.Sprint(got) != fmt.Sprint(s) {
				b.Fatalf("%s at %d: listed %v, got %v, %v; want id %s", s.Key, at, s, got, err, held[s.Key])
			}
		}
	}
	for _, s := range now {
		got, err := b.Get(ctx, shop, s.Key)
		if held[s.Key] != s.ID || err != nil || fmt.Sprint(got) != fmt.Sprint(s) {
			b.Fatalf("%s: listed %v, got %v, %v", s.Key, s, got, err)
		}
	}
	return events
}

func show(snapshots []Snapshot) (s string) {
	for _, n := range snapshots {
		s += fmt.Sprintf("%s=%s ", n.Key, n.Body)
	}
	return s
}

// incompressible is a body that takes as much however it is stored.
func incompressible(size int) string {
	b := make([]byte, size)
	_, _ = cryptorand.Read(b)
	return string(b)
}
