package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"almanac/internal/fault"

	"pgregory.net/rapid"
)

func TestCarriedIsTheLengthThatATextHasInJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.ToValidUTF8(rapid.String().Draw(t, "text")+rapid.SampledFrom([]string{"", "\u2028", "\u2029", "\u202a", "\x00\x1f", "\\\"\n\r\t", "<&>'"}).Draw(t, "more"), "?")
		var encoded bytes.Buffer
		encoder := json.NewEncoder(&encoded)
		encoder.SetEscapeHTML(false) // as Lambda's library does
		if err := encoder.Encode(text); err != nil {
			t.Fatal(err)
		}
		// It may be a little too long: \b and \f are short in some versions of the encoder.
		got, want := carried([]byte(text)), encoded.Len()-len("\"\"\n")
		if short := strings.Count(text, "\b") + strings.Count(text, "\f"); got < want || got > want+4*short {
			t.Fatalf("%q takes %d bytes, not %d", text, want, got)
		}
	})
}

type heavy struct{ text string }

func (h heavy) Text() string         { return h.text }
func (h heavy) FileName() string     { return "heavy.txt" }
func (h heavy) MediaType() string    { return "text/plain; charset=utf-8" }
func (heavy) TooLarge() *fault.Error { return fault.BadRequest("ask for less") }

func TestAnAnswerThatLambdaCannotCarryIsRefusedEverywhere(t *testing.T) {
	for text, fits := range map[string]bool{
		strings.Repeat("x", maxCarried):     true,
		strings.Repeat("x", maxCarried+1):   false,
		strings.Repeat(`"`, maxCarried/2):   true,
		strings.Repeat(`"`, maxCarried/2+1): false,
	} {
		w := httptest.NewRecorder()
		err := writeAnswer(w, httptest.NewRequest(http.MethodGet, "/", nil), http.StatusOK, heavy{text})
		if (err == nil) != fits || fits && w.Body.Len() != len(text) || !fits && w.Body.Len() != 0 {
			t.Errorf("%d times %s: %v, %d bytes", len(text), text[:1], err, w.Body.Len())
		}
		if saved := w.Header().Get("Content-Disposition") != ""; saved != fits {
			t.Errorf("%d times %s is saved as a file: %t", len(text), text[:1], saved)
		}
	}
}

func TestEveryTextSaysWhatToAskForWhereItIsTooLarge(t *testing.T) {
	for _, e := range Table() {
		if e.answer == nil || !e.answer.Implements(reflect.TypeFor[textual]()) {
			continue
		}
		b, ok := reflect.Zero(e.answer).Interface().(bounded)
		if !ok {
			t.Errorf("%s does not", e.ID)
		} else if f := b.TooLarge(); f.Kind != fault.Invalid || f.Details == "" {
			t.Errorf("%s says %v", e.ID, f)
		}
	}
}
