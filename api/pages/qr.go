// Package pages has what all pages that are rendered here share: files named by their content, the choice of a
// language, and QR codes without a script or an image of its own address.
package pages

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// Code is a QR code as an SVG path; one unit is one module.
type Code struct {
	Box  string // viewBox
	Path string
}

// Draw makes the QR code of a text. Level M survives a scratched screen and keeps the modules large.
func Draw(content string) (*Code, error) {
	code, err := qr.Encode(content, qr.M)
	if err != nil {
		return nil, fmt.Errorf("draw the QR code: %w", err)
	}
	var path strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			start := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if x > start {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", start, y, x-start, x-start)
			}
		}
	}
	return &Code{Box: fmt.Sprintf("0 0 %d %d", code.Size, code.Size), Path: path.String()}, nil
}
