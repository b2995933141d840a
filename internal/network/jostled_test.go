package network

import (
	"math/rand/v2"
	"net/http"
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
	return dynamotest.Before(t, endpoint, func(w http.ResponseWriter, r *http.Request, operation string, body []byte, database http.Handler) {
		if operation == "TransactWriteItems" && rand.IntN(5) == 0 {
			dynamotest.Conflict(w, body)
			return
		}
		database.ServeHTTP(w, r)
	})
}
