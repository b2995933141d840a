package shape

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// rules are what a check tag asks of a value.
type rules struct {
	required, nullable, notBlank, secret, clamped bool

	sized   bool // min or max is given, of the kind below
	sizeOf  kind // kindString: code points; kindSlice: items; kindMap: properties
	minSize int
	maxSize int // -1 is no bound

	ranged           bool
	minimum, maximum float64

	enum                []string
	items, keys, values *rules
}

func newRules() *rules {
	return &rules{maxSize: -1, minimum: math.Inf(-1), maximum: math.Inf(1)}
}

// orNew is r, or no rules where it is nil.
func (r *rules) orNew() *rules {
	if r == nil {
		return newRules()
	}
	return r
}

func parseRules(f reflect.StructField) *rules {
	r := newRules()
	tag := f.Tag.Get("check")
	if tag == "" {
		return r
	}
	for rule := range strings.SplitSeq(tag, ",") {
		name, arg, _ := strings.Cut(rule, "=")
		if err := r.set(name, arg); err != nil {
			panic(fmt.Errorf("shape: rule %q of %s: %w", rule, f.Name, err))
		}
	}
	return r
}

func (r *rules) set(name, arg string) (err error) {
	if place, rule, ok := strings.Cut(name, "."); ok {
		part := map[string]**rules{"items": &r.items, "keys": &r.keys, "values": &r.values}[place]
		if part == nil {
			return fmt.Errorf("is not known")
		}
		*part = (*part).orNew()
		return (*part).set(rule, arg)
	}
	switch name {
	case "required":
		r.required = true
	case "nullable":
		r.nullable = true
	case "notBlank":
		r.notBlank = true
	case "secret":
		r.secret = true
	case "clamped":
		r.clamped = true
	case "minLength", "minItems", "minProperties":
		r.sized, r.sizeOf = true, sizeKind(name)
		r.minSize, err = strconv.Atoi(arg)
	case "maxLength", "maxItems", "maxProperties":
		r.sized, r.sizeOf = true, sizeKind(name)
		r.maxSize, err = strconv.Atoi(arg)
	case "minimum":
		r.ranged = true
		r.minimum, err = strconv.ParseFloat(arg, 64)
	case "maximum":
		r.ranged = true
		r.maximum, err = strconv.ParseFloat(arg, 64)
	case "enum":
		r.enum = strings.Split(arg, "|")
	default:
		return fmt.Errorf("is not known")
	}
	return err
}

func sizeKind(rule string) kind {
	switch rule[len("min"):] {
	case "Length":
		return kindString
	case "Items":
		return kindSlice
	default:
		return kindMap
	}
}

func (r *rules) mustFit(s *shape) {
	k := s.kind
	number := k == kindInt || k == kindUint || k == kindFloat
	switch {
	case r.sized && r.sizeOf != k,
		r.ranged && !number,
		r.clamped && k != kindInt,
		(r.notBlank || r.enum != nil) && k != kindString,
		r.items != nil && k != kindSlice,
		(r.keys != nil || r.values != nil) && k != kindMap:
		panic(fmt.Errorf("shape: a rule does not apply to %v", s.typ))
	}
}

// text says what is wrong with a string; empty is nothing.
func (r *rules) text(s string) string {
	if r.notBlank && strings.TrimSpace(s) == "" {
		return "must not be blank"
	}
	if r.sized && (len(s) < r.minSize*utf8.UTFMax || len(s) > r.maxSize) { // else its bytes prove it
		if message := r.size(utf8.RuneCountInString(s)); message != "" {
			return message
		}
	}
	if r.enum != nil && !slices.Contains(r.enum, s) {
		return "must be one of " + strings.Join(r.enum, ", ")
	}
	return ""
}

// size says what is wrong with a count of code points, items or properties.
func (r *rules) size(n int) string {
	switch {
	case n >= r.minSize && (r.maxSize < 0 || n <= r.maxSize):
		return ""
	case r.maxSize < 0:
		return fmt.Sprintf("size must be at least %d", r.minSize)
	case r.minSize == 0:
		return fmt.Sprintf("size must be at most %d", r.maxSize)
	default:
		return fmt.Sprintf("size must be between %d and %d", r.minSize, r.maxSize)
	}
}

func (r *rules) number(n float64) string {
	if n >= r.minimum && n <= r.maximum {
		return ""
	}
	least, most := decimal(r.minimum), decimal(r.maximum)
	switch {
	case math.IsInf(r.maximum, 1):
		return "must be at least " + least
	case math.IsInf(r.minimum, -1):
		return "must be at most " + most
	default:
		return "must be between " + least + " and " + most
	}
}

// beyond says what is wrong with an integer that its type cannot hold, which
// goes from least to most: by its own bounds, as far as it has any.
func (r *rules) beyond(text string, least int64, most uint64) string {
	side := 1
	if text[0] == '-' {
		side = -1
	}
	if message := r.number(math.Inf(side)); message != "" {
		return message
	}
	from, to := strconv.FormatInt(least, 10), strconv.FormatUint(most, 10)
	if !math.IsInf(r.minimum, -1) {
		from = decimal(r.minimum)
	}
	if !math.IsInf(r.maximum, 1) {
		to = decimal(r.maximum)
	}
	return "must be an integer between " + from + " and " + to
}

func decimal(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }
