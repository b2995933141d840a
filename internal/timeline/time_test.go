package timeline

import (
	"errors"
	"testing"
)

// orders is a scope in which, second by second, "orders" is created, updated,
// renamed to "ordering", created anew and deleted, and "ordering" deleted and
// created anew.
func orders(t *testing.T) bench {
	b := setUp(t, openBolt(t))
	for _, step := range []struct {
		at     Instant
		change func(*Tx) error
	}{
		{2000, creation("orders", "first")},
		{3000, update("orders", "second")},
		{4000, renaming("orders", "ordering", "third")},
		{5000, creation("orders", "another")},
		{6000, deletion("orders")},
		{7000, deletion("ordering")},
		{8000, creation("ordering", "yet another")},
	} {
		b.clock.set(step.at)
		b.commit(step.change)
	}
	return b
}

func TestGetAt(t *testing.T) {
	b := orders(t)
	for _, c := range []struct {
		name  string
		key   string
		at    Instant
		want  string // empty: no such document
		until Instant
		moved string
	}{
		{"at the creation", "orders", 2000, "first", 3000, ""},
		{"just before the creation", "orders", 1999, "", 0, ""},
		{"long before the creation", "orders", -62135596800000, "", 0, ""},
		{"just before the update", "orders", 2999, "first", 3000, ""},
		{"at the update, which ended the first", "orders", 3000, "second", 4000, ""},
		{"just before the rename, under the old key", "orders", 3999, "second", 4000, ""},
		{"just before the rename, under the new key", "ordering", 3999, "", 0, ""},
		{"at the rename, under the new key", "ordering", 4000, "third", 7000, ""},
		{"at the rename, under the old key: a gap", "orders", 4000, "", 0, ""},
		{"at the reuse of the old key", "orders", 5000, "another", 6000, ""},
		{"at the reuse, under the new key", "ordering", 5000, "third", 7000, ""},
		{"at the delete", "orders", 6000, "", 0, ""},
		{"after the delete", "orders", 9000, "", 0, ""},
		{"in a gap", "ordering", 7500, "", 0, ""},
		{"at the last creation", "ordering", 8000, "yet another", 0, ""},
		{"in the future it is as now", "ordering", 253402300799999, "yet another", 0, ""},
		{"in the future a deleted one stays deleted", "orders", 253402300799999, "", 0, ""},
		{"a key that never was", "baskets", 5000, "", 0, ""},
		{"a key that no store can hold", string([]byte{0xff}), 5000, "", 0, ""},
		{"the empty key", "", 5000, "", 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := b.GetAt(t.Context(), shop, c.key, c.at)
			if c.want == "" {
				if !errors.Is(err, ErrNoSuchDocument) {
					t.Fatalf("got %+v, %v; want no document", got, err)
				}
				return
			}
			if err != nil || string(got.Body) != c.want || got.Until != c.until || got.Key != c.key {
				t.Fatalf("got %+v, %v; want %q until %d", got, err, c.want, c.until)
			}
		})
	}
}

func TestListAt(t *testing.T) {
	b := orders(t)
	for _, c := range []struct {
		name string
		at   Instant
		want string
	}{
		{"before anything was", 1999, ""},
		{"before 1970", -5, ""},
		{"at the creation", 2000, "orders=first "},
		{"at the update", 3000, "orders=second "},
		{"at the rename", 4000, "ordering=third "},
		{"at the reuse, in the order of the keys", 5000, "ordering=third orders=another "},
		{"at the first delete", 6000, "ordering=third "},
		{"at the second delete", 7000, ""},
		{"at the last commit", 8000, "ordering=yet another "},
		{"in the future it is as now", 9000, "ordering=yet another "},
	} {
		t.Run(c.name, func(t *testing.T) {
			head, got, err := b.ListAt(t.Context(), shop, c.at)
			if err != nil || show(got) != c.want || head.Updated.At != 8000 {
				t.Fatalf("got %s, %v; want %s", show(got), err, c.want)
			}
		})
	}
}

func TestARenamedKeyTellsTheNextOneUntilItIsReused(t *testing.T) {
	b := setUp(t, openBolt(t))
	moved := func(key string, at Instant) string {
		t.Helper()
		_, err := b.GetAt(t.Context(), shop, key, at)
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Kind != NoSuchDocument {
			t.Fatalf("got %v", err)
		}
		return e.RenamedTo
	}
	b.clock.set(2000)
	b.commit(creation("a", "1"))
	b.clock.set(3000)
	b.commit(renaming("a", "b", "2"))
	b.clock.set(4000)
	b.commit(renaming("b", "c", "3"))
	if got := moved("a", 5000); got != "b" {
		t.Errorf("a went to %q", got)
	}
	if got := moved("b", 5000); got != "c" {
		t.Errorf("b went to %q", got)
	}
	if got := moved("a", 1500); got != "" {
		t.Errorf("before it was, a had gone to %q", got)
	}
	if got := moved("b", 2500); got != "" {
		t.Errorf("before it was, b had gone to %q", got)
	}
	for name, change := range map[string]func(*Tx) error{"update": update("a", "4"), "delete": deletion("a"), "rename": renaming("a", "x", "4")} {
		_, err := b.Commit(t.Context(), shop, ann, change)
		if e, ok := errors.AsType[*Error](err); !ok || e.RenamedTo != "b" {
			t.Errorf("%s of a: %v", name, err)
		}
	}
	b.commit(creation("a", "5"))
	b.commit(deletion("a"))
	if got := moved("a", 9000); got != "" {
		t.Errorf("a was deleted last, and went to %q", got)
	}
}

func TestInstantsGrowWhateverTheClockDoes(t *testing.T) {
	b := setUp(t, openBolt(t))
	for _, c := range []struct {
		name        string
		clock, want Instant
	}{
		{"the clock stands still", 1000, 1001},
		{"it still does", 1000, 1002},
		{"it goes back", 10, 1003},
		{"it goes back before 1970", -1 << 60, 1004},
		{"it goes on", 2000, 2000},
		{"two writes in one millisecond", 2000, 2001},
		{"it falls behind by one", 2000, 2002},
		{"it jumps", 1 << 60, maxInstant},
	} {
		b.clock.set(c.clock)
		head := b.commit(func(tx *Tx) error {
			if tx.At() != c.want {
				t.Errorf("%s: %d; want %d", c.name, tx.At(), c.want)
			}
			snapshot, err := tx.Create(c.name, c.name, nil)
			if snapshot.From != c.want {
				t.Errorf("%s: from %d; want %d", c.name, snapshot.From, c.want)
			}
			return err
		})
		if head.Updated.At != c.want {
			t.Errorf("%s: head at %d; want %d", c.name, head.Updated.At, c.want)
		}
	}
}
