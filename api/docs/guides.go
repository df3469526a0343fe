package docs

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"

	"zhitong/api/pages"
	"zhitong/api/problem"
	guidefiles "zhitong/docs/guides"
	"zhitong/internal/fault"
)

// Guide is a guide in one language.
type Guide struct {
	Name    string // of its file and address
	Title   string
	Summary string // its first paragraph, without marks
	Body    template.HTML
}

// names are the guides in their order.
func names() []string {
	return []string{"first-order", "sandbox", "onboarding", "webhooks", "money", "people", "going-live"}
}

// Guides reads the guides in a language.
func Guides(lang Lang) ([]Guide, error) {
	markdown := goldmark.New(goldmark.WithExtensions(extension.Table))
	var out []Guide
	for _, name := range names() {
		text, err := fs.ReadFile(guidefiles.Files(), path.Join(string(lang), name+".md"))
		if err != nil {
			return nil, fmt.Errorf("read the guide: %w", err)
		}
		var b bytes.Buffer
		if err := markdown.Convert(text, &b); err != nil {
			return nil, fmt.Errorf("render the guide %s: %w", name, err)
		}
		heading, rest, _ := strings.Cut(string(text), "\n\n")
		summary, _, _ := strings.Cut(rest, "\n\n")
		body := strings.ReplaceAll(b.String(), `.md"`, `"`) // files name each other as files
		out = append(out, Guide{
			Name: name, Title: strings.TrimPrefix(heading, "# "),
			Summary: strings.NewReplacer("`", "", "**", "").Replace(summary),
			Body:    template.HTML(body), //nolint:gosec // our own text; goldmark leaves raw HTML out
		})
	}
	return out, nil
}

func (p *Pages) mountGuides(r chi.Router, named func(string, http.HandlerFunc) http.HandlerFunc) {
	for _, lang := range Langs() {
		r.Get("/docs/guides/"+string(lang)+"/", named("guides", func(w http.ResponseWriter, r *http.Request) {
			p.writeGuide(w, r, lang, Guide{}, nil)
		}))
		r.Get("/docs/guides/"+string(lang)+"/{name}", named("guides", func(w http.ResponseWriter, r *http.Request) {
			p.guideOrPicture(w, r, lang)
		}))
	}
	towards := func(w http.ResponseWriter, r *http.Request) { // without a language: the reader's
		w.Header().Add("Vary", "Accept-Language")
		http.Redirect(w, r, "/docs/guides/"+string(langOf(r))+"/"+chi.URLParam(r, "name"), http.StatusFound)
	}
	r.Get("/docs/guides", named("guides", towards))
	r.Get("/docs/guides/", named("guides", towards))
	for _, name := range names() {
		r.Get("/docs/guides/"+name, named("guides", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Add("Vary", "Accept-Language")
			http.Redirect(w, r, "/docs/guides/"+string(langOf(r))+"/"+name, http.StatusFound)
		}))
	}
}

func (p *Pages) guideOrPicture(w http.ResponseWriter, r *http.Request, lang Lang) {
	name := chi.URLParam(r, "name")
	if strings.HasSuffix(name, ".svg") {
		if body, err := fs.ReadFile(guidefiles.Files(), path.Join(string(lang), name)); err == nil {
			// A picture opened by itself is a document: it may style itself and do nothing else.
			w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
			send(w, r, pages.NewFile(body, "image/svg+xml"))
			return
		}
	}
	for i, g := range p.guides[lang] {
		if g.Name != name {
			continue
		}
		var next *Guide
		if i+1 < len(p.guides[lang]) {
			next = &p.guides[lang][i+1]
		}
		p.writeGuide(w, r, lang, g, next)
		return
	}
	p.problems.Write(w, r, fault.New(problem.RouteNotFound, "There is no such guide."))
}

// writeGuide writes a guide, or the list of all for the zero one.
func (p *Pages) writeGuide(w http.ResponseWriter, r *http.Request, lang Lang, g Guide, next *Guide) {
	v := viewOf(lang, "guides", "开发者指南", "Guides for developers", "")
	other := English
	if lang == English {
		other = Chinese
	}
	v.Other = "/docs/guides/" + string(other) + "/" + g.Name
	if g.Title != "" {
		v.Title = g.Title
	}
	p.html(w, r, p.guide, struct {
		view
		Guide
		Title  string
		Guides []Guide
		Next   *Guide
	}{v, g, v.Title, p.guides[lang], next}, plainPolicy)
}
