// Package mask shortens personal texts, so that who knows one recognises it and nobody else can use it.
package mask

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

const (
	stars      = "****"
	numberHead = 3
	numberTail = 2
	phoneTail  = 4
	phoneLeast = 11 // digits of a number of which head and tail are shown
)

// Number keeps the first three and the last two characters of an identity or account number, and nothing of one that
// has no more.
func Number(s string) string {
	if len(s) <= numberHead+numberTail {
		return strings.Repeat("*", len(s))
	}
	return s[:numberHead] + strings.Repeat("*", len(s)-numberHead-numberTail) + s[len(s)-numberTail:]
}

var digits = regexp.MustCompile(`^\+?[0-9][0-9\-]+$`)

// Contact masks each word of a contact: 138****0000 of a number with eleven digits or more, a***@example.cn of a mail
// address, and the first character of anything else. The empty text stays empty.
func Contact(s string) string {
	words := strings.Fields(s)
	for i, w := range words {
		words[i] = word(w)
	}
	return strings.Join(words, " ")
}

func word(w string) string {
	first, _ := utf8.DecodeRuneInString(w)
	if at := strings.LastIndexByte(w, '@'); at > 0 {
		return string(first) + "***" + w[at:]
	}
	if digits.MatchString(w) && len(w) >= phoneLeast {
		return w[:numberHead] + stars + w[len(w)-phoneTail:]
	}
	return string(first) + "***"
}
