package pages

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"path"
	"strings"

	"github.com/go-chi/chi/v5"
)

// Immutable is the Cache-Control of a file whose name changes with its content.
const Immutable = "public, max-age=31536000, immutable"

// Assets are the files that pages load. Each is named by its content, so that browsers keep it for good.
type Assets struct {
	below string // address, with a slash at the end
	files map[string]File
}

// NewAssets are no files yet; those added are served below an address that ends with a slash.
func NewAssets(below string) Assets {
	return Assets{below: below, files: map[string]File{}}
}

// Add takes a style sheet, a script or an SVG image, and returns its address.
func (a Assets) Add(file string, body []byte) (address string) {
	sum := sha256.Sum256(body)
	ext := path.Ext(file)
	name := strings.TrimSuffix(file, ext) + "." + hex.EncodeToString(sum[:6]) + ext
	a.files[name] = NewFile(body, ContentTypeOf(ext))
	return a.below + name
}

// Serve answers with the file that the route's {name} says; false: there is none, and nothing is answered yet.
func (a Assets) Serve(w http.ResponseWriter, r *http.Request) bool {
	f, ok := a.files[chi.URLParam(r, "name")]
	if !ok {
		return false
	}
	w.Header().Set("Cache-Control", Immutable)
	f.Serve(w, r)
	return true
}
