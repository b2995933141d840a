package network

import (
	"regexp"
	"strings"
	"testing"
)

func TestAReferenceIsWhatTheCatalogCouldHaveMade(t *testing.T) {
	pattern := regexp.MustCompile(CatalogID("").Pattern())
	for text, ok := range map[string]bool{
		"a": true, "7": true, "order-api": true, "my-project-a1b2c": true, "2-fast-4-u": true,
		strings.Repeat("s", 120): true, strings.Repeat("s", 121): false,
		"": false, "-": false, "-a": false, "a-": false, "a--b": false, "Order": false, "order_api": false, "order api": false, "ö": false, "a\n": false, "a#b": false,
	} {
		var id CatalogID
		err := id.UnmarshalText([]byte(text))
		if (err == nil) != ok || ok && string(id) != text {
			t.Errorf("%q is read as %q, %v", text, id, err)
		}
		if described := pattern.MatchString(text) && len(text) <= 120; described != ok {
			t.Errorf("schemas say of %q that it is %v", text, described)
		}
	}
}
