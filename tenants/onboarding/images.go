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
	pixelsMax     = 12_000_000
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

// reencode decodes a JPEG or PNG and writes it again, upright. Size, dimensions and the memory that it will take are
// checked by its head, before anything is decoded. It returns image_invalid.
func (s *Service) reencode(ctx context.Context, u *uploads, content []byte) (clean, error) {
	decode, memory, err := examine(content)
	if err != nil {
		return clean{}, err
	}
	release, err := s.decoding.take(ctx, u, memory)
	if err != nil {
		return clean{}, err
	}
	defer release()
	img, err := decode(bytes.NewReader(content))
	if err != nil {
		return clean{}, invalidImage("The image cannot be read.")
	}
	return encode(upright(img, orientation(content)), isPNG(content))
}

// examine finds how an image is decoded, and how many bytes of memory that takes.
func examine(content []byte) (decode decodeFunc, memory int64, err error) {
	if len(content) == 0 || len(content) > ImageBytesMax {
		return nil, 0, invalidImage("The image must have from 1 byte to 5 MB.")
	}
	decode, config := decoder(content)
	if decode == nil {
		return nil, 0, invalidImage("The image is neither JPEG nor PNG.")
	}
	c, err := config(bytes.NewReader(content))
	if err != nil {
		return nil, 0, invalidImage("The image cannot be read.")
	}
	if c.Width < 1 || c.Height < 1 || c.Width > sideMax || c.Height > sideMax || c.Width*c.Height > pixelsMax {
		return nil, 0, invalidImage(
			"The image has %d × %d pixels; at most 12 megapixels are taken.",
			c.Width,
			c.Height,
		)
	}
	if deep(content) {
		return nil, 0, invalidImage("The image has 16 bits a colour; save it with 8.")
	}
	if memory = memoryOf(content, int64(c.Width*c.Height)); memory > decodingBytesMax {
		return nil, 0, invalidImage("The image is too large for a progressive one; save it as a baseline JPEG.")
	}
	return decode, memory, nil
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

var errTooLarge = errors.New("the image is too large for Alipay")

// encode keeps a PNG a PNG unless it would become too large; a JPEG's quality is lowered until it fits.
func encode(img image.Image, asPNG bool) (clean, error) {
	b := bounded{max: sentBytesMax}
	if asPNG {
		err := png.Encode(&b, img)
		if err == nil {
			return clean{typePNG, b.Bytes()}, nil
		}
		if !errors.Is(err, errTooLarge) {
			return clean{}, fmt.Errorf("write the image: %w", err)
		}
	}
	for _, quality := range []int{92, 80, 60, 40} {
		b.Reset()
		err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality})
		if err == nil {
			return clean{typeJPEG, b.Bytes()}, nil
		}
		if !errors.Is(err, errTooLarge) {
			return clean{}, fmt.Errorf("write the image: %w", err)
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
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	if swap := orientation >= 5; swap {
		dst = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	row := image.NewRGBA(image.Rect(0, 0, w, 1)) // row by row: a second whole picture would take as much again
	for y := range h {
		draw.Draw(row, row.Bounds(), img, image.Pt(b.Min.X, b.Min.Y+y), draw.Src)
		for x := range w {
			tx, ty := target(orientation, x, y, w, h)
			copy(dst.Pix[dst.PixOffset(tx, ty):][:4], row.Pix[row.PixOffset(x, 0):][:4])
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
