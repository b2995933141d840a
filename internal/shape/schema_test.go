package shape_test

import (
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"almanac/internal/shape"
)

var update = flag.Bool("update", false, "write the golden file of schemas")

// page is an answer.
type page struct {
	Data  []topic  `json:"data" doc:"Those of the page."`
	Total int      `json:"total" example:"3"`
	Next  *string  `json:"next"`
	At    colour   `json:"at,omitzero"`
	Tree  *tree    `json:"tree,omitzero"`
	Mixed struct { // has no name to be a component of
		A string `json:"a,omitempty" check:"enum=x|y"`
	} `json:"mixed"`
	Raw json.RawMessage `json:"raw,omitempty"`
}

type tree struct {
	Children []tree `json:"children" check:"minItems=1,maxItems=2"`
}

func document(t *testing.T) []byte {
	components := map[string]any{}
	content := func(s *shape.Schema) map[string]any {
		return map[string]any{"application/json": map[string]any{"schema": s}}
	}
	parameters := shape.NewParams(reflect.TypeFor[listing]()).Describe()
	document, err := json.MarshalIndent(map[string]any{
		"openapi": "3.1.0",
		"info":    map[string]any{"title": "Shapes", "version": "1"},
		"paths": map[string]any{"/things/{projectId}": map[string]any{"put": map[string]any{
			"parameters":  parameters,
			"requestBody": map[string]any{"content": content(batchBody().Schema(components))},
			"responses":   map[string]any{"200": map[string]any{"description": "Nothing."}},
		}, "post": map[string]any{
			"parameters":  parameters,
			"requestBody": map[string]any{"content": content(shape.NewBody(reflect.TypeFor[newService]()).Schema(components))},
			"responses": map[string]any{
				"200": map[string]any{"description": "A page.", "content": content(shape.AnswerSchema(reflect.TypeFor[page](), components))},
				"400": map[string]any{"description": "All kinds.", "content": content(shape.NewBody(reflect.TypeFor[[]kitchen]()).Schema(components))},
			},
		}}},
		"components": map[string]any{"schemas": components},
	}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(document, '\n')
}

func TestSchemasAreValidOpenAPI(t *testing.T) {
	loaded, err := openapi3.NewLoader().LoadFromData(document(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := loaded.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// To accept a change: go test ./internal/shape -update
func TestSchemasAreGolden(t *testing.T) {
	const file = "testdata/schemas.json"
	got := document(t)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s differs from\n%s", file, got)
	}
}

func TestTwoComponentsOfOneNamePanic(t *testing.T) {
	components := map[string]any{}
	shape.AnswerSchema(reflect.TypeFor[tree](), components)
	type tree struct {
		Other string `json:"other"`
	}
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	shape.AnswerSchema(reflect.TypeFor[tree](), components)
}
