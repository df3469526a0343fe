package shops

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"zhitong/internal/fault"
)

// picture is a PNG of a size.
func picture(t *testing.T, w, h int) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	img.Set(0, 0, color.NRGBA{R: 22, G: 87, B: 217, A: 128})
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// aWebP is one pixel, without loss.
func aWebP(t *testing.T) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// withText is a PNG with a chunk of text, which viewers do not show.
func withText(t *testing.T, text string) []byte {
	t.Helper()
	p := picture(t, 8, 8)
	body := append([]byte("tEXtComment\x00"), text...)
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(body)-4)) //nolint:gosec // short
	chunk = binary.BigEndian.AppendUint32(append(chunk, body...), crc32.ChecksumIEEE(body))
	const afterHead = 33
	return append(append(bytes.Clone(p[:afterHead]), chunk...), p[afterHead:]...)
}

// TestReencode: what comes out is a PNG of the same pixels.
func TestReencode(t *testing.T) {
	t.Parallel()
	for name, content := range map[string][]byte{"PNG": picture(t, 8, 8), "largest": picture(t, 1024, 1024),
		"WebP": aWebP(t)} {
		out, err := reencode(content)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, err := png.Decode(bytes.NewReader(out)); err != nil {
			t.Errorf("%s: what came out is no PNG: %v", name, err)
		}
	}
	out, err := reencode(picture(t, 8, 8))
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	if r, _, b, a := img.At(0, 0).RGBA(); a>>8 != 128 || b <= r {
		t.Errorf("the pixel is %d %d %d", r, b, a)
	}
}

// TestAttackLogo: files that are not only a picture, or would take more room than they say. The control of each is that
// the same picture without the trick is taken in.
func TestAttackLogo(t *testing.T) {
	t.Parallel()
	const script = "<script>alert(1)</script>"
	t.Run("polyglot", func(t *testing.T) {
		t.Parallel()
		for name, content := range map[string][]byte{
			"a page behind the picture": append(picture(t, 8, 8), script...),
			"a page in the picture":     withText(t, script),
			"an archive behind it":      append(picture(t, 8, 8), "PK\x03\x04"+script...),
		} {
			if !bytes.Contains(content, []byte(script)) {
				t.Fatalf("%s: the control has no script", name)
			}
			out, err := reencode(content)
			if err != nil || bytes.Contains(out, []byte("script")) || bytes.Contains(out, []byte("PK\x03\x04")) {
				t.Errorf("%s: %v, %q", name, err, out)
			}
		}
	})
	bomb := picture(t, 8, 8)
	binary.BigEndian.PutUint32(bomb[16:], 30000)
	binary.BigEndian.PutUint32(bomb[20:], 30000)
	binary.BigEndian.PutUint32(bomb[29:], crc32.ChecksumIEEE(bomb[12:29]))
	inner := func(bits uint32) []byte {
		b := []byte("RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00")
		b = append(append(b, make([]byte, 10)...), "VP8L\x06\x00\x00\x00/"...)
		b = append(binary.LittleEndian.AppendUint32(b, bits), 0)
		binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-8)) //nolint:gosec // short
		return b
	}
	for name, content := range map[string][]byte{
		"a page":                          []byte(script),
		"SVG":                             []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`),
		"GIF":                             []byte("GIF89a\x01\x00\x01\x00"),
		"nothing":                         {},
		"a head and no picture":           []byte("\x89PNG\r\n\x1a\n" + script),
		"half a picture":                  picture(t, 8, 8)[:50],
		"too wide":                        picture(t, 1025, 1),
		"a head that says 30,000 pixels":  bomb,
		"a WebP whose picture is a giant": inner(0x3fff | 0x3fff<<14),
		"too many bytes":                  append(picture(t, 8, 8), make([]byte, LogoBytesMax)...),
	} {
		if _, err := reencode(content); fault.CodeOf(err) != CodeLogoInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	// It is refused by what its head says, and not only once room was made for it.
	if _, err := reencode(inner(0x3fff | 0x3fff<<14)); !strings.Contains(fmt.Sprint(err), "16384 × 16384") {
		t.Errorf("a WebP whose picture is a giant: %v", err)
	}
	if got := framesOf(inner(0x3fff | 0x3fff<<14)); len(got) != 1 || got[0] != image.Pt(0x4000, 0x4000) {
		t.Errorf("the picture within says %v", got)
	}
}
