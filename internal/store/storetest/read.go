package storetest

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"almanac/internal/store"
)

func items(t *testing.T, s store.Store) {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	for _, want := range []store.Item{
		{Key: key("p", "version zero"), Body: []byte("x")},
		{Key: key("p", "version below zero"), Version: -1, Body: []byte("x")},
		{Key: key("p", "least version"), Version: math.MinInt64, Body: []byte("x")},
		{Key: key("p", "greatest version"), Version: math.MaxInt64, Body: []byte("x")},
		{Key: key("p", "empty body"), Version: 1, Body: []byte{}},
		{Key: key("p", "no body"), Version: 1},
		{Key: key("p", "every byte"), Version: 1, Body: every},
		{Key: key("p", "expires"), Version: 1, Body: []byte("x"), Expires: 1_999_999_999},
		{Key: key("Straße#東京|🚢", "a/b c\t\"'#\u0001\u007F"), Version: 1, Body: []byte("x")},
		{Key: key(strings.Repeat("p", store.MaxPartitionBytes), strings.Repeat("é", store.MaxSortBytes/2)), Version: 1, Body: []byte("x")},
	} {
		put(t, s, want)
		wantItem(t, s, want)
		got, err := s.Range(t.Context(), store.Query{Partition: want.Partition, From: want.Sort, Limit: 1})
		if err != nil || len(got) != 1 || !equal(got[0], want) {
			t.Fatalf("Range: got %v, %v; want %v", got, err, want)
		}
	}
	put(t, s, store.Item{Key: key("p", "expires"), Version: 2, Body: []byte("never")})
	wantItem(t, s, store.Item{Key: key("p", "expires"), Version: 2, Body: []byte("never")})
}

func notFound(t *testing.T, s store.Store) {
	for name, get := range map[string]func(context.Context, store.Key) (store.Item, error){"Get": s.Get, "Settled": s.Settled} {
		_, err := get(t.Context(), key("p", "a"))
		if e := wantKind(t, err, store.NotFound); e.Key != key("p", "a") {
			t.Errorf("the error of %s names %v", name, e.Key)
		}
	}
	wantRange(t, s, store.Query{Partition: "p"})
	put(t, s, item("p", "a"))
	wantAbsent(t, s, key("p", "A"))
	wantAbsent(t, s, key("q", "a"))
	wantRange(t, s, store.Query{Partition: "q"})
}

func keys(t *testing.T, s store.Store) {
	for name, k := range map[string]store.Key{
		"no partition":       key("", "a"),
		"no sort key":        key("p", ""),
		"a long partition":   key(strings.Repeat("p", store.MaxPartitionBytes+1), "a"),
		"a long sort key":    key("p", strings.Repeat("a", store.MaxSortBytes+1)),
		"a broken partition": key("p\xFF", "a"),
		"a broken sort key":  key("p", "\xC3"),
		"a surrogate":        key("p", "\xED\xA0\x80"),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.Get(t.Context(), k)
			wantKind(t, err, store.Invalid)
			for _, op := range []store.Op{
				store.Put(store.Item{Key: k}, store.Condition{}),
				store.Delete(k, store.Condition{}),
				store.Check(k, store.Absent()),
			} {
				err := s.Transact(t.Context(), store.Put(item("p", "ok"), store.Condition{}), op)
				if e := wantKind(t, err, store.Invalid); e.Op != 1 {
					t.Errorf("op %d, want 1", e.Op)
				}
			}
		})
	}
	for name, q := range map[string]store.Query{
		"no partition":     {},
		"a broken bound":   {Partition: "p", From: "\xFF"},
		"a long bound":     {Partition: "p", To: strings.Repeat("a", store.MaxSortBytes+1)},
		"a negative limit": {Partition: "p", Limit: -1},
	} {
		t.Run("range with "+name, func(t *testing.T) {
			_, err := s.Range(t.Context(), q)
			wantKind(t, err, store.Invalid)
		})
	}
	wantAbsent(t, s, key("p", "ok"))
}

func ranges(t *testing.T, s store.Store) {
	for _, sort := range []string{"b", "c", "a", "d"} {
		put(t, s, item("p", sort))
	}
	put(t, s, item("o", "x"), item("q", "x"))
	for _, test := range []struct {
		from, to string
		limit    int
		want     string
	}{
		{"", "", 0, "abcd"},
		{"b", "", 0, "bcd"},
		{"aa", "", 0, "bcd"},
		{"", "c", 0, "ab"},
		{"", "cc", 0, "abc"},
		{"b", "d", 0, "bc"},
		{"aa", "dd", 0, "bcd"},
		{"b", "c", 0, "b"},
		{"b", "bb", 0, "b"},
		{"bb", "bc", 0, ""},
		{"b", "b", 0, ""},
		{"c", "b", 0, ""},
		{"e", "", 0, ""},
		{"", "a", 0, ""},
		{"", "", 1, "a"},
		{"", "", 4, "abcd"},
		{"", "", 5, "abcd"},
		{"b", "d", 1, "b"},
		{"b", "d", 2, "bc"},
		{"b", "d", 3, "bc"},
		{"", "d", 9, "abc"},
	} {
		q := store.Query{Partition: "p", From: test.from, To: test.to, Limit: test.limit}
		want := letters(test.want)
		wantRange(t, s, q, want...)

		q.Reverse = true
		q.Limit = 0
		all := letters(test.want)
		if test.limit == 0 {
			slices.Reverse(all)
			wantRange(t, s, q, all...)
		}
	}
	back := func(from, to string, limit int, want string) {
		t.Helper()
		wantRange(t, s, store.Query{Partition: "p", From: from, To: to, Limit: limit, Reverse: true}, letters(want)...)
	}
	back("", "", 1, "d")
	back("", "d", 1, "c")
	back("", "dd", 1, "d")
	back("b", "d", 1, "c")
	back("b", "d", 2, "cb")
	back("b", "d", 3, "cb")
	back("b", "zz", 2, "dc")
	back("", "zz", 9, "dcba")
}

func letters(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "")
}

func order(t *testing.T, s store.Store) {
	// U+FFFF is before U+10000 in UTF-8 and after it in UTF-16.
	sorted := []string{
		"\x01", " ", "#", "0", "00", "1", "10", "2", "A", "B", "Z", "_", "a", "a#", "aa", "b", "z", "~", "\x7F",
		"\u0080", "é", "ß", "\u07FF", "\u0800", "東", "東京", "\uD7FF", "\uE000", "\uFFFD", "\uFFFF",
		"\U00010000", "🚢", "🚢🚢", "\U0010FFFF",
	}
	slices.Sort(sorted)
	shuffled := slices.Clone(sorted)
	for i := range shuffled {
		j := i * 7 % len(shuffled)
		shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
	}
	for _, sort := range shuffled {
		put(t, s, item("p", sort))
	}
	wantRange(t, s, store.Query{Partition: "p"}, sorted...)
	for i, sort := range sorted {
		wantRange(t, s, store.Query{Partition: "p", From: sort}, sorted[i:]...)
		wantRange(t, s, store.Query{Partition: "p", To: sort}, sorted[:i]...)
	}
	slices.Reverse(sorted)
	wantRange(t, s, store.Query{Partition: "p", Reverse: true}, sorted...)
}

func partitions(t *testing.T, s store.Store) {
	names := []string{"p", "pp", "p#", "p\x01", "p\u00FF", "p\U0010FFFF", "q"}
	for _, name := range names {
		put(t, s, item(name, "a"), item(name, "p"), item(name, "\U0010FFFF"))
	}
	for _, name := range names {
		for _, reverse := range []bool{false, true} {
			got, err := s.Range(t.Context(), store.Query{Partition: name, Reverse: reverse})
			if err != nil || len(got) != 3 {
				t.Fatalf("partition %q: %d items, %v", name, len(got), err)
			}
			for _, item := range got {
				if item.Partition != name {
					t.Errorf("partition %q holds %v", name, item.Key)
				}
			}
		}
	}
}

func pages(t *testing.T, s store.Store) {
	const n = 30 // of 100 KB each: three pages of DynamoDB
	var sorted []string
	for i := range n {
		sort := fmt.Sprintf("%03d", i)
		sorted = append(sorted, sort)
		put(t, s, store.Item{Key: key("p", sort), Version: 1, Body: bytes.Repeat([]byte{byte(i)}, 100<<10)})
	}
	wantRange(t, s, store.Query{Partition: "p"}, sorted...)
	wantRange(t, s, store.Query{Partition: "p", From: "002", To: "028"}, sorted[2:28]...)
	wantRange(t, s, store.Query{Partition: "p", Limit: 25}, sorted[:25]...)
	wantRange(t, s, store.Query{Partition: "p", Limit: n}, sorted...)
	slices.Reverse(sorted)
	wantRange(t, s, store.Query{Partition: "p", Reverse: true}, sorted...)
	wantRange(t, s, store.Query{Partition: "p", Reverse: true, Limit: 25}, sorted[:25]...)
	wantRange(t, s, store.Query{Partition: "p", From: "002", To: "028", Reverse: true}, sorted[2:28]...)
}
