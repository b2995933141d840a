package catalog

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSlug(t *testing.T) {
	for _, c := range []struct{ why, name, slug string }{
		{"lower-case", "Basket.API", "basket-api"},
		{"runs of anything else are one hyphen", "a -- _ b", "a-b"},
		{"no hyphen at the ends", "--(a)--", "a"},
		{"digits stay", "7 of 9", "7-of-9"},
		{"accents are folded", "Crème Brûlée à Óbidos", "creme-brulee-a-obidos"},
		{"accents of their own code points are folded", "Cafe\u0301", "cafe"},
		{"stacked accents are folded", "Việt Nǖ", "viet-nu"},
		{"o with stroke is o", "Øresund søk", "oresund-sok"},
		{"an accent on an o with stroke, too", "ǿ", "o"},
		{"sharp s is ss", "Straße GROẞ", "strasse-gross"},
		{"ae ligature is ae", "Æther næsten", "aether-naesten"},
		{"l with stroke is l", "Łódź żółw", "lodz-zolw"},
		{"capital dotted i is i", "İstanbul", "istanbul"},
		{"emoji are anything else", "🚀 launch 🚀 pad", "launch-pad"},
		{"CJK among letters is anything else", "日本 orders", "orders"},
		{"all CJK is the hash of the name", "注文サービス", "svc-du3uehwm"},
		{"all emoji is the hash of the name", "🚀", "svc-"},
		{"other scripts are the hash of the name", "Привет", "svc-"},
	} {
		t.Run(c.why, func(t *testing.T) {
			got := Slug(slugPrefix, c.name)
			if strings.HasSuffix(c.slug, "-") {
				if !strings.HasPrefix(got, c.slug) || len(got) != len("svc-")+8 {
					t.Errorf("Slug(%q) is %q", c.name, got)
				}
				return
			}
			if got != c.slug {
				t.Errorf("Slug(%q) is %q, want %q", c.name, got, c.slug)
			}
		})
	}
}

func FuzzSlug(f *testing.F) {
	for _, name := range []string{"Basket.API", "Straße", "注文", "🚀", "ǿ", "\x00", "İ", "ﬁ", "a\u0301\u0302"} {
		f.Add(name)
	}
	shape := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	f.Fuzz(func(t *testing.T, name string) {
		if !utf8.ValidString(name) {
			t.Skip("names are UTF-8 by then")
		}
		slug := Slug(slugPrefix, name)
		if !shape.MatchString(slug) {
			t.Fatalf("Slug(%q) is %q", name, slug)
		}
		if again := Slug(slugPrefix, slug); again != slug {
			t.Fatalf("the slug of the slug %q is %q", slug, again)
		}
		id := newProjectID(name)
		if len(id) < minProjectID || len(id) > maxProjectID || !shape.MatchString(id) {
			t.Fatalf("the project id of %q is %q", name, id)
		}
	})
}
