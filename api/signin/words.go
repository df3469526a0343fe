package signin

import (
	"net/http"

	"golang.org/x/text/language"
)

// words are the pages' languages, Chinese first.
type words struct {
	zh, en  *text
	matcher language.Matcher
}

func newWords() *words {
	return &words{
		zh:      chinese(),
		en:      english(),
		matcher: language.NewMatcher([]language.Tag{language.Chinese, language.English}),
	}
}

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
	_, index := language.MatchStrings(w.matcher, r.URL.Query().Get("lang"), before, r.Header.Get("Accept-Language"))
	if index == 1 {
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
