package api

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"almanac/internal/tenant"
)

func TestARequestThatTakesNearlyAllOfItsTimeIsMarkedInTheLog(t *testing.T) {
	for _, c := range []struct {
		name   string
		takes  time.Duration
		marked bool
	}{
		{"at once", 0, false},
		{"four fifths of its time", 8 * time.Second, false},
		{"a little more", 8*time.Second + time.Millisecond, true},
		{"more than it has", 11 * time.Second, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				e := silent(Endpoint{ID: "wait", Method: http.MethodGet, Path: "/v1/wait", Success: http.StatusNoContent, Scope: tenant.CatalogRead, Timeout: 10 * time.Second},
					func(Deps) time.Duration { return c.takes },
					func(takes time.Duration, ctx context.Context, _ tenant.Principal, _ struct{}) error {
						done := time.NewTimer(takes)
						defer done.Stop()
						select {
						case <-done.C:
							return nil
						case <-ctx.Done():
							return ctx.Err()
						}
					})
				h := NewHandler(Config{
					Authenticate: func(*http.Request) (tenant.Principal, error) {
						return tenant.Principal{Workspace: "acme", Role: tenant.Owner}, nil
					},
					Log: slog.New(slog.NewJSONHandler(&log, nil)),
				}, e)
				h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/v1/wait", nil))
				if marked := strings.Contains(log.String(), `"slow":true`); marked != c.marked {
					t.Errorf("the log says %s", &log)
				}
			})
		})
	}
}
