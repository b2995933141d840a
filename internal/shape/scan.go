package shape

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth is how deep objects and arrays may nest.
const maxDepth = 64

// scanner reads JSON that is valid UTF-8. What is malformed is kept once, and
// ends the input, so that callers need not look after each step.
type scanner struct {
	src    string
	pos    int
	depth  int
	first  bool // no element read yet of what was opened last
	broken string
	at     int // byte offset of what is broken
}

func (s *scanner) fail(message string) {
	if s.broken == "" {
		s.broken, s.at = message, s.pos
	}
	s.pos = len(s.src)
}

// unexpected fails at the current byte.
func (s *scanner) unexpected(want string) {
	if s.pos >= len(s.src) {
		s.fail("ends where " + want + " is expected")
		return
	}
	s.fail("is not JSON: " + want + " is expected")
}

// peek skips white space and gives the next byte, 0 at the end.
func (s *scanner) peek() byte {
	for s.pos < len(s.src) {
		switch c := s.src[s.pos]; c {
		case ' ', '\t', '\r', '\n':
			s.pos++
		default:
			return c
		}
	}
	return 0
}

// open enters the object or array whose bracket is next.
func (s *scanner) open() {
	s.pos++
	s.first = true
	if s.depth++; s.depth > maxDepth {
		s.fail("must not be nested deeper than 64 levels")
	}
}

// more moves to the next element, or past the closing bracket.
func (s *scanner) more(closing byte) bool {
	c := s.peek()
	if s.broken != "" {
		return false
	}
	first := s.first
	s.first = false
	switch {
	case c == closing:
		s.pos++
		s.depth--
		return false
	case first:
		return true
	case c == ',':
		s.pos++
		return true
	}
	s.unexpected("',' or '" + string(rune(closing)) + "'")
	return false
}

// name reads the name of a member and its colon.
func (s *scanner) name() (string, flaw) {
	if s.peek() != '"' {
		s.unexpected("the name of a member")
		return "", ""
	}
	name, flaw := s.unquoted()
	if s.peek() != ':' {
		s.unexpected("':'")
		return "", ""
	}
	s.pos++
	return name, flaw
}

// flaw says why a well-formed string is refused; empty is nothing.
type flaw string

const (
	loneSurrogate flaw = "must not contain a lone surrogate"
	nullCharacter flaw = "must not contain the character U+0000"
)

// unquoted reads the string that is next.
func (s *scanner) unquoted() (string, flaw) {
	raw, escaped := s.quoted()
	if !escaped {
		return raw, ""
	}
	return unescape(raw)
}

// quoted gives what stands between the quotes of the string that is next.
func (s *scanner) quoted() (raw string, escaped bool) {
	start := s.pos + 1
	for i := start; i < len(s.src); i++ {
		switch c := s.src[i]; {
		case c == '"':
			s.pos = i + 1
			return s.src[start:i], escaped
		case c < ' ':
			s.pos = i
			s.fail("is not JSON: a control character in a string must be escaped")
			return "", false
		case c == '\\':
			escaped = true
			i++
			if n := escape(s.src[i:]); n > 0 {
				i += n - 1
				continue
			}
			s.pos = i
			s.unexpected("a valid escape")
			return "", false
		}
	}
	s.pos = len(s.src)
	s.unexpected("the end of a string")
	return "", false
}

// escape gives the length of the escape at the start of s, after its
// backslash; 0 is none.
func escape(s string) int {
	switch {
	case s == "":
		return 0
	case s[0] != 'u':
		if strings.IndexByte(shortEscapes, s[0]) < 0 {
			return 0
		}
		return 1
	case len(s) < 5 || hex(s[1:5]) < 0:
		return 0
	}
	return 5
}

// hex reads digits; -1 is malformed.
func hex(digits string) rune {
	var r rune
	for _, c := range []byte(digits) {
		switch {
		case '0' <= c && c <= '9':
			r = r<<4 | rune(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return -1
		}
	}
	return r
}

const (
	shortEscapes = `"\/bfnrt`
	shortMeaning = "\"\\/\b\f\n\r\t"
)

// unescape resolves escapes that quoted has found well-formed. A lone
// surrogate becomes U+FFFD.
func unescape(raw string) (string, flaw) {
	var flaw flaw
	out := make([]byte, 0, len(raw))
	for {
		i := strings.IndexByte(raw, '\\')
		if i < 0 {
			return string(append(out, raw...)), flaw
		}
		out = append(out, raw[:i]...)
		c := raw[i+1]
		if c != 'u' {
			out = append(out, shortMeaning[strings.IndexByte(shortEscapes, c)])
			raw = raw[i+2:]
			continue
		}
		r := hex(raw[i+2 : i+6])
		raw = raw[i+6:]
		switch {
		case r == 0:
			flaw = nullCharacter
		case utf16.IsSurrogate(r):
			var low rune
			if strings.HasPrefix(raw, `\u`) {
				low = hex(raw[2:6])
			}
			if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
				flaw = loneSurrogate
			} else {
				raw = raw[6:]
			}
		}
		out = utf8.AppendRune(out, r)
	}
}

// literal reads a word such as true.
func (s *scanner) literal(word string) {
	if !strings.HasPrefix(s.src[s.pos:], word) {
		s.unexpected("a value")
		return
	}
	s.pos += len(word)
}

// number reads the number that is next.
func (s *scanner) number() {
	s.accept('-')
	if !s.accept('0') {
		s.digits()
	}
	if s.accept('.') {
		s.digits()
	}
	if s.accept('e') || s.accept('E') {
		if !s.accept('+') {
			s.accept('-')
		}
		s.digits()
	}
}

func (s *scanner) accept(c byte) bool {
	if s.pos < len(s.src) && s.src[s.pos] == c {
		s.pos++
		return true
	}
	return false
}

func (s *scanner) digits() {
	start := s.pos
	for s.pos < len(s.src) && '0' <= s.src[s.pos] && s.src[s.pos] <= '9' {
		s.pos++
	}
	if s.pos == start {
		s.unexpected("a digit")
	}
}

// skip reads the value that is next, whatever it is, and gives its bytes.
func (s *scanner) skip() string {
	c := s.peek()
	start := s.pos
	switch {
	case c == '{':
		for s.open(); s.more('}'); {
			s.name()
			s.skip()
		}
	case c == '[':
		for s.open(); s.more(']'); {
			s.skip()
		}
	case c == '"':
		s.quoted()
	case c == 't':
		s.literal("true")
	case c == 'f':
		s.literal("false")
	case c == 'n':
		s.literal("null")
	case c == '-' || '0' <= c && c <= '9':
		s.number()
	default:
		s.unexpected("a value")
	}
	if s.broken != "" {
		return ""
	}
	return s.src[start:s.pos]
}
