package onboarding

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"runtime"
	"sync"

	"golang.org/x/sync/semaphore"

	"zhitong/internal/fault"
	"zhitong/internal/id"
)

const (
	// decodingBytesMax is how much memory all images that are being decoded may take together. One process of 512 MB
	// carries it beside its work (docs/reliability.md).
	decodingBytesMax = 160 << 20
	// uploadsMax is how many uploads of one tenant may be under way, two whole applications: one is decoded, the others
	// wait with their bytes. uploadsOfAllMax is how many of all tenants, 160 MB of bytes at the most.
	uploadsMax      = 16
	uploadsOfAllMax = 32
	// collectFrom is from what size on the garbage of a decoded image is collected at once. At GC_PERCENT 400 it would
	// else stand beside the next ones.
	collectFrom = 16 << 20
)

// decoding bounds what images take: a few uploads of a tenant at a time, one of them being decoded, all tenants
// together within a budget of bytes. A small file can hold a large picture, so the budget counts pixels.
type decoding struct {
	memory  *semaphore.Weighted
	mu      sync.Mutex
	n       int // uploads of all tenants
	tenants map[id.Tenant]*uploads
}

// uploads are those of one tenant that are under way.
type uploads struct {
	n    int
	turn chan struct{} // has room for one
}

func newDecoding() *decoding {
	return &decoding{memory: semaphore.NewWeighted(decodingBytesMax), tenants: map[id.Tenant]*uploads{}}
}

// enter counts an upload in before its bytes are read. It returns image_uploads_busy when the tenant has enough under
// way, or all tenants together.
func (d *decoding) enter(tenant id.Tenant) (u *uploads, leave func(), err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.n >= uploadsOfAllMax {
		return nil, nil, fault.New(CodeImageUploadsBusy, "Too many images are being taken at this moment.")
	}
	u = d.tenants[tenant]
	if u == nil {
		u = &uploads{turn: make(chan struct{}, 1)}
		d.tenants[tenant] = u
	}
	if u.n >= uploadsMax {
		return nil, nil, fault.New(CodeImageUploadsBusy, "At most %d images are taken at a time.", uploadsMax)
	}
	d.n++
	u.n++
	return u, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.n--
		if u.n--; u.n == 0 {
			delete(d.tenants, tenant)
		}
	}, nil
}

// take waits for the tenant's turn and for the memory that a picture needs, bytes of it, until ctx ends.
func (d *decoding) take(ctx context.Context, u *uploads, bytes int64) (release func(), err error) {
	select {
	case u.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("wait to read an image: %w", ctx.Err())
	}
	if err := d.memory.Acquire(ctx, bytes); err != nil {
		<-u.turn
		return nil, fmt.Errorf("wait for the memory of an image: %w", err)
	}
	return func() {
		if bytes >= collectFrom {
			runtime.GC()
		}
		d.memory.Release(bytes)
		<-u.turn
	}, nil
}

// What a pixel takes, in bytes.
const (
	pixelDecoded     = 4  // RGBA; YCbCr and gray take less
	pixelUpright     = 4  // the turned copy
	pixelProgressive = 16 // a progressive JPEG's coefficients: 4 bytes for each of up to 4 components
)

// memoryOf is what decoding an image and turning it upright takes at most, in bytes, by its head alone.
func memoryOf(content []byte, pixels int64) int64 {
	perPixel := int64(pixelDecoded)
	switch {
	case isPNG(content):
		if interlaced(content) {
			perPixel += pixelDecoded // the passes, before they are put together
		}
	default:
		if orientation(content) > 1 {
			perPixel += pixelUpright
		}
		if progressive(content) {
			perPixel += pixelProgressive
		}
	}
	return pixels * perPixel
}

// Where the head of a PNG has its bit depth and its interlace method (ISO/IEC 15948, 11.2.2).
const (
	pngDepthAt     = 24
	pngInterlaceAt = 28
	pngDepthMax    = 8
)

func deep(content []byte) bool {
	return isPNG(content) && len(content) > pngDepthAt && content[pngDepthAt] > pngDepthMax
}

func interlaced(content []byte) bool {
	return len(content) > pngInterlaceAt && content[pngInterlaceAt] != 0
}

// progressive tells whether a JPEG's frame is progressive, or cannot be found, which is taken for the worst.
func progressive(content []byte) bool {
	at := 2 // after the start of the image
	for at+4 <= len(content) && content[at] == 0xff {
		switch marker := content[at+1]; {
		case marker == 0xff: // a fill byte
			at++
			continue
		case marker == markerSOF0 || marker == markerSOF1:
			return false
		case marker == markerSOF2 || marker == markerSOS:
			return true
		}
		at += 2 + int(binary.BigEndian.Uint16(content[at+2:]))
	}
	return true
}

// bounded is a buffer that takes max bytes and refuses the rest, so that an image which would become too large is not
// written to its end.
type bounded struct {
	bytes.Buffer
	max int
}

// Write implements io.Writer.
func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > b.max {
		return 0, errTooLarge
	}
	return b.Buffer.Write(p)
}
