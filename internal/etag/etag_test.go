package etag

import (
	"regexp"
	"testing"
)

func TestCondition(t *testing.T) {
	published := regexp.MustCompile(Condition{}.Pattern())
	for _, c := range []struct {
		name, header, tag string
		strong, weak      bool
	}{
		{"the same tag", `"a"`, `"a"`, true, true},
		{"another tag", `"b"`, `"a"`, false, false},
		{"any tag", `*`, `"a"`, true, true},
		{"one of a list", `"b", "a" , "c"`, `"a"`, true, true},
		{"a weak tag matches only weakly", `W/"a"`, `"a"`, false, true},
		{"a comma inside a tag", `"a,b"`, `"a,b"`, true, true},
		{"an empty tag", `""`, `""`, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var condition Condition
			if err := condition.UnmarshalText([]byte(c.header)); err != nil {
				t.Fatal(err)
			}
			if !published.MatchString(c.header) {
				t.Error("it does not match the published pattern")
			}
			if !condition.Sent() {
				t.Error("it counts as not sent")
			}
			if got := condition.MatchesStrong(c.tag); got != c.strong {
				t.Errorf("If-Match: %v, want %v", got, c.strong)
			}
			if got := condition.MatchesWeak(c.tag); got != c.weak {
				t.Errorf("If-None-Match: %v, want %v", got, c.weak)
			}
		})
	}
	for _, header := range []string{``, `a`, `"a`, `"a" "b"`, `"a",`, `W/a`, `w/"a"`, `*, "a"`, `"a", *`} {
		t.Run("refused: "+header, func(t *testing.T) {
			var condition Condition
			if err := condition.UnmarshalText([]byte(header)); err == nil {
				t.Errorf("%q was read as %+v", header, condition)
			}
			if published.MatchString(header) {
				t.Error("it matches the published pattern")
			}
		})
	}
	if new(Condition).Sent() {
		t.Error("a header that was not sent counts as sent")
	}
}
