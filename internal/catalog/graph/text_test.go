package graph

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

func TestAColourIsTheSameForATextAlwaysAndLegibleOnWhiteAndOnBlack(t *testing.T) {
	seen := map[string]int{}
	for i := range 5000 {
		text := fmt.Sprint("team ", i)
		color := Color(text)
		if color != Color(text) {
			t.Fatalf("%s is %s and %s", text, color, Color(text))
		}
		seen[color]++
		var r, g, b int
		if _, err := fmt.Sscanf(color, "#%02x%02x%02x", &r, &g, &b); err != nil || len(color) != 7 {
			t.Fatalf("%q: %v", color, err)
		}
		l := luminanceOf([3]float64{float64(r) / 255, float64(g) / 255, float64(b) / 255})
		if white, black := 1.05/(l+0.05), (l+0.05)/0.05; white < 4.5 || black < 4.5 {
			t.Errorf("%s has a contrast of %.2f to white and of %.2f to black", color, white, black)
		}
	}
	if len(seen) < 500 {
		t.Errorf("5,000 texts have %d colours", len(seen))
	}
	// A release must not paint what people know otherwise.
	if got := Color("billing"); got != "#c84f1d" {
		t.Errorf("billing has become %s", got)
	}
}

func TestALabelIsWrappedWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		label := rapid.String().Draw(t, "label")
		lines := wrap(label)
		bare := func(s string) string {
			return strings.Map(func(r rune) rune {
				if unicode.IsSpace(r) {
					return -1
				}
				return r
			}, s)
		}
		if got, want := bare(strings.Join(lines, "")), bare(visible(label)); got != want {
			t.Fatalf("%q became %q", want, got)
		}
		for _, line := range lines {
			if textWidth(line) > lineWidth+1 && len([]rune(line)) > 1 {
				t.Fatalf("%q is %d wide", line, textWidth(line))
			}
		}
		if width, height := size(label); width < minWidth || height < lineHeight*len(lines) {
			t.Fatalf("%q has %d × %d", label, width, height)
		}
	})
}

func TestLabelsBreakWhereReadersWould(t *testing.T) {
	for label, want := range map[string]string{
		"Order API": "Order API",
		"":          "",
		"OrderStatusChangedToAwaitingValidationIntegrationEvent": "OrderStatusChanged|ToAwaitingValidation|IntegrationEvent",
		"shop.orders.v2.order-was-confirmed-by-the-warehouse":    "shop.orders.v2.order-was-|confirmed-by-the-warehouse",
		"two\nlines\tand   more":                                 "two lines and more",
	} {
		if got := strings.Join(wrap(label), "|"); got != want {
			t.Errorf("%q is broken as %q, not %q", label, got, want)
		}
	}
}

func TestThePictureIsXMLWhateverTheNames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := anyGraph(t, false)
		for i := range g.Nodes {
			g.Nodes[i].CategoryLabel = rapid.String().Draw(t, "category")
			g.Nodes[i].Category, g.Nodes[i].CategoryColor = "category--"+g.Nodes[i].CategoryLabel, Color(g.Nodes[i].CategoryLabel)
		}
		d := g.Lay()
		decoder := xml.NewDecoder(strings.NewReader(g.SVG(d, rapid.String().Draw(t, "title"))))
		for {
			token, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if start, ok := token.(xml.StartElement); ok && (start.Name.Local == "script" || start.Name.Local == "foreignObject") {
				t.Fatalf("there is a %s in the picture", start.Name.Local)
			}
		}
	})
}
