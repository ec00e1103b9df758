package ledger

import (
	"encoding/binary"
	"net/netip"
)

// network is the part of a client's address that counts as one client: an IPv4
// /24 or an IPv6 /48. It fills one word without a pointer; 0 stands for none.
type network uint64

const (
	networkIPv4 = 4 << 56
	networkIPv6 = 6 << 56
)

// networkOf gives 0 for an invalid address.
func networkOf(a netip.Addr) network {
	switch a = a.Unmap(); {
	case a.Is4():
		b := a.As4()
		return networkIPv4 | network(binary.BigEndian.Uint32(b[:])>>8)
	case a.Is6():
		b := a.As16()
		return networkIPv6 | network(binary.BigEndian.Uint64(b[:])>>16)
	}
	return 0
}

// kinBits is how many of its last bits tell a network from others of the same
// provider: those of a /24 in a /16, or of a /48 in a /32. A line that gets another
// address each night keeps to few of these blocks, and so does a phone.
func (n network) kinBits() int {
	if n>>56 == networkIPv4>>56 {
		return 8
	}
	return 16
}

// prefix gives the network as it is written; invalid for 0.
func (n network) prefix() netip.Prefix {
	switch n >> 56 {
	case networkIPv4 >> 56:
		var b [4]byte
		binary.BigEndian.PutUint32(b[:], uint32(n)<<8)
		return netip.PrefixFrom(netip.AddrFrom4(b), 24)
	case networkIPv6 >> 56:
		var b [16]byte
		binary.BigEndian.PutUint64(b[:], uint64(n)<<16)
		return netip.PrefixFrom(netip.AddrFrom16(b), 48)
	}
	return netip.Prefix{}
}
