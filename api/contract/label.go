package contract

import (
	"errors"
	"strings"
	"unicode"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// label is the format of names that people see: visible text on one line. A direction mark (U+202E) makes a name read
// as another, and one of blanks or zero-width characters cannot be told from none.
func label() *jsonschema.Format {
	return &jsonschema.Format{Name: "label", Validate: func(v any) error {
		text, ok := v.(string)
		if !ok || text == "" { // its length is minLength's matter
			return nil
		}
		if strings.ContainsFunc(text, unseen) || strings.TrimSpace(text) == "" {
			return errors.New("is not visible text on one line")
		}
		return nil
	}}
}

// unseen tells whether a character has no shape of its own: control and format characters, line breaks, and what
// Unicode says is no character. The zero-width joiner is part of many an emoji.
func unseen(r rune) bool {
	const joiner = '\u200d'
	if r == joiner {
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Noncharacter_Code_Point)
}
