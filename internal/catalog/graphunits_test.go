package catalog

import (
	"context"
	"fmt"
	"testing"
)

// What is made from all services costs what a list of them does, and no more.
func TestUnitsOfEntitiesAndGraphsAreThoseOfAList(t *testing.T) {
	w := newWorld(t).after(10)
	for i := range 40 {
		must(w.create(twoKB(fmt.Sprintf("Service %d", i))))(w)
	}
	w.after(1000)
	must(w.update("service-7", described("changed")))(w)
	in := GetGraphInput{ProjectID: w.project, Depth: 1}
	focused := in
	focused.FilteredIDs = []string{"service--service-7"}
	for what, read := range map[string]func(ctx context.Context) error{
		"getEntities": func(ctx context.Context) error {
			_, err := w.GetEntities(ctx, w.caller, GetEntitiesInput{ProjectID: w.project})
			return err
		},
		"getGraph":               func(ctx context.Context) error { _, err := w.GetGraph(ctx, w.caller, in); return err },
		"getGraph of one entity": func(ctx context.Context) error { _, err := w.GetGraph(ctx, w.caller, focused); return err },
		"getGraphMermaid":        func(ctx context.Context) error { _, err := w.GetGraphMermaid(ctx, w.caller, in); return err },
		"getGraphSvg":            func(ctx context.Context) error { _, err := w.GetGraphSvg(ctx, w.caller, in); return err },
	} {
		m := w.metered(read)
		t.Logf("%-22s %4.0f read units, %d calls", what, m.ReadUnits, m.Calls)
		// 40 items of just under 2 KB, compressed, are 6 units, and the head is one.
		if m.ReadUnits != 7 || m.WriteUnits != 0 || m.Calls != 2 {
			t.Errorf("%s of 40 services of 2 KB takes %v read and %v write units in %d calls", what, m.ReadUnits, m.WriteUnits, m.Calls)
		}
	}
}
