package structure

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"almanac/internal/api"
)

func TestEveryEndpointHasItsFunctionAndItsGoldenEvent(t *testing.T) {
	wanted := map[string]bool{api.Authorizer: true, api.Announcer: true, api.Maintainer: true}
	for _, e := range api.Table() {
		if wanted[e.ID] {
			t.Errorf("the table has two endpoints %s", e.ID)
		}
		wanted[e.ID] = true
	}
	functions := names(t, "functions/*/main.go", func(path string) string { return filepath.Base(filepath.Dir(path)) })
	events := names(t, "events/*.json", func(path string) string { return strings.TrimSuffix(filepath.Base(path), ".json") })
	for id := range wanted {
		if !functions[id] {
			t.Errorf("functions/%s/main.go is missing", id)
		}
		if !events[id] {
			t.Errorf("events/%s.json is missing", id)
		}
	}
	for id := range functions {
		if !wanted[id] {
			t.Errorf("functions/%s is the function of no endpoint", id)
		}
	}
	for id := range events {
		if !wanted[id] {
			t.Errorf("events/%s.json is the event of no endpoint", id)
		}
	}
}

func TestAFunctionsMainHasNothingToRead(t *testing.T) {
	for id := range names(t, "functions/*", filepath.Base) {
		dir := filepath.Join(root, "functions", id)
		if files := slices.Sorted(maps.Keys(names(t, "functions/"+id+"/*", filepath.Base))); !slices.Equal(files, []string{"main.go"}) {
			t.Errorf("functions/%s holds %v, not main.go alone", id, files)
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, "main.go"), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Error(err)
			continue
		}
		var bodies []*ast.FuncDecl
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				bodies = append(bodies, d)
			case *ast.GenDecl:
				if d.Tok != token.IMPORT {
					t.Errorf("functions/%s declares a %s", id, d.Tok)
				}
			}
		}
		if len(bodies) != 1 || len(bodies[0].Body.List) != 1 {
			t.Errorf("functions/%s has more than a main of one statement", id)
			continue
		}
		called := calls(bodies[0])
		wanted := "api." + strings.ToUpper(id[:1]) + id[1:]
		switch id {
		case api.Authorizer:
			wanted = "lambdahost.Authorizer"
		case api.Announcer:
			wanted = "announcer.Main"
		case api.Maintainer:
			wanted = "maintainer.Main"
		}
		if !called[wanted] {
			t.Errorf("functions/%s does not call %s", id, wanted)
		}
	}
}

// calls are the functions of other packages that f calls.
func calls(f *ast.FuncDecl) map[string]bool {
	called := map[string]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if s, ok := call.Fun.(*ast.SelectorExpr); ok {
				if pkg, ok := s.X.(*ast.Ident); ok {
					called[pkg.Name+"."+s.Sel.Name] = true
				}
			}
		}
		return true
	})
	return called
}

// names are those of the files that pattern matches in the repository.
func names(t *testing.T, pattern string, name func(string) string) map[string]bool {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, pattern))
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) == 0 {
		dir, _ := os.Getwd()
		t.Fatalf("nothing matches %s from %s", pattern, dir)
	}
	set := map[string]bool{}
	for _, p := range paths {
		set[name(p)] = true
	}
	return set
}

func TestOnlyWhoTouchesTheGatewaysKeysLinksWhatItTakes(t *testing.T) {
	touches := map[string]bool{}
	for _, e := range api.Table() {
		touches[e.ID] = e.Plans != 0
	}
	for _, p := range list(t, "./functions/...") {
		id := filepath.Base(p.ImportPath)
		links := slices.ContainsFunc(p.Deps, func(dep string) bool {
			return strings.HasPrefix(dep, "github.com/aws/aws-sdk-go-v2/service/apigateway")
		})
		if links != touches[id] {
			t.Errorf("functions/%s touches the gateway's keys: %v, and links its SDK: %v", id, touches[id], links)
		}
	}
}
