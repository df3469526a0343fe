// Package docs serves what an integrator reads, in Chinese and English: guides at /docs/guides/, the API reference at
// /docs/, the error codes at /docs/errors, and the contract at /openapi.yaml and /openapi.json. Everything comes from
// this binary; the pages call no other host.
package docs

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/go-chi/chi/v5"

	"zhitong/api/call"
	"zhitong/api/contract"
	"zhitong/api/pages"
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
	page      *template.Template // the reference, or its stub
	errors    *template.Template
	guide     *template.Template
	guides    map[Lang][]Guide
	served    map[Lang]Contract
	files     map[string]pages.File
}

// New reads the pages' files. Without a built Scalar the reference is a plain list of operations.
func New(
	c *contract.Contract,
	served map[Lang]Contract,
	catalogue fault.Catalogue,
	problems *problem.Writer,
) (*Pages, error) {
	p := &Pages{
		contract: c, catalogue: catalogue, problems: problems,
		guides: map[Lang][]Guide{}, served: served, files: map[string]pages.File{},
	}
	for _, lang := range Langs() {
		var err error
		if p.guides[lang], err = Guides(lang); err != nil {
			return nil, err
		}
	}
	source := "page.html"
	switch scalar, err := fs.ReadFile(web.Dist(), "reference/scalar.js.gz"); {
	case err == nil:
		if p.files["scalar.js"], err = pages.NewPackedFile(scalar, pages.ContentTypeOf(".js")); err != nil {
			return nil, fmt.Errorf("read the API reference: %w", err)
		}
	case errors.Is(err, fs.ErrNotExist):
		source = "stub.html"
	default:
		return nil, fmt.Errorf("read the API reference: %w", err)
	}
	for _, name := range []string{"icon.svg", "nonce.js", "reference.js", "reference.css"} {
		body, err := fs.ReadFile(reference.Files(), name)
		if err != nil {
			return nil, fmt.Errorf("read the API reference: %w", err)
		}
		p.files[name] = pages.NewFile(body, pages.ContentTypeOf(path.Ext(name)))
	}
	for _, t := range []struct {
		into **template.Template
		name string
	}{{&p.page, source}, {&p.errors, "errors.html"}, {&p.guide, "guide.html"}} {
		parsed, err := template.New(t.name).Funcs(template.FuncMap{"code": codeIn}).
			ParseFS(reference.Files(), t.name, "layout.html")
		if err != nil {
			return nil, fmt.Errorf("read the pages of the documentation: %w", err)
		}
		*t.into = parsed
	}
	return p, nil
}

// Mount registers the pages.
func (p *Pages) Mount(r chi.Router) {
	named := func(name string, h http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			call.From(r.Context()).Operation = name
			h(w, r)
		}
	}
	for name, of := range map[string]func(Contract) (string, []byte){
		"/openapi.yaml": func(c Contract) (string, []byte) { return "application/yaml; charset=utf-8", c.YAML },
		"/openapi.json": func(c Contract) (string, []byte) { return "application/json; charset=utf-8", c.JSON },
	} {
		r.Get(name, named("openapi", func(w http.ResponseWriter, r *http.Request) {
			contentType, body := of(p.served[langOf(r)])
			w.Header().Set("Cache-Control", "public, max-age=300, must-revalidate")
			w.Header().Set("Access-Control-Allow-Origin", "*") // the contract is public: any tool may load it
			send(w, r, pages.NewFile(body, contentType))
		}))
	}
	r.Get("/docs", named("docs", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/docs/", http.StatusPermanentRedirect)
	}))
	r.Get("/docs/", named("docs", p.reference))
	r.Get("/docs/errors", named("docs", p.codes))
	r.Get("/docs/assets/{name}", named("docsAsset", p.asset))
	p.mountGuides(r, named)
}

// view is what every page of the documentation has.
type view struct {
	Lang    Lang
	Title   string
	Section string // guides, reference or errors
	Other   string // the same page in the other language
	Nonce   string
}

// Zh tells whether the page is in Chinese.
func (v view) Zh() bool { return v.Lang == Chinese }

// HTMLLang is the page's language as HTML names it.
func (v view) HTMLLang() string {
	if v.Zh() {
		return "zh-CN"
	}
	return "en"
}

func viewOf(lang Lang, section, zh, en, path string) view {
	v := view{Lang: lang, Section: section, Title: en, Other: path + "?lang=zh"}
	if lang == Chinese {
		v.Title, v.Other = zh, path+"?lang=en"
	}
	return v
}

func (p *Pages) reference(w http.ResponseWriter, r *http.Request) {
	// Scalar makes its style sheets as it goes; nonce.js gives them the nonce of this answer, and no other inline style
	// passes. Scripts are our own files.
	v := viewOf(langOf(r), "reference", "接口参考", "API reference", "/docs/")
	v.Nonce = rand.Text()
	p.html(w, r, p.page, struct {
		view
		Operations []*contract.Operation
	}{v, p.contract.Operations()},
		"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-"+v.Nonce+"'; img-src 'self' data:; "+
			"font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
}

// plainPolicy is that of pages without script.
const plainPolicy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; " +
	"frame-ancestors 'none'"

// explained is a code in the language of the page.
type explained struct {
	Code           string
	Status         int
	Title, Meaning string
}

func (p *Pages) codes(w http.ResponseWriter, r *http.Request) {
	v := viewOf(langOf(r), "errors", "错误码", "Error codes", "/docs/errors")
	var codes []explained
	for _, d := range p.catalogue.Sorted() {
		codes = append(codes, explained{string(d.Code), d.Status, d.TitleIn(v.Zh()), d.MeaningIn(v.Zh())})
	}
	p.html(w, r, p.errors, struct {
		view
		Codes  []explained
		Fields []problem.FieldCode
	}{v, codes, problem.FieldCodes(v.Zh())}, plainPolicy)
}

// codeIn renders what stands between backticks as code.
func codeIn(text string) template.HTML {
	var b strings.Builder
	for i, part := range strings.Split(template.HTMLEscapeString(text), "`") {
		switch {
		case i%2 == 0:
			b.WriteString(part)
		default:
			b.WriteString("<code>" + part + "</code>")
		}
	}
	return template.HTML(b.String()) //nolint:gosec // escaped above
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
	w.Header().Add("Vary", "Accept-Language")
	_, _ = w.Write(b.Bytes())
}

func (p *Pages) asset(w http.ResponseWriter, r *http.Request) {
	f, ok := p.files[chi.URLParam(r, "name")]
	if !ok {
		p.problems.Write(w, r, fault.New(problem.RouteNotFound, "There is no such file."))
		return
	}
	send(w, r, f)
}

// send answers with a file of this documentation, which is another one in another language.
func send(w http.ResponseWriter, r *http.Request, f pages.File) {
	w.Header().Add("Vary", "Accept-Language")
	f.Serve(w, r)
}
