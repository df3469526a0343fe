package webhooks

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"code.dny.dev/ssrf"

	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/outside"
)

// TimeoutOf measures, in a bubble of synctest, how long a client waits for a receiver that never answers.
func TimeoutOf(t *testing.T, r Reach) time.Duration {
	t.Helper()
	c := outside.NewClient(r)
	tr, ok := c.Transport.(*http.Transport)
	if !ok {
		t.Fatalf("the transport is a %T", c.Transport)
	}
	mine, theirs := net.Pipe()
	defer theirs.Close()
	tr.DialContext = func(context.Context, string, string) (net.Conn, error) { return mine, nil }
	go func() { // takes everything, says nothing
		b := make([]byte, 1024)
		for {
			if _, err := theirs.Read(b); err != nil {
				return
			}
		}
	}()
	start := clock.System{}.Now()
	resp, err := c.Get("http://receiver.example.com/")
	if err == nil {
		resp.Body.Close()
		t.Error("there is an answer")
	}
	tr.CloseIdleConnections()
	return clock.System{}.Now().Sub(start)
}

// A29: what an endpoint's address may be.
func TestCheckURL(t *testing.T) {
	t.Parallel()
	var strict Reach
	for _, good := range []string{"https://hooks.example.com", "https://hooks.example.com/a?b=c",
		"https://hooks.example.com:8443/", "https://例子.测试/", "https://1.1.1.1/",
		"https://[2606:4700:4700::1111]/", "https://a.b-c.example.com./"} {
		if err := checkURL(strict, good); err != nil {
			t.Errorf("%s is refused: %v", good, err)
		}
	}
	for _, bad := range append(targets(), "", "hooks.example.com", "//hooks.example.com", "http://hooks.example.com/",
		"ftp://hooks.example.com/", "file:///etc/passwd", "javascript:alert(1)",
		"https://user:secret@hooks.example.com/", "https://hooks.example.com/#x", "https://hooks.example.com:22/",
		"https://hooks.example.com:99999/", "https://", "https://:443/",
		"gopher://hooks.example.com/", "https:hooks.example.com") {
		if err := checkURL(strict, bad); fault.CodeOf(err) != CodeURLRefused {
			t.Errorf("%s is taken: %v", bad, err)
		}
	}
	lenient := Reach{AllowHTTP: true, Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	for _, good := range []string{"http://127.0.0.1:3000/", "http://localhost:3000/hooks",
		"http://hooks.example.com:8080/"} {
		if err := checkURL(lenient, good); err != nil {
			t.Errorf("a sandbox refuses %s: %v", good, err)
		}
	}
	for _, bad := range []string{"http://10.0.0.1/", "http://169.254.169.254/", "http://192.168.0.1/"} {
		if err := checkURL(lenient, bad); err == nil {
			t.Errorf("a sandbox takes %s", bad)
		}
	}
}

// targets are addresses that lead inside, in every disguise.
func targets() []string {
	return []string{
		"https://127.0.0.1/", "https://127.1/", "https://0/", "https://0.0.0.0/", "https://2130706433/",
		"https://0x7f000001/", "https://0x7f.1/", "https://0177.0.0.1/",
		"https://017700000001/", "https://127.0.0.1.", "https://[::1]/", "https://[::]/", "https://[::ffff:127.0.0.1]/",
		"https://[::ffff:7f00:1]/", "https://[::127.0.0.1]/",
		"https://[64:ff9b::7f00:1]/", "https://[fe80::1]/", "https://[fe80::1%25eth0]/", "https://[fc00::1]/",
		"https://[fd00:ec2::254]/", "https://[2002:7f00:1::]/",
		"https://10.0.0.1/", "https://10.255.255.255/", "https://172.16.0.1/", "https://172.31.255.255/",
		"https://192.168.1.1/", "https://169.254.169.254/latest/meta-data/",
		"https://100.64.0.1/", "https://100.100.100.200/", "https://192.0.0.1/", "https://192.0.2.1/",
		"https://198.18.0.1/", "https://198.51.100.1/", "https://203.0.113.1/",
		"https://224.0.0.1/", "https://240.0.0.1/", "https://255.255.255.255/", "https://localhost/",
		"https://LOCALHOST/", "https://a.localhost/", "https://metadata.google.internal/",
		"https://db.local/", "https://intranet/", "https://router.lan/", "https://metadata/",
	}
}

// A29: whatever a name resolves to, at the moment of connecting: not one connection inside, and the reason is ours.
func TestGuardRefusesAddresses(t *testing.T) {
	t.Parallel()
	guard := Reach{}.Guard()
	for _, a := range []string{
		"127.0.0.1:443", "127.8.8.8:443", "0.0.0.0:443", "10.0.0.1:443", "172.16.0.1:443", "172.31.255.255:443",
		"192.168.0.1:443", "169.254.169.254:80", "100.64.0.1:443",
		"100.100.100.200:80", "192.0.0.192:80", "198.18.0.1:443", "224.0.0.1:443", "240.0.0.1:443",
		"255.255.255.255:443", "1.1.1.1:22", "1.1.1.1:6379", "1.1.1.1:5432",
		"[::1]:443", "[::]:443", "[::ffff:127.0.0.1]:443", "[::ffff:10.0.0.1]:443", "[64:ff9b::a00:1]:443",
		"[fe80::1]:443", "[fc00::1]:443", "[fd00:ec2::254]:80",
		"[2001:db8::1]:443", "[2002:7f00:1::]:443", "[ff02::1]:443", "localhost:443", "",
	} {
		network := "tcp4"
		if ap, err := netip.ParseAddrPort(a); err == nil && ap.Addr().Is6() {
			network = "tcp6"
		}
		if err := guard(network, a, nil); err == nil {
			t.Errorf("a connection to %q is allowed", a)
		}
	}
	if err := guard("udp4", "1.1.1.1:443", nil); !errors.Is(err, ssrf.ErrProhibitedNetwork) {
		t.Errorf("udp: %v", err)
	}
	for _, a := range []string{"1.1.1.1:443", "8.8.8.8:8443", "[2606:4700:4700::1111]:443"} {
		network := "tcp4"
		if a[0] == '[' {
			network = "tcp6"
		}
		if err := guard(network, a, nil); err != nil {
			t.Errorf("%s: %v", a, err)
		}
	}
}

// The client really dials through the guard: a server on this machine hears nothing, by address, by name, and by a
// redirect.
func TestClientConnectsNowhereInside(t *testing.T) {
	t.Parallel()
	connections := make(chan net.Conn, 16)
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ConnState = func(c net.Conn, s http.ConnState) {
		if s == http.StateNew {
			connections <- c
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c := outside.NewClient(Reach{})
	for _, host := range []string{"127.0.0.1", "localhost", "0.0.0.0", "[::ffff:127.0.0.1]", "0x7f000001",
		"2130706433"} {
		resp, err := c.Get("http://" + host + ":" + port + "/")
		if err == nil {
			resp.Body.Close()
			t.Errorf("%s answers", host)
		}
	}
	if n := len(connections); n != 0 {
		t.Errorf("%d connections", n)
	}
	if c.CheckRedirect(nil, nil) != http.ErrUseLastResponse {
		t.Error("redirects are followed")
	}
	tr, ok := c.Transport.(*http.Transport)
	if !ok || tr.Proxy != nil || tr.TLSClientConfig.InsecureSkipVerify {
		t.Error("a proxy, or TLS that is not verified")
	}
	// the negative control: without the guard the same address answers
	allowed := Reach{Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	if resp, err := outside.NewClient(allowed).Get(server.URL); err != nil {
		t.Errorf("an address that is allowed: %v", err)
	} else {
		resp.Body.Close()
	}
}

// A16: a receiver with a certificate of its own making is not trusted.
func TestClientVerifiesTLS(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(server.Close)
	resp, err := outside.NewClient(Reach{Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}).Get(server.URL)
	if err == nil {
		resp.Body.Close()
		t.Error("a self-signed certificate is trusted")
	}
}
