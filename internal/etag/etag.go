// Package etag is the conditional headers of RFC 9110 §13.1.
package etag

import (
	"errors"
	"strings"
)

// Condition is the value of an If-Match or If-None-Match header. The zero
// value is a header that was not sent.
type Condition struct {
	any  bool
	tags []string // with their quotes, weak ones with their W/
}

// UnmarshalText reads the header: "*", or entity tags separated by commas.
func (c *Condition) UnmarshalText(text []byte) error {
	*c = Condition{}
	rest := strings.TrimSpace(string(text))
	if rest == "*" {
		c.any = true
		return nil
	}
	for {
		weak := strings.HasPrefix(rest, "W/")
		opaque := strings.TrimPrefix(rest, "W/")
		end := strings.IndexByte(strings.TrimPrefix(opaque, `"`), '"')
		if !strings.HasPrefix(opaque, `"`) || end < 0 {
			return errors.New(`must be * or entity tags in double quotes`)
		}
		tag := opaque[:end+2]
		rest = strings.TrimSpace(opaque[end+2:])
		if weak {
			tag = "W/" + tag
		}
		c.tags = append(c.tags, tag)
		if rest == "" {
			return nil
		}
		after, ok := strings.CutPrefix(rest, ",")
		if !ok {
			return errors.New(`must have commas between its entity tags`)
		}
		rest = strings.TrimSpace(after)
	}
}

// Pattern is how schemas describe what UnmarshalText reads.
func (Condition) Pattern() string {
	return `^(\*|(W/)?"[^"]*"( *, *(W/)?"[^"]*")*)$`
}

// Sent tells whether the header was there.
func (c Condition) Sent() bool { return c.any || len(c.tags) > 0 }

// MatchesStrong is the comparison of If-Match: weak tags never match.
func (c Condition) MatchesStrong(tag string) bool {
	if c.any {
		return true
	}
	for _, t := range c.tags {
		if t == tag && !strings.HasPrefix(t, "W/") {
			return true
		}
	}
	return false
}

// MatchesWeak is the comparison of If-None-Match: W/ is ignored.
func (c Condition) MatchesWeak(tag string) bool {
	if c.any {
		return true
	}
	tag = strings.TrimPrefix(tag, "W/")
	for _, t := range c.tags {
		if strings.TrimPrefix(t, "W/") == tag {
			return true
		}
	}
	return false
}
