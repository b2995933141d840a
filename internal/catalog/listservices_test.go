package catalog

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"almanac/internal/fault"
	"almanac/internal/shape"
)

func TestListFilters(t *testing.T) {
	w := newWorld(t).after(10)
	must(w.create(NewService{Name: "Orders", ServiceFacts: ServiceFacts{
		Category: shape.Of("sales"), Owner: shape.Of("team-a"), Flows: shape.Of([]string{"checkout"}),
		Description: shape.Of("Takes the ORDER"), Produces: shape.Of([]Topic{{Name: "order.created"}}),
	}}))(w)
	must(w.create(NewService{Name: "Billing", ServiceFacts: ServiceFacts{
		Category: shape.Of("sales"), Owner: shape.Of("team-b"), Flows: shape.Of([]string{"checkout", "refund"}),
		Consumes: shape.Of([]Topic{{Name: "order.created"}}),
	}}))(w)
	must(w.create(named("Zebra Änderung")))(w)
	for _, c := range []struct {
		name string
		in   ListServicesInput
		want []string
	}{
		{"none: all, in the order of their slugs", ListServicesInput{}, []string{"billing", "orders", "zebra-anderung"}},
		{"category", ListServicesInput{Category: "sales"}, []string{"billing", "orders"}},
		{"category is exact", ListServicesInput{Category: "Sales"}, []string{}},
		{"owner", ListServicesInput{Owner: "team-b"}, []string{"billing"}},
		{"flow", ListServicesInput{Flow: "refund"}, []string{"billing"}},
		{"topic, produced or consumed", ListServicesInput{Topic: "order.created"}, []string{"billing", "orders"}},
		{"q in the name, in any case", ListServicesInput{Q: "ÄNDER"}, []string{"zebra-anderung"}},
		{"q in the slug", ListServicesInput{Q: "ra-and"}, []string{"zebra-anderung"}},
		{"q in the description", ListServicesInput{Q: "the order"}, []string{"orders"}},
		{"together", ListServicesInput{Category: "sales", Flow: "checkout", Q: "order"}, []string{"orders"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := slugsOf(must(w.list(c.in))(w)); !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestThePagesOfAListShareOneInstant(t *testing.T) {
	w := newWorld(t).after(10)
	for n := range 7 {
		must(w.create(named(fmt.Sprintf("s%d", n))))(w)
	}
	w.after(1000)
	var got []string
	in := ListServicesInput{Limit: 2}
	for pages := 1; ; pages++ {
		page := must(w.list(in))(w)
		got = append(got, slugsOf(page)...)
		if page.NextCursor() == "" {
			if pages != 4 {
				t.Errorf("there were %d pages", pages)
			}
			break
		}
		in.Cursor = serviceCursor{}
		if err := in.Cursor.UnmarshalText([]byte(page.NextCursor())); err != nil {
			t.Fatal(err)
		}
		// What is written between two pages shows in none.
		must(w.create(named(fmt.Sprintf("s%d-new", 6-pages))))(w)
		must(w.update(fmt.Sprintf("s%d", 7-pages), renamed(fmt.Sprintf("moved %d", pages))))(w)
	}
	if want := []string{"s0", "s1", "s2", "s3", "s4", "s5", "s6"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestACursorIsTakenOnlyForTheListThatMadeIt(t *testing.T) {
	w := newWorld(t).after(10)
	for n := range 4 {
		must(w.create(named(fmt.Sprintf("s%d", n))))(w)
	}
	first := ListServicesInput{ProjectID: w.project, Limit: 2, Q: "s"}
	text := must(w.list(first))(w).NextCursor()
	other := must(w.CreateProject(t.Context(), w.caller, CreateProjectInput{NewProject{Name: "Another"}}))(w)
	page := func(cursor string, change func(in *ListServicesInput)) error {
		in := first
		if err := in.Cursor.UnmarshalText([]byte(cursor)); err != nil {
			return fault.BadRequest("%s", err)
		}
		change(&in)
		_, err := w.ListServices(t.Context(), w.caller, in)
		return err
	}
	same := func(*ListServicesInput) {}
	if err := page(text, same); err != nil {
		t.Fatalf("its own list: %v", err)
	}
	if err := page(text, func(in *ListServicesInput) { in.Limit = 1 }); err != nil {
		t.Errorf("a page of another size: %v", err)
	}
	for name, change := range map[string]func(in *ListServicesInput){
		"another project":  func(in *ListServicesInput) { in.ProjectID = other.ID },
		"another instant":  func(in *ListServicesInput) { in.At = new(ms(12)) },
		"another category": func(in *ListServicesInput) { in.Category = "sales" },
		"another owner":    func(in *ListServicesInput) { in.Owner = "sales" },
		"another flow":     func(in *ListServicesInput) { in.Flow = "sales" },
		"another topic":    func(in *ListServicesInput) { in.Topic = "sales" },
		"another text":     func(in *ListServicesInput) { in.Q = "" },
		"texts that moved": func(in *ListServicesInput) { in.Q, in.Topic = "", "s" },
	} {
		t.Run(name, func(t *testing.T) {
			w.refused(page(text, change), fault.BadRequest(""))
		})
	}
	for i := range text {
		w.refused(page(text[:i], same), fault.BadRequest(""))
		w.refused(page(text[:i]+text[i+1:], same), fault.BadRequest(""))
		for _, c := range []string{"A", "B", "_"} {
			if forged := text[:i] + c + text[i+1:]; forged != text {
				w.refused(page(forged, same), fault.BadRequest(""))
			}
		}
	}
	for _, text := range []string{"", "x", "!!!!", "MTIz", "YWJj", text + "A", text + "AAAA", text + "\n", strings.Repeat("A", 4000)} {
		w.refused(page(text, same), fault.BadRequest(""))
	}
}
