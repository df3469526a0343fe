package docs

import (
	"net/http"

	"golang.org/x/text/language"
)

// Lang is a language of the documentation.
type Lang string

// The languages of the documentation.
const (
	Chinese Lang = "zh"
	English Lang = "en"
)

// Langs are the languages, the default first.
func Langs() []Lang { return []Lang{Chinese, English} }

var matcher = language.NewMatcher([]language.Tag{language.Chinese, language.English})

// langOf is the language a reader wants: ?lang=, else Accept-Language, else Chinese.
func langOf(r *http.Request) Lang {
	_, i := language.MatchStrings(matcher, r.URL.Query().Get("lang"), r.Header.Get("Accept-Language"))
	return Langs()[i]
}
