package shape_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"almanac/internal/fault"
	"almanac/internal/shape"
)

// colour is a type that reads itself from text.
type colour int

func (c *colour) UnmarshalText(text []byte) error {
	if string(text) != "red" {
		return errors.New("must be a colour")
	}
	*c = 1
	return nil
}

func (colour) Format() string  { return "colour" }
func (colour) Pattern() string { return "^red$" }

type kitchen struct {
	On      bool              `json:"on"`
	Small   int8              `json:"small"`
	Count   int               `json:"count" check:"minimum=1,maximum=10"`
	AtLeast int64             `json:"atLeast" check:"minimum=1"`
	Port    uint16            `json:"port"`
	Ratio   float64           `json:"ratio" check:"maximum=1000000"`
	Colour  colour            `json:"colour"`
	Mode    string            `json:"mode" check:"enum=fast|slow"`
	Long    string            `json:"long" check:"minLength=3"`
	Deep    map[string]inner  `json:"deep"`
	Grid    [][]int           `json:"grid" check:"maxItems=2,items.minItems=1,items.items.minimum=0"`
	Maybe   *inner            `json:"maybe" check:"nullable"`
	Limits  map[string]int    `json:"limits" check:"minProperties=1,values.maximum=5"`
	Env     map[string]string `json:"env" check:"secret,values.maxLength=3,keys.minLength=1"`
	Vault   inner             `json:"vault" check:"secret"`
	Any     json.RawMessage   `json:"any"`
}

type inner struct {
	A string `json:"a" check:"required"`
	B int    `json:"b" check:"required"`
}

// lines writes each violation as "field: message", with " = value" where one is shown.
func lines(violations []fault.Violation) string {
	var out strings.Builder
	for _, v := range violations {
		fmt.Fprintf(&out, "%s: %s", v.Field, v.Message)
		if v.RejectedValue != nil {
			fmt.Fprintf(&out, " = %s", v.RejectedValue)
		}
		out.WriteString("\n")
	}
	return strings.TrimSuffix(out.String(), "\n")
}

func check[T any](t *testing.T, body, want string) {
	t.Helper()
	got := lines(shape.NewBody(reflect.TypeFor[T]()).Decode([]byte(body), new(T)))
	if got != strings.TrimSpace(want) {
		t.Errorf("body %s\ngot:\n%s\nwant:\n%s", body, got, strings.TrimSpace(want))
	}
}

func TestViolationsOfAService(t *testing.T) {
	long := func(n int) string { return strings.Repeat("ü", n) }
	for _, c := range []struct{ name, body, want string }{
		{"nothing wrong with the least there can be", `{"name":"A"}`, ``},
		{"white space around everything is no matter", " \t\r\n{ \"name\" : \"A\" , \"flows\" : [ ] } \n", ``},
		{"a required member must be there", `{}`, `name: is required`},
		{"null is not a name", `{"name":null}`, `name: must not be null`},
		{"null clears what may be unset", `{"name":"A","description":null,"category":null,"owner":null,"flows":null,"extras":null}`, ``},
		{"null is no list of topics", `{"name":"A","consumes":null}`, `consumes: must not be null`},
		{"an empty name is blank, said once", `{"name":""}`, `name: must not be blank = ""`},
		{"a name of white space of any script is blank", `{"name":" \t\u3000\u00a0"}`, `name: must not be blank = " \t\u3000\u00a0"`},
		{"lengths count code points", `{"name":"` + long(60) + `"}`, ``},
		{"one code point too many", `{"name":"` + long(61) + `"}`, `name: size must be between 1 and 60 = "` + long(61) + `"`},
		{"a surrogate pair counts once", `{"name":"` + strings.Repeat(`\ud83d\ude00`, 60) + `"}`, ``},
		{"a long value is not repeated", `{"name":"A","description":"` + strings.Repeat("x", 300) + `"}`, `description: size must be at most 200`},
		{"wrong types say what is right", `{"name":1,"flows":"x","consumes":{},"extras":[1],"owner":true}`, `
name: must be a string = 1
flows: must be an array = "x"
consumes: must be an array
extras: must be an object
owner: must be a string = true`},
		{"an element has its index", `{"name":"A","flows":["a","",3,null]}`, `
flows[1]: size must be between 1 and 100 = ""
flows[2]: must be a string = 3
flows[3]: must not be null`},
		{"a member of an element has both", `{"name":"A","produces":[{"name":"x"},{"name":"y"},{"name":""}]}`,
			`produces[2].name: size must be between 1 and 255 = ""`},
		{"a required member of an element", `{"name":"A","produces":[{"nome":"x"}]}`, `produces[0].name: is required`},
		{"keys are verbatim", `{"name":"A","extras":{"team":1,"a.b":2,"c[0]":3,"":4}}`, `
extras.team: must be a string = 1
extras.a.b: must be a string = 2
extras.c[0]: must be a string = 3
extras.: must be a string = 4`},
		{"a key that is too long", `{"name":"A","extras":{"` + long(101) + `":""}}`, `extras.` + long(101) + `: key size must be at most 100`},
		{"a value that is too long", `{"name":"A","extras":{"k":"` + long(501) + `"}}`, `extras.k: size must be at most 500`},
		{"too many pairs come before what is wrong with them",
			`{"name":"A","extras":{"x":1` + pairs(20) + `}}`, "extras: size must be at most 20\nextras.x: must be a string = 1"},
		{"unknown members are refused", `{"name":"A","zeta":1,"alpha":{"x":[1,{}]}}`, "zeta: unknown member\nalpha: unknown member"},
		{"names are case-sensitive", `{"Name":"A"}`, "Name: unknown member\nname: is required"},
		{"unknown members of a topic are ignored", `{"name":"A","consumes":[{"name":"t","note":{"x":null}}]}`, ``},
		{"a member given twice", `{"name":"A","name":"B"}`, `name: must not be given twice`},
		{"a member given twice, once escaped", `{"name":"A","n\u0061me":"B"}`, `name: must not be given twice`},
		{"a key given twice", `{"name":"A","extras":{"k":"","k":""}}`, `extras.k: must not be given twice`},
		{"an unknown member given twice", `{"name":"A","x":1,"x":2}`, "x: unknown member\nx: must not be given twice"},
		{"a member of a topic given twice", `{"name":"A","consumes":[{"name":"t","name":"t"}]}`, `consumes[0].name: must not be given twice`},
		{"an ignored member given twice", `{"name":"A","consumes":[{"name":"t","x":1,"x":1}]}`, `consumes[0].x: must not be given twice`},
		{"all at once, in the order of the document, the missing last", `{"owner":"","bogus":1,"consumes":[{"owner":""}],"category":7}`, `
owner: size must be between 1 and 60 = ""
bogus: unknown member
consumes[0].owner: size must be between 1 and 60 = ""
consumes[0].name: is required
category: must be a string = 7
name: is required`},
		{"U+0000 in a value", `{"name":"a\u0000b"}`, `name: must not contain the character U+0000`},
		{"U+0000 in a key", `{"name":"A","extras":{"a\u0000":"v"}}`, "extras.a\x00: key must not contain the character U+0000"},
		{"a high surrogate alone", `{"name":"a\ud800b"}`, `name: must not contain a lone surrogate`},
		{"a low surrogate alone", `{"name":"\udc00"}`, `name: must not contain a lone surrogate`},
		{"two high surrogates", `{"name":"\ud800\ud800\udc00"}`, `name: must not contain a lone surrogate`},
		{"a lone surrogate of the wrong type is not repeated", `{"name":"A","flows":"\ud800"}`, `flows: must be an array`},
		{"a lone surrogate in a key", `{"name":"A","extras":{"\udfff":"v"}}`, "extras.\ufffd: key must not contain a lone surrogate"},
	} {
		t.Run(c.name, func(t *testing.T) { check[newService](t, c.body, c.want) })
	}
}

func pairs(n int) string {
	var out strings.Builder
	for i := range n {
		fmt.Fprintf(&out, `,"k%d":""`, i)
	}
	return out.String()
}

func TestBodiesThatAreNotOneObject(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{"nothing", ``, `must not be empty`},
		{"white space alone", " \n", `must not be empty`},
		{"an array", `[{"name":"A"}]`, `must be an object`},
		{"a string", `"A"`, `must be an object = "A"`},
		{"a number", `12`, `must be an object = 12`},
		{"null", `null`, `must not be null`},
		{"a word", `nul`, `is not JSON: a value is expected (at byte 0)`},
		{"NUL", "\x00", `is not JSON: a value is expected (at byte 0)`},
		{"a byte order mark", "\ufeff{}", `is not JSON: a value is expected (at byte 0)`},
		{"trailing garbage", `{"name":"A"} x`, `must end after its value (at byte 13)`},
		{"two values", `{"name":"A"}{}`, `must end after its value (at byte 12)`},
		{"cut short in an object", `{"name":"A"`, `ends where ',' or '}' is expected (at byte 11)`},
		{"cut short in a name", `{"na`, `ends where the end of a string is expected (at byte 4)`},
		{"cut short after a name", `{"name"`, `ends where ':' is expected (at byte 7)`},
		{"cut short after a colon", `{"name":`, `ends where a value is expected (at byte 8)`},
		{"cut short after a comma", `{"name":"A",`, `ends where the name of a member is expected (at byte 12)`},
		{"cut short in an escape", `{"name":"\`, `ends where a valid escape is expected (at byte 10)`},
		{"cut short in a list", `{"flows":["a"`, `ends where ',' or ']' is expected (at byte 13)`},
		{"a comma before the end of an object", `{"name":"A",}`, `is not JSON: the name of a member is expected (at byte 12)`},
		{"a comma before the end of a list", `{"flows":["a",]}`, `is not JSON: a value is expected (at byte 14)`},
		{"a name without quotes", `{name:"A"}`, `is not JSON: the name of a member is expected (at byte 1)`},
		{"single quotes", `{'name':"A"}`, `is not JSON: the name of a member is expected (at byte 1)`},
		{"an unknown escape", `{"name":"\x41"}`, `is not JSON: a valid escape is expected (at byte 10)`},
		{"an escape of three digits", `{"name":"\u041"}`, `is not JSON: a valid escape is expected (at byte 10)`},
		{"a raw line end in a string", "{\"name\":\"a\nb\"}", `is not JSON: a control character in a string must be escaped (at byte 10)`},
		{"a number with a leading zero", `{"x":01}`, `is not JSON: ',' or '}' is expected (at byte 6)`},
		{"a number without digits", `{"x":-}`, `is not JSON: a digit is expected (at byte 6)`},
		{"a number that ends in its point", `{"x":1.}`, `is not JSON: a digit is expected (at byte 7)`},
		{"a number without an exponent", `{"x":1e+}`, `is not JSON: a digit is expected (at byte 8)`},
		{"a comment", `{/**/}`, `is not JSON: the name of a member is expected (at byte 1)`},
		{"a bracket too many", `{"name":"A"}}`, `must end after its value (at byte 12)`},
		{"the wrong bracket", `{"flows":["a"}}`, `is not JSON: ',' or ']' is expected (at byte 13)`},
		{"malformed after a violation reports the former alone", `{"name":"","x":}`, `is not JSON: a value is expected (at byte 15)`},
		{"malformed in what is ignored", `{"consumes":[{"x":tru}]}`, `is not JSON: a value is expected (at byte 18)`},
		{"a replacement character is valid, a cut one is not", "{\"\ufffd\":\"\xef\xbf", `is not valid UTF-8 (at byte 8)`},
		{"invalid UTF-8", "{\"name\":\"\xff\"}", `is not valid UTF-8 (at byte 9)`},
		{"an encoded surrogate", "{\"name\":\"\xed\xa0\x80\"}", `is not valid UTF-8 (at byte 9)`},
		{"64 levels are too many of the wrong type only", `{"name":` + strings.Repeat("[", 63) + strings.Repeat("]", 63) + `}`, `-`},
		{"65 levels are too deep", `{"name":` + strings.Repeat("[", 64) + strings.Repeat("]", 64) + `}`,
			`must not be nested deeper than 64 levels (at byte 72)`},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := "body: " + c.want
			if c.want == "-" {
				want = "name: must be a string"
			}
			check[newService](t, c.body, want)
		})
	}
}

func TestViolationsOfEachKind(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{"all kinds in their range", `{"on":true,"small":-128,"count":10,"atLeast":9223372036854775807,"port":65535,"ratio":-1.5e-3,
			"colour":"red","mode":"slow","long":"abc","deep":{"x":{"a":"","b":0}},"grid":[[0],[1,2]],"maybe":null,"limits":{"a":5},
			"env":{"a":"abc"},"vault":{"a":"s","b":-0},"any":{"x":[1]}}`, ``},
		{"a bool", `{"on":"true"}`, `on: must be true or false = "true"`},
		{"an integer is no string", `{"count":"3"}`, `count: must be an integer = "3"`},
		{"an integer has no fraction", `{"count":1.0}`, `count: must be an integer = 1.0`},
		{"an integer has no exponent", `{"count":1e2}`, `count: must be an integer = 1e2`},
		{"an integer over its size", `{"small":128}`, `small: must be an integer between -128 and 127 = 128`},
		{"an integer over every size", `{"atLeast":9223372036854775808}`,
			`atLeast: must be an integer between 1 and 9223372036854775807 = 9223372036854775808`},
		{"an integer below every size", `{"atLeast":-9223372036854775809}`, `atLeast: must be at least 1 = -9223372036854775809`},
		{"an integer over every size, with a range", `{"count":9223372036854775808}`, `count: must be between 1 and 10 = 9223372036854775808`},
		{"an integer below every size, with a range", `{"count":-9223372036854775809}`, `count: must be between 1 and 10 = -9223372036854775809`},
		{"an unsigned integer below zero", `{"port":-1}`, `port: must be an integer between 0 and 65535 = -1`},
		{"an integer out of its range", `{"count":11}`, `count: must be between 1 and 10 = 11`},
		{"an integer below its least", `{"atLeast":0}`, `atLeast: must be at least 1 = 0`},
		{"a number over its most", `{"ratio":1000000.5}`, `ratio: must be at most 1000000 = 1000000.5`},
		{"a number over every size", `{"ratio":1e999}`, `ratio: must be a number that is not too large = 1e999`},
		{"a number is no list", `{"ratio":[1]}`, `ratio: must be a number`},
		{"a text that its type refuses", `{"colour":"blue"}`, `colour: must be a colour = "blue"`},
		{"a text is a string", `{"colour":1}`, `colour: must be a string = 1`},
		{"one of few", `{"mode":"Fast"}`, `mode: must be one of fast, slow = "Fast"`},
		{"too short", `{"long":"üü"}`, `long: size must be at least 3 = "üü"`},
		{"objects in a map", `{"deep":{"k":{"a":1}}}`, "deep.k.a: must be a string = 1\ndeep.k.b: is required"},
		{"what is missing comes in the order of declaration", `{"maybe":{}}`, "maybe.a: is required\nmaybe.b: is required"},
		{"lists in lists", `{"grid":[[],[-1],[1]]}`, `
grid: size must be at most 2
grid[0]: size must be at least 1
grid[1][0]: must be at least 0 = -1`},
		{"values of a map", `{"limits":{"a":6}}`, `limits.a: must be at most 5 = 6`},
		{"too few pairs", `{"limits":{}}`, `limits: size must be at least 1`},
		{"a secret is never shown", `{"env":{"":"","a":"hunter2","b":7}}`, `
env.: key size must be at least 1
env.a: size must be at most 3
env.b: must be a string`},
		{"nor what is below one", `{"vault":{"a":42,"b":"hunter2"}}`, "vault.a: must be a string\nvault.b: must be an integer"},
	} {
		t.Run(c.name, func(t *testing.T) { check[kitchen](t, c.body, c.want) })
	}
}

// batch takes a list with rules of its own.
type batch struct {
	Body []newService `check:"minItems=1,maxItems=3"`
}

func batchBody() *shape.Body {
	f, _ := reflect.TypeFor[batch]().FieldByName("Body")
	return shape.FieldBody(f)
}

func TestABodyThatMayBeAbsentIsThenAsOneWithNothingInIt(t *testing.T) {
	type member struct {
		Name shape.Field[string] `json:"name"`
	}
	f, _ := reflect.TypeFor[struct {
		Body member `shape:"optional"`
	}]().FieldByName("Body")
	body := shape.FieldBody(f)
	for text, wrong := range map[string]int{"": 0, " \n": 0, "{}": 0, "null": 1, "{": 1} {
		var into member
		if violations := body.Decode([]byte(text), &into); len(violations) != wrong || into.Name.Present {
			t.Errorf("%q is %+v, %v", text, into, violations)
		}
	}
	if !body.Optional() || batchBody().Optional() {
		t.Error("which may be absent is not told")
	}
}

func TestViolationsOfABodyThatIsAList(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{"as many as there may be", `[{"name":"A"},{"name":"B"},{"name":"C"}]`, ``},
		{"a member has the index of its element", `[{"name":"A"},{"name":""}]`, `[1].name: must not be blank = ""`},
		{"paths go on from there", `[{"name":"A"},{"name":"B","produces":[{"name":"t"},{"name":"u"},{"name":3}],"extras":{"a.b":1}}]`, `
[1].produces[2].name: must be a string = 3
[1].extras.a.b: must be a string = 1`},
		{"all elements at once, in the order of the document", `[{"owner":""},{"name":"A","x":1},{"name":"A","name":"B"}]`, `
[0].owner: size must be between 1 and 60 = ""
[0].name: is required
[1].x: unknown member
[2].name: must not be given twice`},
		{"an element that is no object", `["A",null,{"name":"C"}]`, "[0]: must be an object = \"A\"\n[1]: must not be null"},
		{"none", `[]`, `body: size must be between 1 and 3`},
		{"too many come before what is wrong with them", `[{"name":"A"},{},{"name":"C"},{}]`, `
body: size must be between 1 and 3
[1].name: is required
[3].name: is required`},
		{"an object", `{"name":"A"}`, `body: must be an array`},
		{"a string", `"A"`, `body: must be an array = "A"`},
		{"null", `null`, `body: must not be null`},
		{"nothing", ``, `body: must not be empty`},
		{"cut short", `[{"name":"A"}`, `body: ends where ',' or ']' is expected (at byte 13)`},
		{"two lists", `[{"name":"A"}][]`, `body: must end after its value (at byte 14)`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := lines(batchBody().Decode([]byte(c.body), new([]newService))); got != strings.TrimSpace(c.want) {
				t.Errorf("body %s\ngot:\n%s\nwant:\n%s", c.body, got, strings.TrimSpace(c.want))
			}
		})
	}
}

func TestAListIsDecodedInItsOrder(t *testing.T) {
	var got []newService
	if violations := batchBody().Decode([]byte(`[{"name":"B"},{"name":"A","owner":null}]`), &got); violations != nil {
		t.Fatal(lines(violations))
	}
	want := []newService{{Name: "B"}, {Name: "A", facts: facts{Owner: shape.Null[string]()}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestAbsentNullAndValueAreToldApart(t *testing.T) {
	var in servicePatch
	body := shape.NewBody(reflect.TypeFor[servicePatch]())
	data := `{"description":null,"owner":"\"Ö\" \ud83d\ude00\/\\\b\f\n\r\t","flows":[],"consumes":[{"name":"t","category":null,"flows":[],"extras":{}},{"name":"u"}],"extras":{"k":"v"}}`
	if violations := body.Decode([]byte(data), &in); violations != nil {
		t.Fatal(lines(violations))
	}
	want := servicePatch{facts: facts{
		Description: shape.Null[string](),
		Owner:       shape.Of("\"Ö\" 😀/\\\b\f\n\r\t"),
		Flows:       shape.Of([]string{}),
		Consumes:    shape.Of([]topic{{Name: "t", Flows: []string{}, Extras: map[string]string{}}, {Name: "u"}}),
		Extras:      shape.Of(map[string]string{"k": "v"}),
	}}
	if !reflect.DeepEqual(in, want) {
		t.Errorf("got  %+v\nwant %+v", in, want)
	}
}

func TestDecodedValuesDoNotChangeWithTheBuffer(t *testing.T) {
	data := []byte(`{"name":"Ordering"}`)
	var in newService
	shape.NewBody(reflect.TypeFor[newService]()).Decode(data, &in)
	clear(data)
	if in.Name != "Ordering" {
		t.Errorf("the name became %q", in.Name)
	}
}

func TestAHostileBodyGetsASmallAnswer(t *testing.T) {
	for _, c := range []struct{ name, body string }{
		{"many unknown members", `{"name":"A"` + pairs(50_000) + `}`},
		{"many topics without a name", `{"name":"A","consumes":[{}` + strings.Repeat(",{}", 300_000) + `]}`},
		{"one long name over many values", `{"name":"A","produces":[{"name":"t","extras":{"` + strings.Repeat("é", 500_000) + `":1}}]}`},
		{"many wrong flows", `{"name":"A","flows":[0` + strings.Repeat(",0", 500_000) + `]}`},
		{"many services", `[{"name":"A"}` + strings.Repeat(`,{"name":"A"}`, 70_000) + `]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			violations := shape.NewBody(reflect.TypeFor[newService]()).Decode([]byte(c.body), new(newService))
			if c.body[0] == '[' {
				violations = batchBody().Decode([]byte(c.body), new([]newService))
			}
			answer, err := json.Marshal(violations)
			if err != nil {
				t.Fatal(err)
			}
			if len(violations) == 0 || len(violations) > 100 || len(answer) > 100_000 {
				t.Errorf("%d violations in %d bytes", len(violations), len(answer))
			}
		})
	}
	t.Run("malformed is found behind any number of violations", func(t *testing.T) {
		check[newService](t, `{"flows":[0`+strings.Repeat(",0", 1000)+`}`, "body: is not JSON: ',' or ']' is expected (at byte 2011)")
	})
}

func TestTypesThatCannotBeDescribedPanic(t *testing.T) {
	for _, c := range []struct {
		name string
		typ  reflect.Type
	}{
		{"a channel", reflect.TypeFor[chan int]()},
		{"a member without a name", reflect.TypeFor[struct{ Name string }]()},
		{"two members of one name", reflect.TypeFor[struct {
			inner
			B string `json:"a"`
		}]()},
		{"keys that are numbers", reflect.TypeFor[map[int]string]()},
		{"bytes", reflect.TypeFor[[]byte]()},
		{"a rule that is not known", reflect.TypeFor[struct {
			A string `json:"a" check:"maxlength=3"`
		}]()},
		{"a rule of another kind", reflect.TypeFor[struct {
			A int `json:"a" check:"maxLength=3"`
		}]()},
		{"a rule of elements that are not there", reflect.TypeFor[struct {
			A string `json:"a" check:"items.maxLength=3"`
		}]()},
		{"a rule of keys that keys cannot have", reflect.TypeFor[struct {
			A map[string]string `json:"a" check:"keys.maxItems=3"`
		}]()},
		{"a bound that is no number", reflect.TypeFor[struct {
			A int `json:"a" check:"maximum=ten"`
		}]()},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			shape.NewBody(c.typ)
		})
	}
}
