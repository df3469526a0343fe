package shops

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"image"
	"image/png"

	"golang.org/x/image/webp"

	"zhitong/internal/fault"
)

// Bounds of a logo.
const (
	// LogoBytesMax is the largest file that is taken in.
	LogoBytesMax = 256 << 10
	sideMax      = 1024
	encodedMax   = 512 << 10
)

// digest names a picture in its address; no picture has none.
func digest(picture []byte) string {
	if picture == nil {
		return ""
	}
	sum := sha256.Sum256(picture)
	return hex.EncodeToString(sum[:16])
}

func invalid(format string, args ...any) *fault.Error {
	return fault.New(CodeLogoInvalid, format, args...)
}

// reencode decodes a PNG or WebP, told by its first bytes and never by its name or type, and writes its pixels as a new
// PNG: nothing else that was in the file is kept, so what is served cannot be anything but a picture. Its size is
// checked by its heads before anything is decoded. It returns logo_invalid.
func reencode(content []byte) ([]byte, error) {
	if len(content) == 0 || len(content) > LogoBytesMax {
		return nil, invalid("The logo must have from 1 byte to 256 kB.")
	}
	config, decode, frames := png.DecodeConfig, png.Decode, []image.Point(nil)
	switch {
	case bytes.HasPrefix(content, []byte("\x89PNG\r\n\x1a\n")):
	case bytes.HasPrefix(content, []byte("RIFF")) && len(content) > 12 && string(content[8:12]) == "WEBP":
		config, decode, frames = webp.DecodeConfig, webp.Decode, framesOf(content)
	default:
		return nil, invalid("The logo is neither PNG nor WebP.")
	}
	c, err := config(bytes.NewReader(content))
	if err != nil {
		return nil, invalid("The logo cannot be read.").Because(err)
	}
	for _, size := range append(frames, image.Pt(c.Width, c.Height)) {
		if size.X < 1 || size.Y < 1 || size.X > sideMax || size.Y > sideMax {
			return nil, invalid("The logo has %d × %d pixels; each side has from 1 to %d.", size.X, size.Y, sideMax)
		}
	}
	img, err := decode(bytes.NewReader(content))
	if err != nil {
		return nil, invalid("The logo cannot be read.").Because(err)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return nil, fmt.Errorf("write the logo: %w", err)
	}
	if b.Len() > encodedMax {
		return nil, invalid("The logo is too detailed: as a PNG it has more than 512 kB. Make it smaller.")
	}
	return b.Bytes(), nil
}

// framesOf are the sizes that each picture within a WebP says it has. The file's own head may say another one, and the
// decoder makes room for what the picture says.
func framesOf(content []byte) (all []image.Point) {
	for rest := content[12:]; len(rest) >= 8; {
		kind, size := string(rest[:4]), int64(binary.LittleEndian.Uint32(rest[4:8]))
		body := rest[8:]
		if size > int64(len(body)) {
			return all
		}
		switch b := body[:size]; {
		case kind == "VP8L" && len(b) >= 5:
			bits := binary.LittleEndian.Uint32(b[1:5])
			all = append(all, image.Pt(int(bits&0x3fff)+1, int(bits>>14&0x3fff)+1))
		case kind == "VP8 " && len(b) >= 10:
			all = append(all, image.Pt(int(binary.LittleEndian.Uint16(b[6:8])&0x3fff),
				int(binary.LittleEndian.Uint16(b[8:10])&0x3fff)))
		}
		rest = body[min(size+size&1, int64(len(body))):]
	}
	return all
}
