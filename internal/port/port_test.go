package port_test

import (
	"net/url"
	"testing"

	"zhitong/internal/port"
)

func TestPorts(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"https://a": true, "https://a:1/x": true, "https://a:65535": true, "https://[::1]:443": true,
		"https://a:0": false, "https://a:65536": false, "https://a:99999999999999999999": false,
	} {
		u, err := url.Parse(address)
		if err != nil || port.InURL(u) != want {
			t.Errorf("%s: %v, %v", address, port.InURL(u), err)
		}
	}
	for text, want := range map[string]bool{
		":8080": true, "127.0.0.1:0": true, "[::1]:65535": true,
		":65536": false, ":-1": false, ":http": false, ":": false, "8080": false, "a:+1": false,
	} {
		if port.ToListen(text) != want {
			t.Errorf("%s: %v", text, !want)
		}
	}
}
