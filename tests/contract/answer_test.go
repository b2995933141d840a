package contract

import (
	"bytes"
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strings"
)

// ok checks that an answer is a success.
func (a answer) ok() answer {
	a.Helper()
	if a.status != http.StatusOK && a.status != http.StatusNoContent {
		a.Fatalf("%s: got %d %s", a.asked, a.status, a.body)
	}
	return a
}

// is checks an answer to the byte.
func (a answer) is(status int, body string) answer {
	a.Helper()
	if a.status != status || a.body != body {
		a.Errorf("%s:\ngot  %d %s\nwant %d %s", a.asked, a.status, a.body, status, body)
	}
	return a
}

// fails checks an error but for its words.
func (a answer) fails(status int, code string) problem {
	a.Helper()
	if a.status != status {
		a.Fatalf("%s: got %d %s, want %d %s", a.asked, a.status, a.body, status, code)
	}
	p := a.problem()
	if p.Code != code {
		a.Errorf("%s: got the code %s, want %s: %s", a.asked, p.Code, code, a.body)
	}
	return p
}

// problem reads an error, in whichever dialect.
func (a answer) problem() problem {
	a.Helper()
	if !a.ofNetwork() {
		return read[problem](a)
	}
	p := read[networkProblem](a)
	if p.Success || p.Error == "" || p.Meta.APIVersion != 1 || p.Meta.ServerVersion == "" || p.Meta.Pagination != nil {
		a.Errorf("%s: %d with the body %s", a.asked, a.status, a.body)
	}
	return problem{Status: a.status, Code: p.Code, Message: p.Error, Violations: p.Params.Violations}
}

// ofNetwork tells whether the network API answered.
func (a answer) ofNetwork() bool {
	_, path, _ := strings.Cut(a.asked, " ")
	return inNetwork(path)
}

func inNetwork(path string) bool { return path == "/api" || strings.HasPrefix(path, "/api/") }

// badRequest checks a 400 for something that is no member of the body, whose
// details name what was read.
func (a answer) badRequest(naming ...string) {
	a.Helper()
	p := a.fails(400, "bad_request")
	for _, words := range naming {
		if !strings.Contains(p.Details, words) {
			a.Errorf("%s: the details %q do not name %q", a.asked, p.Details, words)
		}
	}
}

// has checks a header that must come once, or not at all where want is empty.
func (a answer) has(name, want string) answer {
	a.Helper()
	got := a.header.Values(name)
	if want == "" && len(got) > 0 || want != "" && !slices.Equal(got, []string{want}) {
		a.Errorf("%s: the header %s is %q, want %q", a.asked, name, got, want)
	}
	return a
}

// checkForm checks what holds for every answer.
func (a answer) checkForm() {
	a.Helper()
	if ids := a.header.Values("X-Request-Id"); len(ids) != 1 || ids[0] == "" {
		a.Errorf("%s: %d with X-Request-Id %q", a.asked, a.status, ids)
	}
	switch cached := a.header.Get("Cache-Control"); {
	case cached == "no-store":
	case cached == "private, max-age=31536000, immutable" && (a.status == 200 || a.status == 304):
	default:
		a.Errorf("%s: %d with Cache-Control %q", a.asked, a.status, cached)
	}
	empty := a.status == 204 || a.status == 304
	if (a.body == "") != empty && !strings.HasPrefix(a.asked, "HEAD ") {
		a.Errorf("%s: %d with the body %q", a.asked, a.status, a.body)
	}
	if empty {
		a.has("Content-Type", "")
		return
	}
	a.has("Content-Type", a.mediaType())
	if a.status >= 400 && a.body != "" {
		if p := a.problem(); p.Status != a.status || p.Message == "" {
			a.Errorf("%s: %d with the body %s", a.asked, a.status, a.body)
		}
	}
}

// mediaType is what the body has to be: an error is always JSON.
func (a answer) mediaType() string {
	path, _, _ := strings.Cut(a.asked, "?")
	switch {
	case a.status >= 400:
	case strings.HasSuffix(path, "/graph/mermaid"):
		return "text/plain; charset=utf-8"
	case strings.HasSuffix(path, "/graph/svg"):
		return "image/svg+xml"
	case strings.HasSuffix(path, "/export/csv"):
		return "text/csv; charset=utf-8"
	}
	return "application/json"
}

// read decodes a body into a type of the contract and checks that it has the
// members of that type exactly: encoded again it is what it was.
func read[T any](a answer) T {
	a.Helper()
	var value T
	d := json.NewDecoder(strings.NewReader(a.body))
	d.DisallowUnknownFields()
	if err := d.Decode(&value); err != nil {
		a.Fatalf("%s: %v in %s", a.asked, err, a.body)
	}
	var again bytes.Buffer
	e := json.NewEncoder(&again)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		a.Fatal(err)
	}
	if was, is := plain(a, a.body), plain(a, again.String()); !reflect.DeepEqual(was, is) {
		a.Errorf("%s: the members of\n%s\nare not those of\n%s", a.asked, a.body, again.String())
	}
	return value
}

func plain(a answer, text string) any {
	a.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		a.Fatalf("%s: %v in %s", a.asked, err, text)
	}
	if nullIn(v) && a.status < 400 && !a.ofNetwork() {
		a.Errorf("%s: a null in %s", a.asked, text)
	}
	return v
}

// nullIn tells whether there is a null anywhere; what is unset must be absent.
func nullIn(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case []any:
		return slices.ContainsFunc(v, nullIn)
	case map[string]any:
		for _, member := range v {
			if nullIn(member) {
				return true
			}
		}
	}
	return false
}
