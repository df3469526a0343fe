package shops_test

import (
	"fmt"
	"regexp"
	"testing"

	"zhitong/tenants/shops"
)

// TestColors: whatever accent is chosen, what is made of it can be read, on light and on dark.
func TestColors(t *testing.T) {
	t.Parallel()
	const apart = 15
	hex := regexp.MustCompile(`^#[0-9a-f]{6}$`)
	for r := 0; r <= 255; r += apart {
		for g := 0; g <= 255; g += apart {
			for b := 0; b <= 255; b += apart {
				accent := fmt.Sprintf("#%02x%02x%02x", r, g, b)
				p := shops.ColorsOf(accent)
				readable(t, accent, p.Light, "#ffffff", "#f3f5f8")
				readable(t, accent, p.Dark, "#181d25", "#0f1319")
				for _, c := range []string{p.Light.Accent, p.Light.Tint, p.Dark.Deep, p.Dark.OnAccent} {
					if !hex.MatchString(c) {
						t.Fatalf("%s: %q is no colour", accent, c)
					}
				}
			}
		}
	}
}

func readable(t *testing.T, accent string, c shops.Colors, grounds ...string) {
	t.Helper()
	const text = 4.5
	for _, fore := range []string{c.Accent, c.Deep} {
		for _, ground := range append(grounds, c.Tint, c.OnAccent) {
			if have := shops.Contrast(fore, ground); have < text {
				t.Fatalf("%s: %s on %s has %.2f : 1", accent, fore, ground, have)
			}
		}
	}
}

// TestColorsStay: an accent that can be read as it is stays, and black on white is 21 to 1.
func TestColorsStay(t *testing.T) {
	t.Parallel()
	if got := shops.ColorsOf("#1657d9").Light; got.Accent != "#1657d9" || got.OnAccent != "#ffffff" {
		t.Errorf("%+v", got)
	}
	if c := shops.Contrast("#000000", "#ffffff"); c < 20.99 || c > 21.01 {
		t.Errorf("black on white has %f : 1", c)
	}
	const yellow = "#ffe600"
	if made := shops.ColorsOf(yellow).Light.Accent; made == yellow || shops.Contrast(yellow, "#ffffff") > 2 {
		t.Errorf("the control: yellow stays %s", made)
	}
}
