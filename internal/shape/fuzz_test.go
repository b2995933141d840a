package shape_test

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"almanac/internal/shape"
)

// plain has no Field, so that encoding/json can write what was decoded.
type plain struct {
	Name   string             `json:"name"`
	On     bool               `json:"on"`
	Count  int32              `json:"count"`
	Ratio  float64            `json:"ratio"`
	Maybe  *string            `json:"maybe,omitzero" check:"nullable"`
	Flows  []string           `json:"flows,omitzero" check:"nullable"`
	Extras map[string]string  `json:"extras,omitzero" check:"nullable"`
	Nested map[string][]plain `json:"nested,omitzero"`
	Any    json.RawMessage    `json:"any,omitzero"`
}

// FuzzDecode holds the decoder to encoding/json: what is malformed to one is
// malformed to the other, and what is accepted has the same value.
func FuzzDecode(f *testing.F) {
	ordering, err := os.ReadFile("testdata/ordering.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(ordering)
	for _, seed := range []string{
		``, `null`, `{}`, `[]`, `{"name":"A","name":"B"}`, `{"name":"\ud83d\ude00\u0000\udc00"}`, `{"x":[1,2.5e-3,{}]}`, `{"count":1.0}`,
		`{"name":"n","on":true,"count":-7,"ratio":1e3,"maybe":null,"flows":[],"extras":{"k":"v"},"nested":{"a":[{"name":"b"}]},"any":{"q":[]}}`,
		strings.Repeat("[", 70) + strings.Repeat("]", 70), "\"\xff\"", `{"a":`, `{"a" 1}`, `[1,]`, `1 2`,
		`[{"name":"A"},{"name":"B","flows":[1]},{},{}]`,
	} {
		f.Add([]byte(seed))
	}
	body, service, list := shape.NewBody(reflect.TypeFor[plain]()), shape.NewBody(reflect.TypeFor[newService]()), batchBody()
	f.Fuzz(func(t *testing.T, data []byte) {
		var in plain
		violations := body.Decode(data, &in)
		all := lines(violations)
		stricter := strings.Contains(all, "body: must not be nested deeper") || strings.Contains(all, "body: is not valid UTF-8")
		malformed := strings.Contains(all, "(at byte ") || all == "body: must not be empty"
		if !stricter && malformed == json.Valid(data) {
			t.Fatalf("encoding/json finds it valid: %t; we say %s", json.Valid(data), all)
		}
		for _, v := range slices.Concat(violations, service.Decode(data, new(newService)), list.Decode(data, new([]newService))) {
			if v.RejectedValue != nil && !json.Valid(v.RejectedValue) {
				t.Fatalf("not a JSON value: %q", v.RejectedValue)
			}
		}
		if violations != nil {
			return
		}
		var theirs, again plain
		if err := json.Unmarshal(data, &theirs); err != nil || !reflect.DeepEqual(in, theirs) {
			t.Fatalf("we read\n%+v\nencoding/json reads (error: %v)\n%+v", in, err, theirs)
		}
		encoded, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		if violations := body.Decode(encoded, &again); violations != nil {
			t.Fatalf("%s read again: %s", encoded, lines(violations))
		}
		in.Any, again.Any = nil, nil // encoding/json compacts it
		if !reflect.DeepEqual(in, again) {
			t.Fatalf("we read\n%+v\nand again\n%+v", in, again)
		}
	})
}

// FuzzParams never panics, and never takes what is not valid UTF-8.
func FuzzParams(f *testing.F) {
	f.Add("a", "1", "red")
	f.Add("\xff", "-9223372036854775809", "\x80\x80")
	params := shape.NewParams(reflect.TypeFor[listing]())
	f.Fuzz(func(t *testing.T, id, size, query string) {
		var in listing
		err := params.Decode(func(string) string { return id },
			map[string][]string{"size": {size}, "query": {query}}, func(string) []string { return nil }, &in)
		if err == nil && (in.ID != strings.ToValidUTF8(id, "") || in.Size < 1 || in.Size > 100) {
			t.Errorf("%q and %q were taken", id, size)
		}
	})
}
