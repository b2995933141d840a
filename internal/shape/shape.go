package shape

import (
	"cmp"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

type kind uint8

const (
	kindString kind = iota
	kindBool
	kindInt
	kindUint
	kindFloat
	kindText // UnmarshalText
	kindRaw  // json.RawMessage
	kindField
	kindPointer
	kindSlice
	kindMap
	kindStruct
)

// shape is a type with the rules of the place where it stands.
type shape struct {
	kind   kind
	typ    reflect.Type
	rules  *rules
	elem   *shape  // of a Field, pointer, slice or map
	key    *shape  // of a map
	value  uintptr // offset of a Field's Value
	object *object // of a struct
}

// object is a struct type.
type object struct {
	typ     reflect.Type
	name    string // of its component; empty for a type without a plain name
	open    bool
	members []member
}

type member struct {
	name         string
	offset       uintptr
	shape        *shape
	required     bool
	doc, example string
}

// maxMembers is how many a decoder can mark as seen in one word.
const maxMembers = 64

var (
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
	textMarshaler   = reflect.TypeFor[encoding.TextMarshaler]()
	partialField    = reflect.TypeFor[partial]()
	rawMessage      = reflect.TypeFor[json.RawMessage]()
)

// builder makes shapes. It panics on what it cannot describe.
type builder struct {
	answer  bool // types are encoded, not decoded
	objects map[reflect.Type]*object
}

func newBuilder(answer bool) *builder {
	return &builder{answer: answer, objects: make(map[reflect.Type]*object)}
}

func (b *builder) shape(t reflect.Type, r *rules) *shape {
	s := &shape{typ: t, rules: r}
	switch {
	case t == rawMessage:
		s.kind = kindRaw
	case t.Implements(partialField):
		if b.answer {
			panic(fmt.Errorf("shape: %v is for requests only", t))
		}
		value := t.Field(2)
		s.kind, s.value = kindField, value.Offset
		s.elem = b.shape(value.Type, r)
		return s
	case t.Kind() == reflect.Pointer:
		s.kind, s.elem = kindPointer, b.shape(t.Elem(), r)
		return s
	case reflect.PointerTo(t).Implements(textUnmarshaler), b.answer && t.Implements(textMarshaler):
		s.kind = kindText
	default:
		b.plain(s)
	}
	r.mustFit(s)
	return s
}

func (b *builder) plain(s *shape) {
	t := s.typ
	switch t.Kind() {
	case reflect.String:
		s.kind = kindString
	case reflect.Bool:
		s.kind = kindBool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		s.kind = kindInt
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		s.kind = kindUint
	case reflect.Float32, reflect.Float64:
		s.kind = kindFloat
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			panic(fmt.Errorf("shape: %v would be base64 to encoding/json", t))
		}
		s.kind, s.elem = kindSlice, b.shape(t.Elem(), s.rules.items.orNew())
	case reflect.Map:
		s.key = b.shape(t.Key(), s.rules.keys.orNew())
		if s.key.kind != kindString {
			panic(fmt.Errorf("shape: %v has keys that are not plain strings", t))
		}
		s.kind, s.elem = kindMap, b.shape(t.Elem(), s.rules.values.orNew())
	case reflect.Struct:
		s.kind, s.object = kindStruct, b.object(t)
	default:
		panic(fmt.Errorf("shape: cannot describe %v", t))
	}
}

func (b *builder) object(t reflect.Type) *object {
	if o, ok := b.objects[t]; ok {
		return o
	}
	o := &object{typ: t}
	b.objects[t] = o
	if !strings.Contains(t.Name(), "[") {
		o.name = componentName(t)
		if !b.answer && o.name != "" && !strings.HasSuffix(o.name, "Input") {
			o.name += "Input"
		}
	}
	b.flatten(o, t, 0)
	if len(o.members) > maxMembers {
		panic(fmt.Errorf("shape: %v has more than %d members", t, maxMembers))
	}
	return o
}

// componentName is the type's own name, unless a field _ gives it another one.
func componentName(t reflect.Type) string {
	if f, ok := t.FieldByName("_"); ok {
		return cmp.Or(f.Tag.Get("name"), t.Name())
	}
	return t.Name()
}

// flatten adds the members of t, which lies at an offset in o's type.
func (b *builder) flatten(o *object, t reflect.Type, offset uintptr) {
	for i := range t.NumField() {
		f := t.Field(i)
		tag, tagged := f.Tag.Lookup("json")
		name, options, _ := strings.Cut(tag, ",")
		switch {
		case f.Name == "_":
			o.open = o.open || f.Tag.Get("shape") == "open"
			continue
		case f.Anonymous && !tagged && f.Type.Kind() == reflect.Struct:
			b.flatten(o, f.Type, offset+f.Offset)
			continue
		case tag == "-" || !f.IsExported():
			continue
		case name == "":
			panic(fmt.Errorf("shape: %v.%s has no name in a json tag", t, f.Name))
		case slices.ContainsFunc(o.members, func(m member) bool { return m.name == name }):
			panic(fmt.Errorf("shape: %v has two members %q", o.typ, name))
		}
		r := parseRules(f)
		m := member{
			name: name, offset: offset + f.Offset, required: r.required,
			doc: f.Tag.Get("doc"), example: f.Tag.Get("example"),
		}
		if b.answer {
			m.required = !strings.Contains(options, "omit")
			r.nullable = m.required && f.Type.Kind() == reflect.Pointer
		}
		m.shape = b.shape(f.Type, r)
		o.members = append(o.members, m)
	}
}
