package mask_test

import (
	"testing"

	"zhitong/internal/mask"
)

// TestNetwork: what is left of an address is shared by many, and what is no address is nothing.
func TestNetwork(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"203.0.113.9":              "203.0.113.0/24",
		"::ffff:203.0.113.9":       "203.0.113.0/24",
		"2001:db8:1:2:3:4:5:6":     "2001:db8:1::/48",
		"fe80::1%eth0":             "fe80::/48",
		"":                         "",
		"203.0.113.9, 203.0.113.8": "",
	} {
		if have := mask.Network(in); have != want {
			t.Errorf("%s is %q, want %q", in, have, want)
		}
	}
}
