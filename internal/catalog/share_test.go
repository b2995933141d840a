package catalog

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"almanac/internal/store"
	"almanac/internal/store/storetest"
)

func (w *world) share() (ShareToken, error) {
	return w.CreateShareToken(w.Context(), w.caller, ShareTokenInput{w.project})
}

func (w *world) shared() (ShareToken, error) {
	return w.GetShareToken(w.Context(), w.caller, ShareTokenInput{w.project})
}

func (w *world) unshare() error {
	return w.DeleteShareToken(w.Context(), w.caller, ShareTokenInput{w.project})
}

// opens tells whether a token leads to the world's project, and fails if it
// leads to another one.
func (w *world) opens(token string) bool {
	w.Helper()
	s, err := w.Shared(w.Context(), token)
	if err == nil {
		err = w.Confirm(w.Context(), s)
	}
	switch {
	case errors.Is(err, ErrShareTokenNotFound):
		return false
	case err != nil:
		w.Fatal(err)
	case s.Workspace != w.caller.Workspace || s.Project != w.project || strings.Contains(s.ID, token):
		w.Fatalf("%s leads to %+v", token, s)
	}
	return true
}

// shareItems are what the store holds of shares.
func shareItems(w *world, ledger *storetest.Ledger) (items []store.Item) {
	w.Helper()
	for _, item := range must(ledger.Left(w.Context()))(w) {
		if strings.HasPrefix(item.Partition, "SHARE#") || strings.HasSuffix(item.Partition, "#SHARES") {
			items = append(items, item)
		}
	}
	return items
}

// paired checks that the two items of a share are there or neither is, and
// gives the token that opens the project.
func paired(w *world, ledger *storetest.Ledger, made ...string) (valid string) {
	w.Helper()
	for _, token := range made {
		if token != valid && w.opens(token) {
			valid += token
		}
	}
	shown, err := w.shared()
	items := len(shareItems(w, ledger))
	if errors.Is(err, ErrShareTokenNotFound) && items == 0 && valid == "" {
		return ""
	}
	if err != nil || items != 2 || !w.opens(shown.Token) || valid != "" && valid != shown.Token {
		w.Fatalf("shown is %q (%v), valid is %q of %v, %d items are there", shown.Token, err, valid, made, items)
	}
	return shown.Token
}

func TestShareTokensMadeAndDeletedAtOnceLeaveOneOrNone(t *testing.T) {
	w := newWorld(t)
	ledger := storetest.NewLedger(w.store)
	w.Catalog = New(ledger, w.time, 10)
	for range 20 {
		var mu sync.Mutex
		var made []string
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				if rand.N(3) == 0 {
					if err := w.unshare(); err != nil && !errors.Is(err, ErrShareTokenNotFound) {
						t.Error(err)
					}
					return
				}
				token, err := w.share()
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				made = append(made, token.Token)
			})
		}
		wg.Wait()
		paired(w, ledger, made...)
	}
}

func TestAShareTokenDiesAtAnyStoreCall(t *testing.T) {
	for kind, crash := range crashes {
		t.Run(kind, func(t *testing.T) {
			for n := 1; ; n++ {
				f := newFrail(t, 1)
				first := must(f.share())(f.world).Token
				f.faulty.Reset()
				f.faulty.FailCall(n, crash)
				second, err := f.share()
				calls := f.faulty.Calls()
				f.faulty.Reset()
				valid := paired(f.world, f.ledger, first)
				if err == nil && valid != second.Token || err != nil && valid == "" {
					t.Fatalf("call %d: made %q (%v) after %q, and %q opens the project", n, second.Token, err, first, valid)
				}
				f.faulty.FailCall(n, crash)
				err = f.unshare()
				f.faulty.Reset()
				if left := paired(f.world, f.ledger, first, valid); err == nil && left != "" {
					t.Fatalf("call %d: deleted, and %q opens the project", n, left)
				}
				if err := f.unshare(); err != nil && !errors.Is(err, ErrShareTokenNotFound) {
					t.Fatal(err)
				}
				if left := paired(f.world, f.ledger, first, valid); left != "" {
					t.Fatalf("call %d: deleted again, and %q opens the project", n, left)
				}
				if n > calls {
					return
				}
			}
		})
	}
}

func TestADeleteOfAProjectThatRacesWithItsSharingLeavesNoToken(t *testing.T) {
	for range 30 {
		w := newWorld(t)
		ledger := storetest.NewLedger(w.store)
		w.Catalog = New(ledger, w.time, 10)
		must(w.createProject("Another"))(w)
		var made []ShareToken
		var wg sync.WaitGroup
		wg.Go(func() {
			for {
				token, err := w.share()
				if err != nil {
					w.refused(err, ErrProjectNotFound)
					return
				}
				made = append(made, token)
			}
		})
		wg.Go(func() {
			if err := w.deleteProject(w.project); err != nil {
				t.Error(err)
			}
		})
		wg.Wait()
		for _, token := range made {
			if w.opens(token.Token) {
				t.Fatal("a token opens a deleted project")
			}
		}
		if left := shareItems(w, ledger); len(left) != 0 {
			t.Fatalf("left are %v", left)
		}
	}
}

func TestAShareTokenIsNotOneOfALaterProjectOfTheSameID(t *testing.T) {
	w := newWorld(t)
	token := must(w.share())(w).Token
	own := must(w.store.Get(t.Context(), shareKey(w.caller.Workspace, w.project)))(w)
	leads := must(w.store.Get(t.Context(), tokenKey(hashOf(token))))(w)
	during := must(w.Shared(t.Context(), token))(w)
	if err := w.after(10).deleteProject(w.project); err != nil {
		t.Fatal(err)
	}
	w.refused(w.Confirm(t.Context(), during), ErrShareTokenNotFound)
	if err := w.timeline.Maintain(t.Context(), projectScope(w.caller.Workspace, w.project)); err != nil {
		t.Fatal(err)
	}
	must(w.after(20).CreateProjectAs(t.Context(), w.caller, w.project, NewProject{Name: "Reborn"}))(w)
	w.refused(w.Confirm(t.Context(), during), ErrShareTokenNotFound)
	// Not even where its items were left behind.
	if err := w.store.Transact(t.Context(), store.Put(own, store.Absent()), store.Put(leads, store.Absent())); err != nil {
		t.Fatal(err)
	}
	if w.opens(token) {
		t.Error("the token of the deleted project opens the later one")
	}
	_, err := w.shared()
	w.refused(err, ErrShareTokenNotFound)
	w.refused(w.unshare(), ErrShareTokenNotFound)
	if second := must(w.share())(w); !w.opens(second.Token) || w.opens(token) {
		t.Error("the later project has no token of its own")
	}
	if _, err := w.store.Get(t.Context(), leads.Key); store.KindOf(err) != store.NotFound {
		t.Errorf("the item of the old token: %v", err)
	}
}

func TestUnitsOfShares(t *testing.T) {
	w := newWorld(t)
	for n := range 3 {
		must(w.create(named(fmt.Sprint("Service ", n))))(w)
	}
	in := ShareTokenInput{w.project}
	read := func(ctx context.Context, token string) error {
		s, err := w.Shared(ctx, token)
		if err == nil {
			err = w.Confirm(ctx, s)
		}
		return err
	}
	for _, c := range []struct {
		name          string
		operation     func(ctx context.Context) error
		reads, writes float64
	}{
		// The project and its share; both items, and that the project is still there.
		{"createShareToken", func(ctx context.Context) error { _, err := w.CreateShareToken(ctx, w.caller, in); return err }, 2, 6},
		{"createShareToken in place of another", func(ctx context.Context) error { _, err := w.CreateShareToken(ctx, w.caller, in); return err }, 2, 8},
		{"getShareToken", func(ctx context.Context) error { _, err := w.GetShareToken(ctx, w.caller, in); return err }, 2, 0},
		// Beside what the project's own endpoint costs: the token, and the project.
		{"a public endpoint's own", func(ctx context.Context) error { return read(ctx, must(w.shared())(w).Token) }, 2, 0},
		{"a token that can be nobody's", func(ctx context.Context) error { w.refused(read(ctx, "x"), ErrShareTokenNotFound); return nil }, 0, 0},
		{"deleteShareToken", func(ctx context.Context) error { return w.DeleteShareToken(ctx, w.caller, in) }, 2, 4},
	} {
		m := w.metered(c.operation)
		if m.ReadUnits != c.reads || m.WriteUnits != c.writes {
			t.Errorf("%s costs %v read and %v write units, not %v and %v", c.name, m.ReadUnits, m.WriteUnits, c.reads, c.writes)
		}
	}
}
