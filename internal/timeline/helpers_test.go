package timeline

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"almanac/internal/store"
	"almanac/internal/store/bolt"
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

// commit makes a change that must succeed.
func (b bench) commit(change func(*Tx) error) Head {
	b.Helper()
	head, err := b.Commit(b.Context(), shop, ann, change)
	if err != nil {
		b.Fatal(err)
	}
	return head
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

func show(snapshots []Snapshot) (s string) {
	for _, n := range snapshots {
		s += fmt.Sprintf("%s=%s ", n.Key, n.Body)
	}
	return s
}
