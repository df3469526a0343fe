package tenants

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"zhitong/alipay"
)

// GatewayWords is why Alipay refused, in its own words with its code, for a person. It holds nothing of the request.
func GatewayWords(err error) string {
	e, ok := errors.AsType[*alipay.Error](err)
	if !ok {
		return ""
	}
	code := e.SubCode
	if code == "" {
		code = e.Code
	}
	switch {
	case e.Message == "":
		return code
	case code == "":
		return e.Message
	default:
		return e.Message + " (" + code + ")"
	}
}

// sentence makes a sentence of what is told by a library: a capital letter, and a full stop.
func sentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + strings.TrimRight(text[size:], ".") + "."
}
