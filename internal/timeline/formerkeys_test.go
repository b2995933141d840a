package timeline

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"almanac/internal/store"
)

// formerly is what the document that holds a key at an instant was called before.
func (b bench) formerly(key string, at Instant) string {
	b.Helper()
	s, err := b.GetAt(b.Context(), shop, key, at)
	if err != nil {
		b.Fatalf("%s at %d: %v", key, at, err)
	}
	keys, err := b.FormerKeys(b.Context(), shop, s, at)
	if err != nil {
		b.Fatalf("%s at %d: %v", key, at, err)
	}
	return strings.Join(keys, " ")
}

func TestADocumentKeepsTheKeysThatItLeftUntilAnotherTakesThem(t *testing.T) {
	onBoth(t, func(t *testing.T, s store.Store) {
		b := setUp(t, s)
		check := func(key string, at Instant, want string) {
			t.Helper()
			if got := b.formerly(key, at); got != want {
				t.Errorf("%s at %d was %q, not %q", key, at, got, want)
			}
		}
		b.commit(creation("a", "1"))
		check("a", maxInstant, "")
		b.commit(update("a", "2"))
		check("a", maxInstant, "")
		asB := b.commit(renaming("a", "b", "3")).Updated.At
		check("b", maxInstant, "a")
		b.commit(update("b", "4"))
		b.commit(update("b", "5"))
		asC := b.commit(renaming("b", "c", "6")).Updated.At
		check("c", maxInstant, "b a")
		check("b", asC-1, "a")
		check("a", asB-1, "")
		// What took a key means it, and goes on to when that one is gone.
		taken := b.commit(creation("a", "1")).Updated.At
		check("c", maxInstant, "b")
		check("c", taken-1, "b a")
		check("a", maxInstant, "")
		freed := b.commit(deletion("a")).Updated.At
		check("c", freed, "b")
		// It comes back to a key of its own, and the others lead there.
		b.commit(renaming("c", "b", "7"))
		check("b", maxInstant, "c")
		check("b", asB, "a")
		check("b", asC-1, "a")
		check("c", freed, "b")
		// A key that is taken by a rename of another one.
		b.commit(creation("x", "1"))
		b.commit(renaming("x", "c", "2"))
		check("b", maxInstant, "")
		check("c", maxInstant, "x")
		check("c", freed, "b")
	})
}

// The same by looking at every version there ever was.
func TestFormerKeysAreThoseThatTheWholePastTells(t *testing.T) {
	b := setUp(t, openBolt(t))
	random := rand.New(rand.NewPCG(1, 2))
	var versions []Snapshot
	keys := []string{"a", "b", "c", "d"}
	live := map[string]bool{}
	for range 400 {
		key, to := keys[random.IntN(4)], keys[random.IntN(4)]
		change := update(key, "x")
		switch {
		case !live[key]:
			change = creation(key, "x")
			live[key] = true
		case random.IntN(4) == 0:
			change = deletion(key)
			live[key] = false
		case !live[to] && random.IntN(2) == 0:
			change = renaming(key, to, "x")
			live[key], live[to] = false, true
		}
		b.commit(change)
	}
	for _, key := range keys {
		for v, err := range b.Versions(b.Context(), shop, key) {
			if err != nil {
				t.Fatal(err)
			}
			versions = append(versions, v)
		}
	}
	slices.SortFunc(versions, func(a, b Snapshot) int { return int(b.From - a.From) })
	for _, v := range versions {
		instants := []Instant{v.From, v.Until - 1}
		if !v.Closed() {
			instants[1] = maxInstant
		}
		for _, at := range instants {
			var want []string
			last := map[string]string{} // by key: the document that had it last
			for _, past := range versions {
				if past.From > at {
					continue
				}
				if last[past.Key] == "" {
					last[past.Key] = past.DocumentID
				}
				if past.DocumentID == v.DocumentID && past.Key != v.Key && last[past.Key] == v.DocumentID && !slices.Contains(want, past.Key) {
					want = append(want, past.Key)
				}
			}
			if got := b.formerly(v.Key, at); got != strings.Join(want, " ") {
				t.Fatalf("%s at %d was %q, not %q", v.Key, at, got, want)
			}
		}
	}
}

func TestFormerKeysCostTheSameHoweverOftenADocumentChanged(t *testing.T) {
	b := setUp(t, openBolt(t))
	b.commit(creation("a", "1"))
	b.commit(renaming("a", "b", "2"))
	for i := range 100 {
		b.commit(update("b", fmt.Sprint(i)))
	}
	for _, c := range []struct {
		key   string
		calls int
	}{{"b", 7}, {"new", 1}} {
		if c.key == "new" {
			b.commit(creation("new", "1"))
		}
		s, err := b.Get(t.Context(), shop, c.key)
		if err != nil {
			t.Fatal(err)
		}
		ctx, meter := store.WithMeter(t.Context())
		if _, err := b.FormerKeys(ctx, shop, s, maxInstant); err != nil || meter.Calls != c.calls {
			t.Errorf("%s: %d calls, %v", c.key, meter.Calls, err)
		}
	}
}

func TestFormerKeysOfADeletedScopeAreNone(t *testing.T) {
	b := setUp(t, openBolt(t))
	b.commit(creation("a", "1"))
	b.commit(renaming("a", "b", "2"))
	b.commit(update("b", "3"))
	s, err := b.Get(t.Context(), shop, "b")
	if err != nil {
		t.Fatal(err)
	}
	b.remove()
	if keys, err := b.FormerKeys(t.Context(), shop, s, maxInstant); !errors.Is(err, ErrNoSuchScope) {
		t.Errorf("got %v, %v", keys, err)
	}
}
