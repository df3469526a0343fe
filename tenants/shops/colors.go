package shops

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Colors are what is made of one accent for a page that is light or dark: each text on its ground has a contrast of at
// least 4.5 to 1, which is more than the 3 to 1 that edges need.
type Colors struct {
	Accent   string // text and edges on the page, its cards and the tint; the ground of buttons
	Deep     string // the same under the pointer
	Tint     string // a quiet ground
	OnAccent string // text on the accent and on deep
}

// Palette is [Colors] for both.
type Palette struct{ Light, Dark Colors }

// textContrast is what WCAG 2.2 (1.4.3, level AA) asks of text. step is how far the lightness moves at a time.
const (
	textContrast = 4.5
	step         = 0.004
)

// ground is what the accent stands on, and where it goes until it can be read there.
type ground struct {
	under           []string // the page and its cards, as web/checkout/page.css has them
	on              string
	toward          float64 // -1: darker, 1: lighter
	tint, tintColor float64 // lightness of the tint, and how much colour it has at most
	deeper          float64 // how far deep is from the accent
}

func lightGround() ground {
	return ground{[]string{"#ffffff", "#f3f5f8"}, "#ffffff", -1, 0.962, 0.022, 0.055}
}

func darkGround() ground {
	return ground{[]string{"#181d25", "#0f1319"}, "#0b1220", 1, 0.27, 0.055, 0.05}
}

// ColorsOf makes a palette of an accent, #rrggbb. Hue and colour stay; only the lightness moves, in OKLCH, in which the
// same step looks the same for every hue, and the colour is taken back where a screen could not show it.
func ColorsOf(accent string) Palette {
	return Palette{Light: lightGround().colors(accent), Dark: darkGround().colors(accent)}
}

func (g ground) colors(accent string) Colors {
	c := lchOf(rgbOf(accent))
	tint := lch{g.tint, min(c.c, g.tintColor), c.h}.hex()
	under := append([]string{tint}, g.under...)
	c = g.readable(c, under)
	deep := c
	deep.l += g.toward * g.deeper
	return Colors{Accent: c.hex(), Deep: g.readable(deep, under).hex(), Tint: tint, OnAccent: g.on}
}

// readable moves a colour until it can be read on every ground, and what stands on it, too.
func (g ground) readable(c lch, under []string) lch {
	good := func() bool {
		now := c.hex()
		for _, other := range append([]string{g.on}, under...) {
			if Contrast(now, other) < textContrast {
				return false
			}
		}
		return true
	}
	for c.l = min(max(c.l, 0), 1); !good() && c.l != g.end(); {
		c.l = min(max(c.l+g.toward*step, 0), 1)
	}
	return c
}

// end is where there is no more to move: black, or white.
func (g ground) end() float64 { return (g.toward + 1) / 2 }

// Contrast is that of two colours by WCAG 2.2, from 1 to 21.
func Contrast(a, b string) float64 {
	x, y := luminance(rgbOf(a)), luminance(rgbOf(b))
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// rgb is a colour in linear light, each part from 0 to 1.
type rgb struct{ r, g, b float64 }

func rgbOf(hex string) rgb {
	n, err := strconv.ParseUint(strings.TrimPrefix(hex, "#"), 16, 24)
	if err != nil {
		return rgb{} // the contract lets nothing else through
	}
	part := func(shift uint) float64 {
		v := float64(n>>shift&0xff) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return rgb{part(16), part(8), part(0)}
}

func luminance(c rgb) float64 { return 0.2126*c.r + 0.7152*c.g + 0.0722*c.b }

func (c rgb) shown() bool {
	const near = 1e-4
	return min(c.r, c.g, c.b) >= -near && max(c.r, c.g, c.b) <= 1+near
}

func (c rgb) hex() string {
	part := func(v float64) uint8 {
		v = min(max(v, 0), 1)
		if v <= 0.0031308 {
			return uint8(math.Round(v * 12.92 * 255))
		}
		return uint8(math.Round((1.055*math.Pow(v, 1/2.4) - 0.055) * 255))
	}
	return fmt.Sprintf("#%02x%02x%02x", part(c.r), part(c.g), part(c.b))
}

// lch is a colour in OKLCH: lightness, colour, hue. Source: Björn Ottosson, “A perceptual color space for image
// processing”; CSS Color 4, section 9.
type lch struct{ l, c, h float64 }

func lchOf(c rgb) lch {
	l := math.Cbrt(0.4122214708*c.r + 0.5363325363*c.g + 0.0514459929*c.b)
	m := math.Cbrt(0.2119034982*c.r + 0.6806995451*c.g + 0.1073969566*c.b)
	s := math.Cbrt(0.0883024619*c.r + 0.2817188376*c.g + 0.6299787005*c.b)
	a := 1.9779984951*l - 2.4285922050*m + 0.4505937099*s
	b := 0.0259040371*l + 0.7827717662*m - 0.8086757660*s
	return lch{0.2104542553*l + 0.7936177850*m - 0.0040720468*s, math.Hypot(a, b), math.Atan2(b, a)}
}

func cube(x float64) float64 { return x * x * x }

func (c lch) rgb() rgb {
	a, b := c.c*math.Cos(c.h), c.c*math.Sin(c.h)
	l := cube(c.l + 0.3963377774*a + 0.2158037573*b)
	m := cube(c.l - 0.1055613458*a - 0.0638541728*b)
	s := cube(c.l - 0.0894841775*a - 1.2914855480*b)
	return rgb{
		4.0767416621*l - 3.3077115913*m + 0.2309699292*s,
		-1.2684380046*l + 2.6097574011*m - 0.3413193965*s,
		-0.0041960863*l - 0.7034186147*m + 1.7076147010*s,
	}
}

// hex is the nearest that a screen shows: with less colour where it must be.
func (c lch) hex() string {
	for c.c > 0 && !c.rgb().shown() {
		c.c = max(c.c-0.004, 0)
	}
	return c.rgb().hex()
}

// Stylesheet is what a page loads after its own: the colours of an accent, by the names of web/checkout/page.css.
func Stylesheet(accent string) []byte {
	p := ColorsOf(accent)
	rule := func(c Colors) string {
		return fmt.Sprintf(":root{--blue:%s;--blue-deep:%s;--tint:%s;--on-blue:%s}", c.Accent, c.Deep, c.Tint,
			c.OnAccent)
	}
	return []byte(rule(p.Light) + "\n@media (prefers-color-scheme:dark){" + rule(p.Dark) + "}\n")
}
