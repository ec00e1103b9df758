package postconf

import (
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// networks reads the value of a list of clients, such as mynetworks; known says
// that it is whole. What can't be read as a network, as an exclusion, a name or a
// table, is a problem each.
func (i *Instance) networks(o Options, name, value string) (out []netip.Prefix, known bool) {
	items, known := i.expand(o, name, value, func(string) bool { return true })
	for _, item := range items {
		prefix, ok := network(item)
		if !ok {
			i.problem("%s: %.60q is not understood and left out; mend: list plain networks in %s", name, item, name)
			known = false
			continue
		}
		out = append(out, prefix)
	}
	return out, known
}

// network reads a.b.c.d, a.b.c.d/n, [v6] or [v6]/n. As in Postfix, host bits
// behind the mask are an error.
func network(item string) (netip.Prefix, bool) {
	text, mask, masked := strings.Cut(item, "/")
	inner, bracketed := strings.CutPrefix(text, "[")
	if bracketed {
		var closed bool
		if inner, closed = strings.CutSuffix(inner, "]"); !closed {
			return netip.Prefix{}, false
		}
	}
	addr, err := netip.ParseAddr(inner)
	if err != nil || addr.Zone() != "" || addr.Is6() && !bracketed {
		return netip.Prefix{}, false
	}
	bits := addr.BitLen()
	if masked {
		if bits, err = strconv.Atoi(mask); err != nil || strings.HasPrefix(mask, "+") {
			return netip.Prefix{}, false
		}
	}
	if addr.Is4In6() && bits >= 96 {
		addr, bits = addr.Unmap(), bits-96
	}
	prefix, err := addr.Prefix(bits)
	return prefix, err == nil && prefix.Addr() == addr
}

// interfaceNetwork is what mynetworks_style makes of an interface's address.
func interfaceNetwork(address net.Addr, hostOnly bool) (netip.Prefix, bool) {
	ipNet, ok := address.(*net.IPNet)
	if !ok {
		return netip.Prefix{}, false
	}
	addr, ok := netip.AddrFromSlice(ipNet.IP)
	addr = addr.Unmap()
	if !ok {
		return netip.Prefix{}, false
	}
	bits, _ := ipNet.Mask.Size()
	if hostOnly {
		bits = addr.BitLen()
	}
	prefix, err := addr.Prefix(bits)
	return prefix, err == nil
}
