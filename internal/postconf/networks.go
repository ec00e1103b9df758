package postconf

import (
	"net"
	"net/netip"
	"strconv"
	"strings"

	"postfix_exporter/parser"
)

// maxListItems bounds every list that is taken over from the configuration.
const maxListItems = 10_000

// networks reads the value of mynetworks. What can't be read as a network, as
// an exclusion, a file or a table, is a problem each.
func (i *Instance) networks(value string) []netip.Prefix {
	var out []netip.Prefix
	for _, item := range i.items("mynetworks", value) {
		prefix, ok := network(item)
		if !ok {
			i.problem("mynetworks: %.60q is not understood and left out; mend: list plain networks in mynetworks", item)
			continue
		}
		out = append(out, prefix)
	}
	return out
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

// domains reads a list of domains, in lower case. Files and tables are a
// problem each: what stands in them is not known here.
func (i *Instance) domains(values parser.Parameters, name string) []string {
	var out []string
	for _, item := range i.items(name, values[name]) {
		switch {
		case strings.HasPrefix(item, "!"):
			i.problem("%s: the exclusion %.60q is not understood and left out; mend: list the domains without it", name, item)
		case !strings.HasPrefix(item, "[") && strings.ContainsAny(item, ":/"):
			i.problem("%s: the domains in %.60q are not read; mend: write them out in %s", name, item, name)
		default:
			out = append(out, strings.ToLower(item))
		}
	}
	return out
}

// items splits a list and bounds it.
func (i *Instance) items(name, value string) []string {
	items := parser.SplitList(value)
	if len(items) > maxListItems {
		i.problem("%s: only the first %d of %d entries are taken; mend: shorten it", name, maxListItems, len(items))
		items = items[:maxListItems]
	}
	return items
}
