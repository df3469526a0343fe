// Package pages draws what the desk and the cashier show: templates, styles, words in two languages, and the headers
// that guard them.
package pages

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"

	"zhitong/internal/money"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

// pageFiles are the templates, styles and scripts of the cashier and the desk.
//
//go:embed *.html *.css *.js *.svg
var pageFiles embed.FS

// templates are parsed once; a broken one is a programmer's error, found by any test of a page.
var templates = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("pages").Funcs(template.FuncMap{
		"yuan": func(v any) string {
			switch x := v.(type) {
			case money.Fen:
				return protocol.SignedYuan(x)
			case int64:
				return protocol.SignedYuan(money.Fen(x))
			}
			return ""
		},
		"list": func(list ...string) []string { return list },
		"dict": dict,
	}).ParseFS(pageFiles, "*.html"))
})

// dict makes the argument of a template that needs more than one value.
func dict(pairs ...any) (map[string]any, error) {
	out := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, errors.New("dict: names are texts")
		}
		out[name] = pairs[i+1]
	}
	return out, nil
}

// ContentPolicy allows our own styles and scripts and nothing else; nothing inline, no third party.
const ContentPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Page is what every template gets. Texts are Chinese first; ?lang=en asks for English and is remembered in a cookie.
type Page struct {
	English bool
	Title   string
	Nav     string // the desk's section
	Path    string
	Query   url.Values
	Now     time.Time
	Frozen  bool
	Body    any
}

// T picks one of two texts.
func (p *Page) T(zh, en string) string {
	if p.English {
		return en
	}
	return zh
}

// When is a stored time in Beijing, empty for none.
func (p *Page) When(v int64) string {
	if v == 0 {
		return ""
	}
	return protocol.Beijing(protocol.FromMillis(v))
}

// WhenRFC is the same for times that the desk API gives as text.
func (p *Page) WhenRFC(s string) string {
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return ""
	}
	return protocol.Beijing(at)
}

// Clock is the simulator's time in Beijing.
func (p *Page) Clock() string { return protocol.Beijing(p.Now) }

// Switch is this page in the other language.
func (p *Page) Switch() string {
	q := url.Values{}
	for k, v := range p.Query {
		q[k] = v
	}
	q.Set("lang", p.T("en", "zh"))
	return p.Path + "?" + q.Encode()
}

// With is this page's address with one query value changed (and the place in the list forgotten).
func (p *Page) With(key, value string) string {
	q := url.Values{}
	for k, v := range p.Query {
		if k != "before" && k != "from" && k != "lang" {
			q[k] = v
		}
	}
	q.Set(key, value)
	if value == "" {
		q.Del(key)
	}
	if len(q) == 0 {
		return p.Path
	}
	return p.Path + "?" + q.Encode()
}

// New reads language and address of a request.
func New(s *state.State, w http.ResponseWriter, r *http.Request) *Page {
	p := &Page{Path: r.URL.Path, Query: r.URL.Query(), Now: s.Now(), Frozen: s.Clock.Frozen()}
	lang := r.URL.Query().Get("lang")
	switch {
	case lang == "en" || lang == "zh":
		http.SetCookie(w,
			&http.Cookie{Name: "lang", Value: lang, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true,
				SameSite: http.SameSiteLaxMode})
	default:
		if c, err := r.Cookie("lang"); err == nil {
			lang = c.Value
		}
	}
	p.English = lang == "en"
	return p
}

// Show writes a page with its headers; a template that fails writes nothing of itself.
func Show(s *state.State, w http.ResponseWriter, status int, name string, p *Page) {
	var b bytes.Buffer
	if err := templates().ExecuteTemplate(&b, name, p); err != nil {
		s.Log.Error("write a page", "page", name, "error", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", ContentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

// Assets serves styles and scripts by name.
func Assets(r chi.Router) {
	r.Get("/assets/{name}", func(w http.ResponseWriter, r *http.Request) {
		name := chi.URLParam(r, "name")
		kinds := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
			".svg": "image/svg+xml"}
		data, err := fs.ReadFile(pageFiles, path.Base(name))
		kind := kinds[path.Ext(name)]
		if err != nil || kind == "" {
			http.NotFound(w, r)
			return
		}
		sum := sha256.Sum256(data)
		tag := `"` + hex.EncodeToString(sum[:8]) + `"`
		w.Header().Set("Content-Type", kind)
		w.Header().Set("ETag", tag)
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = w.Write(data)
	})
}

// Guarded refuses form posts that another site's page sends.
func Guarded(next http.Handler) http.Handler { return http.NewCrossOriginProtection().Handler(next) }
