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
	"zhitong/internal/id"
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
			got, err := reencode(t, s, c.content)
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
		"a bomb":         bomb(50_000, 50_000), "13 megapixels": bomb(4100, 3200), "16 bits": deepPNG(t),
		"one long line":      bomb(sideMax+1, 1),
		"html behind a head": append([]byte("\xff\xd8\xff\xe0"), strings.Repeat("<script>", 100)...),
	} {
		if _, err := reencode(t, s, content); fault.CodeOf(err) != CodeImageInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// deepPNG has 16 bits a colour, which the control, the same picture with 8, has not.
func deepPNG(t *testing.T) []byte {
	t.Helper()
	return pngOf(t, image.NewNRGBA64(image.Rect(0, 0, 10, 10)))
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
		got, err := reencode(t, s, append(content, "<script>alert(1)</script>"...))
		if err != nil || bytes.Contains(got.content, []byte("script")) {
			t.Errorf("the trailer is kept: %v", err)
		}
	}
}

// reencode makes one upload of a tenant.
func reencode(t *testing.T, s *Service, content []byte) (clean, error) {
	t.Helper()
	u, leave, err := s.decoding.enter(id.New[id.Tenant]())
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	return s.reencode(t.Context(), u, content)
}

// Images wait for their turn, and not longer than whoever sent them: for the tenant's, or for memory.
func TestReencodeIsBounded(t *testing.T) {
	t.Parallel()
	s := New(Config{})
	one, two := id.New[id.Tenant](), id.New[id.Tenant]()
	enter := func(tenant id.Tenant) *uploads {
		t.Helper()
		u, _, err := s.decoding.enter(tenant)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	small := pngOf(t, picture(10, 10))
	release, err := s.decoding.take(t.Context(), enter(one), 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.reencode(over, enter(one), small); !errors.Is(err, context.Canceled) {
		t.Errorf("two images of a tenant at a time: %v", err)
	}
	if _, err := s.reencode(t.Context(), enter(two), small); err != nil {
		t.Errorf("the control, another tenant's: %v", err)
	}
	release()
	if _, err := s.reencode(t.Context(), enter(one), small); err != nil {
		t.Errorf("the control, the first tenant's turn again: %v", err)
	}
	if _, err = s.decoding.take(t.Context(), enter(one), decodingBytesMax); err != nil {
		t.Fatal(err)
	}
	if _, err := s.reencode(over, enter(two), small); !errors.Is(err, context.Canceled) {
		t.Errorf("more than the memory for images: %v", err)
	}
}

// A tenant has a few uploads under way, and another one as many; what has left makes room.
func TestUploadsAreBounded(t *testing.T) {
	t.Parallel()
	d := newDecoding()
	one, two := id.New[id.Tenant](), id.New[id.Tenant]()
	var leave func()
	for range uploadsMax {
		var err error
		if _, leave, err = d.enter(one); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := d.enter(one); fault.CodeOf(err) != CodeImageUploadsBusy {
		t.Errorf("one too many: %v", err)
	}
	if _, _, err := d.enter(two); err != nil {
		t.Errorf("the control, another tenant: %v", err)
	}
	for d.n < uploadsOfAllMax {
		if _, _, err := d.enter(id.New[id.Tenant]()); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := d.enter(two); fault.CodeOf(err) != CodeImageUploadsBusy {
		t.Errorf("one too many of all tenants: %v", err)
	}
	leave()
	if _, leave, err := d.enter(one); err != nil {
		t.Errorf("when there is room again: %v", err)
	} else {
		leave()
	}
}

// progressiveHead is a JPEG up to its pixels; its frame says that it is progressive and how large it is.
func progressiveHead(w, h uint16) []byte {
	frame := binary.BigEndian.AppendUint16([]byte{8}, h)
	frame = binary.BigEndian.AppendUint16(frame, w)
	frame = append(frame, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0)
	head := append([]byte{0xff, 0xd8, 0xff, markerSOF2}, binary.BigEndian.AppendUint16(nil, uint16(len(frame)+2))...)
	return append(append(head, frame...), 0xff, markerSOS, 0, 2)
}

// TestExamine: a progressive picture that would take more memory than there is for all is refused by its head.
func TestExamine(t *testing.T) {
	t.Parallel()
	if _, memory, err := examine(progressiveHead(3000, 2000)); err != nil || memory != 6_000_000*20 {
		t.Errorf("the control, 6 megapixels: %d bytes, %v", memory, err)
	}
	if _, _, err := examine(progressiveHead(4000, 3000)); fault.CodeOf(err) != CodeImageInvalid {
		t.Errorf("12 megapixels: %v", err)
	}
}

// TestMemoryOf: what an image takes is told by its head.
func TestMemoryOf(t *testing.T) {
	t.Parallel()
	interlacedHead := bomb(10, 10)
	interlacedHead[pngInterlaceAt] = 1
	baseline := jpegOf(t, picture(10, 10))
	for name, c := range map[string]struct {
		content []byte
		want    int64
	}{
		"png":                    {bomb(10, 10), 400},
		"interlaced png":         {interlacedHead, 800},
		"jpeg":                   {baseline, 400},
		"turned jpeg":            {withEXIF(baseline, binary.BigEndian, 6), 800},
		"progressive jpeg":       {progressiveHead(10, 10), 2000},
		"jpeg without any frame": {[]byte("\xff\xd8\xff\xdb\x00\x04\x00\x00"), 2000},
	} {
		if got := memoryOf(c.content, 100); got != c.want {
			t.Errorf("%s takes %d bytes, want %d", name, got, c.want)
		}
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
