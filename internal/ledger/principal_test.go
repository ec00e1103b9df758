package ledger

import (
	"net/netip"
	"testing"
)

func TestOwner(t *testing.T) {
	if got := (owner{OriginSASL, 1<<32 - 1}).account(); got != 1<<32-1 {
		t.Errorf("account %d", got)
	}
	if got := (owner{OriginLocal, 1<<32 - 2}).uid(); got != 1<<32-2 {
		t.Errorf("uid %d", got)
	}
	n := networkOf(netip.MustParseAddr("2001:db8:1::1"))
	if got := (owner{OriginNetwork, uint64(n)}).network(); got != n {
		t.Errorf("network %v", got.prefix())
	}
}

func TestDomainKey(t *testing.T) {
	s := newState(Config{})
	if a, b := s.domainKey([]byte("Example.ORG")), s.domainKey([]byte("example.org")); a != b {
		t.Error("the case of letters makes two domains of one")
	}
	seen := map[uint64]string{0: "none"}
	for _, domain := range []string{"", "a", "b", "example.org", "example.net", "[192.0.2.1]"} {
		key := s.domainKey([]byte(domain))
		if other, ok := seen[key]; ok {
			t.Errorf("%q has the key of %q", domain, other)
		}
		seen[key] = domain
	}
}
