package pages

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// File is a file that is the same for everybody: a script, a style sheet, a picture, or a whole page.
type File struct {
	body        []byte
	packed      bool // body is gzip
	contentType string
	tag         string // of the file as it was given
}

// ContentTypeOf is the type of a file that a page loads, by the end of its name: .css, .js or .svg. It is empty for any
// other.
func ContentTypeOf(ext string) string {
	return map[string]string{
		".css": "text/css; charset=utf-8",
		".js":  "text/javascript; charset=utf-8",
		".svg": "image/svg+xml",
	}[ext]
}

// NewFile is a file as it is.
func NewFile(body []byte, contentType string) File {
	sum := sha256.Sum256(body)
	return File{body: body, contentType: contentType, tag: hex.EncodeToString(sum[:8])}
}

// NewPackedFile is a file that is kept compressed by gzip, as browsers get it. It fails when it cannot be unpacked.
func NewPackedFile(packed []byte, contentType string) (File, error) {
	f := NewFile(packed, contentType)
	f.packed = true
	_, err := f.unpacked()
	return f, err
}

func (f File) unpacked() ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(f.body))
	if err != nil {
		return nil, fmt.Errorf("unpack a file: %w", err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("unpack a file: %w", err)
	}
	return plain, nil
}

// Serve answers with the file, compressed for whoever takes that, or says that the caller has it already. How long it
// may be kept the caller of Serve says; who says nothing has browsers ask each time.
func (f File) Serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-cache")
	}
	h.Add("Vary", "Accept-Encoding")
	body, tag := f.body, f.tag
	switch {
	case f.packed && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip"):
		h.Set("Content-Encoding", "gzip")
		tag += "-gzip"
	case f.packed:
		body, _ = f.unpacked() // it was tried when it was made
	}
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}
