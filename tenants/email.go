package tenants

import (
	"errors"
	"net/mail"
	"strings"
)

const emailMax = 254

// NormalEmail is the one form of an e-mail address that is stored and compared: bare and in lower case.
func NormalEmail(s string) (string, error) {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > emailMax {
		return "", errors.New("not an e-mail address")
	}
	return strings.ToLower(s), nil
}
