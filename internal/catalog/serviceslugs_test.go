package catalog

import (
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
		slug  string
		at    *timeline.Instant
		want  []string
		since int
	}{
		{"sales", nil, []string{"sales", "orders"}, 30},
		{"sales", new(ms(39)), []string{"sales", "order-api", "orders"}, 30},
		{"order-api", new(ms(29)), []string{"order-api", "orders"}, 20},
		{"orders", new(ms(10)), []string{"orders"}, 10},
		{"order-api", new(ms(45)), []string{"order-api"}, 40},
		{"order-desk", nil, []string{"order-desk", "order-api"}, 50},
	} {
		slugs, since, err := w.ServiceSlugs(t.Context(), w.caller, GetServiceInput{w.project, c.slug, c.at})
		if err != nil || !slices.Equal(slugs, c.want) || since != ms(c.since) {
			t.Errorf("%s at %v: %v since %v, %v; want %v since %v", c.slug, c.at, slugs, since, err, c.want, ms(c.since))
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
