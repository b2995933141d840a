package main

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"almanac/internal/api"
)

// asApp makes this test's program the CDK app, so that CDK's command line can
// be tried without building the app once more.
const asApp = "ALMANAC_INFRA_AS_APP"

func TestMain(m *testing.M) {
	if os.Getenv(asApp) != "" {
		main()
		return
	}
	m.Run()
}

// placeholders writes a dist folder whose programs are headers only.
func placeholders(t *testing.T, machine elf.Machine, endpoints []api.Endpoint) string {
	t.Helper()
	header := elf.Header64{Type: uint16(elf.ET_EXEC), Machine: uint16(machine), Version: uint32(elf.EV_CURRENT)}
	copy(header.Ident[:], elf.ELFMAG)
	header.Ident[elf.EI_CLASS], header.Ident[elf.EI_DATA], header.Ident[elf.EI_VERSION] = byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)
	var program bytes.Buffer
	if err := binary.Write(&program, binary.LittleEndian, header); err != nil {
		t.Fatal(err)
	}
	dist := filepath.Join(t.TempDir(), "dist")
	ids := []string{api.Authorizer, api.Announcer, api.Maintainer}
	for _, e := range endpoints {
		ids = append(ids, e.ID)
	}
	for _, id := range ids {
		if err := os.MkdirAll(filepath.Join(dist, id), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dist, id, "bootstrap"), program.Bytes(), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dist
}

// synthesise gives the stack's template.
func synthesise(t *testing.T, endpoints []api.Endpoint, dist string) []byte {
	t.Helper()
	out := t.TempDir()
	app := newApp(&out)
	if err := addStack(app, endpoints, dist); err != nil {
		t.Fatal(err)
	}
	app.Synth(nil)
	return readTemplate(t, out)
}

func readTemplate(t *testing.T, out string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(out, stackName+".template.json"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

type template struct {
	Resources map[string]resource
	Outputs   map[string]any
}

type resource struct {
	Type                                string
	DeletionPolicy, UpdateReplacePolicy string
	Properties                          node
}

func parse(t *testing.T, data []byte) template {
	t.Helper()
	var tpl template
	if err := json.Unmarshal(data, &tpl); err != nil {
		t.Fatal(err)
	}
	return tpl
}

// of gives the resources of a type by their logical ids.
func (tpl template) of(kind string) map[string]resource {
	all := map[string]resource{}
	for id, r := range tpl.Resources {
		if r.Type == kind {
			all[id] = r
		}
	}
	return all
}

// only gives the one resource of a type.
func (tpl template) only(t *testing.T, kind string) resource {
	t.Helper()
	all := tpl.of(kind)
	if len(all) != 1 {
		t.Fatalf("%d resources are a %s", len(all), kind)
	}
	for _, r := range all {
		return r
	}
	panic("unreachable")
}

// node is a part of a template.
type node struct{ value any }

func (n *node) UnmarshalJSON(data []byte) error { return json.Unmarshal(data, &n.value) }

// at goes down into maps by name and lists by index; what is not there is nil.
func (n node) at(path ...any) node {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			m, _ := n.value.(map[string]any)
			n = node{m[step]}
		case int:
			l, _ := n.value.([]any)
			if step >= len(l) {
				return node{}
			}
			n = node{l[step]}
		}
	}
	return n
}

func mustJSON(t *testing.T, n node) []byte {
	t.Helper()
	data, err := json.Marshal(n.value)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func (n node) text() string {
	s, _ := n.value.(string)
	return s
}

func (n node) list() []node {
	l, isList := n.value.([]any)
	if !isList && n.value != nil {
		return []node{n} // CloudFormation's short form of a list of one
	}
	nodes := make([]node, len(l))
	for i, v := range l {
		nodes[i] = node{v}
	}
	return nodes
}

func (n node) texts() []string {
	var all []string
	for _, v := range n.list() {
		all = append(all, v.text())
	}
	return all
}

// target is the logical id that a Ref or the Arn of a Fn::GetAtt leads to.
func (n node) target() string {
	if id := n.at("Ref").text(); id != "" {
		return id
	}
	return n.at("Fn::GetAtt", 0).text()
}

// joined is a Fn::Join with what it refers to in braces.
func (n node) joined() string {
	var b bytes.Buffer
	for _, part := range n.at("Fn::Join", 1).list() {
		if id := part.target(); id != "" {
			b.WriteString("{" + id + "}")
		}
		b.WriteString(part.text())
	}
	return b.String()
}
