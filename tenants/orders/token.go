package orders

import (
	"crypto/subtle"
	"encoding/base64"

	"zhitong/internal/id"
)

// A checkout token is what the buyer holds: it names the tenant and the order, and its last 16 bytes cannot be guessed.
const tokenBytes = 16 + 16 + 16

func token(t id.Tenant, o id.Order, secret []byte) string {
	b := make([]byte, 0, tokenBytes)
	b = append(b, t[:]...)
	b = append(b, o[:]...)
	return base64.RawURLEncoding.EncodeToString(append(b, secret...))
}

func parseToken(s string) (t id.Tenant, o id.Order, secret []byte, ok bool) {
	if len(s) != base64.RawURLEncoding.EncodedLen(tokenBytes) {
		return t, o, nil, false
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return t, o, nil, false
	}
	copy(t[:], b)
	copy(o[:], b[16:])
	return t, o, b[32:], !t.IsZero()
}

func sameSecret(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }
