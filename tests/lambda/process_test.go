package lambda

import (
	"context"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"almanac/internal/store/dynamo"
	"almanac/tests/lambda/golden"
)

func TestAFunctionWhoseStoreIsGoneStartsAndAnswers503InTime(t *testing.T) {
	gone := dynamo.Config{Table: "gone", Endpoint: "http://127.0.0.1:1"}
	f := start(t, "getService", on(gone)...)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if _, err := f.Ready(ctx); err != nil {
		t.Fatal(err)
	}
	e := golden.Read(t, "getService")
	const limit = time.Second
	began := time.Now()
	out, err := f.Invoke(ctx, e.Bytes(t), limit)
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); out.Failed || !strings.Contains(string(out.Payload), `"statusCode":503`) || took >= limit {
		t.Errorf("answered after %s: %s", took, out.Payload)
	}
	if f.Stop(); !strings.Contains(f.Log(), "warm-up failed") {
		t.Errorf("the log does not tell of the warm-up: %s", f.Log())
	}
}

func TestAFunctionWithoutItsTableSaysSoAndEnds(t *testing.T) {
	f := start(t, "getService")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if _, err := f.Ready(ctx); err == nil {
		t.Error("it is ready")
	}
	if !strings.Contains(f.Log(), "ALMANAC_TABLE") {
		t.Errorf("logged %s", f.Log())
	}
}

func TestSIGTERMEndsAWaitingFunctionAtOnceAndLosesNothing(t *testing.T) {
	w := newWorld(t)
	f := start(t, "updateService", on(w.table)...)
	e := w.event(t, "updateService")
	if a := byFunction(t, f, e); a.StatusCode != http.StatusOK {
		t.Fatalf("answered %d %s", a.StatusCode, a.Body)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if _, err := f.Signal(ctx, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	e.Body = nil
	e.HTTPMethod = http.MethodGet
	if a := golden.ByHTTP(t, e.Request(t, w.cloud.URL)); !strings.Contains(a.Body, "Valkey") {
		t.Errorf("the acknowledged write is gone: %s", a.Body)
	}
}

func TestAFunctionServesOneRequestAfterAnother(t *testing.T) {
	w := newWorld(t)
	f := start(t, "getService", on(w.table)...)
	e := w.event(t, "getService")
	first := byFunction(t, f, e)
	for range 20 {
		golden.Equal(t, byFunction(t, f, e), first)
	}
	f.Stop()
	if n := strings.Count(f.Log(), `"msg":"request"`); n != 21 {
		t.Errorf("%d log lines for 21 requests", n)
	}
}
