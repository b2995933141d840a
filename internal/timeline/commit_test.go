package timeline

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"almanac/internal/store"
)

func TestAnUpdateKeepsWhoCreatedADocumentAndItsId(t *testing.T) {
	b := setUp(t, openBolt(t))
	b.clock.set(2000)
	b.commit(creation("a", "1"))
	first, err := b.Get(t.Context(), shop, "a")
	if err != nil {
		t.Fatal(err)
	}
	b.clock.set(3000)
	var made Snapshot
	if _, err := b.Commit(t.Context(), shop, robot, func(tx *Tx) (err error) {
		made, err = tx.Rename("a", "b", "B", []byte("2\n{}"))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	second, err := b.Get(t.Context(), shop, "b")
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(made) != fmt.Sprint(second) {
		t.Errorf("the rename gave %v, a read %v", made, second)
	}
	want := Snapshot{
		Key: "b", DocumentID: first.DocumentID, ID: second.ID, Name: "B",
		Created: Stamp{2000, ann}, From: 3000, By: robot, Body: []byte("2\n{}"),
	}
	if fmt.Sprint(second) != fmt.Sprint(want) {
		t.Errorf("got %v; want %v", second, want)
	}
	if first.ID == second.ID || second.ID[14] != '7' || second.ID[:13] != "00000000-0bb8" {
		t.Errorf("snapshot ids %s, %s are not UUIDv7 of their instants", first.ID, second.ID)
	}
}

func TestAChangeThatEndsInAnErrorOrInNothingWritesNothing(t *testing.T) {
	b := setUp(t, openBolt(t))
	before := b.commit(creation("a", "1"))
	wrong := errors.New("wrong")
	for _, c := range []struct {
		name   string
		change func(*Tx) error
		want   error
	}{
		{"nothing", func(*Tx) error { return nil }, nil},
		{"the same body", func(tx *Tx) error { tx.SetBody([]byte("the shop")); return nil }, nil},
		{"an error after a change", func(tx *Tx) error { creation("b", "1")(tx); return wrong }, wrong},
		{"a taken key", creation("a", "2"), ErrKeyTaken},
		{"a rename to a taken key", func(tx *Tx) error {
			return errors.Join(creation("b", "1")(tx), renaming("a", "b", "2")(tx))
		}, ErrKeyTaken},
		{"an update of nothing", update("b", "2"), ErrNoSuchDocument},
		{"a rename of nothing", renaming("b", "c", "2"), ErrNoSuchDocument},
		{"a delete of nothing", deletion("b"), ErrNoSuchDocument},
		{"a read of nothing", func(tx *Tx) error { _, err := tx.Get("b"); return err }, ErrNoSuchDocument},
		{"a body too large", creation("b", strings.Repeat("x", MaxBody+1)), ErrTooLarge},
		{"a scope's body too large", func(tx *Tx) error { tx.SetBody(make([]byte, MaxBody+1)); return nil }, ErrTooLarge},
		{"all bodies too large together", func(tx *Tx) (err error) {
			for i := range 11 {
				err = errors.Join(err, creation(fmt.Sprint("k", i), incompressible(MaxBody))(tx))
			}
			return err
		}, ErrTooLarge},
		{"too many changes", func(tx *Tx) (err error) {
			for i := range store.MaxOps - 1 {
				err = errors.Join(err, creation(fmt.Sprint("k", i), "1")(tx))
			}
			return err
		}, ErrTooManyChanges},
		{"the empty key", creation("", "1"), &Error{Kind: BadKey}},
		{"a key too long", creation(strings.Repeat("k", maxKey+1), "1"), &Error{Kind: BadKey}},
		{"a document changed twice", func(tx *Tx) error {
			return errors.Join(update("a", "2")(tx), update("a", "3")(tx))
		}, &Error{Kind: ChangedTwice}},
		{"a document made and deleted", func(tx *Tx) error {
			return errors.Join(creation("b", "2")(tx), deletion("b")(tx))
		}, &Error{Kind: ChangedTwice}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b.clock.set(9000)
			head, err := b.Commit(t.Context(), shop, ann, c.change)
			if c.want != nil {
				if e, ok := c.want.(*Error); ok {
					e.Key, e.Scope = "", Scope{}
				}
				if !errors.Is(err, c.want) {
					t.Fatalf("got %v; want %v", err, c.want)
				}
			} else if err != nil || fmt.Sprint(head) != fmt.Sprint(before) {
				t.Fatalf("got %v, %v; want %v", head, err, before)
			}
			now, err := b.Head(t.Context(), shop)
			if err != nil || fmt.Sprint(now) != fmt.Sprint(before) {
				t.Fatalf("the head is now %v, %v; it was %v", now, err, before)
			}
		})
	}
}

func TestACommitDoesAsMuchAsOneTransactionCan(t *testing.T) {
	b := setUp(t, openBolt(t))
	head := b.commit(func(tx *Tx) (err error) {
		for i := range store.MaxOps - 2 {
			err = errors.Join(err, creation(fmt.Sprintf("k%02d", i), "1")(tx))
		}
		return err
	})
	if head.Live != 98 || head.Sequence != 98 {
		t.Fatalf("got %+v", head)
	}
	events, total, err := b.History(t.Context(), shop, 0, 200)
	if err != nil || total != 98 || len(events) != 98 {
		t.Fatalf("%d of %d, %v", len(events), total, err)
	}
	if events[0].Key != "k00" || events[97].Key != "k97" || events[0].Sequence != 98 || events[97].Sequence != 1 {
		t.Errorf("events of one commit are not in the order of its changes: %v … %v", events[0], events[97])
	}
	page, _, err := b.History(t.Context(), shop, 60, 2)
	if err != nil || fmt.Sprint(page) != fmt.Sprint(events[60:62]) {
		t.Errorf("a page within a commit: %v, %v", page, err)
	}
}

func TestTheLargestBodyThatCanBeOpenedCanBeClosed(t *testing.T) {
	for name, body := range map[string]string{"compressed": strings.Repeat("\n", MaxBody), "as it is": incompressible(MaxBody)} {
		t.Run(name, func(t *testing.T) {
			b := setUp(t, openBolt(t))
			key := strings.Repeat("k", maxKey)
			b.commit(creation(key, body))
			b.commit(update(key, body))
			b.commit(deletion(key))
			got, err := b.GetAt(t.Context(), shop, key, 1001)
			if err != nil || string(got.Body) != body {
				t.Fatalf("%d bytes, %v", len(got.Body), err)
			}
		})
	}
}

func TestKeysFreedInACommitCanBeUsedInIt(t *testing.T) {
	b := setUp(t, openBolt(t))
	b.commit(func(tx *Tx) error { return errors.Join(creation("a", "A")(tx), creation("b", "B")(tx)) })
	b.clock.set(2000)
	head := b.commit(func(tx *Tx) error {
		return errors.Join(
			deletion("b")(tx), renaming("a", "b", "A2")(tx), creation("a", "new")(tx))
	})
	_, got, err := b.List(t.Context(), shop)
	if err != nil || show(got) != "a=new b=A2 " || head.Live != 2 {
		t.Errorf("now %s, %v, %+v", show(got), err, head)
	}
	_, got, err = b.ListAt(t.Context(), shop, 1999)
	if err != nil || show(got) != "a=A b=B " {
		t.Errorf("before %s, %v", show(got), err)
	}
}

func TestScopes(t *testing.T) {
	b := setUp(t, openBolt(t))
	none := Scope{shop.Directory, "none"}
	for name, read := range map[string]func(Scope) error{
		"Head":        func(s Scope) error { _, err := b.Head(t.Context(), s); return err },
		"Get":         func(s Scope) error { _, err := b.Get(t.Context(), s, "a"); return err },
		"GetAt":       func(s Scope) error { _, err := b.GetAt(t.Context(), s, "a", 5); return err },
		"List":        func(s Scope) error { _, _, err := b.List(t.Context(), s); return err },
		"ListAt":      func(s Scope) error { _, _, err := b.ListAt(t.Context(), s, 5); return err },
		"History":     func(s Scope) error { _, _, err := b.History(t.Context(), s, 0, 5); return err },
		"Commit":      func(s Scope) error { _, err := b.Commit(t.Context(), s, ann, creation("a", "1")); return err },
		"DeleteScope": func(s Scope) error { return b.DeleteScope(t.Context(), s, ann) },
		"Events": func(s Scope) (err error) {
			for _, err = range b.Events(t.Context(), s, 0, 5) {
			}
			return err
		},
	} {
		for _, s := range []Scope{none, {shop.Directory, ""}, {shop.Directory, "\xff"}, {shop.Directory, strings.Repeat("#", 2000)}} {
			if err := read(s); !errors.Is(err, ErrNoSuchScope) {
				t.Errorf("%s of %.20q: %v", name, s.ID, err)
			}
		}
	}
	if _, err := b.CreateScope(t.Context(), shop, nil, ann); !errors.Is(err, ErrScopeExists) {
		t.Errorf("created twice: %v", err)
	}
	if _, err := b.CreateScope(t.Context(), none, make([]byte, MaxBody+1), ann); !errors.Is(err, ErrTooLarge) {
		t.Errorf("created too large: %v", err)
	}

	counter := store.Item{Key: store.Key{Partition: "local", Sort: "projects"}, Version: 1}
	_, err := b.CreateScope(t.Context(), none, nil, ann, store.Put(counter, store.VersionIs(7)))
	if e, ok := errors.AsType[*store.Error](err); !ok || e.Kind != store.ConditionFailed || e.Op != 0 {
		t.Errorf("the condition of another op failed: %v", err)
	}
	if _, err := b.CreateScope(t.Context(), none, nil, robot, store.Put(counter, store.Absent())); err != nil {
		t.Error(err)
	}
	heads, err := b.Heads(t.Context(), shop.Directory)
	if err != nil || len(heads) != 2 || heads[0].ID != shop.ID || heads[1].ID != "none" || heads[1].Created.By != robot {
		t.Errorf("%+v, %v", heads, err)
	}
	if string(heads[0].Body) != "the shop" || heads[0].Updated != heads[0].Created {
		t.Errorf("%+v", heads[0])
	}

	err = b.DeleteScope(t.Context(), none, ann, store.Delete(counter.Key, store.VersionIs(7)))
	if e, ok := errors.AsType[*store.Error](err); !ok || e.Kind != store.ConditionFailed || e.Op != 0 {
		t.Errorf("the condition of another op failed: %v", err)
	}
	if _, err := b.Head(t.Context(), none); err != nil {
		t.Errorf("deleted all the same: %v", err)
	}
	if err := b.DeleteScope(t.Context(), none, ann, store.Delete(counter.Key, store.VersionIs(1))); err != nil {
		t.Error(err)
	}
	if _, err := b.CreateScope(t.Context(), none, nil, ann); !errors.Is(err, ErrScopeExists) {
		t.Errorf("created under its delete: %v", err)
	}
}
