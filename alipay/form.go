package alipay

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// Errors of inbound messages; test with errors.Is. None of them is answered with "success".
var (
	ErrMalformed  = errors.New("alipay: malformed message")
	ErrSignature  = errors.New("alipay: message signature")
	ErrForeignApp = errors.New("alipay: message for another application")
)

const (
	maxInbound       = 128 << 10 // bytes of a body; the documented fields add up to a tenth
	maxInboundFields = 128
)

// parseForm reads a POST body and nothing else: a query string is never looked at. Each name occurs once; a repeated
// one is refused, because two readers could take different values. Values are the percent-decoded bytes in the
// message's own charset.
func parseForm(body []byte) (map[string]string, error) {
	if len(body) == 0 || len(body) > maxInbound {
		return nil, fmt.Errorf("%w: a body of %d bytes", ErrMalformed, len(body))
	}
	form := map[string]string{}
	for pair := range strings.SplitSeq(string(body), "&") {
		rawName, rawValue, ok := strings.Cut(pair, "=")
		if !ok {
			return nil, fmt.Errorf("%w: a field without a value", ErrMalformed)
		}
		name, err := url.QueryUnescape(rawName)
		if err != nil || !isFieldName(name) {
			return nil, fmt.Errorf("%w: a field name", ErrMalformed)
		}
		value, err := url.QueryUnescape(rawValue)
		if err != nil {
			return nil, fmt.Errorf("%w: the encoding of %s", ErrMalformed, name)
		}
		if _, twice := form[name]; twice {
			return nil, fmt.Errorf("%w: %s occurs twice", ErrMalformed, name)
		}
		if form[name] = value; len(form) > maxInboundFields {
			return nil, fmt.Errorf("%w: too many fields", ErrMalformed)
		}
	}
	return form, nil
}

func isFieldName(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '_' && c != '-' && c != '.' {
			return false
		}
	}
	return true
}

// verifyForm checks the signature by the rule of trade notifications (V1: all fields but sign and sign_type) and, when
// bothRules is set, by the rule of service notifications (V2: all fields but sign). The algorithm is RSA2 whatever the
// message says; a message that says otherwise is refused.
func (c *Client) verifyForm(form map[string]string, bothRules bool) error {
	switch {
	case form["sign_type"] != "RSA2":
		return fmt.Errorf("%w: sign_type is not RSA2", ErrSignature)
	case form["sign"] == "":
		return fmt.Errorf("%w: it is missing", ErrSignature)
	}
	key := c.public
	dropped := []string{"sign", "sign_type"}
	if c.certs != nil {
		if sn := form["alipay_cert_sn"]; sn != "" && sn != c.certs.alipaySN {
			known, ok := c.downloaded.Load(sn)
			if !ok {
				return fmt.Errorf("%w: an unknown certificate", ErrSignature)
			}
			key = publicKey(known)
		}
		dropped = append(dropped, "alipay_cert_sn")
	}
	err := verifyRSA2(key, []byte(signedText(form, dropped...)), form["sign"])
	if err != nil && bothRules {
		err = verifyRSA2(key, []byte(signedText(form, "sign")), form["sign"])
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrSignature, err)
	}
	return nil
}

// signedText joins the non-empty fields in the order of their names; Alipay's official SDKs drop empty ones too.
func signedText(form map[string]string, dropped ...string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(form)) {
		if form[name] == "" || slices.Contains(dropped, name) {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		b.WriteString(name + "=" + form[name])
	}
	return b.String()
}

// toUTF8 converts a verified form's values from its charset. The signature covers the bytes as sent, so this comes
// after it.
func toUTF8(form map[string]string) error {
	switch charset := strings.ToUpper(form["charset"]); charset {
	case "", "UTF-8", "UTF8":
		for name, value := range form {
			if !utf8.ValidString(value) {
				return fmt.Errorf("%w: %s is not UTF-8", ErrMalformed, name)
			}
		}
	case "GBK", "GB2312", "GB18030":
		for name, value := range form {
			text, err := simplifiedchinese.GB18030.NewDecoder().String(value)
			if err != nil || strings.ContainsRune(text, utf8.RuneError) {
				return fmt.Errorf("%w: %s is not %s", ErrMalformed, name, charset)
			}
			form[name] = text
		}
	default:
		return fmt.Errorf("%w: an unknown charset", ErrMalformed)
	}
	return nil
}
