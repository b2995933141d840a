package linear

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

// unreliable is a DynamoDB that often refuses a transaction for a conflict that
// nobody else sees, is throttled, fails before or after it did what was asked,
// or breaks the connection.
func unreliable(t *testing.T, endpoint string) string {
	t.Helper()
	target, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	dynamo := &httputil.ReverseProxy{
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
		writes := strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".TransactWriteItems")
		reads := strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".GetItem") || strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".Query")
		switch luck := rand.IntN(100); {
		case writes && luck < 10:
			conflict(w, body)
		case (writes || reads) && luck < 12:
			refuse(w, 400, "ThrottlingException")
		case (writes || reads) && luck < 14:
			refuse(w, 500, "InternalServerError")
		case writes && luck < 17:
			dynamo.ServeHTTP(httptest.NewRecorder(), r.WithContext(t.Context()))
			refuse(w, 500, "InternalServerError")
		case writes && luck < 19:
			dynamo.ServeHTTP(httptest.NewRecorder(), r.WithContext(t.Context()))
			panic(http.ErrAbortHandler)
		case reads && luck < 15:
			panic(http.ErrAbortHandler)
		default:
			dynamo.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func conflict(w http.ResponseWriter, request []byte) {
	var asked struct{ TransactItems []any }
	if err := json.Unmarshal(request, &asked); err != nil {
		panic(err)
	}
	reasons := make([]map[string]string, len(asked.TransactItems))
	for i := range reasons {
		reasons[i] = map[string]string{"Code": "None"}
	}
	reasons[rand.IntN(len(reasons))] = map[string]string{"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}
	answer(w, 400, map[string]any{
		"__type":  "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
		"Message": "Transaction cancelled", "CancellationReasons": reasons,
	})
}

func refuse(w http.ResponseWriter, status int, code string) {
	answer(w, status, map[string]any{"__type": "com.amazonaws.dynamodb.v20120810#" + code, "message": "injected"})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.WriteHeader(status)
	// A client that is gone needs no answer.
	_ = json.NewEncoder(w).Encode(body)
}
