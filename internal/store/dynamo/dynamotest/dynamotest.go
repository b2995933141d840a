// Package dynamotest gives tests a table in the DynamoDB Local of make test.
package dynamotest

import (
	"crypto/rand"
	"os"
	"testing"

	"almanac/internal/store/dynamo"
)

// Endpoint is DynamoDB Local's address. A test that needs it and does not run
// under make test fails; it is never skipped.
func Endpoint(t testing.TB) string {
	t.Helper()
	url := os.Getenv("ALMANAC_TEST_DYNAMODB")
	if url == "" {
		t.Fatal("this test needs DynamoDB Local: run it by make test, or by go run ./tests/testenv -- go test ./...")
	}
	return url
}

// Config names a new, empty table.
func Config(t testing.TB) dynamo.Config {
	t.Helper()
	c := dynamo.Config{Table: "test-" + rand.Text(), Endpoint: Endpoint(t)}
	if err := dynamo.Open(c).CreateTable(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

// Open opens a store on a new, empty table.
func Open(t testing.TB) *dynamo.Store {
	t.Helper()
	return dynamo.Open(Config(t))
}
