package limit

import (
	"math"
	"time"

	"almanac/internal/store"
)

const (
	// closed is the number of a key that was revoked: later than every clock.
	closed = math.MaxInt64
	// closedKept is longer than whoever knew the key before may remember it.
	closedKept = time.Hour
)

// Close is an op that closes a key: from then on every instance refuses it,
// whoever else still takes it for valid, one that has a lease as soon as that
// is used up or lapses.
func Close(key string, now time.Time) store.Op {
	return store.Put(store.Item{Key: itemKey(key), Version: closed, Expires: now.Add(closedKept).Unix()}, store.Condition{})
}
