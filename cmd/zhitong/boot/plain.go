package boot

import (
	"net/netip"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// distinctMin is how many different characters an operator's token has at least.
const distinctMin = 6

// common are tokens that are tried first, without what stands between their letters and digits.
func common() []string {
	return []string{"passwordpassword", "password12345678", "administrator123", "changemechangeme", "qwertyuiopasdfgh",
		"qwertyuiopasdfghjkl", "qwertyuiopasdfghjklzxcvbnm", "letmeinletmein12", "operatoroperator", "operatortoken123",
		"correcthorsebatterystaple", "zhitongzhitong12", "adminadminadmin1", "1q2w3e4r5t6y7u8i", "iloveyouiloveyou",
		"1234567812345678", "0000000000000001"}
}

// weak tells why a token of enough characters is guessed all the same; "" when nothing says so.
func weak(token string) string {
	runes := []rune(strings.ToLower(token))
	distinct, up, down := map[rune]bool{}, true, true
	for i, r := range runes {
		distinct[r] = true
		if i > 0 {
			up = up && (r == runes[i-1]+1 || r == '0' && runes[i-1] == '9' || r == 'a' && runes[i-1] == '9')
			down = down && (r == runes[i-1]-1 || r == '9' && runes[i-1] == '0')
		}
	}
	if len(distinct) < distinctMin {
		return "has too few different characters"
	}
	if up || down {
		return "is a row of neighbours"
	}
	for n := 1; n <= len(runes)/2; n++ {
		if repeats(runes, n) {
			return "repeats itself"
		}
	}
	plain := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, string(runes))
	for _, c := range common() {
		if plain == c {
			return "is one of those that are tried first"
		}
	}
	return ""
}

// repeats tells whether each character is that of n before.
func repeats(text []rune, n int) bool {
	for i := n; i < len(text); i++ {
		if text[i] != text[i-n] {
			return false
		}
	}
	return true
}

// plainHTTP tells whether an address is http and leads to another machine.
func plainHTTP(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && u.Scheme == "http" && !onThisMachine(u.Hostname())
}

// plainDatabase tells whether a connection to Postgres on another machine may be without TLS: by sslmode disable,
// allow or prefer, which is the default.
func plainDatabase(c *pgconn.Config) bool {
	if c.TLSConfig == nil && !onThisMachine(c.Host) {
		return true
	}
	for _, f := range c.Fallbacks {
		if f.TLSConfig == nil && !onThisMachine(f.Host) {
			return true
		}
	}
	return false
}

// onThisMachine tells whether a host is this machine, or the path of a socket.
func onThisMachine(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") || strings.HasPrefix(host, "/") ||
		strings.HasPrefix(host, "@") {
		return true
	}
	at, err := netip.ParseAddr(host)
	return err == nil && at.IsLoopback()
}
