// Package docs serves what an integrator reads: the API reference at /docs/, the error codes at /docs/errors, and the
// contract at /openapi.yaml. Everything comes from this binary; the pages call no other host.
package docs

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"zhitong"
	"zhitong/api/call"
	"zhitong/api/contract"
	"zhitong/api/problem"
	"zhitong/internal/fault"
	"zhitong/web"
	"zhitong/web/reference"
)

// Pages serves the documentation.
type Pages struct {
	contract  *contract.Contract
	catalogue fault.Catalogue
	problems  *problem.Writer
	page      *template.Template
	errors    *template.Template
	served    string // the contract
	files     map[string]file
}

type file struct {
	body        []byte
	gzipped     bool
	contentType string
	tag         string
}

const errorsPage = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Error codes · Zhitong API</title>
<link rel="icon" href="/docs/assets/icon.svg" type="image/svg+xml"><link rel="stylesheet" href="/docs/assets/reference.css"></head>
<body><main class="plain"><h1>Error codes</h1>
<p>Every error is <code>application/problem+json</code> with one of these codes. See the <a href="/docs/">API reference</a>.</p>
<table><tr><th>Code</th><th>Status</th><th>What happened, and what to do</th></tr>
{{- range .}}
<tr id="{{.Code}}"><td><code>{{.Code}}</code></td><td>{{.Status}}</td><td><b>{{.Title}}.</b> {{.Meaning}}</td></tr>
{{- end}}
</table></main></body></html>
`

// New reads the pages' files. Without a built Scalar the reference is a plain list of operations.
func New(c *contract.Contract, catalogue fault.Catalogue, problems *problem.Writer) (*Pages, error) {
	p := &Pages{contract: c, catalogue: catalogue, problems: problems, files: map[string]file{}}
	source := "page.html"
	switch scalar, err := fs.ReadFile(web.Dist(), "reference/scalar.js.gz"); {
	case err == nil:
		p.files["scalar.js"] = newFile(scalar, "text/javascript; charset=utf-8", true)
	case errors.Is(err, fs.ErrNotExist):
		source = "stub.html"
	default:
		return nil, fmt.Errorf("read the API reference: %w", err)
	}
	for name, contentType := range map[string]string{"icon.svg": "image/svg+xml", "nonce.js": "text/javascript; charset=utf-8", "reference.js": "text/javascript; charset=utf-8", "reference.css": "text/css; charset=utf-8"} {
		body, err := fs.ReadFile(reference.Files(), name)
		if err != nil {
			return nil, fmt.Errorf("read the API reference: %w", err)
		}
		p.files[name] = newFile(body, contentType, false)
	}
	var err error
	if p.served, err = served(zhitong.OpenAPI(), c.Operations()); err != nil {
		return nil, err
	}
	if p.page, err = template.ParseFS(reference.Files(), source); err != nil {
		return nil, fmt.Errorf("read the API reference: %w", err)
	}
	p.errors, err = template.New("errors").Parse(errorsPage)
	return p, err
}

func newFile(body []byte, contentType string, gzipped bool) file {
	sum := sha256.Sum256(body)
	return file{body, gzipped, contentType, `"` + hex.EncodeToString(sum[:8]) + `"`}
}

// Mount registers the pages.
func (p *Pages) Mount(r chi.Router) {
	named := func(name string, h http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			call.From(r.Context()).Operation = name
			h(w, r)
		}
	}
	r.Get("/openapi.yaml", named("openapi", p.openAPI))
	r.Get("/docs", named("docs", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/docs/", http.StatusPermanentRedirect)
	}))
	r.Get("/docs/", named("docs", p.reference))
	r.Get("/docs/errors", named("docs", p.codes))
	r.Get("/docs/assets/{name}", named("docsAsset", p.asset))
}

// openAPI serves the contract. It may be kept for five minutes, and asked for again by its ETag.
func (p *Pages) openAPI(w http.ResponseWriter, r *http.Request) {
	f := newFile([]byte(p.served), "application/yaml; charset=utf-8", false)
	w.Header().Set("Content-Type", f.contentType)
	w.Header().Set("Cache-Control", "public, max-age=300, must-revalidate")
	w.Header().Set("ETag", f.tag)
	w.Header().Set("Access-Control-Allow-Origin", "*") // the contract is public: any tool may load it
	if r.Header.Get("If-None-Match") == f.tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.Write(f.body)
}

func (p *Pages) reference(w http.ResponseWriter, r *http.Request) {
	// Scalar makes its style sheets as it goes; nonce.js gives them the nonce of this answer, and no other inline style
	// passes. Scripts are our own files.
	nonce := rand.Text()
	p.html(
		w,
		r,
		p.page,
		map[string]any{"Operations": p.contract.Operations(), "Nonce": nonce},
		"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-"+nonce+"'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
	)
}

func (p *Pages) codes(w http.ResponseWriter, r *http.Request) {
	p.html(
		w,
		r,
		p.errors,
		p.catalogue.Sorted(),
		"default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
	)
}

func (p *Pages) html(w http.ResponseWriter, r *http.Request, t *template.Template, data any, policy string) {
	var b bytes.Buffer
	if err := t.Execute(&b, data); err != nil {
		p.problems.Write(w, r, fmt.Errorf("render the documentation: %w", err))
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(b.Bytes())
}

func (p *Pages) asset(w http.ResponseWriter, r *http.Request) {
	f, ok := p.files[chi.URLParam(r, "name")]
	if !ok {
		p.problems.Write(w, r, fault.New(problem.RouteNotFound, "There is no such file."))
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", f.tag)
	h.Set("Vary", "Accept-Encoding")
	if r.Header.Get("If-None-Match") == f.tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if f.gzipped && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
	} else if f.gzipped {
		unpacked, err := gzip.NewReader(bytes.NewReader(f.body))
		if err != nil {
			p.problems.Write(w, r, fmt.Errorf("unpack %s: %w", r.URL.Path, err))
			return
		}
		_, _ = io.Copy(w, unpacked)
		return
	}
	_, _ = w.Write(f.body)
}
