package shape

import (
	"fmt"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
	"unsafe"

	"almanac/internal/fault"
)

// maxRead is how many bytes of a parameter an error shows.
const maxRead = 100

// Params describes the fields of a request struct that are tagged path, query
// or header. It is safe for concurrent use.
type Params struct {
	typ  reflect.Type
	list []param
}

type param struct {
	Param
	offset   uintptr
	shape    *shape
	fallback string // the default tag
}

// Param is a parameter as OpenAPI describes it.
type Param struct {
	Name     string  `json:"name"`
	In       string  `json:"in"` // path, query or header
	Doc      string  `json:"description,omitzero"`
	Required bool    `json:"required,omitzero"`
	Schema   *Schema `json:"schema"`
}

// NewParams describes the struct type t. It panics on a field that cannot be a parameter.
func NewParams(t reflect.Type) *Params {
	p := &Params{typ: t}
	p.collect(newBuilder(false), t, 0)
	return p
}

func (p *Params) collect(b *builder, t reflect.Type, offset uintptr) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			p.collect(b, f.Type, offset+f.Offset)
			continue
		}
		for _, in := range []string{"path", "query", "header"} {
			name, ok := f.Tag.Lookup(in)
			if !ok {
				continue
			}
			r := parseRules(f)
			s := b.shape(f.Type, r)
			if s.kind == kindSlice && in != "query" {
				panic(fmt.Errorf("shape: %v.%s is a list, which only a query can be", t, f.Name))
			}
			q := param{offset: offset + f.Offset, shape: s, fallback: f.Tag.Get("default")}
			q.Param = Param{Name: name, In: in, Doc: f.Tag.Get("doc"), Required: r.required || in == "path"}
			q.Schema = s.schema(nil)
			if q.fallback != "" {
				if message := q.read(q.fallback, reflect.New(f.Type).UnsafePointer()); message != "" {
					panic(fmt.Errorf("shape: default of %v.%s %s", t, f.Name, message))
				}
				q.Schema.Default = s.literal(q.fallback)
			}
			if example := f.Tag.Get("example"); example != "" {
				q.Schema.Examples = []any{s.literal(example)}
			}
			p.list = append(p.list, q)
		}
	}
}

// Describe lists the parameters in the order of the struct.
func (p *Params) Describe() []Param {
	list := make([]Param, len(p.list))
	for i := range p.list {
		list[i] = p.list[i].Param
	}
	return list
}

// Decode reads the parameters of a request into what into points to. Its
// error is a *fault.Error, bad_request, whose details name the parameter and
// what was read.
func (p *Params) Decode(path func(string) string, query url.Values, header func(string) []string, into any) error {
	v := reflect.ValueOf(into)
	if v.Type() != reflect.PointerTo(p.typ) {
		panic(fmt.Errorf("shape: cannot decode parameters of a %v into %T", p.typ, into))
	}
	base := v.UnsafePointer()
	for i := range p.list {
		q := &p.list[i]
		if q.shape.kind == kindSlice {
			if err := q.readList(query[q.Name], unsafe.Add(base, q.offset)); err != nil {
				return err
			}
			continue
		}
		var text string
		var count int
		switch q.In {
		case "path":
			text, count = path(q.Name), 1
		case "query":
			text, count = first(query[q.Name])
		case "header":
			text, count = first(header(q.Name))
		}
		switch {
		case count > 1:
			return fault.BadRequest("%s must be given once, read %s and %d more", q.Name, quote(text), count-1)
		case count == 0 && q.Required:
			return fault.BadRequest("%s is required", q.Name)
		case count == 0 && q.fallback == "":
			continue
		case count == 0:
			text = q.fallback
		}
		if message := q.read(text, unsafe.Add(base, q.offset)); message != "" {
			return fault.BadRequest("%s %s, read %s", q.Name, message, quote(text))
		}
	}
	return nil
}

func first(values []string) (string, int) {
	if len(values) == 0 {
		return "", 0
	}
	return values[0], len(values)
}

// readList appends each part of each value, between commas, to the slice at p.
// White space around parts is nothing, and so are empty strings.
func (q *param) readList(values []string, p unsafe.Pointer) error {
	list := reflect.NewAt(q.shape.typ, p).Elem()
	for _, value := range values {
		for text := range strings.SplitSeq(value, ",") {
			if text = strings.TrimSpace(text); text == "" && q.shape.elem.kind == kindString {
				continue
			}
			one := reflect.New(q.shape.elem.typ)
			if message := q.shape.elem.read(text, one.UnsafePointer()); message != "" {
				return fault.BadRequest("%s %s, read %s", q.Name, message, quote(text))
			}
			list.Set(reflect.Append(list, one.Elem()))
		}
	}
	return nil
}

// quote shows what was read, short and printable.
func quote(text string) string { return strconv.Quote(cut(text, maxRead)) }

// read parses text into the parameter at p and gives what is wrong with it.
func (q *param) read(text string, p unsafe.Pointer) string {
	s := q.shape
	if s.kind == kindPointer {
		s = s.elem
		target := reflect.New(s.typ).UnsafePointer()
		*(*unsafe.Pointer)(p) = target
		p = target
	}
	if text == "" && (s.kind != kindString || q.In == "path") {
		return "must not be empty"
	}
	return s.read(text, p)
}

func (s *shape) read(text string, p unsafe.Pointer) string {
	switch {
	case !utf8.ValidString(text):
		return "must be valid UTF-8"
	case strings.IndexByte(text, 0) >= 0:
		return string(nullCharacter)
	}
	return s.set(text, p)
}
