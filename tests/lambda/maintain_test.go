package lambda

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"almanac/internal/store/dynamo"
	"almanac/internal/store/dynamo/dynamotest"
	"almanac/internal/store/storetest"
	"almanac/internal/timeline"
)

// deletedSample is a table with a scope of two hundred versions which was deleted.
func deletedSample(t *testing.T) (dynamo.Config, *storetest.Ledger) {
	t.Helper()
	table := dynamotest.Config(t)
	ledger := storetest.NewLedger(dynamo.Open(table))
	tl := timeline.New(ledger, time.Now)
	scope := timeline.Scope{Directory: "WORKSPACE#local#PROJECTS", ID: "eshop-sample"}
	by := timeline.Actor{ID: "k-sample", Name: "sample", Type: "API_KEY"}
	_, err := tl.CreateScope(t.Context(), scope, nil, by)
	for i := 0; err == nil && i < 10; i++ {
		_, err = tl.Commit(t.Context(), scope, by, func(tx *timeline.Tx) error {
			for key := range 20 {
				if i == 0 {
					_, err = tx.Create(fmt.Sprint(key), "A", nil)
				} else {
					_, err = tx.Update(fmt.Sprint(key), "A", fmt.Append(nil, i))
				}
			}
			return err
		})
	}
	if err == nil {
		err = tl.DeleteScope(t.Context(), scope, by)
	}
	if err != nil {
		t.Fatal(err)
	}
	return table, ledger
}

func left(t *testing.T, ledger *storetest.Ledger) int {
	t.Helper()
	items, err := ledger.Left(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return len(items)
}

func goldenDelete(t *testing.T) []byte {
	t.Helper()
	data, err := os.ReadFile("../../events/maintain.json")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestTheMaintainerRemovesWhatIsLeftOfADeletedProject(t *testing.T) {
	table, ledger := deletedSample(t)
	if left(t, ledger) < 190 {
		t.Fatalf("only %d items are left before", left(t, ledger))
	}
	f := start(t, "maintain", on(table)...)
	for range 2 {
		if out := invoke(t, f, goldenDelete(t)); string(out.Payload) != allDone || left(t, ledger) > 0 {
			t.Errorf("answers %s, %d items are left: %s", out.Payload, left(t, ledger), f.Log())
		}
	}
}

func TestAMaintainerKilledAtWorkIsFollowedByOneThatGoesOn(t *testing.T) {
	table, ledger := deletedSample(t)
	target, err := url.Parse(table.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	var calls atomic.Int32
	reached, dead := make(chan struct{}), make(chan struct{})
	through := httputil.NewSingleHostReverseProxy(target)
	between := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if calls.Add(1) == 8 {
			close(reached)
			<-dead
			return
		}
		through.ServeHTTP(w, r)
	}))
	defer between.Close()
	slow := table
	slow.Endpoint = between.URL
	f := start(t, "maintain", on(slow)...)
	go func() {
		<-reached
		defer close(dead)
		if _, err := f.Signal(t.Context(), syscall.SIGKILL); err != nil {
			t.Error(err)
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	// It gets no answer.
	_, _ = f.Invoke(ctx, goldenDelete(t), patience)
	if n := left(t, ledger); n == 0 {
		t.Fatal("it was done before it was killed")
	}
	next := start(t, "maintain", on(table)...)
	if out := invoke(t, next, goldenDelete(t)); string(out.Payload) != allDone || left(t, ledger) > 0 {
		t.Errorf("answers %s, %d items are left: %s", out.Payload, left(t, ledger), next.Log())
	}
}

func TestAMaintainerWhoseTableIsGoneAsksForItsRecordsAgain(t *testing.T) {
	f := start(t, "maintain", on(dynamo.Config{Table: "gone", Endpoint: "http://127.0.0.1:1"})...)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	const limit = 2 * time.Second
	began := time.Now()
	out, err := f.Invoke(ctx, goldenDelete(t), limit)
	const again = `{"batchItemFailures":[{"itemIdentifier":"4421584600000000017450440123"}]}`
	if took := time.Since(began); err != nil || string(out.Payload) != again || took >= limit {
		t.Errorf("after %v it answers %s, %v: %s", took, out.Payload, err, f.Log())
	}
}
