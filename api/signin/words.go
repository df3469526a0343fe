package signin

import (
	"net/http"

	"zhitong/api/pages"
)

// words are the pages' languages, Chinese first.
type words struct{ zh, en *text }

func newWords() *words { return &words{zh: chinese(), en: english()} }

// langCookie remembers the language that was chosen on a page, for a year.
const (
	langCookie = "zt_lang"
	langLife   = 365 * 24 * 60 * 60
)

// of picks the language that was asked for by ?lang=, else the one chosen before, else the browser's, else Chinese.
func (w *words) of(r *http.Request) *text {
	before := ""
	if c, err := r.Cookie(langCookie); err == nil {
		before = c.Value
	}
	if pages.English(r, before) {
		return w.en
	}
	return w.zh
}

// rememberLanguage keeps what ?lang= asks for, for the pages that follow.
func (p *Pages) rememberLanguage(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("lang") == "" {
		return
	}
	http.SetCookie(w, &http.Cookie{Name: langCookie, Value: p.words.of(r).Lang, Path: "/", MaxAge: langLife,
		Secure: p.c.Cookies.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}
