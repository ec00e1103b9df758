package ledger

import (
	"bytes"
	"net/netip"
)

// parseAddr reads an IP address as Postfix logs it. netip.ParseAddr would
// allocate a string for each.
func parseAddr(b []byte) (netip.Addr, bool) {
	var a [4]byte
	part, digits, n := 0, 0, uint(0)
	for _, c := range b {
		switch {
		case '0' <= c && c <= '9':
			if n = n*10 + uint(c-'0'); n > 255 || digits > 0 && n < 10 { // a leading 0
				return parseIPv6(b)
			}
			digits++
		case c == '.' && digits > 0 && part < len(a)-1:
			a[part] = byte(n)
			part, digits, n = part+1, 0, 0
		default:
			return parseIPv6(b)
		}
	}
	if digits == 0 || part < len(a)-1 {
		return netip.Addr{}, false
	}
	a[part] = byte(n)
	return netip.AddrFrom4(a), true
}

// parseIPv6 reads groups of hexadecimal digits with at most one "::". Postfix
// logs IPv4-mapped addresses as IPv4; with a zone or an embedded IPv4 address
// it is none of its forms.
func parseIPv6(b []byte) (netip.Addr, bool) {
	if bytes.IndexByte(b, ':') < 0 {
		return netip.Addr{}, false
	}
	var a [16]byte
	n, gap := 0, -1
	if bytes.HasPrefix(b, []byte("::")) {
		gap, b = 0, b[2:]
	}
	for len(b) > 0 {
		if n == len(a) {
			return netip.Addr{}, false
		}
		v, digits := 0, 0
		for digits < len(b) && digits < 5 && b[digits] != ':' {
			d, ok := hexDigit(b[digits])
			if !ok {
				return netip.Addr{}, false
			}
			v = v<<4 | d
			digits++
		}
		if digits == 0 || digits > 4 {
			return netip.Addr{}, false
		}
		a[n], a[n+1] = byte(v>>8), byte(v)
		n += 2
		b = b[digits:]
		switch {
		case len(b) == 0:
		case bytes.HasPrefix(b, []byte("::")) && gap < 0:
			gap, b = n, b[2:]
		case len(b) > 1 && b[0] == ':' && b[1] != ':':
			b = b[1:]
		default:
			return netip.Addr{}, false
		}
	}
	if (gap < 0) != (n == len(a)) {
		return netip.Addr{}, false
	}
	if gap >= 0 {
		tail := n - gap
		copy(a[len(a)-tail:], a[gap:n])
		clear(a[gap : len(a)-tail])
	}
	return netip.AddrFrom16(a), true
}

func hexDigit(c byte) (int, bool) {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0'), true
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10, true
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10, true
	}
	return 0, false
}
