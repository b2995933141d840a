package network

import (
	"encoding/csv"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"almanac/internal/timeline"
)

func TestATableIsReadAsItWasWritten(t *testing.T) {
	table, err := csvOf("things", []string{"name", "note", "count"}, [][]any{
		{`a "quoted" name`, new("with, comma"), 1},
		{"two\nlines", (*string)(nil), -2},
		{"two\r\nothers", new("a lone\rreturn"), 3},
		{"naïve ☂", new(""), 0},
	}, func(row []any) []any { return row })
	if err != nil {
		t.Fatal(err)
	}
	const want = "name,note,count\r\n" + `"a ""quoted"" name","with, comma",1` + "\r\n" + "\"two\nlines\",,-2\r\n" +
		"\"two\r\nothers\",\"a lone\rreturn\",3\r\n" + "naïve ☂,,0\r\n"
	if table.Text() != want {
		t.Errorf("it is\n%q, want\n%q", table.Text(), want)
	}
	if table.FileName() != "things.csv" || table.MediaType() != "text/csv; charset=utf-8" {
		t.Error(table.FileName(), table.MediaType())
	}
}

func TestATableOfNothingHasItsHeader(t *testing.T) {
	table, err := csvOf("things", []string{"id"}, []string{}, func(string) []any { return nil })
	if err != nil || table.Text() != "id\r\n" {
		t.Errorf("%q, %v", table.Text(), err)
	}
}

func TestNoCellIsAFormula(t *testing.T) {
	for _, text := range []string{"=1+2", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"} {
		if got := cell(text); got != "'"+text {
			t.Errorf("%q is written as %q", text, got)
		}
	}
	for _, text := range []string{"", "a=b", "1-2", "'=1", " =1"} {
		if got := cell(text); got != text {
			t.Errorf("%q is written as %q", text, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		got := cell(text)
		if got != text && got != "'"+text || got != "" && strings.ContainsAny(got[:1], "=+-@\t\r\n") {
			t.Errorf("%q is written as %q", text, got)
		}
	})
}

// scalars are the JSON names of the members of a struct that are no lists and no
// objects. A source is its type.
func scalars(t reflect.Type) []string {
	var names []string
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		kind := f.Type.Kind()
		if kind == reflect.Pointer {
			kind = f.Type.Elem().Kind()
		}
		switch {
		case f.Anonymous:
			names = append(names, scalars(f.Type)...)
		case name == "":
		case kind == reflect.Slice, kind == reflect.Struct && f.Type != reflect.TypeFor[Source]() && f.Type != reflect.TypeFor[timeline.Instant]():
		default:
			names = append(names, name)
		}
	}
	return names
}

func TestEveryExportHasEveryScalarMember(t *testing.T) {
	w := setUp(t)
	w.put(busy(1))
	w.makeSubnet("office", "10.0.0.0/16")
	w.tag(1)
	for _, c := range []struct {
		of     reflect.Type
		export func() (CSV, error)
	}{
		{reflect.TypeFor[Service](), func() (CSV, error) { return w.ExportServices(t.Context(), ann, ExportServicesInput{}) }},
		{reflect.TypeFor[Host](), func() (CSV, error) { return w.ExportHosts(t.Context(), ann, ExportHostsInput{}) }},
		{reflect.TypeFor[Binding](), func() (CSV, error) { return w.ExportBindings(t.Context(), ann, ExportBindingsInput{}) }},
		{reflect.TypeFor[Tag](), func() (CSV, error) { return w.ExportTags(t.Context(), ann, ExportTagsInput{}) }},
		{reflect.TypeFor[Port](), func() (CSV, error) { return w.ExportPorts(t.Context(), ann, ExportPortsInput{}) }},
		{reflect.TypeFor[Interface](), func() (CSV, error) { return w.ExportInterfaces(t.Context(), ann, ExportInterfacesInput{}) }},
		{reflect.TypeFor[Subnet](), func() (CSV, error) { return w.ExportSubnets(t.Context(), ann, ExportSubnetsInput{}) }},
		{reflect.TypeFor[Network](), func() (CSV, error) { return w.ExportNetworks(t.Context(), ann, ExportNetworksInput{}) }},
	} {
		t.Run(c.of.Name(), func(t *testing.T) {
			table, err := c.export()
			if err != nil {
				t.Fatal(err)
			}
			lines, err := csv.NewReader(strings.NewReader(table.Text())).ReadAll()
			if err != nil || len(lines) < 2 {
				t.Fatalf("%q, %v", table.Text(), err)
			}
			got, want := slices.Sorted(slices.Values(lines[0])), slices.Sorted(slices.Values(scalars(c.of)))
			if !slices.Equal(got, want) {
				t.Errorf("its columns are %q, want %q", got, want)
			}
		})
	}
}
