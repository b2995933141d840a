package timeline

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"almanac/internal/store"

	"pgregory.net/rapid"
)

// hasty writes deltas of few changes and ends epochs early.
var hasty = pace{least: 2, most: 5, slack: 1}

// checkpoint makes the model's scope have the checkpoints that are due.
func (s *subject) checkpoint() {
	if err := s.checkpointAt(s.Context(), s.scope, s.head(), hasty); err != nil {
		s.Fatal(err)
	}
}

// forget deletes any of the scope's checkpoints: all, or here and there one.
func (s *subject) forget() {
	items, err := s.store.Range(s.Context(), s.scope.checkpoints(s.head().birth))
	if err != nil {
		s.Fatal(err)
	}
	some := rapid.IntRange(0, 3).Draw(s.T, "every so many")
	for i, item := range items {
		if some == 0 || i%(some+1) == 0 {
			if err := s.store.Transact(s.Context(), store.Delete(item.Key, store.Condition{})); err != nil {
				s.Fatal(err)
			}
		}
	}
}

// rewrite is a scope with many documents, of which each commit changes, renames,
// deletes or re-creates some.
func (b bench) rewrite(documents, commits int, body func(key string) string) {
	b.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	keys := make([]string, documents)
	for from := 0; from < documents; from += 30 {
		b.commit(func(tx *Tx) (err error) {
			for i := from; i < min(from+30, documents); i++ {
				keys[i] = fmt.Sprintf("service-%04d", i)
				err = errors.Join(err, creation(keys[i], body(keys[i]))(tx))
			}
			return err
		})
	}
	for n := range commits {
		b.clock.set(b.clock.at + Instant(random.IntN(3)*n))
		i := random.IntN(documents)
		switch random.IntN(20) {
		case 0:
			to := fmt.Sprintf("service-%04d-%d", i, n)
			b.commit(renaming(keys[i], to, body(to)))
			keys[i] = to
		case 1:
			b.commit(deletion(keys[i]))
			b.commit(creation(keys[i], body(keys[i])))
		default:
			b.commit(update(keys[i], body(keys[i])))
		}
	}
}

// same compares the lists of each so many instants, at or just before an event,
// with those of the versions themselves.
func (b bench) same(step int) {
	b.Helper()
	head, err := b.Head(b.Context(), shop)
	if err != nil {
		b.Fatal(err)
	}
	events, _, err := b.History(b.Context(), shop, 0, 1<<20)
	if err != nil {
		b.Fatal(err)
	}
	for i, e := range events {
		at := e.At - Instant(i/step%2)
		if i%step != 0 || at == head.Updated.At {
			continue
		}
		got, err := b.checkpointed(b.Context(), shop, head, at)
		if err != nil {
			b.Fatalf("at %d: %v", at, err)
		}
		s, err := b.look(b.Context(), shop, head, at, "", 0)
		if err == nil {
			err = b.settle(b.Context(), shop, at, &s)
		}
		if err != nil {
			b.Fatal(err)
		}
		if d := differ(fmt.Sprint("at ", at), got, s.held); d != "" {
			b.Fatal(d)
		}
	}
}

func TestAListFromCheckpointsIsThatOfTheVersions(t *testing.T) {
	for _, p := range []pace{hasty, usualPace} {
		b := setUp(t, openBolt(t))
		b.rewrite(40, 700, func(key string) string { return strings.Repeat(key, 10) })
		head, err := b.Head(t.Context(), shop)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.checkpointAt(t.Context(), shop, head, p); err != nil {
			t.Fatal(err)
		}
		b.same(3)
	}
}
