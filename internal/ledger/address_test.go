package ledger

import (
	"net/netip"
	"testing"
)

func TestParseAddr(t *testing.T) {
	for _, s := range []string{
		"192.0.2.1", "0.0.0.0", "255.255.255.255", "256.1.1.1", "1.2.3", "1.2.3.4.5", "1.2.3.", ".1.2.3", "1..2.3", "01.2.3.4", "0.0.0.00",
		"1.2.3.4 ", "1234.1.1.1", "", "unknown", "a.b.c.d", "::", "::1", "2001:db8::1", "2001:DB8:0:0:0:0:0:1", "fe80::", "1:2:3:4:5:6:7:8",
		"1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1::2::3", ":1", "1:", "1:2", ":::", "1:::2", "12345::", "1:2:3:4:5:6:7:8:9", "g::", "1:2:3:4::5:6:7:8",
		":", "2001:db8::1:",
	} {
		want, err := netip.ParseAddr(s)
		got, ok := parseAddr([]byte(s))
		if ok != (err == nil) || ok && got != want {
			t.Errorf("%q: %v, %v, want %v, %v", s, got, ok, want, err)
		}
	}
	for _, s := range []string{"::ffff:192.0.2.1", "fe80::1%eth0"} { // never logged by Postfix
		if _, ok := parseAddr([]byte(s)); ok {
			t.Errorf("%q accepted", s)
		}
	}
}

func FuzzParseAddr(f *testing.F) {
	f.Add([]byte("192.0.2.1"))
	f.Add([]byte("2001:db8::1"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if got, ok := parseAddr(b); ok {
			if want, err := netip.ParseAddr(string(b)); err != nil || got != want {
				t.Errorf("%q: %v, want %v, %v", b, got, want, err)
			}
		}
	})
}
