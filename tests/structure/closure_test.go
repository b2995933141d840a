package structure

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestWhatEachFunctionLinks compares the dependency closure of every function
// with a golden file: modules with their versions, and packages. Functions with
// the same closure share one. What is internal to the standard library is left
// out, for it changes with every release of Go.
func TestWhatEachFunctionLinks(t *testing.T) {
	deps := map[string]goPackage{}
	closures := map[string][]string{} // by the text of the closure: the functions
	functions := map[string]goPackage{}
	for _, p := range list(t, "-deps", "./functions/...") {
		if name, ok := strings.CutPrefix(p.rel(), "functions/"); ok {
			functions[name] = p
		} else {
			deps[p.ImportPath] = p
		}
	}
	for name, f := range functions {
		closure := closureText(f.Deps, deps)
		closures[closure] = append(closures[closure], name)
	}
	dir := filepath.Join("testdata", "closure")
	if *update {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
	golden := map[string]string{} // by function: its closure
	files, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		header, closure, _ := bytes.Cut(data, []byte("\n\n"))
		for name := range strings.FieldsSeq(string(header)) {
			golden[name] = string(closure)
		}
	}
	changed := map[string][]string{} // by the change: the functions
	for closure, names := range closures {
		slices.Sort(names)
		if *update {
			write(t, filepath.Join(dir, names[0]+".txt"), strings.Join(names, "\n")+"\n\n"+closure)
			continue
		}
		for _, name := range names {
			if golden[name] == "" {
				t.Errorf("no golden file has the function %s; write it with -update", name)
			} else if diff := difference(golden[name], closure); diff != "" {
				changed[diff] = append(changed[diff], name)
			}
		}
	}
	for diff, names := range changed {
		t.Errorf("what %s links has changed; write it with -update if that is meant:\n%s", strings.Join(names, ", "), diff)
	}
	for name := range golden {
		if _, ok := functions[name]; !ok && !*update {
			t.Errorf("a golden file has %s, which is no function; write it with -update", name)
		}
	}
}

func closureText(paths []string, deps map[string]goPackage) string {
	modules := map[string]bool{}
	var packages []string
	for _, path := range paths {
		p := deps[path]
		if p.Module != nil && p.Module.Path != module {
			modules["module "+p.Module.Path+" "+p.Module.Version] = true
		}
		if p.Standard && hidden(path) {
			continue
		}
		packages = append(packages, path)
	}
	slices.Sort(packages)
	return strings.Join(append(slices.Sorted(maps.Keys(modules)), packages...), "\n") + "\n"
}

// hidden tells whether a package of the standard library is nobody else's.
func hidden(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return first == "vendor" || slices.Contains(strings.Split(path, "/"), "internal")
}

// difference lists the lines that only one of two texts has.
func difference(golden, now string) string {
	had, has := map[string]bool{}, map[string]bool{}
	for line := range strings.Lines(golden) {
		had[line] = true
	}
	for line := range strings.Lines(now) {
		has[line] = true
	}
	var b strings.Builder
	for _, line := range slices.Sorted(maps.Keys(has)) {
		if !had[line] {
			fmt.Fprint(&b, "came in:  ", line)
		}
	}
	for _, line := range slices.Sorted(maps.Keys(had)) {
		if !has[line] {
			fmt.Fprint(&b, "went out: ", line)
		}
	}
	return b.String()
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
