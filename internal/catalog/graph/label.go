package graph

import (
	"strings"
	"unicode"
)

// The text of labels, in pixels.
const (
	fontSize   = 13
	lineHeight = 17
	padding    = 14  // left and right of a box's text
	lineWidth  = 208 // of the widest line
	minWidth   = 96  // of a box
)

// size gives the box that a label needs.
func size(label string) (width, height int) {
	lines := wrap(label)
	for _, line := range lines {
		width = max(width, textWidth(line))
	}
	return max(minWidth, width+2*padding), len(lines)*lineHeight + 19
}

// wrap breaks a label into lines of at most lineWidth, after a mark or before a
// capital where there is one: as few lines as possible, of about one length.
// Nothing of it is left out but the white space at breaks.
func wrap(label string) []string {
	text := []rune(strings.Join(strings.Fields(visible(label)), " "))
	lines := wrapTo(lineWidth, text)
	for width := lineWidth * 9 / 10; width > lineWidth/3; width = width * 9 / 10 {
		narrower := wrapTo(width, text)
		if len(narrower) > len(lines) {
			break
		}
		lines = narrower
	}
	return lines
}

func wrapTo(width int, rest []rune) []string {
	var lines []string
	for len(rest) > 0 {
		n := fitting(width, rest)
		if n < len(rest) {
			n = breakBefore(rest, n)
		}
		lines = append(lines, strings.TrimSpace(string(rest[:n])))
		for rest = rest[n:]; len(rest) > 0 && rest[0] == ' '; {
			rest = rest[1:]
		}
	}
	if len(lines) == 0 {
		lines = []string{""}
	}
	return lines
}

// fitting is how many runes fit on a line, one at least.
func fitting(line int, text []rune) int {
	width := 0.0
	for i, r := range text {
		if width += advance(r); width*fontSize > float64(line) && i > 0 {
			return i
		}
	}
	return len(text)
}

// breakBefore finds the best place to break a line that has n runes at most.
func breakBefore(text []rune, n int) int {
	for i := n; i > n/3; i-- {
		before, after := text[i-1], text[i]
		switch {
		case unicode.IsSpace(after), strings.ContainsRune(" -._/:,;|+&@)]}", before):
			return i
		case unicode.IsLower(before) && unicode.IsUpper(after):
			return i
		}
	}
	for i := n; i > 1; i-- {
		if !joined(text[i-1], text[i]) {
			return i
		}
	}
	return n
}

// joined tells whether two runes are parts of one character.
func joined(before, after rune) bool {
	const joiner = '\u200d'
	return before == joiner || after == joiner || advance(after) == 0 ||
		after >= 0x1f3fb && after <= 0x1f3ff || regional(before) && regional(after)
}

func regional(r rune) bool { return r >= 0x1f1e6 && r <= 0x1f1ff }

// visible replaces what no document can hold or no reader can see.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), r == 0xfffe, r == 0xffff:
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// textWidth is a line's width in pixels, rounded up.
func textWidth(line string) int {
	width := 0.0
	for _, r := range line {
		width += advance(r)
	}
	return int(width*fontSize) + 1
}

// advance is how far a rune moves the pen, in parts of the font's size: that of
// a wide sans-serif font (DejaVu Sans, Verdana), so that text set in another
// one has room to spare. Outside of Latin it is a little more than what the
// script's runes take on average.
func advance(r rune) float64 {
	switch {
	case strings.ContainsRune("Iijl'", r):
		return 0.3
	case strings.ContainsRune(" !(),-./:;[\\]frt|", r):
		return 0.42
	case strings.ContainsRune("%@MWm", r):
		return 1
	case 'A' <= r && r <= 'Z', strings.ContainsRune("#&+<=>^w~", r):
		return 0.84
	case r < 0x7f:
		return 0.65
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case r < 0x250, r < 0x590 && unicode.IsUpper(r): // the rest of Latin, and capitals
		return 0.9
	case r < 0x900: // Greek, Cyrillic, Armenian, Hebrew, Arabic
		return 0.7
	case r < 0x2000: // alphabets of India and others
		return 0.95
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul):
		return 1.05
	default:
		return 1.3
	}
}

// mustFit tells whether a line is to be set to its width: one that takes all that
// a box has, and would leave the box in a font that is wider than foreseen. Any
// other line has room, and setting it to a width that is not its own would only
// stretch its letters.
func mustFit(line string) bool {
	return !foreseen(line) && textWidth(line) > lineWidth-fontSize
}

// foreseen tells whether the width of a line is known, whatever the font.
func foreseen(line string) bool {
	return strings.IndexFunc(line, func(r rune) bool { return r >= 0x250 }) < 0
}
