package catalog

import (
	"context"
	"slices"
	"testing"

	"almanac/internal/fault"
	"almanac/internal/shape"
	"almanac/internal/timeline"
)

func TestAServiceIsMeantByTheSlugsThatItHadUntilAnotherHasThem(t *testing.T) {
	w := newWorld(t)
	rename := func(at int, slug, name string) {
		t.Helper()
		if _, err := w.after(at).update(slug, ServicePatch{Name: shape.Of(name)}); err != nil {
			t.Fatal(err)
		}
	}
	create := func(at int, name string) {
		t.Helper()
		if _, err := w.after(at).create(NewService{Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	create(10, "Orders")
	rename(20, "orders", "Order API")
	rename(30, "order-api", "Sales")
	create(40, "Order API")
	rename(50, "order-api", "Order desk")
	for _, c := range []struct {
		slug string
		at   *timeline.Instant
		want []string
		read int
	}{
		{"sales", nil, []string{"sales", "orders"}, 50},
		{"sales", new(ms(39)), []string{"sales", "order-api", "orders"}, 39},
		{"order-api", new(ms(29)), []string{"order-api", "orders"}, 29},
		{"orders", new(ms(10)), []string{"orders"}, 10},
		{"order-api", new(ms(45)), []string{"order-api"}, 45},
		{"order-desk", nil, []string{"order-desk", "order-api"}, 50},
		{"order-desk", new(ms(1000)), []string{"order-desk", "order-api"}, 50},
	} {
		slugs, read, err := w.ServiceSlugs(t.Context(), w.caller, GetServiceInput{w.project, c.slug, c.at})
		if err != nil || !slices.Equal(slugs, c.want) || read != ms(c.read) {
			t.Errorf("%s at %v: %v read at %v, %v; want %v at %v", c.slug, c.at, slugs, read, err, c.want, ms(c.read))
		}
	}
	for name, in := range map[string]GetServiceInput{
		"a former slug": {w.project, "orders", nil}, "before": {w.project, "sales", new(ms(29))},
		"no such service": {w.project, "none", nil}, "no such project": {"none", "orders", nil},
	} {
		if slugs, _, err := w.ServiceSlugs(t.Context(), w.caller, in); err == nil || fault.Of(err).Kind != fault.NotFound {
			t.Errorf("%s: %v, %v", name, slugs, err)
		}
	}
}

func TestUnitsOfTheSlugsOfAService(t *testing.T) {
	w := newWorld(t).after(10)
	slug := must(w.create(NewService{Name: "Orders"}))(w).Slug
	for renames, allowed := range []float64{4, 11, 18} {
		m := w.metered(func(ctx context.Context) error {
			_, _, err := w.ServiceSlugs(ctx, w.caller, GetServiceInput{ProjectID: w.project, ServiceSlug: slug})
			return err
		})
		if m.ReadUnits > allowed || m.WriteUnits > 0 {
			t.Errorf("after %d renames it costs %v read units, at most %v are allowed", renames, m.ReadUnits, allowed)
		}
		slug = must(w.update(slug, ServicePatch{Name: shape.Of(slug + " two")}))(w).Slug
	}
}
