package onboarding

import (
	"bytes"
	"image"
	"image/png"
	"testing"

	"zhitong/internal/fault"
)

// TestAttackImages names the attacks by what is uploaded.
func TestAttackImages(t *testing.T) {
	t.Parallel()
	t.Run("A32 paths and scripts in images", func(t *testing.T) {
		t.Parallel()
		t.Run("refused", TestReencodeRefuses)
		t.Run("whole and too large", attackA32)
		t.Run("bounded", TestReencodeIsBounded)
		t.Run("uploads bounded", TestUploadsAreBounded)
		t.Run("trailers", TestReencodeDropsTrailers)
	})
}

// attackA32: a picture of 13 megapixels that could be decoded well, in a few kilobytes.
func attackA32(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b,
		image.NewGray(image.Rect(0, 0, 4100, 3200))); err != nil {
		t.Fatal(err)
	}
	if b.Len() > ImageBytesMax {
		t.Fatalf("it has %d bytes: too many to prove anything", b.Len())
	}
	if _, err := reencode(t, New(Config{}), b.Bytes()); fault.CodeOf(err) != CodeImageInvalid {
		t.Errorf("it is taken: %v", err)
	}
}
