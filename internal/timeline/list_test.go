package timeline

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"almanac/internal/store"

	"pgregory.net/rapid"
)

// paged reads the list of an instant by pages, as a model's and as its client's.
func (s *subject) paged(at Instant, want []Snapshot) {
	head := s.head()
	size := rapid.IntRange(1, 4).Draw(s.T, "page")
	after := ""
	var got []Snapshot
	for more := true; more; {
		more = false
		n := 0
		err := s.Page(s.Context(), s.scope, head, at, after, size, func(snapshot Snapshot) bool {
			if n == size {
				more = true
				return false
			}
			n++
			got = append(got, snapshot)
			after = snapshot.Key
			return true
		})
		if err != nil {
			s.Fatal(err)
		}
	}
	s.same(fmt.Sprint("pages of ", size, " at ", at), fmt.Sprint(got), fmt.Sprint(want))
}

// page gives the bodies and keys of one page.
func (b bench) page(head Head, at Instant, after string, size int) (held []Snapshot, err error) {
	err = b.Page(b.Context(), shop, head, at, after, size+1, func(s Snapshot) bool {
		if len(held) < size {
			held = append(held, s)
			return true
		}
		return false
	})
	return held, err
}

// As in TestAListUnderRenamesIsOfOneInstant, where each commit moves documents
// to other keys: a page of one document before and one after those of others.
func TestPagesUnderRenamesAreOfOneInstant(t *testing.T) {
	onAll(t, func(t *testing.T, s store.Store) {
		b := setUp(t, s)
		b.commit(all(creation("a-0", "0"), creation("m", "0"), creation("z-0", "0")))
		done, stop := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			defer stop()
			for i := range 150 {
				from, to, body := i%3, (i+1)%3, fmt.Sprint(i+1)
				b.commit(all(
					renaming(fmt.Sprint("a-", from), fmt.Sprint("a-", to), body),
					update("m", body),
					renaming(fmt.Sprint("z-", from), fmt.Sprint("z-", to), body),
				))
			}
		})
		for pages := 0; done.Err() == nil || pages == 0; pages++ {
			head, err := b.Head(t.Context(), shop)
			if err != nil {
				t.Fatal(err)
			}
			var got []Snapshot
			for after := ""; len(got) < 3 && err == nil; after = got[len(got)-1].Key {
				var page []Snapshot
				if page, err = b.page(head, head.Updated.At, after, 1); len(page) != 1 {
					t.Fatalf("after %q: %v, %v", after, page, err)
				}
				got = append(got, page...)
			}
			if err != nil || string(got[0].Body) != string(got[1].Body) || string(got[0].Body) != string(got[2].Body) {
				t.Fatalf("%s, %v", show(got), err)
			}
		}
		wg.Wait()
	})
}

func TestAPageOfADeletedScopeIsNone(t *testing.T) {
	b := setUp(t, openBolt(t))
	b.commit(all(creation("a", "1"), creation("b", "1")))
	head := b.commit(update("a", "2"))
	if err := b.DeleteScope(t.Context(), shop, ann); err != nil {
		t.Fatal(err)
	}
	for _, at := range []Instant{head.Updated.At, head.Updated.At - 1} {
		if page, err := b.page(head, at, "", 1); !errors.Is(err, ErrNoSuchScope) {
			t.Errorf("%v, %v", page, err)
		}
	}
	b.maintain()
	if _, err := b.CreateScope(t.Context(), shop, nil, ann); err != nil {
		t.Fatal(err)
	}
	if page, err := b.page(head, head.Updated.At, "", 1); !errors.Is(err, ErrNoSuchScope) {
		t.Errorf("of the next scope of its id: %v, %v", page, err)
	}
}

func TestALongPageOfThePastComesFromTheCheckpoints(t *testing.T) {
	s := openBolt(t)
	b := aged(t, s, 1000, 3000, services(t, 1700), func(n int) int { return n % 1000 })
	if err := b.maintained(); err != nil {
		t.Fatal(err)
	}
	head, err := b.Head(t.Context(), shop)
	if err != nil {
		t.Fatal(err)
	}
	events, _, err := b.History(t.Context(), shop, 0, 2000)
	if err != nil {
		t.Fatal(err)
	}
	at := events[1999].At // of the last creation
	_, whole, err := b.ListAt(t.Context(), shop, at)
	if err != nil || len(whole) < 999 {
		t.Fatal(len(whole), err)
	}
	for _, c := range []struct {
		size int
		most float64
	}{
		{1000, 160}, // a list of now is 491
		{100, 155},  // 51 live ones, a closed one each
		{50, 85},    // 26 live ones of 2 KB, one closed one each
		{10, 19},
	} {
		var got []Snapshot
		cost, _ := b.price(func(b bench) (err error) {
			got, err = b.page(head, at, whole[19].Key, c.size)
			return err
		})
		want := whole[20:min(20+c.size, len(whole))]
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("a page of %d has %d other documents", c.size, len(got))
		}
		if cost > c.most {
			t.Errorf("a page of %d costs %v units, more than %v", c.size, cost, c.most)
		}
	}
}
