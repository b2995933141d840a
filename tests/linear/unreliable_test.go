package linear

import (
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"testing"

	"almanac/internal/store/dynamo/dynamotest"
)

// unreliable is a DynamoDB that often refuses a transaction for a conflict that
// nobody else sees, is throttled, fails before or after it did what was asked,
// or breaks the connection.
func unreliable(t *testing.T, endpoint string) string {
	t.Helper()
	return dynamotest.Before(t, endpoint, func(w http.ResponseWriter, r *http.Request, operation string, body []byte, database http.Handler) {
		writes := operation == "TransactWriteItems"
		reads := operation == "GetItem" || operation == "TransactGetItems" || operation == "Query"
		switch luck := rand.IntN(100); {
		case writes && luck < 10:
			dynamotest.Conflict(w, body)
		case (writes || reads) && luck < 12:
			dynamotest.Refuse(w, 400, "ThrottlingException")
		case (writes || reads) && luck < 14:
			dynamotest.Refuse(w, 500, "InternalServerError")
		case writes && luck < 17:
			database.ServeHTTP(httptest.NewRecorder(), r.WithContext(t.Context()))
			dynamotest.Refuse(w, 500, "InternalServerError")
		case writes && luck < 19:
			database.ServeHTTP(httptest.NewRecorder(), r.WithContext(t.Context()))
			panic(http.ErrAbortHandler)
		case reads && luck < 15:
			panic(http.ErrAbortHandler)
		default:
			database.ServeHTTP(w, r)
		}
	})
}
