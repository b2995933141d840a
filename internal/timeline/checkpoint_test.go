package timeline

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"almanac/internal/store"
	"almanac/internal/store/storetest"

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

// instants are those of every so many events.
func (b bench) instants(step int) (at []Instant) {
	b.Helper()
	events, _, err := b.History(b.Context(), shop, 0, 1<<20)
	if err != nil {
		b.Fatal(err)
	}
	for i := 0; i < len(events); i += step {
		at = append(at, events[i].At)
	}
	return at
}

// lists shows the lists at some instants.
func (b bench) lists(instants []Instant) string {
	b.Helper()
	var lists strings.Builder
	for _, at := range instants {
		_, list, err := b.ListAt(b.Context(), shop, at)
		if err != nil {
			b.Fatal(err)
		}
		fmt.Fprintln(&lists, at, list)
	}
	return lists.String()
}

// inAll makes the scope have the checkpoints that are due, and shows their items.
func (b bench) inAll(p pace) []store.Item {
	b.Helper()
	head, err := b.Head(b.Context(), shop)
	if err == nil {
		err = b.checkpointAt(b.Context(), shop, head, p)
	}
	if err != nil {
		b.Fatal(err)
	}
	return b.kept(head)
}

// kept is the items of the scope's checkpoints.
func (b bench) kept(head Head) []store.Item {
	b.Helper()
	items, err := b.store.Range(b.Context(), shop.checkpoints(head.birth))
	if err != nil {
		b.Fatal(err)
	}
	return items
}

func repeated(key string) string { return strings.Repeat(key, 10) }

func TestAListFromCheckpointsIsThatOfTheVersions(t *testing.T) {
	for name, p := range map[string]pace{"many epochs": hasty, "as they are written": usualPace} {
		t.Run(name, func(t *testing.T) {
			b := setUp(t, openBolt(t))
			b.rewrite(40, 700, repeated)
			b.inAll(p)
			b.same(3)
		})
	}
}

func TestCheckpointsDoNotDependOnWhenTheyAreWritten(t *testing.T) {
	b := setUp(t, openBolt(t))
	b.rewrite(20, 300, repeated)
	want := fmt.Sprint(b.inAll(hasty))
	if got := fmt.Sprint(b.inAll(hasty)); got != want {
		t.Error("written again, they are others")
	}
	head, err := b.Head(t.Context(), shop)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.dropCheckpoints(t.Context(), shop, head.birth); err != nil {
		t.Fatal(err)
	}
	if left := b.kept(head); len(left) > 0 {
		t.Fatalf("%d items are left", len(left))
	}
	// Bit by bit, by many at once, whose heads are old.
	for sequence := int64(1); sequence <= head.Sequence; sequence += 7 {
		old := head
		old.Sequence = min(sequence+6, head.Sequence)
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				if err := b.checkpointAt(t.Context(), shop, old, hasty); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	if got := fmt.Sprint(b.inAll(hasty)); got != want {
		t.Error("written bit by bit, they are others")
	}
}

func TestCheckpointsDeletedAtAnyTimeChangeNoAnswerAndComeBack(t *testing.T) {
	b := setUp(t, openBolt(t))
	b.rewrite(12, 150, repeated)
	all := b.inAll(hasty)
	instants := b.instants(7)
	want := b.lists(instants)
	for _, c := range []struct {
		name    string
		deletes func(i int, sort string) bool
	}{
		{"all", func(int, string) bool { return true }},
		{"the manifests", func(_ int, sort string) bool { return strings.HasPrefix(sort, manifestPrefix) }},
		{"the data", func(_ int, sort string) bool { return strings.HasPrefix(sort, partPrefix) }},
		{"the ends", func(_ int, sort string) bool { return strings.HasPrefix(sort, endsPrefix) }},
		{"every second", func(i int, _ string) bool { return i%2 == 0 }},
		{"the other ones", func(i int, _ string) bool { return i%2 == 1 }},
		{"every fifth", func(i int, _ string) bool { return i%5 == 0 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			for i, item := range all {
				if c.deletes(i, item.Sort) {
					if err := b.store.Transact(t.Context(), store.Delete(item.Key, store.Condition{})); err != nil {
						t.Fatal(err)
					}
				}
			}
			if got := b.lists(instants); got != want {
				t.Fatal("lists changed")
			}
			// What is missing shows when the next epoch begins.
			b.commit(creation("of "+c.name, ""))
			for range 80 {
				b.commit(update("of "+c.name, "x"))
			}
			all = b.inAll(hasty)
			b.same(5)
			if got := b.lists(instants); got != want {
				t.Fatal("lists changed when the checkpoints came back")
			}
		})
	}
}

func TestADamagedCheckpointIsNotBelieved(t *testing.T) {
	b := setUp(t, openBolt(t))
	b.rewrite(5, 30, repeated)
	random := rand.New(rand.NewPCG(7, 8))
	for _, item := range b.inAll(hasty) {
		whole := slices.Clone(item.Body)
		item.Body[random.IntN(len(item.Body))] ^= 1 << random.IntN(8)
		if err := b.store.Transact(t.Context(), store.Put(item, store.Condition{})); err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(item.Sort, partPrefix) {
			b.audit()
		}
		item.Body = whole
		if err := b.store.Transact(t.Context(), store.Put(item, store.Condition{})); err != nil {
			t.Fatal(err)
		}
	}
}

func TestACheckpointOfADraftHasAllThatItBeganWith(t *testing.T) {
	b := setUp(t, openBolt(t))
	copied := Scope{shop.Directory, "copy"}
	var documents []Document
	for i := range 350 {
		documents = append(documents, Document{Key: fmt.Sprintf("k%03d", i), Name: "K", Body: []byte("{}")})
	}
	draft, err := b.Draft(t.Context(), copied, nil, ann, documents)
	if err != nil {
		t.Fatal(err)
	}
	head, err := draft.Reveal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	began := head.Updated.At
	for i := range 3 {
		if head, err = b.Commit(t.Context(), copied, robot, update("k000", fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.checkpointAt(t.Context(), copied, head, hasty); err != nil {
		t.Fatal(err)
	}
	for at, want := range map[Instant]string{began: "{}", began + 1: "0", began + 2: "1"} {
		list, err := b.checkpointed(t.Context(), copied, head, at)
		if err != nil || len(list) != 350 || string(list[0].Body) != want || list[0].Until != at+1 || list[1].Until != 0 {
			t.Errorf("at %d: %d documents, the first %v, %v", at-began, len(list), list[0], err)
		}
	}
}

// Whatever call of a checkpoint fails, the next call of all goes on, and what it
// writes is what one that nothing kept from it had written.
func TestEveryStoreCallOfACheckpointFails(t *testing.T) {
	for _, kind := range []string{"interrupted", "interrupted, done", "no answer, but done"} {
		t.Run(kind, func(t *testing.T) {
			fault := interruptions[kind]
			faulty := storetest.NewFaulty(openBolt(t))
			b := setUp(t, faulty)
			b.rewrite(4, 14, repeated)
			want := fmt.Sprint(b.inAll(hasty))
			instants := b.instants(5)
			lists := b.lists(instants)
			head, err := b.Head(t.Context(), shop)
			if err != nil {
				t.Fatal(err)
			}
			for n := 1; ; n++ {
				if err := b.dropCheckpoints(t.Context(), shop, head.birth); err != nil {
					t.Fatal(err)
				}
				faulty.Reset()
				faulty.FailCall(n, fault)
				_ = b.checkpointAt(t.Context(), shop, head, hasty) // it may fail
				calls := faulty.Calls()
				faulty.Reset()
				if b.lists(instants) != lists {
					t.Fatalf("call %d: lists changed", n)
				}
				if got := fmt.Sprint(b.inAll(hasty)); got != want {
					t.Fatalf("call %d: they are others", n)
				}
				if n > calls {
					return
				}
			}
		})
	}
}

// Each commit moves two documents to other keys and writes its number into all
// of them, as in TestAListUnderRenamesIsOfOneInstant.
func TestAListUnderCheckpointsThatComeAndGoIsOfItsInstant(t *testing.T) {
	b := setUp(t, openBolt(t))
	b.commit(all(creation("a-0", "0"), creation("m", "0"), creation("z-0", "0")))
	first := b.commit(update("m", "0")).Updated.At
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
	for drops := range 2 {
		wg.Go(func() {
			for n := 1; done.Err() == nil; n++ {
				head, err := b.Head(t.Context(), shop)
				if err == nil {
					err = b.checkpointAt(t.Context(), shop, head, hasty)
				}
				if err == nil && drops == 1 && n%5 == 0 {
					err = b.dropCheckpoints(t.Context(), shop, head.birth)
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for range 2 {
		wg.Go(func() {
			for at := first; done.Err() == nil; at++ {
				head, list, err := b.ListAt(t.Context(), shop, at)
				if err != nil || len(list) != 3 || string(list[0].Body) != string(list[1].Body) || string(list[0].Body) != string(list[2].Body) {
					t.Errorf("at %d: %s, %v", at, show(list), err)
					return
				}
				if n := fmt.Sprint(int64(min(at, head.Updated.At) - first)); string(list[0].Body) != n {
					t.Errorf("at %d: %s, not of %s", at, show(list), n)
				}
				if at > head.Updated.At {
					at = first
				}
			}
		})
	}
	wg.Wait()
	b.audit()
}

func TestAScopeDeletedUnderItsCheckpointsLeavesNone(t *testing.T) {
	for range 2 {
		disk := storetest.NewLedger(openBolt(t))
		b := setUp(t, disk)
		b.rewrite(6, 40, repeated)
		last, list, err := b.List(t.Context(), shop)
		if err != nil {
			t.Fatal(err)
		}
		at := last.Updated.At - 1
		want := fmt.Sprint(b.lists([]Instant{at}))
		begun := make(chan bool, 2)
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				for n := 0; ; n++ {
					if err := b.checkpointAt(t.Context(), shop, last, hasty); err != nil {
						t.Error(err)
					}
					_, err := b.Head(t.Context(), shop)
					if errors.Is(err, ErrNoSuchScope) {
						return
					}
					if err == nil {
						err = b.dropCheckpoints(t.Context(), shop, last.birth)
					}
					if err != nil {
						t.Error(err)
						return
					}
					if n == 1 {
						begun <- true
					}
				}
			})
			wg.Go(func() {
				for {
					_, got, err := b.ListAt(t.Context(), shop, at)
					if errors.Is(err, ErrNoSuchScope) {
						return
					}
					if shown := fmt.Sprintln(at, got); err != nil || shown != want {
						t.Errorf("got %s, %v; want %s", shown, err, want)
						return
					}
				}
			})
		}
		<-begun
		if err := b.DeleteScope(t.Context(), shop, ann); err != nil {
			t.Fatal(err)
		}
		b.maintain()
		wg.Wait()
		b.unseen()
		b.empty(disk)
		if len(list) == 0 {
			t.Fatal("there was nothing to delete")
		}
	}
}
