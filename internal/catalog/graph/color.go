package graph

import (
	"crypto/sha256"
	"fmt"
	"math"
)

// Color gives a text the same colour always, as #rrggbb. Its contrast to white
// and to black alike is at least 4.5 to 1, which WCAG asks of text.
func Color(text string) string {
	sum := sha256.Sum256([]byte(text))
	hue := float64(int(sum[0])<<8|int(sum[1])) / 65536
	return shade(hue, 0.55+0.4*float64(sum[2]%3)/2)
}

// luminance 0.179 is as far from white as from black, 4.58 to 1.
// https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
const luminance = 0.179

// shade gives the one lightness of a hue and saturation that has the luminance.
func shade(hue, saturation float64) string {
	low, high := 0.0, 1.0
	for range 20 {
		middle := (low + high) / 2
		if luminanceOf(rgb(hue, saturation, middle)) < luminance {
			low = middle
		} else {
			high = middle
		}
	}
	c := rgb(hue, saturation, low)
	return fmt.Sprintf("#%02x%02x%02x", int(math.Round(c[0]*255)), int(math.Round(c[1]*255)), int(math.Round(c[2]*255)))
}

// rgb is CSS's hsl(), all of it in [0, 1].
func rgb(hue, saturation, lightness float64) [3]float64 {
	a := saturation * min(lightness, 1-lightness)
	channel := func(n float64) float64 {
		k := math.Mod(n+12*hue, 12)
		return lightness - a*max(-1, min(k-3, 9-k, 1))
	}
	return [3]float64{channel(0), channel(8), channel(4)}
}

func luminanceOf(c [3]float64) float64 {
	linear := func(v float64) float64 {
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c[0]) + 0.7152*linear(c[1]) + 0.0722*linear(c[2])
}
