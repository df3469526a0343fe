package pages

import (
	"net/http"

	"golang.org/x/text/language"
)

var languages = language.NewMatcher([]language.Tag{language.Chinese, language.English})

// English tells whether a page is to be in English: as ?lang= asks for, else as was chosen before, where the page
// remembers that, else as the browser says, else it is Chinese.
func English(r *http.Request, before string) bool {
	_, index := language.MatchStrings(languages, r.URL.Query().Get("lang"), before, r.Header.Get("Accept-Language"))
	return index == 1
}
