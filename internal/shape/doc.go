// Package shape describes Go types by reflection, once, so that a request can
// be decoded and validated in one pass and the same description can be
// published as JSON Schema.
//
// # Bodies
//
// A body is a struct, or a slice or map of them; the request struct's field that
// takes it may carry rules of its own, and where it has the tag shape:"optional"
// a request without a body is as one with {}. Its members carry a json tag;
// embedded structs are flattened in their place. Members may be strings,
// bools, integers, floats, pointers, slices, maps with string keys, structs,
// Field, json.RawMessage, and any type with UnmarshalText, which reads a JSON
// string, and whose methods Format and Pattern, if it has them, give the format
// and the regular expression (ECMA 262) that are published. Members that are not known are refused unless the struct has a
//
//	_ struct{} `shape:"open"`
//
// A struct is published under its name; where two packages have one of the same
// name, one of them gives another:
//
//	_ struct{} `name:"NetworkService"`
//
// # Rules
//
// The check tag lists rules, separated by commas:
//
//	required                      the member must be there
//	nullable                      null is allowed: a zero value, or Field.Null
//	notBlank                      a string with more than Unicode white space
//	minLength=, maxLength=        of a string, in code points
//	enum=A|B                      a string is one of these
//	minimum=, maximum=            of a number
//	clamped                       an integer that its type cannot hold is the nearest that it can
//	minItems=, maxItems=          of a slice
//	minProperties=, maxProperties= of a map
//	items.RULE                    a rule of a slice's elements
//	keys.RULE, values.RULE        rules of a map's keys and values
//	secret                        the member's value is never shown in a violation
//
// The tags doc and example are published.
//
// # Parameters
//
// A request struct takes parameters in fields tagged path:"name",
// query:"name" or header:"Name", with the same rules and default:"value".
//
// # Text
//
// The error of an UnmarshalText is shown to the client after the name of what
// was read, so it reads as in "must be an RFC 3339 instant".
package shape
