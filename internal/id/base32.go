package id

import "github.com/google/uuid"

// The text of an identifier is a TypeID (https://github.com/jetify-com/typeid, specification 0.3): the prefix of its
// kind, an underscore, and the 128 bits of the UUID, behind two bits of zero, in 26 characters of Crockford's base32 in
// lower case. It sorts as the UUID does.
const (
	alphabet  = "0123456789abcdefghjkmnpqrstvwxyz"
	base32Len = 26
)

// digits are the values of the characters of alphabet; noDigit is any other byte.
var digits = func() (d [256]byte) {
	for i := range d {
		d[i] = noDigit
	}
	for i := range alphabet {
		d[alphabet[i]] = byte(i)
	}
	return d
}()

const noDigit = 0xff

func appendBase32(to []byte, u uuid.UUID) []byte {
	var out [base32Len]byte
	var bits uint // the bits of u that wait to be written, from the right
	var n, next uint
	next = base32Len
	for i := len(u) - 1; i >= 0; i-- {
		bits |= uint(u[i]) << n
		for n += 8; n >= 5; n -= 5 {
			next--
			out[next] = alphabet[bits&31]
			bits >>= 5
		}
	}
	out[0] = alphabet[bits&31]
	return append(to, out[:]...)
}

// parseBase32 is false for anything that appendBase32 does not write.
func parseBase32(s string) (u uuid.UUID, ok bool) {
	if len(s) != base32Len || s[0] > '7' {
		return u, false
	}
	var bits, n uint
	next := len(u)
	for i := base32Len - 1; i >= 0; i-- {
		d := digits[s[i]]
		if d == noDigit {
			return uuid.UUID{}, false
		}
		bits |= uint(d) << n
		if n += 5; n >= 8 {
			next--
			u[next] = byte(bits)
			bits >>= 8
			n -= 8
		}
	}
	return u, true
}
