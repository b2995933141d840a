package timeline

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"almanac/internal/store"
)

func TestTheVersionsOfAKeyAreAllThatItHeldNewestFirst(t *testing.T) {
	onBoth(t, func(t *testing.T, s store.Store) {
		b := setUp(t, s)
		versions := func(key string, most int) string {
			t.Helper()
			var words []string
			for v, err := range b.Versions(t.Context(), shop, key) {
				if err != nil {
					t.Fatal(err)
				}
				word := string(v.Body)
				if !v.Closed() {
					word += "!"
				}
				if words = append(words, word); len(words) == most {
					break
				}
			}
			return strings.Join(words, " ")
		}
		if got := versions("a", 9); got != "" {
			t.Errorf("of nothing: %s", got)
		}
		b.commit(creation("a", "1"))
		b.commit(update("a", "2"))
		b.commit(creation("b", "x"))
		if got := versions("a", 9); got != "2! 1" {
			t.Errorf("of one that is: %s", got)
		}
		b.commit(deletion("a"))
		b.commit(creation("a", "3"))
		b.commit(renaming("a", "c", "4"))
		if got := versions("a", 9); got != "3 2 1" {
			t.Errorf("of a key that two have left: %s", got)
		}
		want := []string{"4!"}
		for i := range 2 * closedChunk {
			b.commit(update("b", fmt.Sprint(i)))
			want = append([]string{fmt.Sprint(i)}, want...)
		}
		want[len(want)-1] = "x"
		want[0] += "!"
		if got := versions("b", 0); got != strings.Join(want, " ") {
			t.Errorf("of many: %s", got)
		}
		if got := versions("b", 2); got != strings.Join(want[:2], " ") {
			t.Errorf("the first: %s", got)
		}
		b.remove()
		for _, err := range b.Versions(t.Context(), shop, "b") {
			if !errors.Is(err, ErrNoSuchScope) {
				t.Errorf("after the scope is gone: %v", err)
			}
		}
	})
}
