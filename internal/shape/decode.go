package shape

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
	"unsafe"

	"almanac/internal/fault"
)

// MaxViolations is how many are reported of one body. Nobody looks for more.
const MaxViolations = 100

const (
	maxRejected = 256 // bytes of a rejectedValue
	maxStep     = 512 // bytes of one name in a path
)

// Body describes the JSON body that is decoded into a Go type. It is safe for
// concurrent use.
type Body struct {
	shape    *shape
	optional bool
}

// NewBody describes t. It panics on a type that cannot be a body.
func NewBody(t reflect.Type) *Body {
	return &Body{shape: newBuilder(false).shape(t, newRules())}
}

// FieldBody describes the body that goes into a field of a request struct, with
// the rules of its check tag: those of a list as a whole stand there.
func FieldBody(f reflect.StructField) *Body {
	return &Body{newBuilder(false).shape(f.Type, parseRules(f)), f.Tag.Get("shape") == "optional"}
}

// Optional tells whether a request may come without it.
func (b *Body) Optional() bool { return b.optional }

// Decode reads data into what into points to, a zero value of the Body's type,
// and gives all that is wrong, up to MaxViolations, in the order of the
// document: the required members that an object lacks come after what it has.
// What is malformed gives one violation of "body". Where there is any violation,
// the value must not be used.
func (b *Body) Decode(data []byte, into any) []fault.Violation {
	v := reflect.ValueOf(into)
	if v.Type() != reflect.PointerTo(b.shape.typ) {
		panic(fmt.Errorf("shape: cannot decode a %v into %T", b.shape.typ, into))
	}
	// One copy of the body backs every decoded string.
	d := decoder{scanner: scanner{src: string(data)}}
	if !utf8.ValidString(d.src) {
		d.pos = invalidAt(d.src)
		d.fail("is not valid UTF-8")
	}
	if d.peek(); d.pos == len(d.src) && d.broken == "" {
		if b.optional {
			return b.Decode([]byte("{}"), into)
		}
		d.violate("must not be empty", "")
		return d.violations
	}
	d.value(b.shape, v.UnsafePointer())
	if d.peek(); d.pos < len(d.src) {
		d.fail("must end after its value")
	}
	if d.broken != "" {
		return []fault.Violation{{Field: "body", Message: fmt.Sprintf("%s (at byte %d)", d.broken, d.at)}}
	}
	return d.violations
}

func invalidAt(s string) int {
	for i, r := range s {
		if r == utf8.RuneError && !strings.HasPrefix(s[i:], string(utf8.RuneError)) {
			return i
		}
	}
	return len(s)
}

// step is one part of a path: a name or an index.
type step struct {
	name    string
	index   int
	isIndex bool
	secret  bool // what lies at it, or below, is not shown
}

type decoder struct {
	scanner
	path       []step
	violations []fault.Violation
}

// violate reports what is wrong at the path; raw is the value, if it may be shown.
func (d *decoder) violate(message, raw string) {
	d.violateAt(len(d.violations), message, raw)
}

// violateAt reports it before those found since there were n violations.
func (d *decoder) violateAt(n int, message, raw string) {
	if d.full() {
		return
	}
	v := fault.Violation{Field: d.where(), Message: message}
	if showable(raw) && !slices.ContainsFunc(d.path, func(s step) bool { return s.secret }) {
		v.RejectedValue = json.RawMessage(raw)
	}
	d.violations = slices.Insert(d.violations, n, v)
}

// full tells whether no more violations count, so that nothing need be decoded.
func (d *decoder) full() bool { return d.broken != "" || len(d.violations) == MaxViolations }

// where is the path in words.
func (d *decoder) where() string {
	var path []byte
	for i, s := range d.path {
		if s.isIndex {
			path = append(strconv.AppendInt(append(path, '['), int64(s.index), 10), ']')
			continue
		}
		if i > 0 {
			path = append(path, '.')
		}
		path = append(path, cut(s.name, maxStep)...)
	}
	if len(path) == 0 {
		return "body"
	}
	return string(path)
}

// cut shortens s to about n bytes, between two characters.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	end := n
	for end > n-utf8.UTFMax && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}

// showable tells whether raw is a short scalar that any client can read.
func showable(raw string) bool {
	if raw == "" || len(raw) > maxRejected || raw[0] == '{' || raw[0] == '[' {
		return false
	}
	if raw[0] != '"' {
		return true
	}
	_, flaw := unescape(raw[1 : len(raw)-1])
	return flaw == ""
}

func (d *decoder) push(name string) { d.path = append(d.path, step{name: name}) }
func (d *decoder) pop()             { d.path = d.path[:len(d.path)-1] }

// value decodes the value that is next into p, which points to an s.typ.
func (d *decoder) value(s *shape, p unsafe.Pointer) {
	c := d.peek()
	switch {
	case c == 'n':
		d.null(s, p)
		return
	case d.full():
		d.skip()
		return
	case s.kind == kindField:
		(*Field[struct{}])(p).Present = true
		d.value(s.elem, unsafe.Add(p, s.value))
		return
	case s.kind == kindPointer:
		target := reflect.New(s.elem.typ).UnsafePointer()
		*(*unsafe.Pointer)(p) = target
		d.value(s.elem, target)
		return
	case s.kind == kindRaw:
		*(*json.RawMessage)(p) = json.RawMessage(d.skip())
		return
	case !s.kind.begins(c):
		raw := d.skip()
		d.violate(s.kind.expected(), raw)
		return
	}
	switch s.kind {
	case kindStruct:
		d.object(s, p)
	case kindMap:
		d.table(s, p)
	case kindSlice:
		d.list(s, p)
	default:
		d.scalar(s, p)
	}
}

// null leaves the zero value, which is a nil where there is one.
func (d *decoder) null(s *shape, p unsafe.Pointer) {
	d.literal("null")
	switch {
	case !s.rules.nullable:
		d.violate("must not be null", "")
	case s.kind == kindField:
		f := (*Field[struct{}])(p)
		f.Present, f.Null = true, true
	}
}

func (d *decoder) scalar(s *shape, p unsafe.Pointer) {
	var text string
	var flaw flaw
	start := d.pos
	if d.src[start] == '"' {
		text, flaw = d.unquoted()
	} else {
		text = d.skip()
	}
	message := string(flaw)
	if message == "" {
		message = s.set(text, p)
	}
	if message != "" {
		d.violate(message, d.src[start:d.pos])
	}
}

func (d *decoder) object(s *shape, p unsafe.Pointer) {
	o := s.object
	var seen uint64
	var others map[string]bool
	next := 0 // members mostly come in their order
	for d.open(); d.more('}'); {
		name, _ := d.name()
		d.push(name)
		i := o.find(name, next)
		switch {
		case i >= 0 && seen&(1<<i) != 0, i < 0 && others[name]:
			d.skip()
			d.violate("must not be given twice", "")
		case i >= 0:
			seen |= 1 << i
			next = i + 1
			m := &o.members[i]
			d.path[len(d.path)-1].secret = m.shape.rules.secret
			d.value(m.shape, unsafe.Add(p, m.offset))
		default:
			if others == nil {
				others = make(map[string]bool)
			}
			others[name] = true
			d.skip()
			if !o.open {
				d.violate("unknown member", "")
			}
		}
		d.pop()
	}
	for i := range o.members {
		if m := &o.members[i]; m.required && seen&(1<<i) == 0 {
			d.push(m.name)
			d.violate("is required", "")
			d.pop()
		}
	}
}

// find gives the index of a member, looking at index next first; -1 is none.
func (o *object) find(name string, next int) int {
	if next < len(o.members) && o.members[next].name == name {
		return next
	}
	return slices.IndexFunc(o.members, func(m member) bool { return m.name == name })
}

func (d *decoder) list(s *shape, p unsafe.Pointer) {
	before := len(d.violations)
	d.path = append(d.path, step{isIndex: true})
	v := reflect.NewAt(s.typ, p).Elem()
	n := 0
	for d.open(); d.more(']'); n++ {
		d.path[len(d.path)-1].index = n
		if d.full() {
			d.skip()
			continue
		}
		v.Grow(1)
		v.SetLen(n + 1)
		d.value(s.elem, v.Index(n).Addr().UnsafePointer())
	}
	if n == 0 {
		v.Set(reflect.MakeSlice(s.typ, 0, 0))
	}
	d.pop()
	d.size(s, n, before)
}

// size reports a wrong size before what is wrong with the elements.
func (d *decoder) size(s *shape, n, before int) {
	if s.rules.sized {
		if message := s.rules.size(n); message != "" {
			d.violateAt(before, message, "")
		}
	}
}

// table decodes an object into a map.
func (d *decoder) table(s *shape, p unsafe.Pointer) {
	before := len(d.violations)
	m := reflect.MakeMap(s.typ)
	key := reflect.New(s.typ.Key()).Elem()
	elem := reflect.New(s.elem.typ)
	for d.open(); d.more('}'); {
		name, flaw := d.name()
		d.push(name)
		key.SetString(name)
		elem.Elem().SetZero()
		n := m.Len()
		if m.SetMapIndex(key, elem.Elem()); m.Len() == n {
			d.skip()
			d.violate("must not be given twice", "")
			d.pop()
			continue
		}
		message := string(flaw)
		if message == "" {
			message = s.key.rules.text(name)
		}
		if message != "" {
			d.violate("key "+message, "")
		}
		d.value(s.elem, elem.UnsafePointer())
		m.SetMapIndex(key, elem.Elem())
		d.pop()
	}
	reflect.NewAt(s.typ, p).Elem().Set(m)
	d.size(s, m.Len(), before)
}
