package catalog

import (
	"context"
	"testing"
	"time"

	"almanac/internal/store"
)

// overtaken is a store in which something is done just after the first item
// that is read singly behind a range.
type overtaken struct {
	store.Store
	do     func()
	ranged bool
}

func (s *overtaken) Range(ctx context.Context, q store.Query) ([]store.Item, error) {
	s.ranged = true
	return s.Store.Range(ctx, q)
}

func (s *overtaken) Get(ctx context.Context, key store.Key) (store.Item, error) {
	item, err := s.Store.Get(ctx, key)
	if s.ranged && s.do != nil {
		do := s.do
		s.do = nil
		do()
	}
	return item, err
}

func TestWhatIsWrittenWhileARawServiceIsReadDoesNotMakeItFinal(t *testing.T) {
	w := newWorld(t).after(10)
	must(w.create(named("Orders")))(w)
	at := ms(50)
	c := New(&overtaken{Store: w.store, do: func() {
		w.after(40)
		must(w.update("orders", described("then")))(w)
		w.after(60)
		must(w.update("orders", described("later")))(w)
	}}, time.Now, 0)
	read := func(c *Catalog) RawAnswer {
		return must(c.GetServiceRaw(t.Context(), w.caller, GetServiceInput{ProjectID: w.project, ServiceSlug: "orders", At: &at}))(w)
	}
	if got := read(c); got.raw.Description != nil || got.Final() {
		t.Errorf("answers %+v, final: %v", got.raw, got.Final())
	}
	if got := read(w.Catalog); *got.raw.Description != "then" || !got.Final() {
		t.Errorf("then answers %+v, final: %v", got.raw, got.Final())
	}
}
