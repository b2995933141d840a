package network

import (
	"testing"

	"almanac/internal/fault"
	"almanac/internal/tenant"
)

func kindOf(err error) fault.Kind {
	if err == nil {
		return -1
	}
	return fault.Of(err).Kind
}

func TestAServiceIsReadNowAndAsItWas(t *testing.T) {
	w := setUp(t)
	h := busy(2)
	w.put(h)
	id, then := UUID(h.Services[1].ID), w.instant()
	w.must(w.change(h.ID, func(h *Host) { h.Services[1].Name = "renamed" }))
	now, err := w.GetService(t.Context(), ann, GetServiceInput{ID: id})
	if err != nil || now.Name != "renamed" || now.HostID != h.ID || now.UpdatedAt != w.instant() {
		t.Errorf("got %+v, %v", now, err)
	}
	was, err := w.GetService(t.Context(), ann, GetServiceInput{ID: id, At: &then})
	if err != nil || was.Name != h.Services[1].Name || was.CreatedAt != now.CreatedAt {
		t.Errorf("got %+v, %v", was, err)
	}
	for name, in := range map[string]GetServiceInput{
		"before it was": {ID: id, At: new(then - 1)}, "of nothing": {ID: UUID(newID())}, "of a port": {ID: UUID(h.Ports[0].ID)},
	} {
		if got, err := w.GetService(t.Context(), ann, in); kindOf(err) != fault.NotFound {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	stranger := tenant.Principal{Workspace: "other", ID: "k", Role: tenant.Owner}
	if _, err := w.GetService(t.Context(), stranger, GetServiceInput{ID: id}); kindOf(err) != fault.NotFound {
		t.Errorf("another workspace: %v", err)
	}
}

func TestWhatADeletedServiceBoundIsFreeAtOnce(t *testing.T) {
	w := setUp(t)
	h := busy(2)
	w.put(h)
	then := w.instant()
	take := func(h *Host) { h.Services[len(h.Services)-1].Bindings[0].PortID = h.Ports[0].ID }
	if err := faultOf(w.change(h.ID, take)); kindOf(err) != fault.Invalid || fault.Of(err).Code != "binding_claim" {
		t.Fatalf("a port that is bound: %v", err)
	}
	id := UUID(h.Services[0].ID)
	w.must(w.DeleteService(t.Context(), ann, DeleteServiceInput{ID: id}))
	w.must(w.change(h.ID, take))
	if err := w.DeleteService(t.Context(), ann, DeleteServiceInput{ID: id}); kindOf(err) != fault.NotFound {
		t.Errorf("again: %v", err)
	}
	if got, err := w.GetService(t.Context(), ann, GetServiceInput{ID: id, At: &then}); err != nil || len(got.Bindings) != 1 {
		t.Errorf("its past is %+v, %v", got, err)
	}
	stranger := tenant.Principal{Workspace: "other", ID: "k", Role: tenant.Owner}
	if err := w.DeleteService(t.Context(), stranger, DeleteServiceInput{ID: UUID(h.Services[1].ID)}); kindOf(err) != fault.NotFound {
		t.Errorf("another workspace: %v", err)
	}
}
