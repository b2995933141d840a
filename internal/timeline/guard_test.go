package timeline

import (
	"errors"
	"testing"

	"github.com/google/uuid"

	"almanac/internal/store"
)

// Each of two scopes may hold what the other has not: who adds it makes the
// other one look again.
func TestACommitThatMovesAnotherScopeMakesTheOneUnderWayThereBeginAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, s store.Store) {
		b := setUp(t, s)
		away := Scope{shop.Directory, "away"}
		if _, err := b.CreateScope(t.Context(), away, []byte("facts"), ann); err != nil {
			t.Fatal(err)
		}
		before, err := b.Head(t.Context(), away)
		if err != nil {
			t.Fatal(err)
		}
		runs := 0
		_, err = b.Commit(t.Context(), away, ann, func(tx *Tx) error {
			runs++
			if runs == 1 {
				b.commit(func(tx *Tx) error {
					tx.Also(before.Moved(away))
					return creation("a", "")(tx)
				})
			}
			return creation("b", "")(tx)
		})
		if err != nil || runs != 2 {
			t.Errorf("it ran %d times, %v", runs, err)
		}
		after, err := b.Head(t.Context(), away)
		if err != nil || after.Revision != before.Revision+1 || string(after.Body) != "facts" {
			t.Errorf("the other scope is %+v, %v", after, err)
		}
	})
}

func TestACommitRunsAgainWhereWhatItAlsoAsksForDoesNotHold(t *testing.T) {
	b := setUp(t, openBolt(t))
	away := Scope{shop.Directory, "away"}
	old, err := b.CreateScope(t.Context(), away, nil, ann)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Commit(t.Context(), away, ann, creation("x", "")); err != nil {
		t.Fatal(err)
	}
	gone := errors.New("enough")
	runs := 0
	_, err = b.Commit(t.Context(), shop, ann, func(tx *Tx) error {
		if runs++; runs == 2 {
			return gone
		}
		tx.Also(old.Moved(away))
		return creation("a", "")(tx)
	})
	if !errors.Is(err, gone) || runs != 2 {
		t.Errorf("it ran %d times, %v", runs, err)
	}
	if _, err := b.Get(t.Context(), shop, "a"); !errors.Is(err, ErrNoSuchDocument) {
		t.Errorf("it was done in part: %v", err)
	}
	// What changes nothing asks for nothing.
	if _, err := b.Commit(t.Context(), shop, ann, func(tx *Tx) error { tx.Also(old.Moved(away)); return nil }); err != nil {
		t.Error(err)
	}
}

func TestACommitHoldsAfterWhatItIsToldTo(t *testing.T) {
	b := setUp(t, openBolt(t))
	for _, after := range []Instant{5, 7000, 7000} {
		was, err := b.Head(t.Context(), shop)
		if err != nil {
			t.Fatal(err)
		}
		head := b.commit(func(tx *Tx) error {
			tx.After(after)
			return creation(uuid.NewString(), "")(tx)
		})
		if want := max(was.Updated.At, after) + 1; head.Updated.At != want {
			t.Errorf("after %d it holds from %d on, not from %d", after, head.Updated.At, want)
		}
	}
	_, _ = b.Commit(t.Context(), shop, ann, func(tx *Tx) error {
		defer func() {
			if recover() == nil {
				t.Error("what a commit has done already was put off")
			}
		}()
		_ = creation("late", "")(tx)
		tx.After(9000)
		return nil
	})
}
