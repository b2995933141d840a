package linear

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"
)

// report gives a history as a text for people. It is also kept in a file, beside
// a picture.
func (r *recorder) report(seed uint64) string {
	longest, info := r.longest()
	text := r.text(longest)
	return text + r.keep(seed, text, info)
}

// longest is the longest part of a history that has an order.
func (r *recorder) longest() ([]porcupine.Operation, porcupine.LinearizationInfo) {
	_, info := porcupine.CheckOperationsVerbose(r.model(), r.operations, patience)
	var longest []porcupine.Operation
	for _, partial := range info.PartialLinearizationsOperations() {
		for _, order := range partial {
			if len(order) > len(longest) {
				longest = order
			}
		}
	}
	return longest, info
}

func (r *recorder) text(longest []porcupine.Operation) string {
	var b strings.Builder
	fmt.Fprintf(&b, "project %s, made at %s\n\nwhat was asked, in the order of the calls (client, µs from call to answer):\n", r.project, r.born)
	all := slices.Clone(r.operations)
	slices.SortFunc(all, func(a, b porcupine.Operation) int { return cmp.Compare(a.Call, b.Call) })
	for _, o := range all {
		fmt.Fprintln(&b, describe(o))
	}
	fmt.Fprintf(&b, "\nthe longest part that has an order, %d of %d:\n", len(longest), len(all))
	placed := map[string]bool{}
	for _, o := range longest {
		placed[describe(o)] = true
		fmt.Fprintln(&b, describe(o))
	}
	fmt.Fprintln(&b, "\nwhat finds no place in it:")
	for _, o := range all {
		if !placed[describe(o)] {
			fmt.Fprintln(&b, describe(o))
		}
	}
	return b.String()
}

func describe(o porcupine.Operation) string {
	until := fmt.Sprint(o.Return / 1000)
	if o.Return == time.Hour.Nanoseconds() {
		until = "?"
	}
	return fmt.Sprintf("%d %8d–%-8s %v → %v", o.ClientId, o.Call/1000, until, o.Input, o.Output)
}

func (r *recorder) keep(seed uint64, text string, info porcupine.LinearizationInfo) string {
	name := filepath.Join(*failures, fmt.Sprintf("%d-%d", seed, os.Getpid()))
	err := os.MkdirAll(*failures, 0o755)
	if err == nil {
		err = os.WriteFile(name+".txt", []byte(text), 0o644)
	}
	if err == nil {
		err = porcupine.VisualizePath(r.model(), info, name+".html")
	}
	if err != nil {
		return fmt.Sprintf("\nit could not be kept: %v", err)
	}
	return fmt.Sprintf("\nkept in %s.txt and .html", name)
}
