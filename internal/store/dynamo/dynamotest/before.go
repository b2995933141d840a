package dynamotest

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
)

// Before puts meet between a database and its callers: it gets each request with
// the name of its operation and its body, and answers it or has the database do so.
func Before(t testing.TB, endpoint string, meet func(w http.ResponseWriter, r *http.Request, operation string, body []byte, database http.Handler)) string {
	t.Helper()
	target, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	database := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = target.Scheme, target.Host // what is signed stays
		},
		Transport:    &http.Transport{MaxIdleConnsPerHost: 128},
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }, // the client went away
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the client is gone
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		meet(w, r, operation, body, database)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// Conflict answers a transaction as if one of its items were in another one.
func Conflict(w http.ResponseWriter, transaction []byte) {
	var asked struct{ TransactItems []any }
	if err := json.Unmarshal(transaction, &asked); err != nil {
		panic(err)
	}
	reasons := make([]map[string]string, len(asked.TransactItems))
	for i := range reasons {
		reasons[i] = map[string]string{"Code": "None"}
	}
	reasons[rand.IntN(len(reasons))] = map[string]string{"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}
	answer(w, http.StatusBadRequest, map[string]any{
		"__type":  "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
		"Message": "Transaction cancelled", "CancellationReasons": reasons,
	})
}

// Refuse answers with an error of DynamoDB's.
func Refuse(w http.ResponseWriter, status int, code string) {
	answer(w, status, map[string]any{"__type": "com.amazonaws.dynamodb.v20120810#" + code, "message": "injected"})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.WriteHeader(status)
	// A client that is gone needs no answer.
	_ = json.NewEncoder(w).Encode(body)
}
