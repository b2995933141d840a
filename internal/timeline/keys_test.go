package timeline

import (
	"cmp"
	"strings"
	"testing"

	"almanac/internal/store"
)

func FuzzScopesHavePartitionsOfTheirOwn(f *testing.F) {
	f.Add("a", "b", "key", "a#b", "", "key")
	f.Add("a", "b#LOG", "key", "a", "b", "key")
	f.Add("a", "b", "x", "a", "b#KEY#x", "x")
	f.Add("a%23", "b", "x", "a#", "b", "x")
	f.Fuzz(func(t *testing.T, directory1, id1, key1, directory2, id2, key2 string) {
		a, b := Scope{directory1, id1}, Scope{directory2, id2}
		if a != b {
			for _, p := range []string{a.partition(), a.logPartition(), a.closedPartition(key1)} {
				for _, q := range []string{b.partition(), b.logPartition(), b.closedPartition(key2)} {
					if p == q {
						t.Fatalf("%q and %q share %q", a, b, p)
					}
				}
			}
		}
		if key1 != key2 && (a.closedPartition(key1) == a.closedPartition(key2) || a.liveKey(key1) == a.liveKey(key2)) {
			t.Fatalf("%q and %q share a place", key1, key2)
		}
		if scope, ok := logScope(a.logPartition()); !ok || scope != a {
			t.Fatalf("the log of %q is taken for that of %q", a, scope)
		}
		if scope, ok := logScope(a.closedPartition(key1)); ok {
			t.Fatalf("the past of %q in %q is taken for the log of %q", key1, a, scope)
		}
		if a.storable() && storableKey(key1) {
			for _, k := range []store.Key{
				a.headKey(), a.liveKey(key1), a.vacatedKey(key1), a.closedKey(key1, maxInstant), a.logKey(maxFixed, maxFixed, 0), a.logKey(maxFixed, 1, 1),
			} {
				if err := store.ValidateKey(k); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

func FuzzKeysAreOrderedAsWhatTheyAreMadeOf(f *testing.F) {
	f.Add("a", "b", int64(1), int64(2))
	f.Add("a", "a-b", int64(9), int64(10))
	f.Add("", "\x00", int64(-1), int64(1<<48))
	f.Fuzz(func(t *testing.T, key1, key2 string, n1, n2 int64) {
		s := Scope{"d", "i"}
		if got, want := strings.Compare(s.liveKey(key1).Sort, s.liveKey(key2).Sort), strings.Compare(key1, key2); got != want {
			t.Fatalf("%q and %q compare as %d, their sort keys as %d", key1, key2, want, got)
		}
		for _, k := range []string{s.liveKey(key1).Sort, s.vacatedKey(key1).Sort} {
			live, vacated := s.allLive(), s.allVacated()
			if in(k, live) == in(k, vacated) {
				t.Fatalf("%q is in both ranges or in none", k)
			}
		}
		n1, n2 = min(max(n1, 0), maxFixed), min(max(n2, 0), maxFixed)
		if got, want := strings.Compare(fixed(n1), fixed(n2)), cmp.Compare(n1, n2); got != want {
			t.Fatalf("%d and %d compare as %d, their keys as %d", n1, n2, want, got)
		}
		if back, err := parseFixed(fixed(n1)); err != nil || back != n1 {
			t.Fatalf("%d came back as %d, %v", n1, back, err)
		}
		k := s.closedKey(key1, Instant(n1)).Sort
		if q := s.floor(key1, Instant(n2)); n1 < maxFixed && in(k, q) != (n1 <= n2) {
			t.Fatalf("the floor of %d: whether it may be %d is wrong", n2, n1)
		}
	})
}

func in(sort string, q store.Query) bool {
	return q.From <= sort && (q.To == "" || sort < q.To)
}
