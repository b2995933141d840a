package store

import (
	"context"
	"strconv"
	"strings"
	"sync"
)

// The names of an item's attributes in DynamoDB. They count towards its size.
const (
	AttrPartition = "pk"
	AttrSort      = "sk"
	AttrVersion   = "v"
	AttrBody      = "b"
	AttrExpires   = "ttl" // not there when the item never expires
)

// Size is an item's size in bytes by the rules of DynamoDB: the UTF-8 bytes of
// every attribute's name and value, a number being one byte and one more for
// every two significant digits.
func Size(item Item) int {
	n := len(AttrPartition) + len(item.Partition) +
		len(AttrSort) + len(item.Sort) +
		len(AttrVersion) + numberSize(item.Version) +
		len(AttrBody) + len(item.Body)
	if item.Expires != 0 {
		n += len(AttrExpires) + numberSize(item.Expires)
	}
	return n
}

func numberSize(n int64) int {
	s := strconv.FormatInt(n, 10)
	size := 1
	if n < 0 {
		s, size = s[1:], 2
	}
	digits := len(strings.TrimRight(s, "0"))
	return size + (digits+1)/2
}

// ReadUnits is what a strong read of size bytes costs: one unit for every 4 KB
// begun, and one for finding nothing. A Range reads the sum of its items.
func ReadUnits(size int) float64 { return float64(max(1, (size+4<<10-1)/(4<<10))) }

// WriteUnits is what one op of a transaction costs: two units for every 1 KB
// begun of the larger of the item before it and after it. A check writes
// nothing and costs the same.
func WriteUnits(before, after int) float64 {
	return 2 * float64(max(1, (max(before, after)+1<<10-1)/(1<<10)))
}

// Plain tells whether a transaction is done as one plain write, which costs half
// of its WriteUnits: it is one put over an item whose version it raises. Done
// once, it cannot be done again, so that it may be repeated without a token of
// DynamoDB's; that is true as long as no one takes the item back to a version
// that it had.
func Plain(ops ...Op) bool {
	if len(ops) != 1 {
		return false
	}
	op := ops[0]
	return op.Kind == OpPut && op.If.Kind == IsVersion && op.Item.Version > op.If.Version
}

// Meter adds up what the calls that carry it cost, in DynamoDB's capacity
// units. Read it when they have returned. What DynamoDB bills for calls that
// failed is not known and not counted.
type Meter struct {
	ReadUnits, WriteUnits float64
	Calls                 int // requests that were answered: each page is one
	Failed                int // requests that were not, or that were refused: each retry is one

	mu sync.Mutex
}

type meterKey struct{}

// WithMeter returns a context whose store calls are counted by the Meter.
func WithMeter(ctx context.Context) (context.Context, *Meter) {
	m := &Meter{}
	return context.WithValue(ctx, meterKey{}, m), m
}

// Units gives what is counted so far, also while calls are under way.
func (m *Meter) Units() (read, write float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.ReadUnits, m.WriteUnits
}

// Count adds one request that was answered to the Meter of ctx, if it has one.
// It and CountFailed are for implementations of Store.
func Count(ctx context.Context, read, write float64) {
	m, ok := ctx.Value(meterKey{}).(*Meter)
	if !ok {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.Calls++
	m.ReadUnits += read
	m.WriteUnits += write
}

// CountFailed adds one request that failed to the Meter of ctx, if it has one.
func CountFailed(ctx context.Context) {
	if m, ok := ctx.Value(meterKey{}).(*Meter); ok {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.Failed++
	}
}
