package network

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"almanac/internal/store"
	"almanac/internal/store/dynamo"
	"almanac/internal/store/dynamo/dynamotest"
)

// whereWritersMeet runs a race on each store; on DynamoDB each fifth transaction
// also meets one that nobody else sees.
func whereWritersMeet(t *testing.T, test func(*testing.T, store.Store)) {
	t.Run("bolt", func(t *testing.T) { test(t, onDisk(t)) })
	t.Run("dynamo", func(t *testing.T) {
		config := dynamotest.Config(t)
		config.Endpoint = jostled(t, config.Endpoint)
		test(t, dynamo.Open(config))
	})
}

// process is the inventory as another process has it: its commits do not wait in
// line with those of this one.
func (w *world) process() *Inventory { return New(w.store, time.Now) }

// jostled is a DynamoDB that cancels one of five transactions for a conflict.
func jostled(t *testing.T, endpoint string) string {
	t.Helper()
	target, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	database := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = target.Scheme, target.Host // what is signed stays
		},
		Transport: &http.Transport{MaxIdleConnsPerHost: 64},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".TransactWriteItems") || rand.IntN(5) > 0 {
			database.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the client is gone
		}
		var asked struct{ TransactItems []any }
		if err := json.NewDecoder(bytes.NewReader(body)).Decode(&asked); err != nil {
			panic(err)
		}
		reasons := make([]map[string]string, len(asked.TransactItems))
		for i := range reasons {
			reasons[i] = map[string]string{"Code": "None"}
		}
		reasons[rand.IntN(len(reasons))] = map[string]string{"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.WriteHeader(http.StatusBadRequest)
		// A client that is gone needs no answer.
		_ = json.NewEncoder(w).Encode(map[string]any{
			"__type":  "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
			"Message": "Transaction cancelled", "CancellationReasons": reasons,
		})
	}))
	t.Cleanup(server.Close)
	return server.URL
}
