package catalog

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Slug is the URL-friendly form of a name: lower-case, accents folded to
// ASCII, every run of anything but a-z and 0-9 one hyphen, none at the ends. A
// name of which nothing is left, as one all in CJK, is prefix, a hyphen and the
// first 8 characters of the lower-case base32 of the name's SHA-256.
func Slug(prefix, name string) string {
	if slug := fold(name); slug != "" {
		return slug
	}
	sum := sha256.Sum256([]byte(name))
	return prefix + "-" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:8])
}

// slugPrefix is that of services.
const slugPrefix = "svc"

// unaccented are the Latin letters that no decomposition leads to ASCII.
var unaccented = strings.NewReplacer(
	"ø", "o", "ß", "ss", "æ", "ae", "œ", "oe", "ł", "l", "đ", "d", "ð", "d", "þ", "th", "ħ", "h", "ŧ", "t", "ı", "i")

func fold(name string) string {
	var slug strings.Builder
	gap := false
	for _, r := range unaccented.Replace(norm.NFD.String(strings.ToLower(name))) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			if gap && slug.Len() > 0 {
				slug.WriteByte('-')
			}
			gap = false
			slug.WriteRune(r)
		case !unicode.Is(unicode.Mn, r):
			gap = true
		}
	}
	return slug.String()
}
