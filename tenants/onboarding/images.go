package onboarding

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"

	"zhitong/internal/fault"
)

// Bounds of an image.
const (
	// ImageBytesMax is the largest image that is taken in.
	ImageBytesMax = 5 << 20
	pixelsMax     = 40_000_000
	sideMax       = 20_000
	// sentBytesMax is what an image may have after it was encoded again; Alipay takes 10 MB
	// (ant.merchant.expand.indirect.image.upload).
	sentBytesMax = 8 << 20
)

const (
	typeJPEG = "image/jpeg"
	typePNG  = "image/png"
)

// clean is a picture made anew from its pixels: what else was in the file (EXIF with its place and time, colour
// profiles, hidden data) is gone.
type clean struct {
	contentType string
	content     []byte
}

func invalidImage(format string, args ...any) error {
	return fault.New(CodeImageInvalid, format, args...)
}

// reencode decodes a JPEG or PNG and writes it again, upright. Size and dimensions are checked before anything is
// decoded. It returns image_invalid.
func (s *Service) reencode(ctx context.Context, content []byte) (clean, error) {
	if len(content) == 0 || len(content) > ImageBytesMax {
		return clean{}, invalidImage("The image must have from 1 byte to 5 MB.")
	}
	decode, config := decoder(content)
	if decode == nil {
		return clean{}, invalidImage("The image is neither JPEG nor PNG.")
	}
	c, err := config(bytes.NewReader(content))
	if err != nil {
		return clean{}, invalidImage("The image cannot be read.")
	}
	if c.Width < 1 || c.Height < 1 || c.Width > sideMax || c.Height > sideMax || c.Width*c.Height > pixelsMax {
		return clean{}, invalidImage(
			"The image has %d × %d pixels; at most 40 megapixels are taken.",
			c.Width,
			c.Height,
		)
	}
	select {
	case s.decoding <- struct{}{}:
		defer func() { <-s.decoding }()
	case <-ctx.Done():
		return clean{}, fmt.Errorf("wait to read an image: %w", ctx.Err())
	}
	img, err := decode(bytes.NewReader(content))
	if err != nil {
		return clean{}, invalidImage("The image cannot be read.")
	}
	return encode(upright(img, orientation(content)), isPNG(content))
}

func isPNG(content []byte) bool { return bytes.HasPrefix(content, []byte("\x89PNG\r\n\x1a\n")) }

type (
	decodeFunc = func(r *bytes.Reader) (image.Image, error)
	configFunc = func(r *bytes.Reader) (image.Config, error)
)

// decoder goes by the file's first bytes, never by its name or by what the sender says.
func decoder(content []byte) (decodeFunc, configFunc) {
	switch {
	case isPNG(content):
		return func(r *bytes.Reader) (image.Image, error) {
			return png.Decode(r)
		}, func(r *bytes.Reader) (image.Config, error) { return png.DecodeConfig(r) }
	case bytes.HasPrefix(content, []byte("\xff\xd8\xff")):
		return func(r *bytes.Reader) (image.Image, error) {
			return jpeg.Decode(r)
		}, func(r *bytes.Reader) (image.Config, error) { return jpeg.DecodeConfig(r) }
	}
	return nil, nil
}

// encode keeps a PNG a PNG unless it would become too large; a JPEG's quality is lowered until it fits.
func encode(img image.Image, asPNG bool) (clean, error) {
	var b bytes.Buffer
	if asPNG {
		if err := png.Encode(&b, img); err != nil {
			return clean{}, fmt.Errorf("write the image: %w", err)
		}
		if b.Len() <= sentBytesMax {
			return clean{typePNG, b.Bytes()}, nil
		}
	}
	for _, quality := range []int{92, 80, 60, 40} {
		b.Reset()
		if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
			return clean{}, fmt.Errorf("write the image: %w", err)
		}
		if b.Len() <= sentBytesMax {
			return clean{typeJPEG, b.Bytes()}, nil
		}
	}
	return clean{}, invalidImage("The image is too large for Alipay.")
}

// upright turns a picture as its EXIF orientation (1 to 8) says, since that note is dropped: reviewers must not see a
// licence lying on its side.
func upright(img image.Image, orientation int) image.Image {
	if orientation < 2 || orientation > 8 {
		return img
	}
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	src := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(src, src.Bounds(), img, b.Min, draw.Src)
	swap := orientation >= 5
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	if swap {
		dst = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			tx, ty := target(orientation, x, y, w, h)
			copy(dst.Pix[dst.PixOffset(tx, ty):][:4], src.Pix[src.PixOffset(x, y):][:4])
		}
	}
	return dst
}

// target is where the stored pixel (x, y) stands in the upright picture (EXIF 2.3, tag 0x0112).
func target(orientation, x, y, w, h int) (int, int) {
	switch orientation {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return h - 1 - y, x
	case 7:
		return h - 1 - y, w - 1 - x
	default:
		return y, w - 1 - x
	}
}

var errNoOrientation = errors.New("no orientation")

// orientation reads the EXIF orientation of a JPEG; 1, which is upright, when there is none or it cannot be read.
func orientation(content []byte) int {
	exif, err := exifOf(content)
	if err != nil {
		return 1
	}
	n, err := orientationOf(exif)
	if err != nil {
		return 1
	}
	return n
}
