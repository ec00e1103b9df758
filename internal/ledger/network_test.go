package ledger

import (
	"net/netip"
	"testing"
)

func TestNetwork(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.1": "192.0.2.0/24", "255.255.255.255": "255.255.255.0/24", "0.0.0.1": "0.0.0.0/24", "::ffff:192.0.2.1": "192.0.2.0/24",
		"2001:db8:1:2::3": "2001:db8:1::/48", "::1": "::/48", "ffff:ffff:ffff:ffff::": "ffff:ffff:ffff::/48",
	} {
		if got := networkOf(netip.MustParseAddr(address)); got == 0 || got.prefix().String() != want {
			t.Errorf("%s: %v, want %s", address, got.prefix(), want)
		}
	}
	if n := networkOf(netip.Addr{}); n != 0 || n.prefix().IsValid() {
		t.Errorf("no address: %v", n.prefix())
	}
}
