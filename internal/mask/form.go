package mask

import (
	"bytes"
	"net/url"
	"regexp"
)

// personal are parameters that name a person, or may.
var personal = regexp.MustCompile(`(?i)buyer_(id|user|open|logon)|logon|open_?id|user_?id|mobile|phone|mail|contact|` +
	`cert_no|(^|_)name$|account_?no|card_no|alias`)

// inJSON is a text in JSON with the name of its field.
var inJSON = regexp.MustCompile(`("([A-Za-z_]+)"\s*:\s*")((?:[^"\\]|\\.)*)`)

// Form masks what names a person in a form as it was sent, whatever its character set: parameters by their names, and
// fields of JSON in a parameter. Everything else stays as it is, to the byte.
func Form(raw []byte) []byte {
	parts := bytes.Split(raw, []byte("&"))
	for i, part := range parts {
		name, value, ok := bytes.Cut(part, []byte("="))
		if !ok {
			continue
		}
		plain, err := url.QueryUnescape(string(name))
		if err != nil {
			plain = string(name)
		}
		switch text, err := url.QueryUnescape(string(value)); {
		case personal.MatchString(plain):
			value = []byte(url.QueryEscape(stars))
		case err == nil && inJSON.MatchString(text):
			if masked := fields(text); masked != text {
				value = []byte(url.QueryEscape(masked))
			}
		}
		parts[i] = append(append(bytes.Clone(name), '='), value...)
	}
	return bytes.Join(parts, []byte("&"))
}

func fields(text string) string {
	return inJSON.ReplaceAllStringFunc(text, func(field string) string {
		m := inJSON.FindStringSubmatch(field)
		if !personal.MatchString(m[2]) {
			return field
		}
		return m[1] + stars
	})
}
