package shape

import (
	"encoding"
	"reflect"
	"strconv"
	"strings"
	"unsafe"
)

// set parses text, a string as it is, into p, which points to an s.typ, and
// says what is wrong with it; empty is nothing.
func (s *shape) set(text string, p unsafe.Pointer) string {
	switch s.kind {
	case kindString:
		*(*string)(p) = text
		return s.rules.text(text)
	case kindText:
		into := reflect.NewAt(s.typ, p).Interface().(encoding.TextUnmarshaler)
		if err := into.UnmarshalText([]byte(text)); err != nil {
			return cut(err.Error(), maxRejected)
		}
	case kindBool:
		if text != "true" && text != "false" {
			return s.kind.expected()
		}
		*(*bool)(p) = text == "true"
	default:
		return s.setNumber(text, reflect.NewAt(s.typ, p).Elem())
	}
	return ""
}

func (s *shape) setNumber(text string, v reflect.Value) string {
	number := scanner{src: text}
	number.number()
	if number.broken != "" || number.pos < len(text) || s.kind != kindFloat && strings.ContainsAny(text, ".eE") {
		return s.kind.expected()
	}
	bits := s.typ.Bits()
	switch s.kind {
	case kindInt:
		n, err := strconv.ParseInt(text, 10, bits)
		if err != nil && !s.rules.clamped {
			return s.rules.beyond(text, int64(-1)<<(bits-1), uint64(1)<<(bits-1)-1)
		}
		v.SetInt(n)
		return s.rules.number(float64(n))
	case kindUint:
		n, err := strconv.ParseUint(text, 10, bits)
		if err != nil {
			return s.rules.beyond(text, 0, ^uint64(0)>>(64-bits))
		}
		v.SetUint(n)
		return s.rules.number(float64(n))
	default:
		n, err := strconv.ParseFloat(text, bits)
		if err != nil {
			return "must be a number that is not too large"
		}
		v.SetFloat(n)
		return s.rules.number(n)
	}
}

// expected says what a value of the kind has to be.
func (k kind) expected() string {
	switch k {
	case kindBool:
		return "must be true or false"
	case kindFloat:
		return "must be a number"
	case kindInt, kindUint:
		return "must be an integer"
	case kindSlice:
		return "must be an array"
	case kindMap, kindStruct:
		return "must be an object"
	default:
		return "must be a string"
	}
}

// begins tells whether a JSON value of the kind can begin with c.
func (k kind) begins(c byte) bool {
	switch k {
	case kindBool:
		return c == 't' || c == 'f'
	case kindInt, kindUint, kindFloat:
		return c == '-' || '0' <= c && c <= '9'
	case kindSlice:
		return c == '['
	case kindMap, kindStruct:
		return c == '{'
	default:
		return c == '"'
	}
}
