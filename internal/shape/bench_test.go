package shape_test

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"

	"almanac/internal/shape"
)

func ordering(tb testing.TB) []byte {
	data, err := os.ReadFile("testdata/ordering.json")
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

func BenchmarkDecodeCreateService(b *testing.B) {
	data := ordering(b)
	body := shape.NewBody(reflect.TypeFor[newService]())
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		var in newService
		if violations := body.Decode(data, &in); violations != nil {
			b.Fatal(violations)
		}
	}
}

func BenchmarkEncodingJSON(b *testing.B) {
	data := ordering(b)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		var in bareService
		if err := json.Unmarshal(data, &in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNewBody(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		shape.NewBody(reflect.TypeFor[newService]())
	}
}
