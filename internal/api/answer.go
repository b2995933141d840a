package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"
	"sync"

	"almanac/internal/etag"
	"almanac/internal/fault"
)

// An answer of an operation may also be any of these.
type (
	// tagged has an entity tag, with its quotes; empty means none.
	tagged interface{ ETag() string }
	// final tells whether the answer to this request can never change.
	final interface{ Final() bool }
	// paged has the cursor of the page after it; empty on the last one.
	paged interface{ NextCursor() string }
	// wrapped is not itself what is encoded: a list with its cursor.
	wrapped interface{ Body() any }
	// textual is sent as it is, not as JSON. The zero value has the media type, too.
	textual interface {
		Text() string
		MediaType() string
	}
	// named is a text that is saved as a file.
	named interface{ FileName() string }
	// bounded may be more than Lambda carries, and says what to ask for instead.
	bounded interface{ TooLarge() *fault.Error }
	// signed names who wrote; Unsigned is the same without their names.
	signed interface{ Unsigned() any }
)

// Values of Cache-Control.
const (
	immutable = "private, max-age=31536000, immutable"
	noStore   = "no-store"
)

// maxCarried is how many bytes the body of an answer may take as a JSON string,
// which is how Lambda carries it: 6 MB with all headers. The laptop has the
// same limit, so that what works on it works in the cloud.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const maxCarried = 6_291_556 - 64<<10

// bodyType is the type that is encoded for answers of type t.
func bodyType(t reflect.Type) reflect.Type {
	if w, ok := reflect.Zero(t).Interface().(wrapped); ok {
		return reflect.TypeOf(w.Body())
	}
	return t
}

// unsignedType is the type of answers of type t to those who have no key.
func unsignedType(t reflect.Type) reflect.Type {
	if s, ok := reflect.Zero(t).Interface().(signed); ok {
		return reflect.TypeOf(s.Unsigned())
	}
	return t
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func writeAnswer(w http.ResponseWriter, r *http.Request, status int, answer any) error {
	h := w.Header()
	h.Set("Cache-Control", noStore)
	if answer == nil {
		w.WriteHeader(status)
		return nil
	}
	if f, ok := answer.(final); ok && f.Final() {
		h.Set("Cache-Control", immutable)
	}
	if t, ok := answer.(tagged); ok && t.ETag() != "" {
		h.Set("ETag", t.ETag())
		if r.Method == http.MethodGet && notModified(r, t.ETag()) {
			w.WriteHeader(http.StatusNotModified)
			return nil
		}
	}
	if p, ok := answer.(paged); ok && p.NextCursor() != "" {
		h.Set("Link", nextLink(r, p.NextCursor()))
	}
	return writeBody(w, status, answer)
}

func writeBody(w http.ResponseWriter, status int, answer any) error {
	buf := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buf)
	buf.Reset()
	text, isText := answer.(textual)
	if isText {
		buf.WriteString(text.Text())
	} else if err := encodeTo(buf, unwrapped(answer)); err != nil {
		return err
	}
	if b, ok := answer.(bounded); ok && carried(buf.Bytes()) > maxCarried {
		return b.TooLarge()
	}
	mediaType := "application/json"
	if isText {
		mediaType = text.MediaType()
		// Nobody is to guess at another type: names in the text are anybody's.
		w.Header().Set("X-Content-Type-Options", "nosniff")
	}
	if n, ok := answer.(named); ok {
		w.Header().Set("Content-Disposition", `attachment; filename="`+n.FileName()+`"`)
	}
	send(w, status, mediaType, buf.Bytes())
	return nil
}

// carried is the length of a text as a JSON string.
func carried(text []byte) int {
	n := len(text)
	for i, c := range text {
		switch {
		case c == '"', c == '\\', c == '\n', c == '\t', c == '\r':
			n++
		case c < ' ':
			n += len(`\u0000`) - 1
		case c == 0xe2 && bytes.HasPrefix(text[i:], []byte("\u2028")), c == 0xe2 && bytes.HasPrefix(text[i:], []byte("\u2029")):
			n += len(`\u2028`) - len("\u2028")
		}
	}
	return n
}

// unwrapped is what is encoded of an answer.
func unwrapped(answer any) any {
	if b, ok := answer.(wrapped); ok {
		return b.Body()
	}
	return answer
}

func encode(body any) ([]byte, error) {
	var buf bytes.Buffer
	err := encodeTo(&buf, body)
	return buf.Bytes(), err
}

// encodeTo writes plain JSON: it stands in no page, so < and & stay readable.
func encodeTo(buf *bytes.Buffer, body any) error {
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(body); err != nil {
		return err
	}
	buf.Truncate(buf.Len() - len("\n"))
	return nil
}

func writeJSON(w http.ResponseWriter, status int, body any) error {
	buf := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buf)
	buf.Reset()
	if err := encodeTo(buf, body); err != nil {
		return err
	}
	send(w, status, "application/json", buf.Bytes())
	return nil
}

func send(w http.ResponseWriter, status int, mediaType string, data []byte) {
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	w.WriteHeader(status)
	// A client that went away is no failure of ours.
	_, _ = w.Write(data)
}

func notModified(r *http.Request, tag string) bool {
	values := r.Header.Values("If-None-Match")
	if len(values) != 1 {
		return false
	}
	var c etag.Condition
	// RFC 9110 §13.1.2: a field that cannot be read is as one not sent.
	return c.UnmarshalText([]byte(values[0])) == nil && c.MatchesWeak(tag)
}

// nextLink is the request's own target with the cursor of the next page.
func nextLink(r *http.Request, cursor string) string {
	query := r.URL.Query()
	query.Set("cursor", cursor)
	return "<" + r.URL.EscapedPath() + "?" + query.Encode() + `>; rel="next"`
}
