package timeline

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"almanac/internal/store"
	"almanac/internal/store/storetest"
)

// of is the history of a document in short, newest first.
func (b bench) of(key string) string {
	b.Helper()
	events, err := b.DocumentHistory(b.Context(), shop, key, -1, maxInstant, 1000)
	if err != nil {
		b.Fatalf("the history of %s: %v", key, err)
	}
	return inShort(events)
}

func inShort(events []Event) string {
	var words []string
	for _, e := range events {
		word := string(e.Type[0]) + e.Key
		if e.PreviousKey != "" {
			word += "<" + e.PreviousKey
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

func TestADocumentsHistoryIsFoundByEveryKeyThatItHeldLast(t *testing.T) {
	onBoth(t, func(t *testing.T, s store.Store) {
		b := setUp(t, s)
		check := func(want map[string]string) {
			t.Helper()
			for key, history := range want {
				if got := b.of(key); got != history {
					t.Errorf("the history of %s is %q, not %q", key, got, history)
				}
			}
		}
		b.commit(creation("a", "1"))
		b.commit(update("a", "2"))
		check(map[string]string{"a": "Ua Ca"})
		b.commit(renaming("a", "b", "3"))
		check(map[string]string{"a": "Ub<a Ua Ca", "b": "Ub<a Ua Ca"})
		b.commit(all(creation("a", "1"), renaming("b", "c", "4")))
		first := "Uc<b Ub<a Ua Ca"
		check(map[string]string{"a": "Ca", "b": first, "c": first})
		// Others hold and leave the keys on the way to where it is.
		b.commit(renaming("a", "a2", "2"))
		b.commit(renaming("c", "d", "5"))
		b.commit(creation("c", "1"))
		b.commit(deletion("c"))
		b.commit(creation("b", "1"))
		b.commit(renaming("b", "c", "2"))
		b.commit(deletion("c"))
		first = "Ud<c " + first
		check(map[string]string{"d": first, "a": "Ua2<a Ca", "c": "Dc Uc<b Cb", "b": "Dc Uc<b Cb"})
		b.commit(all(deletion("d"), creation("e", "1")))
		check(map[string]string{"d": "Dd " + first, "e": "Ce"})
		// And back to where it was.
		b.commit(renaming("e", "f", "2"))
		b.commit(renaming("f", "e", "3"))
		check(map[string]string{"e": "Ue<f Uf<e Ce", "f": "Ue<f Uf<e Ce"})

		if _, err := b.DocumentHistory(t.Context(), shop, "never", -1, maxInstant, 10); !errors.Is(err, ErrNoSuchDocument) {
			t.Errorf("a key that never was: %v", err)
		}
		for _, key := range []string{"", "\xff", strings.Repeat("k", maxKey+1)} {
			if _, err := b.DocumentHistory(t.Context(), shop, key, -1, maxInstant, 10); !errors.Is(err, ErrNoSuchDocument) {
				t.Errorf("the key %q: %v", key, err)
			}
		}
		if _, err := b.DocumentHistory(t.Context(), Scope{shop.Directory, "none"}, "a", -1, maxInstant, 10); !errors.Is(err, ErrNoSuchScope) {
			t.Errorf("a scope that never was: %v", err)
		}
	})
}

// A key that others held and left since leads through the log to where its
// document went.
func TestADocumentIsTracedOverKeysThatOthersLeftSince(t *testing.T) {
	b := setUp(t, openBolt(t))
	b.commit(creation("a", "1"))
	b.commit(renaming("a", "b", "2"))
	b.commit(update("b", "3"))
	b.commit(renaming("b", "c", "4"))
	for range 3 {
		b.commit(creation("b", "other"))
		b.commit(deletion("b"))
	}
	b.commit(renaming("c", "d", "5"))
	for range 3 {
		b.commit(creation("c", "other"))
		b.commit(update("c", "other still"))
		b.commit(renaming("c", "e", "gone"))
		b.commit(deletion("e"))
	}
	if got, want := b.of("a"), "Ud<c Uc<b Ub Ub<a Ca"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	b.commit(deletion("d"))
	b.commit(all(creation("d", "other")))
	b.commit(deletion("d"))
	if got, want := b.of("a"), "Dd Ud<c Uc<b Ub Ub<a Ca"; got != want {
		t.Errorf("after its deletion got %q, want %q", got, want)
	}
}

func TestNoSnapshotHasAnIDThatNobodyMade(t *testing.T) {
	b := setUp(t, openBolt(t))
	b.commit(creation("a", "1"))
	head := b.commit(rewrite("a body"))
	events, _, err := b.History(t.Context(), shop, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	for name, id := range map[string]string{
		"of the instant of an event": snapshotID(events[0].At),
		"of a commit without events": snapshotID(head.Updated.At),
		"of the scope's creation":    snapshotID(head.Created.At),
		"before it":                  snapshotID(head.Created.At - 1),
		"of the future":              snapshotID(head.Updated.At + 1),
		"of the document":            events[0].DocumentID,
		"in capitals":                strings.ToUpper(events[0].SnapshotID),
		"in braces":                  "{" + events[0].SnapshotID + "}",
		"without its hyphens":        strings.ReplaceAll(events[0].SnapshotID, "-", ""),
		"longer":                     events[0].SnapshotID + "0",
		"no id at all":               "a",
		"empty":                      "",
	} {
		if got, err := b.Change(t.Context(), shop, id); !errors.Is(err, ErrNoSuchSnapshot) {
			t.Errorf("an id %s: %+v, %v", name, got, err)
		}
	}
	if got, err := b.Change(t.Context(), shop, events[0].SnapshotID); err != nil || got.Before != nil || string(got.After.Body) != "1" {
		t.Errorf("its own id: %+v, %v", got, err)
	}
	if _, err := b.Change(t.Context(), Scope{shop.Directory, "none"}, events[0].SnapshotID); !errors.Is(err, ErrNoSuchScope) {
		t.Errorf("another scope: %v", err)
	}
}

// What a scope was drafted with may take several items of the log, all of one
// instant.
func TestEveryEventOfADraftIsFoundByItsSnapshot(t *testing.T) {
	b := bench{t, New(openBolt(t), (&clock{at: 1000}).now), nil}
	var documents []Document
	for i := range 250 {
		documents = append(documents, Document{Key: fmt.Sprintf("k%03d", i), Name: "K", Body: []byte(fmt.Sprint(i))})
	}
	draft, err := b.Draft(t.Context(), shop, nil, ann, documents)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := draft.Reveal(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.commit(update("k007", "later"))
	events, total, err := b.History(t.Context(), shop, 0, 1000)
	if err != nil || total != 251 {
		t.Fatalf("%d events, %v", total, err)
	}
	for _, e := range events[1:] {
		got, err := b.Change(t.Context(), shop, e.SnapshotID)
		if err != nil || got.Before != nil || got.After.Key != e.Key || "k"+fmt.Sprintf("%03s", got.After.Body) != e.Key {
			t.Fatalf("the change of %s is %+v, %v", e.Key, got, err)
		}
	}
	if got := b.of("k007"); got != "Uk007 Ck007" {
		t.Errorf("the history of one is %s", got)
	}
}

// busy makes a scope of so many events, of which the last 60 versions of a
// document of 2 KB, under two keys, are the first.
func busy(t *testing.T, s store.Store, events int) (bench, Scope, []Event) {
	t.Helper()
	scope := Scope{shop.Directory, fmt.Sprint("busy with ", events)}
	b := bench{t, New(s, (&clock{at: realNow - Instant(events) - 1000}).now), &clock{}}
	if _, err := b.CreateScope(t.Context(), scope, nil, ann); err != nil {
		t.Fatal(err)
	}
	change := func(c func(*Tx) error) Head {
		t.Helper()
		head, err := b.Commit(t.Context(), scope, ann, c)
		if err != nil {
			t.Fatal(err)
		}
		return head
	}
	body := strings.Repeat("x", 2048-400)
	change(creation("draft", body))
	for range 30 {
		change(update("draft", body))
	}
	change(renaming("draft", "orders", body))
	var head Head
	for range 30 {
		head = change(update("orders", body))
	}
	var told []Event
	told, _, err := b.History(t.Context(), scope, 0, 62)
	if err != nil {
		t.Fatal(err)
	}
	was := head
	var ops []store.Op
	for i := range events {
		head.Sequence++
		head.Revision++
		head.Updated = Stamp{head.Updated.At + 1, ann}
		ops = append(ops, store.Put(head.log(scope, "", []eventRecord{{
			Type: Update, SnapshotID: snapshotID(head.Updated.At), DocumentID: strings.Repeat("d", 36), Key: "another", Name: fmt.Sprint(i),
		}}), store.Condition{}))
	}
	b.write(s, ops)
	head.version++
	head.wrote = nil
	if err := s.Transact(t.Context(), store.Put(head.item(scope), store.VersionIs(was.version))); err != nil {
		t.Fatal(err)
	}
	return b, scope, told
}

func TestTheHistoryOfOneDocumentCostsTheSameWhateverTheScopesHistory(t *testing.T) {
	onBoth(t, func(t *testing.T, s store.Store) {
		counts := []int{10, 100_000}
		if strings.HasSuffix(t.Name(), "dynamo") {
			counts[1] = 3_000
		}
		for _, n := range counts {
			b, scope, told := busy(t, s, n)
			read := func(what string, want []Event, most float64, page func(ctx context.Context) ([]Event, error)) {
				t.Helper()
				var got []Event
				cost, _ := b.price(func(b bench) (err error) { got, err = page(b.Context()); return err })
				t.Logf("%s beside %d others: %v read units", what, n, cost)
				if cost > most {
					t.Errorf("%s costs %v read units beside %d others, more than %v", what, cost, n, most)
				}
				if inShort(got) != inShort(want) || len(got) > 0 && (got[0].SnapshotID != want[0].SnapshotID || got[0].By != want[0].By) {
					t.Errorf("%s shows\n%v, not\n%v", what, inShort(got), inShort(want))
				}
			}
			// 50 versions of 2 KB are 25 units and begin as many as there are
			// ranges; the live one, and the head, cost one each.
			read("a page of 50", told[:50], 29, func(ctx context.Context) ([]Event, error) {
				return b.DocumentHistory(ctx, scope, "orders", -1, maxInstant, 50)
			})
			read("a page of 50, by the key before", told[:50], 31, func(ctx context.Context) ([]Event, error) {
				return b.DocumentHistory(ctx, scope, "draft", -1, maxInstant, 50)
			})
			place, _ := told[49].Before()
			read("the page after it", told[50:], 9, func(ctx context.Context) ([]Event, error) {
				return b.DocumentHistoryAt(ctx, scope, place, -1, 50)
			})
			read("five between two instants", told[10:15], 6, func(ctx context.Context) ([]Event, error) {
				return b.DocumentHistory(ctx, scope, "orders", told[14].At, told[9].At, 50)
			})
		}
	})
}

func TestAnEventIsFoundByBisection(t *testing.T) {
	onBoth(t, func(t *testing.T, s store.Store) {
		counts := map[int]float64{10: 14, 100_000: 25}
		if strings.HasSuffix(t.Name(), "dynamo") {
			counts = map[int]float64{10: 14, 3_000: 20}
		}
		for n, most := range counts {
			b, scope, told := busy(t, s, n)
			for _, i := range []int{0, 29, 30, 31, 61} {
				got, _ := b.price(func(b bench) error { _, err := b.Change(b.Context(), scope, told[i].SnapshotID); return err })
				if got > most {
					t.Errorf("the change of %s costs %v read units beside %d others, more than %v", told[i].Type, got, n, most)
				}
			}
			from, to := told[40].At, told[0].At+Instant(n/2)+1
			got, _ := b.price(func(b bench) error {
				page, total, err := b.HistoryBetween(b.Context(), scope, from, to, 5, 10)
				if len(page) != 10 || total != int64(n/2)+41 || page[0].At != to-6 {
					return errors.Join(err, fmt.Errorf("%d of %d events", len(page), total))
				}
				return err
			})
			t.Logf("ten events between two instants of %d: %v read units", n, got)
			if got > 2*most {
				t.Errorf("ten events between two instants cost %v read units beside %d others, more than %v", got, n, 2*most)
			}
		}
	})
}

// What is removed under a reader is not taken for the beginning of a history.
func TestTheHistoryOfADocumentWhoseScopeIsDeletedMeanwhileIsNoHistory(t *testing.T) {
	disk := openBolt(t)
	b := setUp(t, disk)
	b.commit(creation("a", "1"))
	for i := range 40 {
		b.commit(update("a", fmt.Sprint(i)))
	}
	b.rest()
	calls := storetest.NewFaulty(disk)
	if _, err := New(calls, b.clock.now).DocumentHistory(t.Context(), shop, "a", -1, maxInstant, 100); err != nil {
		t.Fatal(err)
	}
	for n := range calls.Calls() {
		b := setUp(t, openBolt(t))
		b.commit(creation("a", "1"))
		for i := range 40 {
			b.commit(update("a", fmt.Sprint(i)))
		}
		b.rest()
		reader := New(&before{Store: b.store, call: n, others: func() {
			if err := b.DeleteScope(t.Context(), shop, ann); err != nil {
				t.Error(err)
			}
			if err := b.Maintain(t.Context(), shop); err != nil {
				t.Error(err)
			}
		}}, b.clock.now)
		if got, err := reader.DocumentHistory(t.Context(), shop, "a", -1, maxInstant, 100); !errors.Is(err, ErrNoSuchScope) {
			t.Errorf("deleted before call %d: %d events, %v", n, len(got), err)
		}
	}
}

// before is a store that lets others in before one of its reads.
type before struct {
	store.Store
	call   int // from 0
	others func()
}

func (s *before) in() {
	if s.call == 0 {
		s.others()
	}
	s.call--
}

func (s *before) Get(ctx context.Context, key store.Key) (store.Item, error) {
	s.in()
	return s.Store.Get(ctx, key)
}

func (s *before) Range(ctx context.Context, q store.Query) ([]store.Item, error) {
	s.in()
	return s.Store.Range(ctx, q)
}
