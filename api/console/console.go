// Package console serves the applications that `npm run build` made of web/app: the operator's console, and the portal
// of merchants. Each is the same files for everybody and tells nothing of anybody; who somebody is, and what they may
// see, the API says.
package console

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/go-chi/chi/v5"

	"zhitong/api/call"
	"zhitong/api/pages"
	"zhitong/api/problem"
	"zhitong/internal/fault"
)

// Where the applications begin.
const (
	Path       = "/console/"
	PortalPath = "/portal/"
)

// App is one of the applications.
type App struct {
	name string // of its directory in what was built, and in the names of its operations
	path string
}

// Apps are the console, for who works for a platform, and the portal, for the people of its merchants.
func Apps() []App { return []App{{"console", Path}, {"portal", PortalPath}} }

// policy is their Content-Security-Policy: our own files and nothing else, nothing inline, no text that becomes markup
// or script, no frame around it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; " +
	"require-trusted-types-for 'script'; trusted-types 'none'"

const packed = ".gz"

// Pages serves an application.
type Pages struct {
	app      App
	problems *problem.Writer
	page     pages.File
	assets   map[string]pages.File // by their name, which has the digest of their content
}

// New reads what was built of the application into dist. Without it, stub is the page.
func New(app App, dist fs.FS, stub []byte, problems *problem.Writer) (*Pages, error) {
	p := &Pages{app: app, problems: problems, assets: map[string]pages.File{}}
	index, err := fs.ReadFile(dist, "app/"+app.name+"/index.html")
	if errors.Is(err, fs.ErrNotExist) {
		index, err = stub, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the page of the %s: %w", app.name, err)
	}
	p.page = pages.NewFile(index, "text/html; charset=utf-8")
	below := "app/" + app.name + "/assets"
	entries, err := fs.ReadDir(dist, below)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list the files of the %s: %w", app.name, err)
	}
	for _, e := range entries {
		body, err := fs.ReadFile(dist, below+"/"+e.Name())
		if err != nil {
			return nil, fmt.Errorf("read a file of the %s: %w", app.name, err)
		}
		if err := p.add(e.Name(), body); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *Pages) add(name string, body []byte) (err error) {
	plainName, zipped := strings.CutSuffix(name, packed)
	contentType := pages.ContentTypeOf(path.Ext(plainName))
	if contentType == "" {
		return fmt.Errorf("the %s has a file of a kind that is not served: %s", p.app.name, name)
	}
	f := pages.NewFile(body, contentType)
	if zipped {
		if f, err = pages.NewPackedFile(body, contentType); err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
	}
	p.assets[plainName] = f
	return nil
}

// Mount registers the pages: every address below the path of the application is the one page, which finds by itself
// what it is to show.
func (p *Pages) Mount(r chi.Router) {
	named := func(name string, h http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			call.From(r.Context()).Operation = name
			h(w, r)
		}
	}
	page, at := p.app.name+"Page", p.app.path
	r.Get(strings.TrimSuffix(at, "/"), named(page, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, at, http.StatusPermanentRedirect)
	}))
	r.Get(at+"assets/{name}", named(p.app.name+"Asset", p.asset))
	r.Get(at+"*", named(page, p.html))
}

func (p *Pages) html(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	// Without a referrer a browser would not tell the form of sign-out where it comes from.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Robots-Tag", "noindex")
	p.page.Serve(w, r)
}

func (p *Pages) asset(w http.ResponseWriter, r *http.Request) {
	f, ok := p.assets[chi.URLParam(r, "name")]
	if !ok {
		p.problems.Write(w, r, fault.New(problem.RouteNotFound, "There is no such file."))
		return
	}
	w.Header().Set("Cache-Control", pages.Immutable)
	w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
	f.Serve(w, r)
}
