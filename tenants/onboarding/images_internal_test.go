package onboarding

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"zhitong/internal/fault"
)

// picture is w × h, red on the left half and blue on the right.
func picture(w, h int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{255, 0, 0, 255}
			if x >= w/2 {
				c = color.RGBA{0, 0, 255, 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

func jpegOf(t *testing.T, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t *testing.T, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withEXIF puts an EXIF segment with an orientation and a secret place into a JPEG.
func withEXIF(content []byte, order binary.AppendByteOrder, orientation uint16) []byte {
	tiff := []byte("MM")
	if order == binary.AppendByteOrder(binary.LittleEndian) {
		tiff = []byte("II")
	}
	tiff = order.AppendUint16(tiff, 42)
	tiff = order.AppendUint32(tiff, 8)
	tiff = order.AppendUint16(tiff, 1)
	tiff = order.AppendUint16(tiff, tagOrientation)
	tiff = order.AppendUint16(tiff, 3)
	tiff = order.AppendUint32(tiff, 1)
	tiff = order.AppendUint16(tiff, orientation)
	tiff = order.AppendUint16(tiff, 0)
	tiff = append(tiff, "GPS: 30.2741 N 120.1551 E"...)
	segment := append([]byte(exifPrefix), tiff...)
	out := append([]byte{0xff, 0xd8, 0xff, markerAPP1}, binary.BigEndian.AppendUint16(nil, uint16(len(segment)+2))...)
	return append(append(out, segment...), content[2:]...)
}

func TestReencode(t *testing.T) {
	t.Parallel()
	s := New(Config{})
	for _, c := range []struct {
		name, contentType string
		content           []byte
		w, h              int
	}{
		{"jpeg", typeJPEG, jpegOf(t, picture(40, 20)), 40, 20},
		{"png", typePNG, pngOf(t, picture(40, 20)), 40, 20},
		{"jpeg on its side", typeJPEG, withEXIF(jpegOf(t, picture(40, 20)), binary.BigEndian, 6), 20, 40},
		{"jpeg on its side, little endian", typeJPEG,
			withEXIF(jpegOf(t, picture(40, 20)), binary.LittleEndian, 8), 20, 40},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := s.reencode(t.Context(), c.content)
			if err != nil || got.contentType != c.contentType {
				t.Fatalf("%s, %v", got.contentType, err)
			}
			conf, _, err := image.DecodeConfig(bytes.NewReader(got.content))
			if err != nil || conf.Width != c.w || conf.Height != c.h {
				t.Errorf("%d × %d, %v", conf.Width, conf.Height, err)
			}
			if bytes.Contains(got.content, []byte("GPS")) || bytes.Contains(got.content, []byte("Exif")) {
				t.Error("EXIF is still there")
			}
		})
	}
}

// Turned by each orientation, the red half is where a viewer that knows EXIF shows it.
func TestUpright(t *testing.T) {
	t.Parallel()
	img := picture(4, 2)
	red := func(i image.Image, x, y int) bool { r, _, b, _ := i.At(x, y).RGBA(); return r > b }
	for orientation, want := range map[int]string{1: "left", 2: "right", 3: "right", 4: "left", 5: "top", 6: "top",
		7: "bottom", 8: "bottom", 0: "left", 9: "left"} {
		u := upright(img, orientation)
		b := u.Bounds()
		x, y := map[string]image.Point{"left": {0, 0}, "top": {0, 0}, "right": {b.Dx() - 1, 0},
			"bottom": {0, b.Dy() - 1}}[want].X, 0
		if want == "bottom" {
			y = b.Dy() - 1
		}
		ox, oy := b.Dx()-1-x, b.Dy()-1-y
		if !red(u, x, y) || red(u, ox, oy) {
			t.Errorf("orientation %d: the red half is not at the %s", orientation, want)
		}
	}
}

func TestReencodeRefuses(t *testing.T) {
	t.Parallel()
	s := New(Config{})
	good := pngOf(t, picture(10, 10))
	for name, content := range map[string][]byte{
		"nothing": nil, "svg": []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`),
		"html": []byte("<html><script>alert(1)</script>"),
		"gif":  []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), "cut off": good[:len(good)/2],
		"only a head": []byte("\xff\xd8\xff"), "zip": []byte("PK\x03\x04"),
		"too many bytes": append(bytes.Clone(good), make([]byte, ImageBytesMax)...),
		"a bomb":         bomb(50_000, 50_000), "41 megapixels": bomb(8200, 5000), "one long line": bomb(sideMax+1, 1),
		"html behind a head": append([]byte("\xff\xd8\xff\xe0"), strings.Repeat("<script>", 100)...),
	} {
		if _, err := s.reencode(t.Context(), content); fault.CodeOf(err) != CodeImageInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// bomb is a PNG that claims a size and has next to no content.
func bomb(w, h uint32) []byte {
	ihdr := binary.BigEndian.AppendUint32(nil, w)
	ihdr = binary.BigEndian.AppendUint32(ihdr, h)
	ihdr = append(ihdr, 8, 2, 0, 0, 0)
	chunk := append([]byte("IHDR"), ihdr...)
	out := append([]byte("\x89PNG\r\n\x1a\n"), binary.BigEndian.AppendUint32(nil, uint32(len(ihdr)))...)
	out = append(out, chunk...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(chunk))
}

// Markup hidden behind the pixels does not survive.
func TestReencodeDropsTrailers(t *testing.T) {
	t.Parallel()
	s := New(Config{})
	for _, content := range [][]byte{pngOf(t, picture(10, 10)), jpegOf(t, picture(10, 10))} {
		got, err := s.reencode(t.Context(), append(content, "<script>alert(1)</script>"...))
		if err != nil || bytes.Contains(got.content, []byte("script")) {
			t.Errorf("the trailer is kept: %v", err)
		}
	}
}

// Images wait for their turn, and not longer than whoever sent them.
func TestReencodeIsBounded(t *testing.T) {
	t.Parallel()
	s := New(Config{})
	for range decodingMax {
		s.decoding <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.reencode(ctx, pngOf(t, picture(10, 10))); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func FuzzOrientation(f *testing.F) {
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x10Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01"))
	f.Fuzz(func(t *testing.T, content []byte) {
		if n := orientation(content); n < 1 || n > 8 {
			t.Errorf("orientation %d", n)
		}
	})
}
