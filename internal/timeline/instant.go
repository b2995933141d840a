package timeline

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Instant is a moment on the grid of all timelines: milliseconds since
// 1970-01-01T00:00:00Z. Zero is no instant.
type Instant int64

// maxInstant is the last that has a text, in the year 9999.
const maxInstant Instant = 253402300799999

// InstantOf floors t to its millisecond.
func InstantOf(t time.Time) Instant { return Instant(t.UnixMilli()) }

const layout = "2006-01-02T15:04:05.000Z"

// String gives UTC with exactly three fraction digits, 2026-04-22T15:30:00.000Z.
func (i Instant) String() string { return time.UnixMilli(int64(i)).UTC().Format(layout) }

func (i Instant) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// UnmarshalText is ParseAt.
func (i *Instant) UnmarshalText(text []byte) (err error) {
	*i, err = ParseAt(string(text))
	return err
}

// Format is how schemas name what ParseAt reads.
func (Instant) Format() string { return "date-time" }

// Pattern is how schemas ask for what ParseAt reads. It knows no months and asks
// for the one spelling that every client and library takes for an RFC 3339 instant.
func (Instant) Pattern() string {
	return `^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$`
}

// ParseAt reads an instant as clients write one: an RFC 3339 date-time of any
// offset, with up to 9 fraction digits, T and Z in either case. What is finer
// than a millisecond is floored. A space in place of the offset's plus sign,
// which URL decoding leaves there, is taken for the plus. The error says what it
// must be; who asks shows what was read.
func ParseAt(s string) (Instant, error) {
	text, ok := rfc3339(s)
	if ok {
		if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
			// Zero means no instant, and nothing was written yet at
			// the one that it would be, nor just before.
			if i := InstantOf(t); i != 0 {
				return i, nil
			}
			return -1, nil
		}
	}
	return 0, errors.New("must be an RFC 3339 date-time such as 2026-04-22T15:30:00Z")
}

// rfc3339 gives s in the one spelling that time.Parse is right about. By itself
// it takes a comma, hours of one digit, any offset and any number of digits.
func rfc3339(s string) (string, bool) {
	const whole = "0000-00-00T00:00:00"
	if len(s) <= len(whole) {
		return "", false
	}
	main, rest := strings.ToUpper(s[:len(whole)]), s[len(whole):]
	if !like(main, whole) {
		return "", false
	}
	fraction := len(rest) - len(strings.TrimLeft(strings.TrimPrefix(rest, "."), "0123456789"))
	if strings.HasPrefix(rest, ".") && (fraction < 2 || fraction > 10) || !strings.HasPrefix(rest, ".") && fraction > 0 {
		return "", false
	}
	zone := strings.ToUpper(rest[fraction:])
	switch {
	case zone == "Z":
	case like(zone, " 00:00"):
		zone = "+" + zone[1:]
	case like(zone, "+00:00"), like(zone, "-00:00"):
	default:
		return "", false
	}
	if zone != "Z" && (zone[1:3] > "23" || zone[4:] > "59") {
		return "", false
	}
	return main + rest[:fraction] + zone, true
}

// like tells whether s is pattern with any digit for each 0.
func like(s, pattern string) bool {
	if len(s) != len(pattern) {
		return false
	}
	for i := range len(s) {
		digit := '0' <= s[i] && s[i] <= '9'
		if pattern[i] == '0' && !digit || pattern[i] != '0' && s[i] != pattern[i] {
			return false
		}
	}
	return true
}

var _ fmt.Stringer = Instant(0)
