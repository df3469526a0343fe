package mask

import "net/netip"

// What is left of an address: 256 of IPv4, and the site of IPv6.
const (
	networkBits4 = 24
	networkBits6 = 48
)

// Network is the network of an address, which names nobody: 203.0.113.0/24; empty for what is no address.
func Network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return ""
	}
	bits := networkBits6
	if a = a.Unmap().WithZone(""); a.Is4() {
		bits = networkBits4
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return ""
	}
	return p.String()
}
