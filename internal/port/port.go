// Package port tells ports from numbers that are none. The parsers of addresses take any number.
package port

import (
	"net"
	"net/url"
	"strconv"
)

// InURL tells whether an address has no port, or one from 1 to 65535.
func InURL(u *url.URL) bool {
	p := u.Port()
	return p == "" || valid(p, 1)
}

// ToListen tells whether text is host:port or :port. Port 0 is any that is free.
func ToListen(text string) bool {
	_, p, err := net.SplitHostPort(text)
	return err == nil && valid(p, 0)
}

func valid(text string, least uint64) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return err == nil && n >= least
}
