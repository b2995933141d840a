package timeline

import (
	"fmt"
	"time"
)

// Instant is a moment on the grid of all timelines: milliseconds since
// 1970-01-01T00:00:00Z. Zero is no instant.
type Instant int64

// InstantOf floors t to its millisecond.
func InstantOf(t time.Time) Instant { return Instant(t.UnixMilli()) }

const layout = "2006-01-02T15:04:05.000Z"

// String gives UTC with exactly three fraction digits, 2026-04-22T15:30:00.000Z.
func (i Instant) String() string { return time.UnixMilli(int64(i)).UTC().Format(layout) }

func (i Instant) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

var _ fmt.Stringer = Instant(0)
