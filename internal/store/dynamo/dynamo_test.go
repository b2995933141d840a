package dynamo_test

import (
	"testing"

	"almanac/internal/store"
	"almanac/internal/store/dynamo/dynamotest"
	"almanac/internal/store/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return dynamotest.Open(t) })
}
