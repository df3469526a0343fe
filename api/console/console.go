// Package console serves the operator's console: the application that `npm run build` made of web/app. It is the same
// files for everybody and tells nothing of anybody; who somebody is, and what they may see, the API says.
package console

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"zhitong/api/call"
	"zhitong/api/problem"
	"zhitong/internal/fault"
)

// Path is where the console begins.
const Path = "/console/"

// policy is its Content-Security-Policy: our own files and nothing else, nothing inline, no text that becomes markup or
// script, no frame around it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; " +
	"require-trusted-types-for 'script'; trusted-types 'none'"

const packed = ".gz"

// Pages serves the console.
type Pages struct {
	problems *problem.Writer
	page     file
	assets   map[string]file // by their name, which has the digest of their content
}

type file struct {
	plain, packed []byte // packed is nil where the file is not kept compressed
	contentType   string
	tag           string
}

// New reads what was built into dist. Without it, stub is the page.
func New(dist fs.FS, stub []byte, problems *problem.Writer) (*Pages, error) {
	p := &Pages{problems: problems, assets: map[string]file{}}
	index, err := fs.ReadFile(dist, "app/console/index.html")
	if errors.Is(err, fs.ErrNotExist) {
		index, err = stub, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the console: %w", err)
	}
	p.page = newFile(index, "text/html; charset=utf-8")
	const below = "app/console/assets"
	entries, err := fs.ReadDir(dist, below)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list the files of the console: %w", err)
	}
	for _, e := range entries {
		body, err := fs.ReadFile(dist, below+"/"+e.Name())
		if err != nil {
			return nil, fmt.Errorf("read a file of the console: %w", err)
		}
		if err := p.add(e.Name(), body); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *Pages) add(name string, body []byte) error {
	types := map[string]string{
		".css": "text/css; charset=utf-8",
		".js":  "text/javascript; charset=utf-8",
		".svg": "image/svg+xml",
	}
	plainName, zipped := strings.CutSuffix(name, packed)
	contentType, ok := types[path.Ext(plainName)]
	if !ok {
		return fmt.Errorf("the console has a file of a kind that it does not serve: %s", name)
	}
	plain := body
	if zipped {
		unpacked, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return fmt.Errorf("unpack %s: %w", name, err)
		}
		if plain, err = io.ReadAll(unpacked); err != nil {
			return fmt.Errorf("unpack %s: %w", name, err)
		}
	}
	f := newFile(plain, contentType)
	if zipped {
		f.packed = body
	}
	p.assets[plainName] = f
	return nil
}

func newFile(plain []byte, contentType string) file {
	sum := sha256.Sum256(plain)
	return file{plain: plain, contentType: contentType, tag: `"` + hex.EncodeToString(sum[:8]) + `"`}
}

// Mount registers the pages: every address below [Path] is the one page, which finds by itself what it is to show.
func (p *Pages) Mount(r chi.Router) {
	named := func(name string, h http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			call.From(r.Context()).Operation = name
			h(w, r)
		}
	}
	r.Get(strings.TrimSuffix(Path, "/"), named("consolePage", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, Path, http.StatusPermanentRedirect)
	}))
	r.Get(Path+"assets/{name}", named("consoleAsset", p.asset))
	r.Get(Path+"*", named("consolePage", p.html))
}

func (p *Pages) html(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	// Without a referrer a browser would not tell the form of sign-out where it comes from.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Robots-Tag", "noindex")
	h.Set("Cache-Control", "no-cache")
	p.page.serve(w, r)
}

func (p *Pages) asset(w http.ResponseWriter, r *http.Request) {
	f, ok := p.assets[chi.URLParam(r, "name")]
	if !ok {
		p.problems.Write(w, r, fault.New(problem.RouteNotFound, "There is no such file."))
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
	f.serve(w, r)
}

func (f file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	h.Set("ETag", f.tag)
	h.Add("Vary", "Accept-Encoding")
	body := f.plain
	if f.packed != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		body = f.packed
		h.Set("Content-Encoding", "gzip")
		h.Set("ETag", strings.TrimSuffix(f.tag, `"`)+`-gzip"`)
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}
