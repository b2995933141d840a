package network

import (
	"context"
	"testing"
)

func TestUnitsOfWhereAServiceListens(t *testing.T) {
	w := setUp(t)
	ref := CatalogRef{"shop-a1b2c", "orders"}
	var h *Host
	listen := func(ctx context.Context) error {
		page, err := w.Listening(ctx, ann, ListeningInput{ProjectID: ref.ProjectID, Slugs: []CatalogID{ref.Slug}, ListeningPage: ListeningPage{Limit: 1000}})
		if err == nil && len(page.items) != 1 {
			t.Errorf("it shows %d", len(page.items))
		}
		return err
	}
	refer := func(ctx context.Context) error {
		return w.Inventory.commit(ctx, ann, w.network, func(e *edit) error {
			host, err := e.host(h.ID)
			if err == nil {
				host.Services[3].Catalog = &ref
			}
			return err
		})
	}
	h = w.lived(20)
	w.costs("a reference on a host of 20", 2, 18, refer)
	w.costs("where it listens, of one host", 4, 0, listen)
	w.must(w.change(h.ID, func(h *Host) { h.Services[3].Catalog = nil }))
	w.must(refer(t.Context()))
	w.costs("another change of that host", 2, 16, func(ctx context.Context) error {
		return w.Inventory.commit(ctx, ann, w.network, func(e *edit) error {
			host, err := e.host(h.ID)
			if err == nil {
				host.Services[3].Name = "renamed"
			}
			return err
		})
	})
	for range 10 {
		w.lived(1)
	}
	for range 9 {
		h = w.lived(20)
		w.must(refer(t.Context()))
		w.must(w.change(h.ID, func(h *Host) { h.Services[3].Catalog = nil }))
	}
	w.costs("where it listens, of ten hosts that were referred by", 23, 0, listen)
}
