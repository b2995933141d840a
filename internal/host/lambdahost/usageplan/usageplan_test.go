package usageplan

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"

	"almanac/internal/fault"
	"almanac/internal/host/lambdahost/usageplan/usageplantest"
	"almanac/internal/tenant"
)

const (
	one = "7d1c2c64-0f5e-4a3a-9a53-2f3d5e1f9b10"
	two = "7d1c2c64-0f5e-4a3a-9a53-2f3d5e1f9b11"
)

func open(t *testing.T) (*usageplantest.Server, tenant.Gateway) {
	t.Helper()
	server := usageplantest.Serve(t)
	for _, variable := range server.Environment() {
		name, value, _ := strings.Cut(variable, "=")
		t.Setenv(name, value)
	}
	g, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	return server, g
}

func has(t *testing.T, s *usageplantest.Server, want map[string]string) {
	t.Helper()
	if got := s.Plans(); !maps.Equal(got, want) {
		t.Errorf("the gateway has %v, not %v", got, want)
	}
}

func TestAKeyIsAttachedToItsPlanAndDetached(t *testing.T) {
	s, g := open(t)
	for range 2 { // the second time, all is done already
		if err := errors.Join(g.Attach(t.Context(), one, tenant.Free), g.Attach(t.Context(), two, tenant.Standard)); err != nil {
			t.Fatal(err)
		}
		has(t, s, map[string]string{one: "free", two: "standard"})
	}
	for range 2 {
		if err := g.Detach(t.Context(), one); err != nil {
			t.Fatal(err)
		}
		has(t, s, map[string]string{two: "standard"})
	}
}

func TestAKeyWhoseNameOnlyBeginsAlikeStays(t *testing.T) {
	s, g := open(t)
	if err := g.Attach(t.Context(), one+"-longer", tenant.Free); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(g.Attach(t.Context(), one, tenant.Free), g.Detach(t.Context(), one)); err != nil {
		t.Fatal(err)
	}
	has(t, s, map[string]string{one + "-longer": "free"})
}

// Calls that took effect and whose answer was lost are made again by the SDK.
func TestALostAnswerIsNoFailure(t *testing.T) {
	for _, call := range []string{"POST /apikeys", "POST /usageplans/{plan}/keys", "GET /apikeys", "DELETE /apikeys/{id}"} {
		t.Run(call, func(t *testing.T) {
			s, g := open(t)
			s.Fail(call, usageplantest.Fault{Status: 500, Type: "InternalFailure", After: true, Once: true})
			if err := g.Attach(t.Context(), one, tenant.Free); err != nil {
				t.Error(err)
			}
			has(t, s, map[string]string{one: "free"})
			if err := g.Detach(t.Context(), one); err != nil {
				t.Error(err)
			}
			has(t, s, map[string]string{})
		})
	}
}

func TestWhatTheGatewayRefusesIsUnavailableAndTheNextAttemptGoesOn(t *testing.T) {
	for _, after := range []bool{false, true} {
		refused := usageplantest.Fault{Status: 403, Type: "AccessDeniedException", After: after, Once: true}
		for call, try := range map[string]func(context.Context, tenant.Gateway) error{
			"POST /apikeys":                attach,
			"POST /usageplans/{plan}/keys": attach,
			"GET /apikeys":                 detach,
			"DELETE /apikeys/{id}":         detach,
		} {
			t.Run(call, func(t *testing.T) {
				s, g := open(t)
				if err := g.Attach(t.Context(), two, tenant.Free); err != nil {
					t.Fatal(err)
				}
				s.Fail(call, refused)
				err := try(t.Context(), g)
				if f, ok := errors.AsType[*fault.Error](err); !ok || f.Kind != fault.Unavailable || !strings.Contains(err.Error(), "AccessDenied") {
					t.Errorf("got %v", err)
				}
				if err := try(t.Context(), g); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func attach(ctx context.Context, g tenant.Gateway) error { return g.Attach(ctx, one, tenant.Free) }
func detach(ctx context.Context, g tenant.Gateway) error { return g.Detach(ctx, two) }

func TestWithoutItsPlansItDoesNotOpen(t *testing.T) {
	for _, plans := range []string{"", "free=a", "free=a,standard=", "free,standard", "=,="} {
		t.Setenv(envPlans, plans)
		if _, err := Open(); err == nil || !strings.Contains(err.Error(), envPlans) {
			t.Errorf("%q: %v", plans, err)
		}
	}
}
