package timeline

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestParseAt(t *testing.T) {
	published := regexp.MustCompile(Instant(0).Pattern())
	for _, c := range []struct {
		name, in string
		want     string // empty: refused
	}{
		{"a whole second", "2026-04-22T15:30:00Z", "2026-04-22T15:30:00.000Z"},
		{"one fraction digit", "2026-04-22T15:30:00.5Z", "2026-04-22T15:30:00.500Z"},
		{"milliseconds", "2026-04-22T15:30:00.123Z", "2026-04-22T15:30:00.123Z"},
		{"nine digits are floored", "2026-04-22T15:30:00.123999999Z", "2026-04-22T15:30:00.123Z"},
		{"before 1970 it is floored too, not cut towards zero", "1969-12-31T23:59:59.9999Z", "1969-12-31T23:59:59.999Z"},
		{"lower-case t and z", "2026-04-22t15:30:00z", "2026-04-22T15:30:00.000Z"},
		{"an offset ahead", "2026-04-22T15:30:00+05:30", "2026-04-22T10:00:00.000Z"},
		{"an offset behind", "2026-04-22T15:30:00.25-08:00", "2026-04-22T23:30:00.250Z"},
		{"the largest offset", "2026-04-22T15:30:00+23:59", "2026-04-21T15:31:00.000Z"},
		{"minus zero", "2026-04-22T15:30:00-00:00", "2026-04-22T15:30:00.000Z"},
		{"a plus that became a space", "2026-04-22T15:30:00 02:00", "2026-04-22T13:30:00.000Z"},
		{"a plus that became a space, after a fraction", "2026-04-22T15:30:00.5 02:00", "2026-04-22T13:30:00.500Z"},
		{"a leap day", "2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"},
		{"the year 0", "0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z"},
		{"the year 9999", "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"},
		{"the epoch is an instant, the one before it", "1970-01-01T00:00:00Z", "1969-12-31T23:59:59.999Z"},

		{"nothing", "", ""},
		{"a date alone", "2026-04-22", ""},
		{"no offset", "2026-04-22T15:30:00", ""},
		{"no seconds", "2026-04-22T15:30Z", ""},
		{"second 60", "2026-12-31T23:59:60Z", ""},
		{"a comma for the point", "2026-04-22T15:30:00,5Z", ""},
		{"a point without digits", "2026-04-22T15:30:00.Z", ""},
		{"ten digits", "2026-04-22T15:30:00.1234567890Z", ""},
		{"digits without a point", "2026-04-22T15:30:00123Z", ""},
		{"hour 24", "2026-04-22T24:00:00Z", ""},
		{"hour of one digit", "2026-04-22T5:30:00Z", ""},
		{"February 29 of a common year", "2026-02-29T00:00:00Z", ""},
		{"an offset of 24 hours", "2026-04-22T15:30:00+24:00", ""},
		{"an offset of 60 minutes", "2026-04-22T15:30:00+00:60", ""},
		{"an offset without colon", "2026-04-22T15:30:00+0530", ""},
		{"an offset of hours", "2026-04-22T15:30:00+05", ""},
		{"a space for the T", "2026-04-22 15:30:00Z", ""},
		{"a space before the Z", "2026-04-22T15:30:00 Z", ""},
		{"a space before the plus", "2026-04-22T15:30:00 +02:00", ""},
		{"spaces around", " 2026-04-22T15:30:00Z ", ""},
		{"a year of five digits", "12026-04-22T15:30:00Z", ""},
		{"a negative year", "-026-04-22T15:30:00Z", ""},
		{"Unix seconds", "1776871800", ""},
		{"now", "now", ""},
		{"other digits", "２０２６-04-22T15:30:00Z", ""},
		{"garbage after", "2026-04-22T15:30:00Zx", ""},
		{"NUL after", "2026-04-22T15:30:00Z\x00", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := ParseAt(c.in)
			common := err == nil && c.in == strings.ToUpper(c.in) && !strings.Contains(c.in, " ")
			if published.MatchString(c.in) != common && !strings.Contains(c.in, "-02-29") {
				t.Errorf("it is read: %v; the published pattern says otherwise", err)
			}
			if c.want == "" {
				if err == nil {
					t.Fatalf("%q was read as %v", c.in, got)
				}
				if err.Error() != "must be an RFC 3339 date-time such as 2026-04-22T15:30:00Z" {
					t.Fatal(err)
				}
				return
			}
			if err != nil || got.String() != c.want {
				t.Fatalf("got %v, %v; want %s", got, err, c.want)
			}
		})
	}
}

func TestInstantsReadBackAsTheyAreWritten(t *testing.T) {
	for _, i := range []Instant{1, 999, 1_000, 1776871800123, maxInstant} {
		text, _ := i.MarshalText()
		var back Instant
		if err := back.UnmarshalText(text); err != nil || back != i {
			t.Errorf("%d became %s became %d, %v", i, text, back, err)
		}
	}
}

// time.Parse is right about all that ParseAt takes, and takes all that RFC 3339
// allows, but for lower case.
func FuzzParseAt(f *testing.F) {
	for _, s := range []string{
		"2026-04-22T15:30:00Z", "2026-04-22t15:30:00.123456789+05:30", "2026-04-22T15:30:00 02:00",
		"1969-12-31T23:59:59.9999Z", "2026-04-22T15:30:00,5Z", "2026-04-22T5:30:00Z", "2026-04-22T15:30:00+24:00",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseAt(s)
		plain := strings.ToUpper(s)
		if n := len(s) - len(" 00:00"); n > 0 && s[n] == ' ' {
			plain = plain[:n] + "+" + plain[n+1:]
		}
		want, wantErr := time.Parse(time.RFC3339Nano, plain)
		if err == nil {
			if i := InstantOf(want); wantErr != nil || i != got && !(i == 0 && got == -1) {
				t.Fatalf("%q was read as %v; time.Parse: %v, %v", s, got, want, wantErr)
			}
			return
		}
		// What time.Time writes itself is RFC 3339, but for offsets of a day.
		_, offset := want.Zone()
		if wantErr == nil && want.Format(time.RFC3339Nano) == s && max(offset, -offset) < 24*60*60 {
			t.Fatalf("%q was refused: %v", s, err)
		}
	})
}
