package shape_test

import (
	"encoding/json"
	"math"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"almanac/internal/fault"
	"almanac/internal/shape"
)

type paging struct {
	Page int `query:"page" check:"minimum=0" default:"0"`
	Skip int `query:"skip" check:"minimum=0,clamped"`
	Size int `query:"size" check:"minimum=1,maximum=100" default:"20" doc:"How many on a page."`
}

type listing struct {
	ID       string `path:"projectId" doc:"Of the project." example:"shop-1"`
	IfMatch  string `header:"If-Match"`
	Archived *bool  `query:"archived"`
	Query    string `query:"query" check:"maxLength=5"`
	Colour   colour `query:"colour"`
	From     colour `query:"from" check:"required"`
	Body     inner  `body:""`
	paging
}

func TestParameters(t *testing.T) {
	yes := true
	for _, c := range []struct {
		name, path, query, header string
		want                      listing
		details                   string // of the error; empty is none
	}{
		{name: "absent ones are zero or their default", path: "p", query: "from=red",
			want: listing{ID: "p", From: 1, paging: paging{Size: 20}}},
		{name: "all of them", path: "p", query: "from=red&colour=red&archived=true&query=caf%C3%A9&page=2&size=100&other=x", header: `"v1"`,
			want: listing{ID: "p", IfMatch: `"v1"`, Archived: &yes, Query: "café", Colour: 1, From: 1, paging: paging{Page: 2, Size: 100}}},
		{name: "an empty string is a string", path: "p", query: "from=red&query=",
			want: listing{ID: "p", From: 1, paging: paging{Size: 20}}},
		{name: "a required one must be there", path: "p", details: `from is required`},
		{name: "one that is clamped is as large as there is", path: "p", query: "from=red&skip=99999999999999999999",
			want: listing{ID: "p", From: 1, paging: paging{Size: 20, Skip: math.MaxInt}}},
		{name: "one that is clamped is still in its range", path: "p", query: "from=red&skip=-99999999999999999999",
			details: `skip must be at least 0, read "-99999999999999999999"`},
		{name: "under its range", path: "p", query: "from=red&size=0", details: `size must be between 1 and 100, read "0"`},
		{name: "over its range", path: "p", query: "from=red&size=101", details: `size must be between 1 and 100, read "101"`},
		{name: "below its least", path: "p", query: "from=red&page=-1", details: `page must be at least 0, read "-1"`},
		{name: "over every range", path: "p", query: "from=red&page=99999999999999999999",
			details: `page must be an integer between 0 and 9223372036854775807, read "99999999999999999999"`},
		{name: "over every range, with one of its own", path: "p", query: "from=red&size=99999999999999999999",
			details: `size must be between 1 and 100, read "99999999999999999999"`},
		{name: "no integer", path: "p", query: "from=red&size=ten", details: `size must be an integer, read "ten"`},
		{name: "an integer with a sign", path: "p", query: "from=red&size=%2B5", details: `size must be an integer, read "+5"`},
		{name: "an integer with a leading zero", path: "p", query: "from=red&size=05", details: `size must be an integer, read "05"`},
		{name: "an integer with a space", path: "p", query: "from=red&size=5+", details: `size must be an integer, read "5 "`},
		{name: "an integer with a fraction", path: "p", query: "from=red&size=5.0", details: `size must be an integer, read "5.0"`},
		{name: "an empty integer", path: "p", query: "from=red&size=", details: `size must not be empty, read ""`},
		{name: "given twice", path: "p", query: "from=red&size=1&size=2", details: `size must be given once, read "1" and 1 more`},
		{name: "a bool by another name", path: "p", query: "from=red&archived=1", details: `archived must be true or false, read "1"`},
		{name: "a text that its type refuses", path: "p", query: "from=blue", details: `from must be a colour, read "blue"`},
		{name: "an empty text", path: "p", query: "from=", details: `from must not be empty, read ""`},
		{name: "a string that is too long", path: "p", query: "from=red&query=abcdef", details: `query size must be at most 5, read "abcdef"`},
		{name: "an empty path segment", query: "from=red", details: `projectId must not be empty, read ""`},
		{name: "invalid UTF-8", path: "\xff", query: "from=red", details: `projectId must be valid UTF-8, read "\xff"`},
		{name: "U+0000", path: "p", query: "from=red&query=%00", details: `query must not contain the character U+0000, read "\x00"`},
		{name: "what was read is shown short", path: "p", query: "from=" + strings.Repeat("%80", 300),
			details: `from must be valid UTF-8, read "` + strings.Repeat(`\x80`, 96) + `…"`},
		{name: "what was read is shown quoted", path: "p", query: "from=%22%0A", details: `from must be a colour, read "\"\n"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			query, err := url.ParseQuery(c.query)
			if err != nil {
				t.Fatal(err)
			}
			header := http.Header{}
			if c.header != "" {
				header.Set("If-Match", c.header)
			}
			var in listing
			err = shape.NewParams(reflect.TypeFor[listing]()).
				Decode(func(string) string { return c.path }, query, header.Values, &in)
			if c.details == "" {
				if err != nil || !reflect.DeepEqual(in, c.want) {
					t.Errorf("got %+v and %v, want %+v", in, err, c.want)
				}
				return
			}
			f := fault.Of(err)
			if f.Code != "bad_request" || f.Details != c.details {
				t.Errorf("got %v, want details %s", err, c.details)
			}
		})
	}
}

func TestParametersAreDescribedInOrder(t *testing.T) {
	got, err := json.Marshal(shape.NewParams(reflect.TypeFor[listing]()).Describe())
	if err != nil {
		t.Fatal(err)
	}
	want := `[
		{"name":"projectId","in":"path","description":"Of the project.","required":true,"schema":{"type":"string","examples":["shop-1"]}},
		{"name":"If-Match","in":"header","schema":{"type":"string"}},
		{"name":"archived","in":"query","schema":{"type":"boolean"}},
		{"name":"query","in":"query","schema":{"type":"string","maxLength":5}},
		{"name":"colour","in":"query","schema":{"type":"string","format":"colour","minLength":1,"pattern":"^red$"}},
		{"name":"from","in":"query","required":true,"schema":{"type":"string","format":"colour","minLength":1,"pattern":"^red$"}},
		{"name":"page","in":"query","schema":{"type":"integer","default":0,"minimum":0}},
		{"name":"skip","in":"query","schema":{"type":"integer","minimum":0}},{"name":"size","in":"query","description":"How many on a page.","schema":{"type":"integer","default":20,"minimum":1,"maximum":100}}
	]`
	if want = strings.NewReplacer("\n", "", "\t", "").Replace(want); string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAParameterThatCannotBePanics(t *testing.T) {
	for name, wrong := range map[string]reflect.Type{
		"a default that is not valid": reflect.TypeFor[struct {
			Size int `query:"size" check:"minimum=1" default:"0"`
		}](),
		"a list in a header": reflect.TypeFor[struct {
			Tags []string `header:"If-Match"`
		}](),
		"a list in a path": reflect.TypeFor[struct {
			IDs []string `path:"ids"`
		}](),
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			shape.NewParams(wrong)
		})
	}
}

func TestAListIsReadFromCommasAndFromValuesAlike(t *testing.T) {
	type focus struct {
		IDs []string `query:"ids" check:"items.maxLength=3"`
	}
	params := shape.NewParams(reflect.TypeFor[focus]())
	for query, want := range map[string][]string{
		"":                       nil,
		"ids=":                   nil,
		"ids=,+,":                nil,
		"ids=a":                  {"a"},
		"ids=a,b":                {"a", "b"},
		"ids=a&ids=b":            {"a", "b"},
		"ids=a,b&ids=+c+,,a":     {"a", "b", "c", "a"},
		"ids=%C3%A9%C3%A9%C3%A9": {"ééé"},
	} {
		values, _ := url.ParseQuery(query)
		var into focus
		if err := params.Decode(func(string) string { return "" }, values, func(string) []string { return nil }, &into); err != nil || !reflect.DeepEqual(into.IDs, want) {
			t.Errorf("%q is %q, %v", query, into.IDs, err)
		}
	}
	for query, details := range map[string]string{
		"ids=a,%FF":        `ids must be valid UTF-8, read "\xff"`,
		"ids=a&ids=b,abcd": `ids size must be at most 3, read "abcd"`,
	} {
		values, _ := url.ParseQuery(query)
		err := params.Decode(func(string) string { return "" }, values, func(string) []string { return nil }, new(focus))
		if f, ok := err.(*fault.Error); !ok || f.Code != "bad_request" || f.Details != details {
			t.Errorf("%q: %v", query, err)
		}
	}
	if d := params.Describe(); len(d) != 1 || d[0].Schema.Type != "array" || d[0].Schema.Items.Type != "string" {
		t.Errorf("described as %+v", d)
	}
}
