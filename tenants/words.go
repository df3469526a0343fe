package tenants

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// sentence makes a sentence of what is told by a library: a capital letter, and a full stop.
func sentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + strings.TrimRight(text[size:], ".") + "."
}
