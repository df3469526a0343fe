// Package outside makes the connections that tenants ask for: to addresses which they name. It reaches the public
// internet by https and nothing of ours, whatever a name resolves to; it follows no redirects and takes no proxy.
package outside

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"code.dny.dev/ssrf"

	"zhitong/internal/port"
)

const (
	Timeout         = 10 * time.Second // of a call
	dialTimeout     = 5 * time.Second
	AnswerMax       = 64 << 10 // bytes of an answer that are read; the rest is dropped with the connection
	answerHeaderMax = 16 << 10
	// many tenants may receive at one host; who hangs there is held back per endpoint, by the worker
	connsPerHostMax  = 64
	idleConnsMax     = 256
	idleConnsPerHost = 2
	idleTimeout      = 30 * time.Second
)

// Reach says which addresses a tenant may make the program call. The zero value is the public internet by https.
type Reach struct {
	AllowHTTP bool           // also http, for a sandbox on a laptop
	Allowed   []netip.Prefix // addresses that are reachable although they are not public, on any port
}

// ports of public addresses that are called.
func ports() []uint16 { return []uint16{80, 443, 8443} }

// Guard is the check of an address at the moment of connecting, after every name has been resolved: rebinding a name
// does not get past it.
func (r Reach) Guard() func(network, address string, _ syscall.RawConn) error {
	g := ssrf.New(ssrf.WithPorts(ports()...))
	return func(network, address string, c syscall.RawConn) error {
		ap, err := netip.ParseAddrPort(address)
		if err == nil && r.allows(ap.Addr()) {
			return nil
		}
		return g.Safe(network, address, c)
	}
}

func (r Reach) allows(a netip.Addr) bool {
	return slices.ContainsFunc(r.Allowed, func(p netip.Prefix) bool { return p.Contains(a.Unmap()) })
}

// NewClient makes the client that calls addresses given by tenants: no redirects, no proxy, bounded in time and in
// every size.
func NewClient(r Reach) *http.Client {
	dialer := &net.Dialer{Timeout: dialTimeout, Control: r.Guard()}
	return &http.Client{
		Timeout:       Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				return dialer.DialContext(ctx, network, address)
			},
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    dialTimeout,
			ForceAttemptHTTP2:      true,
			MaxResponseHeaderBytes: answerHeaderMax,
			MaxConnsPerHost:        connsPerHostMax,
			MaxIdleConns:           idleConnsMax,
			MaxIdleConnsPerHost:    idleConnsPerHost,
			IdleConnTimeout:        idleTimeout,
			DisableCompression:     true, // an answer is not read, so it cannot blow up either
		},
	}
}

// RefusedError says what is wrong with an address: "must be https".
type RefusedError string

// Error implements error.
func (e RefusedError) Error() string { return "the address " + string(e) }

// CheckURL refuses, by a [RefusedError], what can be seen to be wrong before anything is sent. The address itself is
// checked at each connection, by Guard.
func (r Reach) CheckURL(raw string) error {
	refuse := func(why string) error { return RefusedError(why) }
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Opaque != "" {
		return refuse("is not an absolute address")
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !r.AllowHTTP) {
		return refuse("must be https")
	}
	if !port.InURL(u) {
		return refuse("must have a port from 1 to 65535, or none")
	}
	if u.User != nil {
		return refuse("must not carry a user name")
	}
	if u.Fragment != "" {
		return refuse("must not have a fragment")
	}
	host := u.Hostname()
	if a, err := netip.ParseAddr(host); err == nil {
		if r.allows(a) {
			return nil
		}
		if ssrf.New().SafeAddr(a) != nil {
			return refuse("names a host that is not public")
		}
		return r.checkPort(u, refuse)
	}
	if err := r.checkName(host, refuse); err != nil {
		return err
	}
	return r.checkPort(u, refuse)
}

// checkName refuses names that are local by their form, and numbers in disguise: 2130706433, 0x7f.1 and 0177.0.0.1 are
// all 127.0.0.1 to some resolver.
func (r Reach) checkName(host string, refuse func(string) error) error {
	labels := strings.Split(strings.ToLower(strings.TrimSuffix(host, ".")), ".")
	last := labels[len(labels)-1]
	if _, err := strconv.ParseUint(last, 0, 64); err == nil || strings.HasPrefix(last, "0x") || last == "" {
		return refuse("names a host that is not a name")
	}
	local := len(labels) == 1 ||
		slices.Contains([]string{"localhost", "local", "internal", "intranet", "home", "lan", "arpa"}, last)
	if local && len(r.Allowed) == 0 {
		return refuse("names a host that is not public")
	}
	return nil
}

func (r Reach) checkPort(u *url.URL, refuse func(string) error) error {
	p := u.Port()
	if p == "" || len(r.Allowed) > 0 {
		return nil
	}
	n, err := strconv.ParseUint(p, 10, 16)
	if err != nil || !slices.Contains(ports(), uint16(n)) {
		return refuse("must have the port 443 or 8443")
	}
	return nil
}

// Prohibited tells that a connection was refused by Guard.
func Prohibited(err error) bool {
	return errors.Is(err, ssrf.ErrProhibitedIP) || errors.Is(err, ssrf.ErrProhibitedPort) ||
		errors.Is(err, ssrf.ErrProhibitedNetwork)
}
