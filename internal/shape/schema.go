package shape

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
)

// Schema is a JSON Schema (2020-12) as OpenAPI 3.1 holds it. Its encoding is
// the same every time, with properties in the order of the Go fields.
type Schema struct {
	Ref                  string     `json:"$ref,omitzero"`
	AnyOf                []*Schema  `json:"anyOf,omitzero"`
	Type                 any        `json:"type,omitzero"` // a string, or two with "null"
	Format               string     `json:"format,omitzero"`
	Description          string     `json:"description,omitzero"`
	Enum                 []any      `json:"enum,omitzero"`
	Default              any        `json:"default,omitzero"`
	Examples             []any      `json:"examples,omitzero"`
	MinLength            int        `json:"minLength,omitzero"`
	MaxLength            *int       `json:"maxLength,omitzero"`
	Pattern              string     `json:"pattern,omitzero"`
	Minimum              *float64   `json:"minimum,omitzero"`
	Maximum              *float64   `json:"maximum,omitzero"`
	Items                *Schema    `json:"items,omitzero"`
	MinItems             int        `json:"minItems,omitzero"`
	MaxItems             *int       `json:"maxItems,omitzero"`
	Properties           Properties `json:"properties,omitzero"`
	Required             []string   `json:"required,omitzero"`
	PropertyNames        *Schema    `json:"propertyNames,omitzero"`
	MinProperties        int        `json:"minProperties,omitzero"`
	MaxProperties        *int       `json:"maxProperties,omitzero"`
	AdditionalProperties any        `json:"additionalProperties,omitzero"` // false, or a *Schema

	typ reflect.Type // of a component
}

// Property is a member of an object.
type Property struct {
	Name   string
	Schema *Schema
}

// Properties are members in order.
type Properties []Property

// MarshalJSON encodes them as one object.
func (p Properties) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	for i, property := range p {
		out.WriteByte("{,"[min(i, 1)])
		name, _ := json.Marshal(property.Name)
		value, err := json.Marshal(property.Schema)
		if err != nil {
			return nil, err
		}
		out.Write(name)
		out.WriteByte(':')
		out.Write(value)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// Schema describes what Decode accepts. Named structs go into components, a
// *Schema each, under their name with the suffix Input.
func (b *Body) Schema(components map[string]any) *Schema { return b.shape.schema(components) }

// AnswerSchema describes what encoding/json makes of a t: members with
// omitzero or omitempty may be absent. Named structs go into components, a
// *Schema each, under their name. It panics on a type that it cannot describe.
func AnswerSchema(t reflect.Type, components map[string]any) *Schema {
	return newBuilder(true).shape(t, newRules()).schema(components)
}

var typeNames = map[kind]string{
	kindString: "string", kindText: "string", kindBool: "boolean", kindInt: "integer", kindUint: "integer",
	kindFloat: "number", kindSlice: "array", kindMap: "object",
}

func (s *shape) schema(components map[string]any) *Schema {
	r := s.rules
	out := &Schema{}
	switch s.kind {
	case kindField, kindPointer:
		return s.elem.schema(components)
	case kindRaw:
		return out
	case kindStruct:
		ref := s.object.schema(components)
		if r.nullable {
			return &Schema{AnyOf: []*Schema{ref, {Type: "null"}}}
		}
		return ref
	case kindString:
		for _, value := range r.enum {
			out.Enum = append(out.Enum, value)
		}
		if r.enum != nil && r.nullable {
			out.Enum = append(out.Enum, nil)
		}
		out.MinLength, out.MaxLength = r.minSize, bound(r.maxSize)
		if r.notBlank {
			out.Pattern = `\S`
		}
	case kindText:
		into, reads := reflect.New(s.typ).Interface().(encoding.TextUnmarshaler)
		if reads && into.UnmarshalText(nil) != nil {
			out.MinLength = 1
		}
		if f, ok := into.(interface{ Format() string }); ok {
			out.Format = f.Format()
		}
		if p, ok := into.(interface{ Pattern() string }); ok {
			out.Pattern = p.Pattern()
		}
	case kindInt, kindUint, kindFloat:
		out.Minimum, out.Maximum = finite(r.minimum), finite(r.maximum)
		if s.kind == kindUint && out.Minimum == nil {
			out.Minimum = new(float64)
		}
	case kindSlice:
		out.Items = s.elem.schema(components)
		out.MinItems, out.MaxItems = r.minSize, bound(r.maxSize)
	case kindMap:
		out.AdditionalProperties = s.elem.schema(components)
		if r.keys != nil {
			out.PropertyNames = s.key.schema(components)
		}
		out.MinProperties, out.MaxProperties = r.minSize, bound(r.maxSize)
	}
	out.Type = typeNames[s.kind]
	if r.nullable {
		out.Type = []string{typeNames[s.kind], "null"}
	}
	return out
}

func bound(n int) *int {
	if n < 0 {
		return nil
	}
	return &n
}

func finite(n float64) *float64 {
	if math.IsInf(n, 0) {
		return nil
	}
	return &n
}

// schema gives a reference to the component of o, made where it is not there.
func (o *object) schema(components map[string]any) *Schema {
	out := &Schema{Type: "object", typ: o.typ}
	ref := &Schema{Ref: "#/components/schemas/" + o.name}
	if o.name != "" {
		if there, ok := components[o.name]; ok {
			if s, ok := there.(*Schema); !ok || s.typ != o.typ {
				panic(fmt.Errorf("shape: two components are called %s, one from %v", o.name, o.typ))
			}
			return ref
		}
		components[o.name] = out
	}
	for _, m := range o.members {
		s := m.shape.schema(components)
		s.Description = m.doc
		if m.example != "" {
			s.Examples = []any{m.shape.literal(m.example)}
		}
		out.Properties = append(out.Properties, Property{m.name, s})
		if m.required {
			out.Required = append(out.Required, m.name)
		}
	}
	if !o.open {
		out.AdditionalProperties = false
	}
	if o.name == "" {
		return out
	}
	return ref
}

// literal is the JSON value that a tag's text stands for.
func (s *shape) literal(text string) any {
	for s.kind == kindField || s.kind == kindPointer {
		s = s.elem
	}
	if s.kind != kindString && s.kind != kindText && json.Valid([]byte(text)) {
		return json.RawMessage(text)
	}
	return text
}
